"""The roof: parts of every layer, put together into a running bot. Nothing below imports it.

`app` is the bot from its first connection to its last; `bootstrap` makes what must be there first,
`wiring` the real ports of the rooms, `commands` and `newcomers` the cogs. `adapters` join layers
that must not know each other, `reports` tells pages and commands how the bot is, `standby` waits
for what keeps it from starting, `doctor` checks everything that a start needs.
"""
