"""Characters on disk: their folders, files and prompts."""
