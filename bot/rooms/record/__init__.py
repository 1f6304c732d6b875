"""The record of turns over outages of the store.

`write_behind` is the ledger that rooms write to: nothing new starts while the store is away, and
the writes of running turns wait in `write_queue`, room by room, until the store takes them.
`retry` is the policy of steps that wait for the store or for Discord.
"""
