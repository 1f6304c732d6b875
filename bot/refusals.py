"""The reasons, as messages, why a request of a person or character is refused (`RefusedError`).

Data only. The English texts are in `bot.messages.english.refusals`, under the same ids. What a
character's own actions are refused for is in `bot.action_refusals`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.message_data import Filled, Fixed, Markup

# --- dice ---------------------------------------------------------------------------------------


class DiceTooLong(Filled, id="dice.too_long"):
    """The expression has more than `most` characters."""

    most: int


class NotDice(Filled, id="dice.not_dice"):
    """The expression cannot be read."""

    expression: str


class KeepsTooMany(Filled, id="dice.keeps_too_many"):
    """More dice are kept than are rolled, or none."""

    dice: int
    picked: int


class DropsTooMany(Filled, id="dice.drops_too_many"):
    """At least as many dice are dropped as are rolled."""

    dice: int
    picked: int


class TooManyTerms(Filled, id="dice.too_many_terms"):
    """More than `most` terms are added up."""

    most: int


class TooManyDice(Filled, id="dice.too_many_dice"):
    """More than `most` dice are rolled, or none."""

    most: int


class WrongSides(Filled, id="dice.wrong_sides"):
    """A die has fewer than two sides, or more than `most`."""

    most: int


class NumberTooLarge(Filled, id="dice.number_too_large"):
    """A number is larger than `most`."""

    most: int


LUCK_TAKES_ONE_DIE: Final = Fixed("dice.luck_takes_one_die")


# --- times --------------------------------------------------------------------------------------


class UnknownZone(Filled, id="zone.unknown"):
    """No time zone has that name or a similar name."""

    name: str


class ZoneIsAbbreviation(Filled, id="zone.is_abbreviation"):
    """The name is an abbreviation like CEST."""

    name: str
    places: tuple[str, ...]
    """Time zones with that abbreviation."""


class ZoneIsOffset(Filled, id="zone.is_offset"):
    """The name is an offset like GMT+2."""

    name: str
    places: tuple[str, ...]
    """Time zones with that offset."""


class ZoneMisspelt(Filled, id="zone.misspelt"):
    """No time zone has that name."""

    name: str
    zones: tuple[str, ...]
    """Time zones with a similar name."""


NOT_QUIET_HOURS: Final = Fixed("quiet.not_hours")
QUIET_HOURS_MISSING: Final = Fixed("quiet.hours_missing")


# --- who is in a room ---------------------------------------------------------------------------

NO_DIRECT_MESSAGES: Final = Fixed("access.no_direct_messages")
SERVER_NOT_ADMITTED: Final = Fixed("access.server_not_admitted")
NO_CHARACTER_KNOWN: Final = Fixed("cast.no_character_known")


class UnknownCharacter(Filled, id="cast.unknown_character"):
    """No character has that name."""

    known: tuple[str, ...]
    """Names of some existing characters."""


class AlreadyHere(Filled, id="cast.already_here"):
    """The character to summon is already in the room."""

    name: str
    call: str
    """What to write to address it, like `@Mira`."""


class CastFull(Filled, id="cast.full"):
    """The room has `most` characters."""

    most: int


class NotHere(Filled, id="cast.not_here"):
    """The character to dismiss is not in the room."""

    name: str


class SummonFirst(Filled, id="cast.summon_first"):
    """The character to speak to is not in the room."""

    name: str


class NotHereAnyMore(Filled, id="cast.not_here_any_more"):
    """The character of a reply is no longer in the room."""

    name: str


ROOM_PAUSED: Final = Fixed("room.paused")
REPLY_ROOM_PAUSED: Final = Fixed("room.paused_for_replies")


# --- replies ------------------------------------------------------------------------------------

REPLY_APART: Final = Fixed("reply.apart")
REPLY_TOO_OLD: Final = Fixed("reply.too_old")
REPLY_RECORD_LOST: Final = Fixed("reply.record_lost")
NOT_A_CHARACTERS: Final = Fixed("reply.not_a_characters")
REPLY_BEING_WRITTEN: Final = Fixed("reply.being_written")
GREETING_IS_ALWAYS_THE_SAME: Final = Fixed("reply.greeting")
ALTERNATIVE_NOT_KEPT: Final = Fixed("reply.alternative_not_kept")
NOTHING_LEFT_TO_SAY: Final = Fixed("reply.nothing_left")
LINKS_NOT_ALLOWED: Final = Fixed("reply.links_not_allowed")
ALREADY_CONTINUED: Final = Fixed("reply.already_continued")
NOT_BEING_WRITTEN: Final = Fixed("reply.not_being_written")
TAKEN_BACK: Final = Fixed("reply.taken_back")
NEVER_FINISHED: Final = Fixed("reply.never_finished")
RESET_FORGOT_REGENERATE: Final = Fixed("reply.reset_forgot_regenerate")
RESET_FORGOT_CONTINUE: Final = Fixed("reply.reset_forgot_continue")
NO_RECORD_FOR_BUTTONS: Final = Fixed("reply.no_record_for_buttons")
BUTTON_DOES_NOTHING: Final = Fixed("reply.button_does_nothing")
REPLY_TOO_LONG_FOR_FORM: Final = Fixed("reply.too_long_for_form")
NOTHING_ASKED: Final = Fixed("reply.nothing_asked")


class EditTooLong(Filled, id="reply.edit_too_long"):
    """The edited reply has more than `most` characters."""

    most: int


class ReplyFull(Filled, id="reply.full"):
    """A reply of `most` characters cannot be continued."""

    most: int


class NoCharacterOfThisBot(Filled, id="reply.no_character"):
    """The file of the reply's character is gone."""

    name: str


