"""What a seat's Codex thread has seen of its room, and what it has still to be told.

`thread_sync` resumes, rolls back or rebuilds the thread before a question; `edit_propagation` marks
it stale when a message changes, and `drift` finds changes that nobody reported.
"""
