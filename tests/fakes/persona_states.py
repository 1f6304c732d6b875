"""The in-memory twin of `bot.store.persona_states.RedisPersonaStates`."""

from __future__ import annotations

from bot.domain.room import Seat
from bot.rooms.state.persona_states import PLAIN, PersonaState


class MemoryPersonaStates:
    """A `PersonaStateStore`."""

    def __init__(self) -> None:
        self.kept: dict[Seat, PersonaState] = {}

    async def persona_states(self) -> dict[Seat, PersonaState]:
        return dict(self.kept)

    async def keep_persona_state(self, seat: Seat, persona_state: PersonaState) -> None:
        if persona_state == PLAIN:
            self.kept.pop(seat, None)
        else:
            self.kept[seat] = persona_state
