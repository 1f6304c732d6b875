"""The `Character` value and its limits; reading files and storage are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.model_profile import NOTHING_SAID, ProfileOverrides

# Discord's limits for a webhook's name: 1–80 characters, none of these words in it.
NAME_LIMIT = 80
FORBIDDEN_IN_NAMES = ("discord", "clyde")
# Forbidden as a whole name (Discord's documentation, “Usernames and Nicknames”).
FORBIDDEN_NAMES = ("everyone", "here")
PERSONA_LIMIT = 100_000
GREETING_LIMIT = 2_000
# Discord’s limit for an entry of a select menu, and for the description below the entry.
DESCRIPTION_LIMIT = 100
ALIAS_LIMIT = 20
TRIGGER_LIMIT = 20
TRIGGER_LENGTH = 60
MOOD_LIMIT = 12
MOOD_LENGTH = 24
# Reasoning efforts in the bundled catalog of Codex 0.163, least first. Without `ultra`, which hands
# tasks to sub-agents: a character has none, and Codex then sends `xhigh` instead (measured).
EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Picture:
    """An avatar read from a file in the character's folder."""

    path: Path
    content_type: str
    digest: str
    """Hash of the file's bytes; changes with the picture."""


@dataclass(frozen=True, slots=True)
class Mood:
    """A further avatar of a character, under a name that its model may choose."""

    name: str
    avatar: Picture | str


@dataclass(frozen=True, slots=True)
class Character:
    """A persona: the text, names and model settings with which a character speaks."""

    key: str
    """Its identity everywhere: the folder's name for a built-in character."""
    name: str
    persona: str
    aliases: tuple[str, ...] = ()
    avatar: Picture | str | None = None
    """A picture on disk or an https address; None leaves the webhook's default avatar."""
    greeting: str = ""
    model: str | None = None
    effort: str | None = None
    """One of `EFFORTS`; None: the default of the settings."""
    guidelines: str = ""
    """The character's own rules, which its model reads through a tool."""
    triggers: tuple[str, ...] = ()
    """Keywords that make it speak unasked where the room's policy allows that."""
    moods: tuple[Mood, ...] = ()
    """Alternative avatars."""
    profile: ProfileOverrides = NOTHING_SAID
    """Model properties from its file; they take precedence over every other source."""
    description: str = ""
    """A line for people who choose whom to summon; never sent to its model."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name, then the aliases."""
        return (self.name, *self.aliases)

    def mood(self, name: str) -> Mood | None:
        """Return the mood called `name`, ignoring case; None if unknown."""
        wanted = name.strip().casefold()
        return next((mood for mood in self.moods if mood.name.casefold() == wanted), None)

    def wearing(self, mood: str) -> Character:
        """Return the character with that mood's avatar; unchanged if the mood is unknown."""
        worn = self.mood(mood)
        return replace(self, avatar=worn.avatar) if worn is not None else self


def name_fault(name: str) -> str | None:
    """Return why Discord would refuse `name` for a webhook message; None if acceptable."""
    if not name.strip():
        return "the name is empty"
    if len(name) > NAME_LIMIT:
        return f"the name has {len(name)} characters; Discord allows {NAME_LIMIT}"
    for word in FORBIDDEN_IN_NAMES:
        if word in name.casefold():
            return f"Discord does not allow “{word}” in a name"
    if name.strip().casefold() in FORBIDDEN_NAMES:
        return f"Discord does not allow the name “{name.strip()}”"
    if any(ord(letter) < 32 or letter in "@#:`" for letter in name):
        return "the name has a control character or one of @ # : `"
    return None
