"""`python -m bot doctor`: checks everything that the bot needs, with a fix for each fault."""
