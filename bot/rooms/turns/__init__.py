"""Turns from their acceptance to their end.

`turn_queues` runs one turn at a time for each seat, within `turn_slots`; `turn_runner` takes the
steps of a turn; `model_turns` has the model answer and `model_stream` follows its answer.
`outcomes` counts what came of turns, `turn_health` remembers the last failure, `waiting_marks` puts
👀 under messages that wait, and `process_state` says who is awake.
"""
