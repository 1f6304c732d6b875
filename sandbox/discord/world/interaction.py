"""An interaction and a modal as values, with the time rules that Discord sets on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from sandbox.discord.world.model import Application, Channel, Json, Message, User

ANSWER_WITHIN = 3.0
"""Seconds until an interaction without an answer has failed (Discord's rule)."""
TOKEN_LIVES = 900.0
"""Seconds that an interaction's token works for follow-ups (Discord's rule)."""


class Kind(IntEnum):
    """What a person did."""

    PING = 1
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """How an application answers (callback types)."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True)
class Interaction:
    """One thing that a person did with an application. `created` is in the world's clock.

    `source` is the message whose component was used; `original` the message of the first answer,
    `follow_ups` those after it; `form` is the modal that it was answered with, `choices` are what
    may be completed.
    """

    id: int
    kind: Kind
    application: Application
    user: User
    channel: Channel
    data: Json
    created: float
    token: str = field(repr=False)
    nonce: str | None = None
    source: Message | None = None
    answer: Answer | None = None
    original: Message | None = None
    follow_ups: list[Message] = field(default_factory=list)
    form: Modal | None = None
    choices: list[Json] = field(default_factory=list)
    failed: bool = False


@dataclass(slots=True)
class Modal:
    """A form that an application has shown to one person."""

    id: int
    application: Application
    user: User
    custom_id: str
    title: str
    components: list[Json]
    source: Message | None = None
