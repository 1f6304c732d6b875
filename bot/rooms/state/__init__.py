"""State that several parts of the rooms read, and the one queue that drives the rooms: the inbox.

`room_state.state_of` makes it: which characters are in which room (`casting`, `access`), each
room's policy (`policies`), each seat's mood and status (`persona_states`), the messages that wait
for a decision (`inbox`, `mailbox`), how far each room was read and decided on (`offsets`), and the
turns that this process has accepted (`in_hand`).
"""
