"""Messages of `/room`: the settings of a room, pausing it, and resetting it."""

from __future__ import annotations

from typing import Final

from bot.domain.policy import Mode
from bot.message_data import Filled, Fixed, Message

# Discord's limits: the label of a button, and one entry of a list of choices.
BUTTON_LIMIT: Final = 80
CHOICE_LIMIT: Final = 100


class ModeOf(Filled, id="room_mode", by="mode", limit=CHOICE_LIMIT):
    """Which messages characters answer."""

    mode: Mode


EDITED_BY_MODERATORS: Final = Fixed("room.edited_by_moderators", limit=CHOICE_LIMIT)
EDITED_BY_ASKERS: Final = Fixed("room.edited_by_askers", limit=CHOICE_LIMIT)
NO_CHAIN: Final = Fixed("room.no_chain")


class Chain(Filled, id="room.chain"):
    """How often characters answer one another."""

    times: int


class ModeRow(Filled, id="room.row_mode"):
    """The mode, as a row of the settings; the classes below are rows too."""

    mode: Message


class ChainRow(Filled, id="room.row_chain"):
    """How often characters answer one another."""

    chain: Message


class CooldownRow(Filled, id="room.row_cooldown"):
    """Least seconds between two unasked turns of a character."""

    seconds: int


class QuietRow(Filled, id="room.row_quiet"):
    """Hours in which characters answer only when they are spoken to."""

    hours: str


class DeniedRow(Filled, id="room.row_denied"):
    """Actions that characters may not take."""

    actions: tuple[str, ...]


class EditorsRow(Filled, id="room.row_editors"):
    """Who may edit replies."""

    editors: Message


class ChanceRow(Filled, id="room.row_chance"):
    """The chance that a character answers unasked."""

    percent: int


class ChanceLaterRow(Filled, id="room.row_chance_later"):
    """The chance that a character answers unasked, in a mode that does not use it."""

    percent: int


NO_QUIET_ROW: Final = Fixed("room.row_no_quiet")
NONE_DENIED_ROW: Final = Fixed("room.row_none_denied")
PAUSED_ROW: Final = Fixed("room.row_paused")
INHERITED_ROW: Final = Fixed("room.row_inherited")
PAUSED: Final = Fixed("room.is_paused")
RESUMED: Final = Fixed("room.resumed")

RESET_ASKS: Final = Fixed("reset.asks")
RESET_KEPT: Final = Fixed("reset.kept")
RESET_DONE: Final = Fixed("reset.done")
RESET_UNDONE: Final = Fixed("reset.undone")
BUTTON_FORGET: Final = Fixed("reset.button_forget", limit=BUTTON_LIMIT)
BUTTON_CANCEL: Final = Fixed("reset.button_cancel", limit=BUTTON_LIMIT)
BUTTON_UNDO: Final = Fixed("reset.button_undo", limit=BUTTON_LIMIT)


class ResetBy(Filled, id="reset.done_by"):
    """The public notice of a reset, with the name of the person."""

    done: Message
    name: str


class ResetUndoneBy(Filled, id="reset.undone_by"):
    """The public notice that a reset was undone, with the name of the person."""

    undone: Message
    name: str
