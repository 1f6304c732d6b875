"""Messages of the menus, buttons and forms of a character's reply."""

from __future__ import annotations

from typing import Final

from bot.message_data import Filled, Fixed

# Discord's limits: the label of a button, the title of a form and the label of its field.
BUTTON_LIMIT: Final = 80
FORM_LIMIT: Final = 45

KEPT: Final = Fixed("replies.kept")
BUTTON_STOP: Final = Fixed("replies.button_stop", limit=BUTTON_LIMIT)
BUTTON_CONTINUE: Final = Fixed("replies.button_continue", limit=BUTTON_LIMIT)
BUTTON_DELETE: Final = Fixed("replies.button_delete", limit=BUTTON_LIMIT)
BUTTON_CANCEL: Final = Fixed("replies.button_cancel", limit=BUTTON_LIMIT)
FORM_TITLE: Final = Fixed("replies.form_title", limit=FORM_LIMIT)
FORM_FIELD: Final = Fixed("replies.form_field", limit=FORM_LIMIT)


class FormPart(Filled, id="replies.form_part", limit=FORM_LIMIT):
    """The label of a field in a form with several fields."""

    number: int


class AnswersAnew(Filled, id="replies.answers_anew"):
    """A reply is being regenerated."""

    name: str


class GoesOn(Filled, id="replies.goes_on"):
    """A reply is being continued."""

    name: str


class TakesBack(Filled, id="replies.takes_back"):
    """A reply was deleted."""

    name: str


class SaysNow(Filled, id="replies.says_now"):
    """A reply was edited."""

    name: str


class AsksToDelete(Filled, id="replies.asks_to_delete"):
    """The question before a reply is deleted."""

    name: str


class AsksToDeleteApart(Filled, id="replies.asks_to_delete_apart"):
    """The question before a poll or a file is deleted, which the character still remembers."""

    name: str
