"""Rooms: who speaks when, and one turn from its acceptance to its end. No Discord, Redis or Codex.

From the bottom up; a package imports only from the layers that stand above its own in this list:

    ports        what rooms need from the world: protocols, each with a real part and a twin

    state        what several parts read: casts, policies, mailboxes, offsets, turns in hand
    log          the message log of each room, and wordings that changed before anybody decided
    record       the turn ledger over outages of the store: write-behind, retry policy

    decisions    the inputs of a decision, budgets, spending, and why somebody spoke
    runs         a running turn: the run, its attempts, its prompt window, its result

    threads      what a seat's Codex thread has seen, and how it is brought up to date
    actions      what a model does besides talking
    cleanup      forgets deleted rooms

    turns        turn queues, the runner, and asking the model

    controls     what people do with a reply or with a character
    dispatch     from a message to turns

    recovery     missed messages and unfinished turns

    wiring       builds all of it from the ports: `build_rooms`
"""
