"""From a message to turns.

`dispatcher` decides on each message and starts the turns; `late_naming` does so for a name that an
edit adds. A person whom no character answers gets a hint (`hints`), throttled by `notices`;
`unread` tells a room that the bot cannot read its messages.
"""
