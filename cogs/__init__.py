"""Slash commands and menus, one topic a file: parse, authorise, call, show. No logic."""
