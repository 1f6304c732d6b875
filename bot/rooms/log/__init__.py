"""The newest messages of each room, in their newest wording.

`message_log` keeps the messages, so few turns need a request to Discord; `revisions` holds edits
and deletions of messages that no decision has been made on yet.
"""
