"""What Discord said of messages after it told of them: edits and deletions, newest last.

Owns the tombstones and the newest wordings. A message waits in a room's mailbox, or comes back
from a history request, while the gateway already tells that it was edited or deleted: whoever
takes such a message looks here first. Bounded: the oldest entries go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from bot.domain.utterance import Attachment, Utterance

V = TypeVar("V")

# Deleted message ids kept, about 100 bytes each: no message waits in a mailbox for longer than
# a quarter of an hour (`dispatcher.TOO_OLD`), and a purge takes 100 messages.
TOMBSTONES_KEPT = 20_000
# Wordings kept: a message is edited seldom, and each takes up to 4,000 characters.
WORDINGS_KEPT = 1_000


class Revisions:
    """Tombstones and wordings by message id, for all rooms of this process."""

    def __init__(self) -> None:
        self._tombstones: OrderedDict[int, None] = OrderedDict()
        self._wordings: OrderedDict[int, Utterance] = OrderedDict()

    def edited(self, said: Utterance) -> None:
        """Keep the newest wording of a message."""
        # Of bots Discord's time is not taken over (`bot.discord_io.intake`), so now counts.
        wording = replace(said, edited_at=said.edited_at or datetime.now(UTC))
        _put(self._wordings, said.message_id, wording, WORDINGS_KEPT)

    def deleted(self, message_ids: Collection[int]) -> None:
        """Bury these messages: an id is never used again."""
        for message_id in message_ids:
            self._wordings.pop(message_id, None)
            _put(self._tombstones, message_id, None, TOMBSTONES_KEPT)

    def forget_wordings(self) -> None:
        """A new connection: edits were missed, and what is read from now on is newer."""
        self._wordings.clear()

    def is_deleted(self, message_id: int) -> bool:
        """Whether a deletion of that message is known."""
        return message_id in self._tombstones

    def current(self, said: Utterance) -> Utterance | None:
        """`said` in its newest wording, also of what it quotes; None when it was deleted."""
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
        """`talk` in its newest wording, without what was deleted."""
        return [now for said in talk if (now := self.current(said)) is not None]


def revised(said: Utterance, wording: Utterance) -> Utterance:
    """`said` with the words and files of its newer `wording`, at its old place in the talk."""
    return replace(
        said,
        text=wording.text,
        attachments=wording.attachments,
        excerpts=wording.excerpts,
        mentions_bot=wording.mentions_bot,
        edited_at=wording.edited_at,
    )


def requoted(said: Utterance, text: str, files: tuple[Attachment, ...]) -> Utterance:
    """`said`, of which the message that it answers says `text` with these files: none when gone."""
    return replace(said, reply_to_text=text, reply_to_files=files)


def _is_newer(wording: Utterance, said: Utterance) -> bool:
    if said.edited_at is None or wording.edited_at is None:
        return True
    return wording.edited_at > said.edited_at


def _put(kept: OrderedDict[int, V], key: int, value: V, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
