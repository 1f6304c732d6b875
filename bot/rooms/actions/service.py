"""What a character does besides talking: checked, carried out, then added to the message log.

Owns the steps that all actions share and what an action means for the running turn. What differs
between actions is declared on their values (`bot.domain.actions`) or done behind `ActionPort`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from bot.action_refusals import NO_MESSAGE_ANSWERED, QuoteNotFound
from bot.domain.actions import Action, ActionResult, RoomAction, SetMood, SetStatus, Skip
from bot.domain.policy import Policy
from bot.domain.quoting import quoted
from bot.domain.room import Room, Seat
from bot.domain.turn import Reason
from bot.domain.utterance import Attachment, Speaker, SpeakerKind, Utterance, moment_of
from bot.errors import RefusedError
from bot.rooms.actions.permission_checks import PermissionChecks
from bot.rooms.log.message_log import MessageLog
from bot.rooms.ports.action_port import ActionContext, ActionPort
from bot.rooms.ports.stage import Stage
from bot.rooms.runs.running_turns import RunningTurn
from bot.rooms.state.persona_states import PersonaStates

# Messages searched for a quote: a page of Discord's history, so a single request.
LOOK_BACK: Final = 100

Bind = Callable[[int, str], Awaitable[None]]
"""Binds a Discord thread to a character: (room id, character's key)."""


class Actions:
    """The actions of all running turns."""

    def __init__(
        self,
        *,
        stage: Stage,
        port: ActionPort,
        message_log: MessageLog,
        persona_states: PersonaStates,
        policy: Callable[[Room], Policy],
        bind: Bind,
    ) -> None:
        self._stage = stage
        self._port = port
        self._message_log = message_log
        self._persona_states = persona_states
        self._policy = policy
        self._bind = bind
        self._checks = PermissionChecks(policy=policy, port=port)

    async def perform(self, running: RunningTurn, action: Action) -> ActionResult:
        """Take the action in the running turn.

        Raises `RefusedError` or `DeliveryError`, whose text the model reads.
        """
        if isinstance(action, Skip):
            running.skip(action.reason)
            return ActionResult()
        room, character = running.turn.room, running.character
        action = action.prepared(room, character)
        running.take()
        await self._checks.require(action, room, running.askers)
        context = ActionContext(running.turn, character, await self._quoted(running, action))
        result = ActionResult()
        with _once(running, action) as is_repeated:
            if not is_repeated:
                await self._keep(running.turn.seat, action)
                result = await self._port.perform(action, context)
                self._log(action, context, result)
        running.acted = running.acted or action.is_answer
        if result.thread is not None:
            await self._bind(result.thread.id, character.key)
        return result

    async def _quoted(self, running: RunningTurn, action: RoomAction) -> Utterance | None:
        """Return the message that the action quotes; None if it quotes nothing.

        Messages from before the room's reset cannot be quoted.
        """
        target = action.target
        if target is None:
            return None
        if target.quote is None:
            if running.turn.reason is Reason.CONTINUE:
                raise RefusedError(NO_MESSAGE_ANSWERED)
            return None
        room = running.turn.room
        since = self._policy(room).since
        said = quoted(target.quote, await self._stage.history(room, after=since, limit=LOOK_BACK))
        if said is None:
            raise RefusedError(QuoteNotFound(LOOK_BACK))
        return said

    async def _keep(self, seat: Seat, action: RoomAction) -> None:
        """Write the action's change to the character's persona state, if any."""
        match action:
            case SetStatus(text):
                await self._persona_states.set_status(seat, text)
            case SetMood(mood):
                await self._persona_states.set_mood(seat, mood)
            case _:
                pass  # changes the room only

    def _log(self, action: RoomAction, context: ActionContext, result: ActionResult) -> None:
        """Add a posted message to the message log: Discord's events omit our own messages."""
        message_id, file = result.message_id, action.posted_file
        if message_id is None:
            return
        turn, character = context.turn, context.character
        files = () if file is None else (Attachment(file.name, "", len(file.data), "text/plain"),)
        self._message_log.hear(
            Utterance(
                message_id=message_id,
                room_id=turn.room.id,
                speaker=Speaker(0, character.name, SpeakerKind.CHARACTER, character.key),
                text=action.posted_text,
                at=moment_of(message_id),
                attachments=files,
                turn=turn.id,
            )
        )


@contextmanager
def _once(running: RunningTurn, action: RoomAction) -> Iterator[bool]:
    """Yield whether the turn has already taken this action, perhaps in an attempt that died.

    Always False for an idempotent action; a failed action may be tried again. Raises
    `RefusedError` for a repetition that the action refuses.
    """
    key = (action.name, *action.identity)
    if action.idempotent:
        yield False
    elif key in running.done:
        if action.repeat_refusal is not None:
            raise RefusedError(action.repeat_refusal)
        yield True
    else:
        running.done.add(key)
        try:
            yield False
        except BaseException:
            running.done.discard(key)
            raise
