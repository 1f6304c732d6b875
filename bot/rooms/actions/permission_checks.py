"""Permission checks of an action: the room's policy, the bot's permissions, then the askers'.

Owns the order of the checks and the reason for the refusal when one fails.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.action_refusals import ActionDenied, AskerLacks
from bot.domain.actions import RoomAction
from bot.domain.policy import Policy
from bot.domain.room import Room
from bot.errors import NotPermittedError, RefusedError
from bot.rooms.ports.action_port import ActionPort


class PermissionChecks:
    """Checks each action before it is taken. Checks that cost a request to Discord come last."""

    def __init__(self, *, policy: Callable[[Room], Policy], port: ActionPort) -> None:
        self._policy = policy
        self._port = port

    async def require(self, action: RoomAction, room: Room, askers: Collection[int]) -> None:
        """Raise `RefusedError` or `NotPermittedError`, with a line of text, unless allowed.

        Each of several `askers` needs the permission, since the one who wanted the action is
        unknown.
        """
        if action.name in self._policy(room).denied:
            raise RefusedError(ActionDenied(action.name))
        power = action.power
        if power is None:
            return
        if not await self._port.allows(room, power):
            raise NotPermittedError(power.value)
        for asker in askers:
            if not await self._port.allows(room, power, user_id=asker):
                raise RefusedError(AskerLacks(power.value))
