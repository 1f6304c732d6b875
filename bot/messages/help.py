"""Messages of `/help` and of the greeting: first steps, and each command by topic.

`cogs.help` decides which pages and commands a person sees. Commands are values of the messages,
so that they can be shown as clickable mentions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.character import Character
from bot.domain.spending import SpendingLimits
from bot.message_data import Filled, Fixed, Markup, Message

# Most characters listed; `/summon` offers all of them.
LISTED: Final = 12


class Topic(StrEnum):
    """A page of the help."""

    BEGIN = "begin"
    TALKING = "talking"
    CHARACTERS = "characters"
    ROOMS = "rooms"
    REPLIES = "replies"
    ADMINS = "admins"
    PRIVACY = "privacy"


class Needs(StrEnum):
    """The permission that a command requires."""

    NOTHING = "nothing"
    TALK = "talk"
    EDIT = "Manage Messages"
    CHANNELS = "Manage Channels"
    SERVER = "Manage Server"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Entry:
    """A command (`room why`) or an entry of a message's menu, with its purpose."""

    command: str
    topic: Topic
    """The page that lists the command."""
    text: Message
    """The purpose of the command."""
    needs: Needs = Needs.NOTHING


@dataclass(frozen=True, slots=True)
class Here:
    """The place where a person asks for help."""

    direct: bool
    """Whether these are direct messages."""
    reads_messages: bool
    """Whether the Message Content Intent is on."""
    present: Sequence[Character]
    """The characters in the place."""
    known: Sequence[Character]
    """All characters."""
    limits: SpendingLimits
    refusal: Message | Markup | None = None
    """Why the person cannot have a character speak in the place; None if they can."""


ENTRIES: Final = (
    Entry("say", Topic.TALKING, Fixed("help_entry.say"), Needs.TALK),
    Entry("help", Topic.TALKING, Fixed("help_entry.help")),
    Entry("summon", Topic.CHARACTERS, Fixed("help_entry.summon"), Needs.TALK),
    Entry("cast", Topic.CHARACTERS, Fixed("help_entry.cast")),
    Entry("dismiss", Topic.CHARACTERS, Fixed("help_entry.dismiss"), Needs.TALK),
    Entry("room why", Topic.ROOMS, Fixed("help_entry.room_why")),
    Entry("room settings", Topic.ROOMS, Fixed("help_entry.room_settings"), Needs.CHANNELS),
    Entry("room pause", Topic.ROOMS, Fixed("help_entry.room_pause"), Needs.CHANNELS),
    Entry("room resume", Topic.ROOMS, Fixed("help_entry.room_resume"), Needs.CHANNELS),
    Entry("room reset", Topic.ROOMS, Fixed("help_entry.room_reset"), Needs.CHANNELS),
    Entry("guidelines show", Topic.ROOMS, Fixed("help_entry.guidelines_show"), Needs.TALK),
    Entry("Regenerate", Topic.REPLIES, Fixed("help_entry.regenerate"), Needs.TALK),
    Entry("Continue", Topic.REPLIES, Fixed("help_entry.continue"), Needs.TALK),
    Entry("Edit reply", Topic.REPLIES, Fixed("help_entry.edit_reply"), Needs.EDIT),
    Entry("Delete reply", Topic.REPLIES, Fixed("help_entry.delete_reply")),
    Entry("Why this reply?", Topic.REPLIES, Fixed("help_entry.why_this_reply")),
    Entry("guidelines edit", Topic.ADMINS, Fixed("help_entry.guidelines_edit"), Needs.SERVER),
    Entry("diagnose", Topic.ADMINS, Fixed("help_entry.diagnose"), Needs.SERVER),
    Entry("pool stats", Topic.ADMINS, Fixed("help_entry.pool_stats"), Needs.SERVER),
    Entry("pool instances", Topic.ADMINS, Fixed("help_entry.pool_instances"), Needs.SERVER),
    Entry("pool restart", Topic.ADMINS, Fixed("help_entry.pool_restart"), Needs.OWNER),
    Entry("pool evict", Topic.ADMINS, Fixed("help_entry.pool_evict"), Needs.OWNER),
    Entry("pool drain", Topic.ADMINS, Fixed("help_entry.pool_drain"), Needs.OWNER),
)


