"""What a character does besides talking: permitted first, then done, then heard by the room.

One method for each action, called by the model's tools. Owns the order of the steps and what an
action means for the turn; Discord's part is behind `Hands`. Each raises `RefusedError` or
`DeliveryError`, whose text the model reads.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from bot.domain.actions import STATUS_LIMIT, WHISPER_LIMIT, Action, Poll, one_line
from bot.domain.enclosing import Enclosure
from bot.domain.policy import Policy
from bot.domain.quoting import quoted
from bot.domain.room import Place, Room
from bot.domain.turn import Reason
from bot.domain.utterance import Attachment, Speaker, SpeakerKind, Utterance, moment_of
from bot.errors import RefusedError
from bot.rooms.demeanours import Demeanours
from bot.rooms.hands import Hands
from bot.rooms.hearing import Hearing
from bot.rooms.permits import Permits
from bot.rooms.ports import Stage
from bot.rooms.presence import Prepare
from bot.rooms.running_turns import RunningTurn

# How far back a quote is looked for: a page of Discord's, one request.
LOOK_BACK: Final = 100

# Whom a place belongs to from now on: (room id, character's key).
Bind = Callable[[int, str], Awaitable[None]]


class Deeds:
    """The actions of all seats."""

    def __init__(
        self,
        *,
        stage: Stage,
        hands: Hands,
        hearing: Hearing,
        demeanours: Demeanours,
        policy: Callable[[Room], Policy],
        prepare: Prepare,
        bind: Bind,
    ) -> None:
        self._stage = stage
        self._hands = hands
        self._hearing = hearing
        self._demeanours = demeanours
        self._policy = policy
        self._prepare = prepare
        self._bind = bind
        self._permits = Permits(policy=policy, hands=hands)

    # --- about a message --------------------------------------------------------------------

    async def react(self, scene: RunningTurn, emoji: str) -> None:
        """React to the message that is being answered."""
        await self._permit(scene, Action.REACT)
        await self._stage.react(scene.turn.room, _asked(scene), emoji)
        scene.acted = True

    async def reply_to(self, scene: RunningTurn, quote: str) -> str:
        """Answer another message than the newest: a line above the words says which.

        Gives whose it is.
        """
        await self._permit(scene, Action.REPLY_TO)
        said = await self._quoted(scene, quote)
        if not self._hands.answer(scene.turn, said):
            raise RefusedError("You have begun to speak: what you answer is settled.")
        return said.speaker.name

    async def pin(self, scene: RunningTurn, quote: str) -> None:
        """Pin the message with these words; without words, the one that is being answered."""
        await self._permit(scene, Action.PIN)
        message_id = (await self._quoted(scene, quote)).message_id if quote else _asked(scene)
        await self._hands.pin(scene.turn.room, message_id)
        scene.acted = True

    async def open_thread(self, scene: RunningTurn, name: str) -> None:
        """Open a thread at the message that is being answered; it belongs to the character."""
        room = scene.turn.room
        if room.place is not Place.CHANNEL:
            raise RefusedError("A thread can be opened in a channel only, not here.")
        await self._permit(scene, Action.OPEN_THREAD)
        with _once(scene, Action.OPEN_THREAD) as again:
            if again:
                raise RefusedError("You have opened a thread in this turn already.")
            thread = await self._hands.open_thread(room, _asked(scene), name)
        scene.acted = True
        await self._bind(thread.id, scene.character.key)

    # --- in the room ------------------------------------------------------------------------

    async def poll(self, scene: RunningTurn, poll: Poll) -> None:
        """Put a question to the room, as the character."""
        await self._permit(scene, Action.POLL)
        with _once(scene, Action.POLL, poll.question) as again:
            if not again:
                message_id = await self._hands.poll(scene.turn, scene.character, poll)
                self._heard(scene, message_id, str(poll))
        scene.acted = True

    async def send_file(self, scene: RunningTurn, file: Enclosure) -> None:
        """Send a text as a file, as the character."""
        await self._permit(scene, Action.SEND_FILE)
        with _once(scene, Action.SEND_FILE, file.name, file.text) as again:
            if not again:
                message_id = await self._hands.send_file(scene.turn, scene.character, file)
                self._heard(scene, message_id, "", file)
        scene.acted = True

    async def whisper(self, scene: RunningTurn, text: str) -> None:
        """Say something that only the person who is answered can see. Not part of the talk."""
        if not text.strip():
            raise RefusedError("There is nothing to whisper.")
        if len(text) > WHISPER_LIMIT:
            raise RefusedError(f"A whisper has {WHISPER_LIMIT} characters at most.")
        await self._permit(scene, Action.WHISPER)
        with _once(scene, Action.WHISPER, text) as again:
            if not again:
                await self._hands.whisper(scene.turn, scene.character, text)
        scene.acted = True

    # --- about itself -----------------------------------------------------------------------

    async def set_status(self, scene: RunningTurn, text: str) -> None:
        """What `/cast` shows that it is doing; empty: nothing."""
        text = one_line(text)
        if len(text) > STATUS_LIMIT:
            raise RefusedError(f"A status has {STATUS_LIMIT} characters at most.")
        await self._permit(scene, Action.SET_STATUS)
        await self._demeanours.set_status(scene.turn.seat, text)
        await self._hands.show_status(scene.turn.room, scene.character, text)
        scene.acted = True

    async def set_mood(self, scene: RunningTurn, name: str) -> None:
        """Wear another of its faces from the next message on; empty: its own."""
        mood = scene.character.mood(name)
        if name.strip() and mood is None:
            known = ", ".join(one.name for one in scene.character.moods)
            raise RefusedError(f"Your moods are: {known}." if known else "You have no moods.")
        await self._permit(scene, Action.SET_MOOD)
        await self._demeanours.set_mood(scene.turn.seat, mood.name if mood else "")
        # Uploaded now, so that the words that follow need not wait for it.
        await self._prepare(scene.turn.room, scene.character)
        scene.acted = True

    # --- steps ------------------------------------------------------------------------------

    async def _permit(self, scene: RunningTurn, action: Action) -> None:
        scene.take()
        await self._permits.require(action, scene.turn.room, scene.askers)

    async def _quoted(self, scene: RunningTurn, quote: str) -> Utterance:
        """The message with these words. What the room has forgotten cannot be named."""
        room = scene.turn.room
        since = self._policy(room).since
        said = quoted(quote, await self._stage.history(room, after=since, limit=LOOK_BACK))
        if said is None:
            raise RefusedError(
                f"No message among the last {LOOK_BACK} has these words. Copy some of them exactly."
            )
        return said

    def _heard(
        self, scene: RunningTurn, message_id: int, text: str, file: Enclosure | None = None
    ) -> None:
        """The others in the room hear of it; our own messages come back from nowhere else."""
        character, room = scene.character, scene.turn.room
        files = () if file is None else (Attachment(file.name, "", len(file.data), "text/plain"),)
        speaker = Speaker(0, character.name, SpeakerKind.CHARACTER, character.key)
        self._hearing.hear(
            Utterance(
                message_id=message_id,
                room_id=room.id,
                speaker=speaker,
                text=text,
                at=moment_of(message_id),
                attachments=files,
                turn=scene.turn.id,
            )
        )


def _asked(scene: RunningTurn) -> int:
    """The message that is being answered."""
    if scene.turn.reason is Reason.CONTINUE:
        raise RefusedError("You go on by yourself here: there is no message to do that to.")
    return scene.turn.trigger


@contextmanager
def _once(scene: RunningTurn, action: Action, *what: str) -> Iterator[bool]:
    """Whether this was done in the turn already, by a try that died; a failure may be repeated."""
    deed = (action.value, *what)
    again = deed in scene.done
    scene.done.add(deed)
    try:
        yield again
    except BaseException:
        if not again:
            scene.done.discard(deed)
        raise
