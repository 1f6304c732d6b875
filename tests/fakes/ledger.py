"""The in-memory twin of `bot.store.ledger.RedisLedger`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from bot.domain.room import Seat
from bot.domain.turn import Session, Turn, TurnState

_ENDED = (TurnState.DONE, TurnState.CLOSED)
_ORDER = (TurnState.ACCEPTED, TurnState.RUNNING, TurnState.RECORDED, *_ENDED)


class MemoryLedger:
    """A `Ledger` without expiry. Tests read `turns` and `sessions`."""

    def __init__(self) -> None:
        self.starts = 1
        """How often the server was started; tests raise it."""
        self.turns: dict[str, Turn] = {}
        self.sessions: dict[Seat, Session] = {}
        self._chunks: dict[str, dict[int, int]] = {}
        self._authors: dict[int, tuple[str, str]] = {}

    async def run_id(self) -> str:
        return str(self.starts)

    async def accept(self, turn: Turn) -> bool:
        if turn.id in self.turns:
            return False
        self.turns[turn.id] = turn
        return True

    async def reopen(self, turn: Turn) -> bool:
        held = self.turns.get(turn.id)
        if held is None or held.state is not TurnState.DONE:
            return False
        self.turns[turn.id] = turn
        return True

    async def run(self, turn: Turn) -> None:
        self._put(turn)

    async def record(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        await self._write(turn, session, joined)

    async def end(
        self, turn: Turn, *, session: Session | None = None, joined: Sequence[Turn] = ()
    ) -> None:
        await self._write(turn, session, joined)

    async def chunk(self, turn: Turn, index: int, message_id: int) -> None:
        self.turns.setdefault(turn.id, turn)
        self._chunks.setdefault(turn.id, {})[index] = message_id
        self._authors[message_id] = (turn.character, turn.id)

    async def unfinished(self) -> list[Turn]:
        waiting = [turn for turn in self.turns.values() if turn.state not in _ENDED]
        waiting.sort(key=lambda turn: (turn.accepted_at, turn.id))
        return [replace(turn, chunks=self._shown(turn.id)) for turn in waiting]

    async def turn(self, turn_id: str) -> Turn | None:
        held = self.turns.get(turn_id)
        return replace(held, chunks=self._shown(turn_id)) if held else None

    async def turn_of(self, message_id: int) -> Turn | None:
        found = self._authors.get(message_id)
        return await self.turn(found[1]) if found else None

    async def turns_of(self, message_ids: Sequence[int]) -> dict[int, Turn]:
        found = {key: await self.turn_of(key) for key in message_ids}
        return {key: turn for key, turn in found.items() if turn is not None}

    async def claim(self, turn: Turn, message_id: int) -> None:
        self._authors[message_id] = (turn.character, f"{turn.id}:{message_id}")

    async def claimed_in(self, message_id: int) -> Turn | None:
        _, turn_id = self._authors.get(message_id, ("", ""))
        mark = f":{message_id}"
        return await self.turn(turn_id.removesuffix(mark)) if turn_id.endswith(mark) else None

    async def speaker_of(self, message_id: int) -> str | None:
        found = self._authors.get(message_id)
        return found[0] if found else None

    async def orders(self, turn_ids: Collection[str]) -> dict[str, int]:
        turns = {key: self.turns[key] for key in turn_ids if key in self.turns}
        known = {key: turn for key, turn in turns.items() if turn.order or not turn.has_ended}
        return {turn_id: turn.order for turn_id, turn in known.items()}

    async def authors(self, message_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        return {key: self._authors[key] for key in message_ids if key in self._authors}

    async def session(self, seat: Seat) -> Session | None:
        return self.sessions.get(seat)

    async def keep_session(self, seat: Seat, session: Session) -> None:
        self._keep(seat, session)

    async def mend(self, seat: Seat, session: Session) -> None:
        held = self.sessions.get(seat)
        cut = held.cut if held and held.cut != session.cut else 0
        self.sessions[seat] = replace(session, cut=cut)

    async def cut(
        self,
        room_id: int,
        order: int,
        *,
        asked: Collection[str] = (),
        spared: str | None = None,
    ) -> None:
        for seat, held in self.sessions.items():
            if seat.room_id != room_id or seat.character == spared:
                continue
            if seat.character in asked or held.reach >= order:
                self.sessions[seat] = replace(held, cut=min(held.cut or order, order))

    async def drop_session(self, seat: Seat) -> None:
        self.sessions.pop(seat, None)

    async def _write(self, turn: Turn, session: Session | None, joined: Sequence[Turn]) -> None:
        if session is not None:
            self._keep(turn.seat, session)
        for ended in (turn, *joined):
            self._put(ended)

    def _keep(self, seat: Seat, session: Session) -> None:
        held = self.sessions.get(seat)
        self.sessions[seat] = replace(session, cut=held.cut if held else 0)

    def _put(self, turn: Turn) -> None:
        held = self.turns.get(turn.id)
        if held is None or _rank(held) <= _rank(turn):
            self.turns[turn.id] = turn
            if turn.state is TurnState.DONE:
                chunks = self._chunks.get(turn.id, {})
                for index in [known for known in chunks if known >= len(turn.chunks)]:
                    del chunks[index]
                for index, message_id in enumerate(turn.chunks):
                    self._chunks.setdefault(turn.id, {})[index] = message_id
                    self._authors[message_id] = (turn.character, turn.id)

    def _shown(self, turn_id: str) -> tuple[int, ...]:
        chunks = self._chunks.get(turn_id, {})
        shown: list[int] = []
        while len(shown) in chunks:
            shown.append(chunks[len(shown)])
        return tuple(shown)


def _rank(turn: Turn) -> int:
    return min(_ORDER.index(turn.state), _ORDER.index(TurnState.DONE))
