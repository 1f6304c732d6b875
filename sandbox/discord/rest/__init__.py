"""REST v10 over the world: `app` is the way of a request, `router` finds the handler, and each
other file holds the routes of one topic."""

from __future__ import annotations
