"""Decisions on messages: inputs, limits and record. The rules are in `bot.domain.deciding`.

`decider` decides; `decision_inputs` gathers the inputs of the rules, `budgets` limits how often
characters answer one another, `spending` counts the use by people and by the whole bot, and `why`
keeps decisions for `/room why`.
"""
