"""Polls: checked, shown, voted in, and ended.

Rules: Discord's documentation, "Poll Resource": a question of 300 characters, up to ten answers of
55, at most 768 hours; a message with a poll is not edited.
"""

from __future__ import annotations

from datetime import datetime

from sandbox.discord.world import errors
from sandbox.discord.world.events import Event
from sandbox.discord.world.model import Json, Message, Poll, User
from sandbox.discord.world.permissions import Permission
from sandbox.discord.world.snowflake import iso
from sandbox.discord.world.state import State

_QUESTION_MAX = 300
_ANSWERS_MAX = 10
_ANSWER_MAX = 55
_HOURS_MAX = 768
RESULT = 46
"""The kind of message in which Discord tells how a poll ended."""


def check(raw: Json | None) -> Json | None:
    """The `poll` of a message body as it was given, or 50035."""
    if raw is None:
        return None
    _check_text((raw.get("question") or {}).get("text"), "poll.question.text", _QUESTION_MAX)
    answers = raw.get("answers") or []
    if not 1 <= len(answers) <= _ANSWERS_MAX:
        raise errors.bad_length("poll.answers", 1, _ANSWERS_MAX)
    for index, one in enumerate(answers):
        media = one.get("poll_media") or {}
        _check_text(media.get("text"), f"poll.answers.{index}.poll_media.text", _ANSWER_MAX)
    hours = raw.get("duration")
    if hours is not None and not 1 <= int(hours) <= _HOURS_MAX:
        raise errors.invalid(
            "poll.duration", "NUMBER_TYPE_RANGE", f"Must be between 1 and {_HOURS_MAX}."
        )
    return raw


def _check_text(text: object, path: str, limit: int) -> None:
    if not text:
        raise errors.required(path)
    if len(str(text)) > limit:
        raise errors.too_long(path, limit)


def begin(state: State, message: Message, raw: Json) -> None:
    """Put a checked poll into a new message; it ends by itself when its time is over."""
    seconds = int(raw.get("duration") or 24) * 3600
    message.poll = Poll(
        question=raw["question"],
        answers={number: one["poll_media"] for number, one in enumerate(raw["answers"], start=1)},
        expiry=iso(state.clock() + seconds),
        many=bool(raw.get("allow_multiselect")),
        layout=int(raw.get("layout_type") or 1),
        votes={number: {} for number in range(1, len(raw["answers"]) + 1)},
    )


def seconds_left(state: State, one: Poll) -> float:
    """Until a poll ends by itself."""
    return datetime.fromisoformat(one.expiry).timestamp() - state.clock()


def payload(one: Poll, viewer: int | None) -> Json:
    """A poll as `viewer` sees it."""
    return {
        "question": one.question,
        "answers": [
            {"answer_id": number, "poll_media": media} for number, media in one.answers.items()
        ],
        "expiry": one.expiry,
        "allow_multiselect": one.many,
        "layout_type": one.layout,
        "results": {
            "is_finalized": one.ended,
            "answer_counts": [
                {"id": number, "count": len(who), "me_voted": viewer in who}
                for number, who in one.votes.items()
            ],
        },
    }


def of(message: Message) -> Poll:
    """The message's poll; 10008 when it has none."""
    if message.poll is None:
        raise errors.unknown("Message")
    return message.poll


def vote(state: State, user: User, message: Message, chosen: list[int]) -> None:
    """A person's whole vote: what is not in `chosen` is taken back."""
    poll = of(message)
    state.require(user.id, state.channel(message.channel_id), Permission.READ_MESSAGE_HISTORY)
    if poll.ended:
        raise errors.ApiError(400, 520001, "Poll expired")
    if not set(chosen) <= set(poll.answers) or (len(chosen) > 1 and not poll.many):
        raise errors.invalid("answer_ids", "POLL_ANSWER_INVALID", "No such answer")
    for number, who in poll.votes.items():
        if number in chosen and user.id not in who:
            who[user.id] = None
            _tell(state, "MESSAGE_POLL_VOTE_ADD", message, number, user)
        elif number not in chosen and user.id in who:
            del who[user.id]
            _tell(state, "MESSAGE_POLL_VOTE_REMOVE", message, number, user)


def voters(message: Message, answer: int) -> list[int]:
    """Who voted for an answer."""
    found = of(message).votes.get(answer)
    if found is None:
        raise errors.invalid("answer_id", "POLL_ANSWER_INVALID", "No such answer")
    return list(found)


def result_embed(poll: Poll) -> Json:
    """What the message that Discord writes at a poll's end holds."""
    total = sum(len(who) for who in poll.votes.values())
    best = max(poll.votes, key=lambda number: len(poll.votes[number]))
    most = len(poll.votes[best])
    fields = {
        "poll_question_text": poll.question["text"],
        "victor_answer_votes": most,
        "total_votes": total,
    }
    if total and sum(len(who) == most for who in poll.votes.values()) == 1:
        fields |= {"victor_answer_id": best, "victor_answer_text": poll.answers[best]["text"]}
    return {
        "type": "poll_result",
        "fields": [
            {"name": name, "value": str(value), "inline": False} for name, value in fields.items()
        ],
    }


def _tell(state: State, name: str, message: Message, answer: int, user: User) -> None:
    data: Json = {
        "user_id": str(user.id),
        "channel_id": str(message.channel_id),
        "message_id": str(message.id),
        "answer_id": answer,
    }
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
    state.emit(Event(name, data, message.guild_id, message.channel_id))
