"""The newest messages of each room, as everybody there has seen them.

`message_log` keeps them so that hardly a turn needs a request to Discord; `revisions` holds edits
and deletions of messages that nobody has decided on yet.
"""