class NothingToAdd(Filled, id="reply.nothing_to_add"):
    """The character said nothing when it was asked to continue a reply."""

    name: str


class NothingElse(Filled, id="reply.nothing_else"):
    """The character said nothing when a reply was regenerated."""

    name: str


# --- spending and pace --------------------------------------------------------------------------


class HourSpent(Filled, id="spending.hour"):
    """The person has reached the limit of answers per hour."""

    until: datetime
    """When the limit is reset."""


class DaySpent(Filled, id="spending.day"):
    """The bot has reached the limit of tokens per day."""

    until: datetime
    """When the limit is reset."""


TOO_FAST: Final = Fixed("pace.too_fast")


class SlowMode(Filled, id="pace.slow_mode"):
    """The channel's slow mode makes the person wait for `seconds` more seconds."""

    seconds: int


# --- guidelines ---------------------------------------------------------------------------------

GUIDELINES_EMPTY: Final = Fixed("guidelines.empty")


class GuidelinesTooLong(Filled, id="guidelines.too_long"):
    """The guidelines have `length` characters."""

    length: int
    most: int


# --- permissions --------------------------------------------------------------------------------


class PersonLacks(Filled, id="rights.person_lacks"):
    """The person lacks a permission."""

    permission: str
    """Discord's name of the permission."""


class NotAMember(Filled, id="rights.not_a_member"):
    """The bot is not a member of the server."""

    invite: Markup
    """The URL that invites the bot."""


SERVERS_ONLY: Final = Fixed("rights.servers_only")
TIMED_OUT: Final = Fixed("rights.timed_out")
THREAD_LOCKED: Final = Fixed("rights.thread_locked")
THREAD_CLOSED: Final = Fixed("rights.thread_closed")
REPLY_ELSEWHERE: Final = Fixed("rights.reply_elsewhere")
ASKER_ONLY: Final = Fixed("rights.asker_only")
MODERATORS_EDIT: Final = Fixed("rights.moderators_edit")
SUMMONER_ONLY: Final = Fixed("rights.summoner_only")
OWNER_ONLY: Final = Fixed("rights.owner_only")
PLACE_NOT_SEEN: Final = Fixed("rights.place_not_seen")
SUMMON_NOT_ALLOWED: Final = Fixed("rights.summon_not_allowed")


# --- commands -----------------------------------------------------------------------------------

NOTHING_TO_SAY: Final = Fixed("command.nothing_to_say")
NOT_A_CHOICE: Final = Fixed("command.not_a_choice")
NO_RESET_TO_UNDO: Final = Fixed("command.no_reset_to_undo")
NOT_A_MESSAGE: Final = Fixed("command.not_a_message")
MESSAGE_ELSEWHERE: Final = Fixed("command.message_elsewhere")


class MenuFails(Filled, id="command.menu_fails"):
    """The greeting's menu does not work."""

    summon: Markup
    """`/summon` as a clickable command."""


POOL_DRAINED: Final = Fixed("pool.drained")


class NoRestart(Filled, id="pool.no_restart"):
    """The app-server does not start again."""

    reason: str


class JustEnding(Filled, id="pool.just_ending"):
    """The character's app-server has just ended, or is just starting."""

    name: str


class InstanceBusy(Filled, id="pool.busy"):
    """The character's app-server is in use."""

    name: str


class NoInstance(Filled, id="pool.no_instance"):
    """The character has no app-server."""

    name: str
