"""Converts polls to and from Discord's formats. No requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import discord

from bot.domain.action_arguments import ANSWER_LIMIT, QUESTION_LIMIT, Poll


def payload(poll: Poll) -> dict[str, Any]:
    """Return the poll as JSON for the body of a webhook message."""
    return {
        "question": {"text": poll.question},
        "answers": [{"poll_media": {"text": answer}} for answer in poll.answers],
        "duration": poll.hours,
        "allow_multiselect": poll.several,
    }


def made(poll: Poll) -> discord.Poll:
    """Return the poll as a discord.py poll."""
    converted = discord.Poll(poll.question, timedelta(hours=poll.hours), multiple=poll.several)
    for answer in poll.answers:
        converted.add_answer(text=answer)
    return converted


def words_in(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the question, then the answers, of the poll in a message's JSON; () without one."""
    poll = data.get("poll")
    if not isinstance(poll, Mapping):
        return ()
    answers = (answer.get("poll_media") for answer in poll.get("answers") or ())
    return tuple(str((media or {}).get("text") or "") for media in (poll.get("question"), *answers))


def words_of(message: discord.Message) -> tuple[str, ...]:
    """Return the question, then the answers, of a discord.py message's poll; () without one."""
    if message.poll is None:
        return ()
    return (message.poll.question, *(answer.text for answer in message.poll.answers))


def said_by(message: discord.Message) -> str:
    """Return the message's poll as text for a transcript; "" without a poll."""
    if message.poll is None:
        return ""
    answers = tuple(answer.text for answer in message.poll.answers)
    return str(Poll(message.poll.question, answers))


def result_in(message: discord.Message) -> str:
    """Return the result of a poll as text, from Discord's notice (an embed `poll_result`).

    Fields: Discord's documentation, "Message Resource", "Poll Result Embed Fields".
    """
    fields = {field.name: field.value for embed in message.embeds[:1] for field in embed.fields}
    question = (fields.get("poll_question_text") or "")[:QUESTION_LIMIT]
    total = fields.get("total_votes") or "0"
    winner = fields.get("victor_answer_text")
    if winner:
        votes = fields.get("victor_answer_votes") or "0"
        result = f"“{winner[:ANSWER_LIMIT]}” won with {votes} of {total} votes"
    else:
        result = "nobody voted" if total == "0" else f"no winner among {total} votes"
    return f"[poll ended: {question} ({result})]"
