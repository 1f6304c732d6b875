"""Everything that people read in Discord: messages as data, their texts, and how they are rendered.

A message has an id and typed values (`bot.message_data`); its text stands under that id in the
catalogue of a language (`bot.messages.english`); `bot.messages.rendering.render` makes one of both.
"""
