"""Keeping the seats' Codex threads in step with their rooms.

`thread_sync` resumes, rolls back or rebuilds a Codex thread before a question; `edit_propagation`
marks Codex threads stale when a message changes, and `drift` finds changes that Discord did not
report.
"""
