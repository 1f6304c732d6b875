"""What `/help` says: how to begin, and each command by topic. Words only; who sees what is
`cogs.help`'s.

`{summon}` and the like stand for commands: where they are shown, they are there to be clicked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.character import Character
from bot.domain.markup import code, plain
from bot.domain.spending import SpendingLimits

# Characters that are listed; `/summon`'s own list goes on.
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
    """What somebody has to be allowed to use a command."""

    NOTHING = "nothing"
    TALK = "talk"
    EDIT = "Manage Messages"
    CHANNELS = "Manage Channels"
    SERVER = "Manage Server"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Entry:
    """A command (`room why`) or an entry of a message's menu, and what it is good for."""

    command: str
    topic: Topic
    text: str
    needs: Needs = Needs.NOTHING


@dataclass(frozen=True, slots=True)
class Here:
    """The place that is asked in. `direct`: between a person and the bot; `refusal`: why this
    person can have no character speak there, if so."""

    direct: bool
    reads_messages: bool
    present: Sequence[Character]
    known: Sequence[Character]
    limits: SpendingLimits
    refusal: str = ""


TITLES: Final[dict[Topic, tuple[str, str]]] = {
    Topic.BEGIN: ("How to begin", "Six lines for the first minute"),
    Topic.TALKING: ("Talking", "Whom a message is for, and what can be asked"),
    Topic.CHARACTERS: ("Characters", "Who there is; bring them in, send them away"),
    Topic.ROOMS: ("Rooms and settings", "How talkative a room is, and why"),
    Topic.REPLIES: ("Replies", "Say it anew, go on, edit, delete"),
    Topic.ADMINS: ("For admins", "Checks, rules and the engine"),
    Topic.PRIVACY: ("Privacy and costs", "Where words go, what is kept, what is allowed"),
}

ENTRIES: Final = (
    Entry("say", Topic.TALKING, "speaks to a character by command.", Needs.TALK),
    Entry("help", Topic.TALKING, "shows these pages, to you alone."),
    Entry("summon", Topic.CHARACTERS, "brings a character into this place.", Needs.TALK),
    Entry("cast", Topic.CHARACTERS, "shows who is here and what each answers to."),
    Entry(
        "dismiss",
        Topic.CHARACTERS,
        "sends one away that you summoned (or any, if you may **Manage Channels**). It remembers.",
        Needs.TALK,
    ),
    Entry("room why", Topic.ROOMS, "tells why characters spoke here, or kept silent."),
    Entry(
        "room settings",
        Topic.ROOMS,
        "shows and changes how talkative characters are, and what they may do.",
        Needs.CHANNELS,
    ),
    Entry("room pause", Topic.ROOMS, "silences everybody until you resume.", Needs.CHANNELS),
    Entry("room resume", Topic.ROOMS, "lets them speak again.", Needs.CHANNELS),
    Entry(
        "room reset",
        Topic.ROOMS,
        "makes characters forget what was said here. It asks first.",
        Needs.CHANNELS,
    ),
    Entry("guidelines show", Topic.ROOMS, "shows this server’s rules for characters.", Needs.TALK),
    Entry("Regenerate", Topic.REPLIES, "asks for another answer; ◀ ▶ choose.", Needs.TALK),
    Entry("Continue", Topic.REPLIES, "lets it go on where it stopped.", Needs.TALK),
    Entry("Edit reply", Topic.REPLIES, "changes its words; the message shows who did.", Needs.EDIT),
    Entry("Delete reply", Topic.REPLIES, "takes it back; the character forgets it, too."),
    Entry("Why this reply?", Topic.REPLIES, "tells why it was said; works on any message."),
    Entry(
        "guidelines edit", Topic.ADMINS, "writes this server’s rules for characters.", Needs.SERVER
    ),
    Entry(
        "diagnose",
        Topic.ADMINS,
        "checks what would keep me from working in this channel, with fixes.",
        Needs.SERVER,
    ),
    Entry("pool stats", Topic.ADMINS, "shows how busy the engine is.", Needs.SERVER),
    Entry("pool instances", Topic.ADMINS, "shows which characters are awake.", Needs.SERVER),
    Entry("pool restart", Topic.ADMINS, "ends a character’s process, starts another.", Needs.OWNER),
    Entry("pool evict", Topic.ADMINS, "puts an idle character to sleep.", Needs.OWNER),
    Entry("pool drain", Topic.ADMINS, "takes no new answers until given again.", Needs.OWNER),
)


_FOR_WHOM: Final = (
    "A message is for whom it names (`@Mira`, “Mira, …”), and for whose message it replies to. "
    "Mention me for the one spoken to last."
)
_MENUS: Final = (
    "Press and hold a character’s message (right-click it on a computer), then *Apps*. "
    "Whoever asked for the reply may change it, and who may manage messages."
)


