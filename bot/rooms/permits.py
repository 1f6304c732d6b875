"""Whether an action may be taken: by the room's policy, by the bot's powers, by the asker's.

Owns the order of the questions and the line that a model reads when one is answered with no.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.domain.actions import POWERS, Action
from bot.domain.policy import Policy
from bot.domain.room import Room
from bot.errors import NotPermittedError, RefusedError
from bot.rooms.hands import Hands


class Permits:
    """Asked before each action. What costs a request to Discord is asked last."""

    def __init__(self, *, policy: Callable[[Room], Policy], hands: Hands) -> None:
        self._policy = policy
        self._hands = hands

    async def require(self, action: Action, room: Room, askers: Collection[int]) -> None:
        """Let it pass, or raise `RefusedError`, `NotPermittedError` with the reason in a line.

        Of several `askers` each must be allowed to: nobody can tell whose wish it is.
        """
        if action.value in self._policy(room).denied:
            raise RefusedError(f"This room does not allow `{action.value}`.")
        power = POWERS.get(action)
        if power is None:
            return
        if not await self._hands.allows(room, power):
            raise NotPermittedError(power.value)
        for asker in askers:
            if not await self._hands.allows(room, power, user_id=asker):
                raise RefusedError(f"Who asked you lacks the permission {power.value} here.")
