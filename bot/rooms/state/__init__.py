"""What several parts of the rooms read: passive state, made before everything that reads it.

`room_state.state_of` makes it: which characters are in which room (`casting`, `access`), how a room
is set (`policies`), how a character shows itself there (`persona_states`), the messages that wait
for a decision (`inbox`, `mailbox`), how far each room was read and decided on (`offsets`), and the
turns that this process has accepted (`in_hand`).
"""