def greeting(
    known: Sequence[Character], *, reads_messages: bool, command: Callable[[str], str]
) -> str:
    """What the bot says once in a server that has invited it. `command` shows a command."""
    rows = ["Hello! I bring characters into this server, each with a name and a face of its own."]
    if not known:
        rows.append("There is none yet: whoever runs me adds one.")
    elif reads_messages:
        example = code(f"@{known[0].name} good evening!")
        rows.append(f"**Choose one below**, then write {example} or reply to its messages.")
    else:
        rows.append(f"**Choose one below**, then talk to it with {command('say')}.")
    rows.append(
        f"{command('summon')} brings characters into other channels; {command('help')} tells the "
        "rest. They answer who speaks to them, and are silent otherwise."
    )
    return "\n".join(rows)


def lines(topic: Topic, here: Here) -> list[str]:
    """What a page says besides its commands."""
    match topic:
        case Topic.BEGIN:
            return _begin(here)
        case Topic.TALKING:
            return _talking(here)
        case Topic.CHARACTERS:
            return _characters(here)
        case Topic.REPLIES:
            return [_MENUS, "While an answer comes, **Stop** under it ends it."]
        case Topic.PRIVACY:
            return _privacy(here)
        case Topic.ROOMS | Topic.ADMINS:
            return []


def _begin(here: Here) -> list[str]:
    place = "this talk" if here.direct else "this channel"
    who = (*here.present, *here.known)
    name = who[0].name if who else "Name"
    if here.present:
        names = ", ".join(f"**{plain(who.name)}**" for who in here.present[:3])
        summon = f"Here already: {names}. {{summon}} brings others in."
    elif here.known:
        summon = f"{{summon}} brings a character into {place}: choose one from its list."
    else:
        summon = "There is no character yet. Whoever runs me adds one, then {summon} brings it in."
    return [
        f"1. {summon}",
        f"2. {_how_to_talk(here, name)}",
        "3. Nobody answers who isn’t spoken to. {cast} shows who is here and what each answers to.",
        "4. Ask for things, too: “roll 2d6”, “make a poll: tea or ale?”, “open a thread about it”.",
        "5. Another answer? Press and hold the message (or right-click) → *Apps* → *Regenerate*.",
        "6. Why did somebody speak, or nobody? {room why} tells. The rest is in the menu below.",
    ]


def _how_to_talk(here: Here, name: str) -> str:
    if here.direct:
        return f"Just write. With several here, begin with the name: {code(f'@{name} hello!')}"
    if not here.reads_messages:
        return "Talk with {say}, or mention me: I can’t read other messages yet."
    return f"Talk to it by its name, {code(f'@{name} good evening!')}, or reply to its messages."


def _talking(here: Here) -> list[str]:
    if here.direct:
        rows = ["Whoever was spoken to last answers. A name in front calls somebody else."]
    elif not here.reads_messages:
        rows = ["I can’t read messages yet: use {say}, reply to a character, or mention me."]
    else:
        rows = [
            _FOR_WHOM,
            "Several named in one message answer in that order.",
            "In a thread that starts at a character’s message you need name nobody.",
        ]
    return [*rows, "Characters see pictures and text files that you attach."]


def _characters(here: Here) -> list[str]:
    rows = [
        f"**{plain(who.name)}**" + (f" · {plain(who.description)}" if who.description else "")
        for who in here.known[:LISTED]
    ]
    more = len(here.known) - LISTED
    if not rows:
        return ["There is none yet. Whoever runs me adds one."]
    return [*rows, f"… and {more} more in {{summon}}’s list."] if more > 0 else rows


def _privacy(here: Here) -> list[str]:
    where = (
        "What is said where characters are goes to Discord and to the model that whoever runs me "
        "has chosen, and nowhere else."
    )
    return [
        where,
        "A character remembers each channel, thread and direct talk apart from the others.",
        "What you edit or delete is edited or gone for characters, too.",
        f"You pay nothing; whoever runs me does. {_bounds(here.limits)}",
    ]


def _bounds(limits: SpendingLimits) -> str:
    bounds = []
    if limits.turns_per_hour:
        bounds.append(f"one person gets {limits.turns_per_hour:,} answers an hour")
    if limits.tokens_per_day:
        bounds.append(
            f"all of us together have {limits.tokens_per_day:,} tokens a day "
            "(an answer takes some 5,000 and more)"
        )
    if not bounds:
        return "No limit is set."
    text = "; ".join(bounds)
    return f"{text[0].upper()}{text[1:]}."
