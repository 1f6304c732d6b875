"""Builders for talk in tests: people, characters, utterances. Ids grow as they are made."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from bot.domain.character import Character
from bot.domain.utterance import Attachment, Speaker, SpeakerKind, Utterance

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_ids = itertools.count(1_000)

MIRA = Character(key="mira", name="Mira", persona="You keep the inn.", aliases=("the innkeeper",))
KAI = Character(key="kai", name="Kai", persona="You tend the engine.")
STONE = Character(key="stone", name="Mira Stone", persona="You carve.")


def said(
    text: str,
    *,
    by: str = "Ann",
    user: int = 1,
    room: int = 7,
    character: str | None = None,
    kind: SpeakerKind = SpeakerKind.PERSON,
    reply_to: int | None = None,
    reply_to_name: str | None = None,
    reply_to_text: str = "",
    mentions_bot: bool = False,
    message_id: int | None = None,
    settled: int | None = None,
    attachments: tuple[Attachment, ...] = (),
    edited: bool = False,
) -> Utterance:
    if character is not None:
        kind = SpeakerKind.CHARACTER
    return Utterance(
        message_id=message_id if message_id is not None else next(_ids),
        room_id=room,
        speaker=Speaker(user, by, kind, character),
        text=text,
        at=NOON,
        reply_to=reply_to,
        reply_to_name=reply_to_name,
        reply_to_text=reply_to_text,
        attachments=attachments,
        edited_at=NOON if edited else None,
        mentions_bot=mentions_bot,
        settled=settled,
    )
