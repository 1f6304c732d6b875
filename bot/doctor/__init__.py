"""`python -m bot doctor`: everything that the bot needs, a line each with its fix."""
