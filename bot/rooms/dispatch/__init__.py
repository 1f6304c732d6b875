"""From a message to turns.

`dispatcher` takes what is said and has the right seats speak; `late_naming` does so for a name that
an edit adds. Who speaks to nobody gets a hint (`hints`), sent by `notices` at most now and then;
`unread` tells a room that its messages cannot be read.
"""
