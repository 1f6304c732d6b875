"""Places that are gone for good: what is kept of them goes too. Owns when that is sure.

Discord tells of what is deleted while the bot listens; about the rest it is asked, a few places at
a time: those of which something is kept and that the gateway does not tell of. Only its word that
there is no such channel counts: one that is hidden, archived or out of reach may come back.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from bot.domain.room import Place, Room
from bot.errors import DeliveryError, DiscordDownError, RoomGoneError, StoreError
from bot.rooms.casting import Casting
from bot.rooms.circumstances import Circumstances
from bot.rooms.demeanours import Demeanours
from bot.rooms.hearing import Hearing
from bot.rooms.policies import Policies
from bot.rooms.room_stage import RoomStage

log = logging.getLogger(__name__)

# Places asked about at once: one request each.
ASKED = 30
# As long as a session is kept: who is asked after that begins anew, and bears itself so.
BEARING_KEPT = timedelta(days=90)


class Forgetting:
    """Forgets places; those that went unseen are looked for by `look`."""

    def __init__(
        self,
        *,
        stage: RoomStage,
        hearing: Hearing,
        casting: Casting,
        policies: Policies,
        demeanours: Demeanours,
        circumstances: Circumstances,
    ) -> None:
        self._stage = stage
        self._hearing = hearing
        self._casting = casting
        self._policies = policies
        self._demeanours = demeanours
        self._circumstances = circumstances
        self._asked_last = 0

    async def gone(self, room_ids: Collection[int]) -> None:
        """These are no more, and no thread in them. What cannot be forgotten now is found later."""
        threads = [one.id for one in self._casting.rooms() if one.parent_id in room_ids]
        every = (*room_ids, *threads)
        for room_id in every:
            self._hearing.forget(room_id)
        self._circumstances.forget(every)
        try:
            await self._demeanours.forget(every)
            await self._policies.forget(every)
            await self._casting.forget(every)
            await self._stage.places_gone(every)
        except StoreError as error:
            log.warning("places that are gone are still remembered: %s", error)

    async def look(self) -> None:
        """Ask about the next few places that may be gone; for a periodic task."""
        doubtful = self._doubtful()
        coming = [one for one in doubtful if one > self._asked_last] or doubtful
        for room_id in coming[:ASKED]:
            try:
                await self._ask(room_id)
            except DiscordDownError as error:
                log.warning("whether places are gone is asked later: %s", error)
                return
            self._asked_last = room_id

    def _doubtful(self) -> list[int]:
        """Places of which something is kept, and that the gateway does not tell of, by id."""
        kept = {one.id for one in self._casting.rooms() if one.place is not Place.DIRECT}
        kept |= self._policies.rooms() | self._demeanours.rooms()
        kept -= {one.id for one in self._stage.threads()}
        return sorted(one for one in kept if self._stage.newest(_place(one)) is None)

    async def _ask(self, room_id: int) -> None:
        try:
            said = await self._stage.history(_place(room_id), limit=1)
        except RoomGoneError:
            log.info("room %d is gone, and forgotten", room_id)
            await self.gone([room_id])
        except DiscordDownError:
            raise
        except DeliveryError as error:
            log.debug("room %d is out of reach: %s", room_id, error)
        else:
            if said and self._stage.now() - said[-1].at > BEARING_KEPT:
                await self._demeanours.forget([room_id])


def _place(room_id: int) -> Room:
    """A place of which only the id is known, for asking about it."""
    return Room(room_id, Place.CHANNEL)
