"""The store: everything that the bot keeps in Redis or Valkey."""
