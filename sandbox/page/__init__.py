"""The page: a small Discord client for a browser, served from the stand-in's own origin."""

from __future__ import annotations

from sandbox.page.routes import Guest, Page

__all__ = ["Guest", "Page"]