class Title(Filled, id="help_title", by="topic", limit=100):
    """The heading of a page, and its entry in the menu."""

    topic: Topic


class About(Filled, id="help_about", by="topic", limit=100):
    """The summary of a page, in the menu."""

    topic: Topic


class Heading(Filled, id="help.heading"):
    """The first row of a page."""

    title: Message


class OtherCommand(Filled, id="help.other_command"):
    """A command that is not in `ENTRIES`, with its description from Discord."""

    description: str


class NotHere(Filled, id="help.not_here"):
    """The person cannot have a character speak in the place."""

    reason: Message | Markup


class NotShown(Filled, id="help.not_shown"):
    """Some commands are left out because the person lacks permissions."""

    permissions: tuple[str, ...]
    """Discord's names of the permissions."""


WORKS_ON_MESSAGES: Final = Fixed("help.works_on_messages")
MENU: Final = Fixed("help.menu", limit=150)
FOR_WHOM: Final = Fixed("help.for_whom")
MENUS: Final = Fixed("help.menus")
STOP: Final = Fixed("help.stop")
SEVERAL_NAMED: Final = Fixed("help.several_named")
OWN_THREAD: Final = Fixed("help.own_thread")
SEES_FILES: Final = Fixed("help.sees_files")
LAST_ANSWERS: Final = Fixed("help.last_answers")
NO_CHARACTERS: Final = Fixed("help.no_characters")
FOR_THINGS: Final = Fixed("help.for_things")
ANOTHER_ANSWER: Final = Fixed("help.another_answer")
WHERE_WORDS_GO: Final = Fixed("help.where_words_go")
REMEMBERS_APART: Final = Fixed("help.remembers_apart")
DELETED_IS_GONE: Final = Fixed("help.deleted_is_gone")
NO_LIMIT: Final = Fixed("help.no_limit")
HELLO: Final = Fixed("greeting.hello")
GREETS_WITHOUT_CHARACTERS: Final = Fixed("greeting.no_characters")


class HereAlready(Filled, id="help.here_already"):
    """Names of characters in the room, and how to summon others."""

    names: tuple[str, ...]
    summon: Markup


class SummonToChannel(Filled, id="help.summon_to_channel"):
    """How to summon a character into a channel."""

    summon: Markup


class SummonToTalk(Filled, id="help.summon_to_talk"):
    """How to summon a character into direct messages."""

    summon: Markup


class NoCharacterYet(Filled, id="help.no_character_yet"):
    """No character exists."""

    summon: Markup


class JustWrite(Filled, id="help.just_write"):
    """How to talk in direct messages; `call` is an example."""

    call: str


class TalkBySay(Filled, id="help.talk_by_say"):
    """How to talk if the bot cannot read messages."""

    say: Markup


class TalkByName(Filled, id="help.talk_by_name"):
    """How to talk in a channel; `call` is an example."""

    call: str


class NobodyUnasked(Filled, id="help.nobody_unasked"):
    """Characters answer only when they are spoken to; `cast` lists them."""

    cast: Markup


class AskWhy(Filled, id="help.ask_why"):
    """How to find out why a character spoke or kept silent."""

    why: Markup


class Step(Filled, id="help.step"):
    """A numbered row of the first page."""

    number: int
    step: Message


class CannotRead(Filled, id="help.cannot_read"):
    """How to address a character if the bot cannot read messages."""

    say: Markup


class Known(Filled, id="help.known"):
    """A character without a description."""

    name: str


class KnownWithDescription(Filled, id="help.known_with_description"):
    """A character with its description."""

    name: str
    description: str


class MoreKnown(Filled, id="help.more_known"):
    """How many characters are not listed."""

    count: int
    summon: Markup


class Costs(Filled, id="help.costs"):
    """Who pays, and the spending limits."""

    limits: Message


class BothLimits(Filled, id="help.both_limits"):
    """Answers per person and hour, and tokens per day for the whole bot."""

    answers: int
    tokens: int


