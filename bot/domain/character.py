"""What a character is. Owns the value and its limits; files and storage are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.model_profile import NOTHING_SAID, ProfileOverrides

# Discord's limits for a webhook's name: 1–80 characters, none of these words in it.
NAME_LIMIT = 80
FORBIDDEN_IN_NAMES = ("discord", "clyde")
# Nor is any of these a name by itself (Discord's documentation, “Usernames and Nicknames”).
FORBIDDEN_NAMES = ("everyone", "here")
PERSONA_LIMIT = 100_000
GREETING_LIMIT = 2_000
# Discord’s limit for one entry of a list to choose from, and for the line below it.
DESCRIPTION_LIMIT = 100
ALIAS_LIMIT = 20
TRIGGER_LIMIT = 20
TRIGGER_LENGTH = 60
MOOD_LIMIT = 12
MOOD_LENGTH = 24
# How hard a model may think: what the bundled catalog of Codex 0.163 lists, least first. Without
# its `ultra`, which hands tasks to sub-agents: a character has none, and Codex sends `xhigh`
# for it then (measured).
EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Picture:
    """An avatar from a file beside the character. `digest` tells one picture from another."""

    path: Path
    content_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Mood:
    """Another face of a character, under a name that its model may choose."""

    name: str
    avatar: Picture | str


@dataclass(frozen=True, slots=True)
class Character:
    """A persona. `key` is its identity everywhere: the folder's name for a built-in one.

    `avatar` is a picture on disk or an https address; None leaves the webhook's own face.
    `guidelines` are the character's own rules, read by the model through a tool. `triggers` are
    words that it speaks up at where a room lets it; `moods` are its faces beside the avatar.
    """

    key: str
    name: str
    persona: str
    aliases: tuple[str, ...] = ()
    avatar: Picture | str | None = None
    greeting: str = ""
    model: str | None = None
    effort: str | None = None
    guidelines: str = ""
    triggers: tuple[str, ...] = ()
    moods: tuple[Mood, ...] = ()
    profile: ProfileOverrides = NOTHING_SAID
    """What its file says of its model, over everything else that is known of it."""
    description: str = ""
    """Who it is, in a line for people who choose whom to summon; its model never reads it."""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it answers to, its name first."""
        return (self.name, *self.aliases)

    def mood(self, name: str) -> Mood | None:
        """The mood of that name, however it is capitalised."""
        wanted = name.strip().casefold()
        return next((one for one in self.moods if one.name.casefold() == wanted), None)

    def wearing(self, mood: str) -> Character:
        """The same character with that mood's face; with its own where there is no such mood."""
        worn = self.mood(mood)
        return replace(self, avatar=worn.avatar) if worn is not None else self


def name_fault(name: str) -> str | None:
    """Why Discord would refuse `name` for a webhook message; None when it would not."""
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
