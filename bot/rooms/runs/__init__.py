"""A running turn: values and state, without the steps that `bot.rooms.turns` takes.

`turn_run` draws the states of a run. `attempt` is one try to have the model answer, `prompt_window`
how far its prompt reaches, `prompt_writer` its text, `fallbacks` how a failed question is asked
another way, `turn_results` what came of it. `running_turns` lets tools and commands find the turn
of a seat, `open_questions` tells which messages a model is being asked about.
"""
