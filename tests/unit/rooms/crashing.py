"""A process that dies at any write of its record, and the next one over what is left.

`crashes(play)` plays a scene again and again, dying before and after each write in turn; whatever
is asserted afterwards holds for every place a crash can fall between two steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.domain.character import Character
from bot.domain.cut_answers import unmarked
from bot.domain.editing import without_editor
from bot.domain.room import Seat
from bot.domain.splitting import joined
from bot.domain.turn import Session, Turn
from tests.fakes.ledger import MemoryLedger
from tests.fakes.mind import Play
from tests.unit.rooms.company import MIRA, ROOM, Company

MOST_WRITES = 60


class Fuse(MemoryLedger):
    """A ledger in whose process nothing goes on once the fuse has blown.

    It blows at the write number `at` (from 1), before that is made or after.
    """

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.at = 0
        self.before = True
        self.blown = asyncio.Event()

    def arm(self, at: int, *, before: bool) -> None:
        self.writes, self.at, self.before = 0, at, before

    def renew(self) -> None:
        """Another process goes on with what was written."""
        self.at, self.blown = 0, asyncio.Event()

    async def accept(self, turn: Turn) -> bool:
        return bool(await self._burn(super().accept(turn)))

    async def reopen(self, turn: Turn) -> bool:
        return bool(await self._burn(super().reopen(turn)))

    async def run(self, turn: Turn) -> None:
        await self._burn(super().run(turn))

    async def record(self, turn: Turn, **more: Any) -> None:
        await self._burn(super().record(turn, **more))

    async def end(self, turn: Turn, **more: Any) -> None:
        await self._burn(super().end(turn, **more))

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        await self._burn(super().chunk(turn, index, message_id))

    async def keep_session(self, seat: Seat, session: Session) -> None:
        await self._burn(super().keep_session(seat, session))

    async def mend(self, seat: Seat, session: Session) -> None:
        await self._burn(super().mend(seat, session))

    async def cut(self, room_id: int, order: int, **more: Any) -> None:
        await self._burn(super().cut(room_id, order, **more))

    async def _burn(self, write: Awaitable[object]) -> object:
        self.writes += 1
        blows = self.writes == self.at
        if self.blown.is_set() or (blows and self.before):
            self.blown.set()
            with suppress(AttributeError):
                write.close()  # type: ignore[attr-defined]
            await asyncio.Event().wait()
        done = await write
        if blows:
            self.blown.set()
            await asyncio.Event().wait()
        return done


def reborn(old: Company, *script: Play) -> Company:
    """The next process: it has the record, the room and the threads of the old one.

    Without a `script` it goes on with the old one's, but for what would never end.
    """
    left = [one for one in old.mind.script if one.gate is None and not one.hangs]
    new = Company(*(script or left), ledger=old.memory, decisions=old.decisions)
    new.stage.posted, new.stage._ids = old.stage.posted, old.stage._ids
    new.mind.threads, new.mind._numbers = old.mind.threads, old.mind._numbers
    new.mind.asked = old.mind.asked
    new.shelf = old.shelf
    for thread in new.mind.threads.values():
        thread.lock = asyncio.Lock()
    return new


@asynccontextmanager
async def dying(
    prepare: Callable[[Company], Awaitable[object]],
    play: Callable[[Company], Awaitable[object]],
    script: Sequence[Play],
    cast: Sequence[Character],
    at: int,
    *,
    before: bool,
) -> AsyncIterator[tuple[Company, bool]]:
    """The second process, all quiet, and whether the first one died at all."""
    fuse = Fuse()
    first = Company(*script, ledger=fuse)
    async with first.tasks:
        for one in cast:
            await first.casting.summon(ROOM, one)
        await prepare(first)
        await first.quiet()
        fuse.arm(at, before=before)
        playing = first.tasks.start("play", _played(first, play))
        blowing = first.tasks.start("fuse", fuse.blown.wait())
        async with asyncio.timeout(20):
            await asyncio.wait({playing, blowing}, return_when=asyncio.FIRST_COMPLETED)
        died = fuse.blown.is_set()
    fuse.renew()
    second = reborn(first)
    async with second.tasks:
        for one in cast:
            await second.casting.summon(ROOM, one)
        await second.crash_recovery.resume()
        await second.quiet()
        yield second, died


async def _played(house: Company, play: Callable[[Company], Awaitable[object]]) -> None:
    before = set(house.tasks._tasks)
    await play(house)
    while left := house.tasks._tasks - before:
        await asyncio.wait(left)


async def crashes(
    prepare: Callable[[Company], Awaitable[object]],
    play: Callable[[Company], Awaitable[object]],
    *script: Play,
    cast: Sequence[Character] = (MIRA,),
) -> AsyncIterator[Company]:
    """Each process that goes on after a crash in `play`, at every place that there is."""
    for before in (True, False):
        for at in range(1, MOST_WRITES):
            async with dying(prepare, play, script, cast, at, before=before) as (house, died):
                if not died:
                    break
                yield house
        else:
            raise AssertionError("it never came to its end")


def check_thread(house: Company, character: Character = MIRA) -> None:
    """What the seat's thread holds is what the room shows: all of it, once, and nothing else."""
    session = house.memory.sessions[Seat(ROOM.id, character.key)]
    lines = house.mind.threads[session.thread_id].lines
    heard = "\n".join(line.text for line in lines if not line.own)
    own = [line.text for line in lines if line.own]
    posted = [one for one in house.stage.posted.values() if one.room_id == ROOM.id]
    for one in posted:
        if one.speaker.character != character.key:
            assert heard.count(one.text) == 1, (one.text, heard)
    # Its own words are one answer, however many messages show it, and without a mark.
    shown: dict[str | None, list[str]] = {}
    for one in posted:
        if one.speaker.character == character.key:
            shown.setdefault(one.turn, []).append(one.text)
    assert [text.split() for text in own] == [
        unmarked(without_editor(joined(texts))).split() for texts in shown.values()
    ]
    assert heard.count("\n  ") + heard.startswith("  ") == len(posted) - len(own), heard