class AnswersLimit(Filled, id="help.answers_limit"):
    """Answers per person and hour."""

    answers: int


class TokensLimit(Filled, id="help.tokens_limit"):
    """Tokens per day for the whole bot."""

    tokens: int


class GreetsReading(Filled, id="greeting.reading"):
    """How to start; `call` is an example."""

    call: str


class GreetsUnread(Filled, id="greeting.unread"):
    """How to start if the bot cannot read messages."""

    say: Markup


class GreetingEnd(Filled, id="greeting.end"):
    """Where to find more."""

    summon: Markup
    help: Markup


Shown = Callable[[str], str]
"""Formats a command (`room why`) as a clickable mention."""


def greeting(known: Sequence[Character], *, reads_messages: bool, command: Shown) -> list[Message]:
    """Return the greeting for a new server; `command` formats a command."""
    if not known:
        begin: Message = GREETS_WITHOUT_CHARACTERS
    elif reads_messages:
        begin = GreetsReading(f"@{known[0].name} good evening!")
    else:
        begin = GreetsUnread(Markup(command("say")))
    return [HELLO, begin, GreetingEnd(Markup(command("summon")), Markup(command("help")))]


def lines(topic: Topic, here: Here, command: Shown) -> list[Message]:
    """Return a page's messages besides its commands; `command` formats a command."""
    match topic:
        case Topic.BEGIN:
            return _begin(here, command)
        case Topic.TALKING:
            return _talking(here, command)
        case Topic.CHARACTERS:
            return _characters(here, command)
        case Topic.REPLIES:
            return [MENUS, STOP]
        case Topic.PRIVACY:
            return [
                WHERE_WORDS_GO,
                REMEMBERS_APART,
                DELETED_IS_GONE,
                Costs(_bounds(here.limits)),
            ]
        case Topic.ROOMS | Topic.ADMINS:
            return []


def _begin(here: Here, command: Shown) -> list[Message]:
    who = (*here.present, *here.known)
    steps = [
        _summon(here, Markup(command("summon"))),
        _how_to_talk(here, who[0].name if who else "Name", command),
        NobodyUnasked(Markup(command("cast"))),
        FOR_THINGS,
        ANOTHER_ANSWER,
        AskWhy(Markup(command("room why"))),
    ]
    return [Step(number, step) for number, step in enumerate(steps, 1)]


def _summon(here: Here, summon: Markup) -> Message:
    if here.present:
        return HereAlready(tuple(who.name for who in here.present[:3]), summon)
    if not here.known:
        return NoCharacterYet(summon)
    return SummonToTalk(summon) if here.direct else SummonToChannel(summon)


def _how_to_talk(here: Here, name: str, command: Shown) -> Message:
    if here.direct:
        return JustWrite(f"@{name} hello!")
    if not here.reads_messages:
        return TalkBySay(Markup(command("say")))
    return TalkByName(f"@{name} good evening!")


def _talking(here: Here, command: Shown) -> list[Message]:
    if here.direct:
        return [LAST_ANSWERS, SEES_FILES]
    if not here.reads_messages:
        return [CannotRead(Markup(command("say"))), SEES_FILES]
    return [FOR_WHOM, SEVERAL_NAMED, OWN_THREAD, SEES_FILES]


def _characters(here: Here, command: Shown) -> list[Message]:
    if not here.known:
        return [NO_CHARACTERS]
    rows: list[Message] = [
        KnownWithDescription(who.name, who.description) if who.description else Known(who.name)
        for who in here.known[:LISTED]
    ]
    more = len(here.known) - LISTED
    return [*rows, MoreKnown(more, Markup(command("summon")))] if more > 0 else rows


def _bounds(limits: SpendingLimits) -> Message:
    match limits.turns_per_hour, limits.tokens_per_day:
        case 0, 0:
            return NO_LIMIT
        case answers, 0:
            return AnswersLimit(answers)
        case 0, tokens:
            return TokensLimit(tokens)
        case answers, tokens:
            return BothLimits(answers, tokens)
