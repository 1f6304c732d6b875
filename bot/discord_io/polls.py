"""A poll as Discord takes it and shows it. Pure conversion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import discord

from bot.domain.action_arguments import ANSWER_LIMIT, QUESTION_LIMIT, Poll


def payload(poll: Poll) -> dict[str, Any]:
    """As a webhook's body has it."""
    return {
        "question": {"text": poll.question},
        "answers": [{"poll_media": {"text": answer}} for answer in poll.answers],
        "duration": poll.hours,
        "allow_multiselect": poll.several,
    }


def made(poll: Poll) -> discord.Poll:
    """The same for discord.py."""
    shown = discord.Poll(poll.question, timedelta(hours=poll.hours), multiple=poll.several)
    for answer in poll.answers:
        shown.add_answer(text=answer)
    return shown


def words_in(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The question that a message puts, and its answers, from Discord's own form of it; or none."""
    poll = data.get("poll")
    if not isinstance(poll, Mapping):
        return ()
    media = (poll.get("question"), *(one.get("poll_media") for one in poll.get("answers") or ()))
    return tuple(str((one or {}).get("text") or "") for one in media)


def words_of(message: discord.Message) -> tuple[str, ...]:
    """The same from discord.py's message."""
    if message.poll is None:
        return ()
    return (message.poll.question, *(answer.text for answer in message.poll.answers))


def said_by(message: discord.Message) -> str:
    """The message's poll as it stands in a transcript; empty without one."""
    if message.poll is None:
        return ""
    answers = tuple(answer.text for answer in message.poll.answers)
    return str(Poll(message.poll.question, answers))


def result_in(message: discord.Message) -> str:
    """How a poll ended, by Discord's notice of it (its one embed of type `poll_result`).

    Fields: Discord's documentation, "Message Resource", "Poll Result Embed Fields".
    """
    fields = {one.name: one.value for embed in message.embeds[:1] for one in embed.fields}
    question = (fields.get("poll_question_text") or "")[:QUESTION_LIMIT]
    total = fields.get("total_votes") or "0"
    winner = fields.get("victor_answer_text")
    if winner:
        votes = fields.get("victor_answer_votes") or "0"
        came_to = f"“{winner[:ANSWER_LIMIT]}” won with {votes} of {total} votes"
    else:
        came_to = "nobody voted" if total == "0" else f"no winner among {total} votes"
    return f"[poll ended: {question} ({came_to})]"
