"""Messages of commands in general, and of `/guidelines`."""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed


class OnCooldown(Filled, id="commands.on_cooldown"):
    """The command was used too often; the person has to wait for `seconds`."""

    seconds: float


NOT_HERE: Final = Fixed("commands.not_here")
HAS_CHANGED: Final = Fixed("commands.has_changed")


class AndMore(Filled, id="commands.and_more"):
    """How many rows do not fit into a message."""

    count: int


# Discord's limits: an embed's description, the title of a form and the label of its field.
NO_GUIDELINES: Final = Fixed("guidelines.none", limit=4_096)
GUIDELINES_FORM: Final = Fixed("guidelines.form", limit=45)
GUIDELINES_FIELD: Final = Fixed("guidelines.field", limit=45)
GUIDELINES_KEPT_TO: Final = Fixed("guidelines.kept_to")
GUIDELINES_GONE: Final = Fixed("guidelines.gone")


class FaultyFiles(Filled, id="files.faulty"):
    """For the bot's owner: faults of character files, a row for each."""

    faults: tuple[str, ...]


class ManyFaultyFiles(Filled, id="files.many_faulty"):
    """For the bot's owner: the first faults of character files, a row for each."""

    faults: tuple[str, ...]
    more: int
    """How many faults are left out."""
    doctor: str
    """The command line that lists all faults."""
