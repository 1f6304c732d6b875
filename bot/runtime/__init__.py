"""The top layer: wires parts of every layer into a running bot. No other layer imports it.

`app` runs the bot from startup to shutdown; `bootstrap` opens Codex and the store before that,
`wiring` makes the real ports of the rooms, `commands` and `newcomers` the cogs. `adapters` join
layers that must not know each other, `reports` collects the bot's state for pages and commands,
`standby` waits until a fault at startup is fixed, `doctor` checks everything that a start needs.
"""
