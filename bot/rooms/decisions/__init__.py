"""Decisions on messages: inputs, limits and record. The rules are in `bot.domain.deciding`.

`decider` decides; `decision_inputs` gathers what the rules have to know, `budgets` bounds how often
characters answer one another, `spending` what people and the whole bot may use, and `why` keeps
decisions for `/room why`.
"""
