"""Edits and deletions that the gateway reported: tombstones and newest wordings, by message id.

A message may wait in a room's mailbox, or be on its way in the answer to a history request, while
the gateway already reports its edit or deletion. Code that takes such a message looks here for its
newest wording. Both tables are bounded: the oldest entries are evicted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from bot.domain.utterance import Attachment, Utterance

V = TypeVar("V")

# Ids of deleted messages, about 100 bytes each. No message waits in a mailbox for longer than a
# quarter of an hour (`dispatcher.TOO_OLD`), and a purge deletes up to 100 messages.
TOMBSTONES_KEPT = 20_000
# Wordings, up to 4,000 characters each; edits are rare.
WORDINGS_KEPT = 1_000


class Revisions:
    """The tombstones and wordings of all rooms of this process."""

    def __init__(self) -> None:
        self._tombstones: OrderedDict[int, None] = OrderedDict()
        self._wordings: OrderedDict[int, Utterance] = OrderedDict()

    def edited(self, said: Utterance) -> None:
        """Keep the newest wording of a message."""
        # `bot.discord_io.intake` drops the edit times of bots' messages, so the time is now.
        wording = replace(said, edited_at=said.edited_at or datetime.now(UTC))
        _put(self._wordings, said.message_id, wording, WORDINGS_KEPT)

    def deleted(self, message_ids: Collection[int]) -> None:
        """Keep tombstones of these messages. Discord never uses an id again."""
        for message_id in message_ids:
            self._wordings.pop(message_id, None)
            _put(self._tombstones, message_id, None, TOMBSTONES_KEPT)

    def forget_wordings(self) -> None:
        """Drop all wordings after a lost connection: edits were missed, and Discord's are newer."""
        self._wordings.clear()

    def is_deleted(self, message_id: int) -> bool:
        """Return whether the message is known to be deleted."""
        return message_id in self._tombstones

    def current(self, said: Utterance) -> Utterance | None:
        """Return `said`, and the message it quotes, in the newest wording; None if deleted."""
        if said.message_id in self._tombstones:
            return None
        wording = self._wordings.get(said.message_id)
        if wording is not None and _is_newer(wording, said):
            said = revised(said, wording)
        if said.reply_to in self._tombstones:
            return requoted(said, "", ())
        quoted = self._wordings.get(said.reply_to) if said.reply_to is not None else None
        return said if quoted is None else requoted(said, quoted.text, quoted.attachments)

    def newest(self, talk: Sequence[Utterance]) -> list[Utterance]:
        """Return `talk` in its newest wording, without deleted messages."""
        return [newest for said in talk if (newest := self.current(said)) is not None]


def revised(said: Utterance, wording: Utterance) -> Utterance:
    """Return `said` with the words and files of its newer `wording`, at its old position."""
    return replace(
        said,
        text=wording.text,
        attachments=wording.attachments,
        excerpts=wording.excerpts,
        mentions_bot=wording.mentions_bot,
        edited_at=wording.edited_at,
    )


def requoted(said: Utterance, text: str, files: tuple[Attachment, ...]) -> Utterance:
    """Return `said` with a new quote of the message it replies to; an empty quote if deleted."""
    return replace(said, reply_to_text=text, reply_to_files=files)


def _is_newer(wording: Utterance, said: Utterance) -> bool:
    if said.edited_at is None or wording.edited_at is None:
        return True
    return wording.edited_at > said.edited_at


def _put(table: OrderedDict[int, V], message_id: int, value: V, limit: int) -> None:
    table[message_id] = value
    table.move_to_end(message_id)
    if len(table) > limit:
        table.popitem(last=False)
