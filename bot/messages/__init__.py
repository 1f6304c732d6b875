"""All messages to people in Discord: data, texts and rendering.

A message has an id and typed values (`bot.message_data`); the catalogue of a language has its text
under that id (`bot.messages.english`); `bot.messages.rendering.render` puts the values in.
"""
