"""How many edits and deletions are kept, and which of two wordings counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.rooms.log.revisions import TOMBSTONES_KEPT, WORDINGS_KEPT, Revisions
from tests.unit.domain.talk import said


def test_only_so_many_tombstones_and_wordings_are_kept() -> None:
    kept = Revisions()
    kept.deleted(range(TOMBSTONES_KEPT + 10))
    assert [kept.is_deleted(one) for one in (9, 10, TOMBSTONES_KEPT + 9)] == [False, True, True]
    talk = [said("old", message_id=-one) for one in range(1, WORDINGS_KEPT + 11)]
    for one in talk:
        kept.edited(replace(one, text="new"))
    assert [one.text for one in kept.newest(talk)] == ["old"] * 10 + ["new"] * WORDINGS_KEPT


def test_an_older_wording_never_replaces_a_newer_one() -> None:
    kept = Revisions()
    old = said("first", edited=True)
    assert old.edited_at is not None
    kept.edited(replace(old, text="second"))
    newer = replace(old, text="third", edited_at=datetime.now(UTC))
    assert kept.current(newer) == newer
