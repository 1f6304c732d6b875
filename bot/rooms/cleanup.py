"""Cleanup of deleted channels: drops everything stored about them. Owns when a deletion is certain.

The gateway reports deletions while the bot is connected. For the rest, a few rooms at a time are
looked up in Discord: rooms with stored state that the gateway does not list. Only Discord's answer
that the channel does not exist counts: a hidden, archived or unreachable channel may come back.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from bot.domain.room import Place, Room
from bot.errors import DeliveryError, DiscordDownError, RoomGoneError, StoreError
from bot.rooms.decisions.decision_inputs import DecisionInputReader
from bot.rooms.log.message_log import MessageLog
from bot.rooms.ports.room_stage import RoomStage
from bot.rooms.state.casting import Casting
from bot.rooms.state.persona_states import PersonaStates
from bot.rooms.state.policies import Policies

log = logging.getLogger(__name__)

# Most rooms looked up in one pass, with one request each.
ASKED = 30
# As long as a session is kept: after that a character starts over, without its mood and status.
PERSONA_STATE_KEPT = timedelta(days=90)


class Cleanup:
    """Drops the state of deleted rooms; `look` finds deletions that the gateway did not report."""

    def __init__(
        self,
        *,
        stage: RoomStage,
        message_log: MessageLog,
        casting: Casting,
        policies: Policies,
        persona_states: PersonaStates,
        decision_inputs: DecisionInputReader,
    ) -> None:
        self._stage = stage
        self._message_log = message_log
        self._casting = casting
        self._policies = policies
        self._persona_states = persona_states
        self._decision_inputs = decision_inputs
        self._last_looked_up = 0

    async def gone(self, room_ids: Collection[int]) -> None:
        """Drop the state of deleted rooms and their Discord threads; `look` retries failures."""
        threads = [room.id for room in self._casting.rooms() if room.parent_id in room_ids]
        every = (*room_ids, *threads)
        for room_id in every:
            self._message_log.forget(room_id)
        self._decision_inputs.forget(every)
        try:
            await self._persona_states.forget(every)
            await self._policies.forget(every)
            await self._casting.forget(every)
            await self._stage.places_gone(every)
        except StoreError as error:
            log.warning("cannot forget deleted rooms yet: %s", error)

    async def look(self) -> None:
        """Look up the next few rooms that may be deleted; for a periodic task."""
        doubtful = self._candidates()
        coming = [room_id for room_id in doubtful if room_id > self._last_looked_up] or doubtful
        for room_id in coming[:ASKED]:
            try:
                await self._look_up(room_id)
            except DiscordDownError as error:
                log.warning("cannot look up deleted rooms now: %s", error)
                return
            self._last_looked_up = room_id

    def _candidates(self) -> list[int]:
        """Return the ids of rooms with stored state that the gateway does not list, sorted."""
        kept = {room.id for room in self._casting.rooms() if room.place is not Place.DIRECT}
        kept |= self._policies.rooms() | self._persona_states.rooms()
        kept -= {thread.id for thread in self._stage.threads()}
        return sorted(room_id for room_id in kept if self._stage.newest(_room_of(room_id)) is None)

    async def _look_up(self, room_id: int) -> None:
        try:
            said = await self._stage.history(_room_of(room_id), limit=1)
        except RoomGoneError:
            log.info("room %d is deleted: dropping its state", room_id)
            await self.gone([room_id])
        except DiscordDownError:
            raise
        except DeliveryError as error:
            log.debug("cannot reach room %d: %s", room_id, error)
        else:
            if said and self._stage.now() - said[-1].at > PERSONA_STATE_KEPT:
                await self._persona_states.forget([room_id])


def _room_of(room_id: int) -> Room:
    """Return a room for looking up its id; the kind of channel is unknown."""
    return Room(room_id, Place.CHANNEL)
