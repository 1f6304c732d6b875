"""What was said in a run, room by room, and what the model was asked: to find a fault's cause by.

For people's eyes only; judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.utterance import moment_of
from sandbox.discord.record import RequestSeen
from sandbox.discord.world.model import Channel, Message

# Characters of a request's body.
_NOTED = 120


def account(rooms: Iterable[Channel], questions: Sequence[str]) -> str:
    """Every message as it stands at the end, oldest first, a line each; then every question."""
    lines: list[str] = []
    for room in rooms:
        lines.append(f"--- {room.name} ({room.id})")
        lines += [_line(one) for _, one in sorted(room.messages.items())]
    return "\n".join([*lines, "--- the model was asked", *questions]) + "\n"


def requests(seen: Iterable[RequestSeen], since: float) -> str:
    """Every request over REST, a line each: seconds after `since` (monotonic), what, what came."""
    return "\n".join(
        f"{one.at - since:8.2f} {one.method:6} {one.status} {one.path} {one.query or ''} "
        f"{str(one.body or '')[:_NOTED]}"
        for one in seen
    )


def clock(at: datetime) -> str:
    """The time of day, to the millisecond."""
    return at.astimezone().strftime("%H:%M:%S.%f")[:-3]


def _line(message: Message) -> str:
    replied = (message.reference or {}).get("message_id")
    to = f" to {replied}" if replied else ""
    when, who = clock(moment_of(message.id)), message.author.username
    return f"{when} {message.id} {who}{to}: {message.content!r}"
