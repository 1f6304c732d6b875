"""What helps a person whom no character will answer: in the bot's own voice, short and rare.

Owns the words and when they are said; how often is `bot.rooms.notices`'.
"""

from __future__ import annotations

from bot.domain.addressing import named
from bot.domain.decision import Decision, Silence
from bot.domain.markup import code, plain
from bot.domain.room import Place, Room
from bot.domain.utterance import SpeakerKind, Utterance
from bot.rooms import words
from bot.rooms.casting import Casting
from bot.rooms.notices import Notices

NOBODY = "Nobody is here yet. Bring someone in with `/summon`."
PAUSED = "This room is paused: nobody answers until somebody gives `/room resume`."


class Hints:
    """Tells people what they may not know."""

    def __init__(self, *, casting: Casting, notices: Notices) -> None:
        self._casting = casting
        self._notices = notices

    def for_nobody(self, room: Room, utterance: Utterance) -> str:
        """What helps who spoke to nobody that is here; empty when nothing is needed."""
        if utterance.speaker.kind is not SpeakerKind.PERSON:
            return ""
        absent = self._casting.absent(room, utterance.text)
        if absent is not None:
            return f"{plain(absent.name)} isn’t here. Bring them in with `/summon`."
        if not _is_for_bot(room, utterance):
            return ""
        names = ", ".join(code(f"@{one.name}") for one in self._casting.cast(room))
        return f"Who should answer? These are here: {names}." if names else NOBODY

    async def after(self, room: Room, utterance: Utterance, decision: Decision) -> None:
        """Tell what is needed after a decision about what a person said."""
        if decision.speaking:
            return
        called = [one.silence for one in decision.verdicts if one.reason is not None]
        hint = PAUSED if Silence.PAUSED in called else self.for_nobody(room, utterance)
        if hint:
            await self.tell(room, hint, utterance)

    async def without_store(self, room: Room, utterance: Utterance) -> None:
        """Tell who spoke to a character for sure that it has to wait."""
        # A reply between two people is none of our business, and cannot be told apart now.
        if _is_for_bot(room, utterance) or named(utterance.text, self._casting.cast(room)):
            await self.tell(room, words.WAITS, utterance)

    async def tell(self, room: Room, text: str, utterance: Utterance) -> None:
        """Say it under the message that it is about."""
        await self._notices.say(room, text, reply_to=utterance.message_id)


def _is_for_bot(room: Room, utterance: Utterance) -> bool:
    """In a direct talk there is nobody else to speak to."""
    return utterance.mentions_bot or room.place is Place.DIRECT
