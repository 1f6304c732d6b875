"""Renders a message in a language. The only place that escapes values from outside.

Owns no text: the catalogues do. A placeholder is `{name}` or `{name:format}`:

- a string is escaped, so that its Markdown has no effect; `code`: as code, to be copied; `bold`
- `Markup` and other messages are our own, and are not escaped
- a tuple is a list with commas, each item as above; `or`: joined by the language's “or”;
  `dots`: joined by “·”; `rows`: in rows with bullets, except the first; `bold+or`: both
- `relative`, for a time: “in 5 minutes”, computed by each reader's Discord client
- `duration`, for seconds: `8 s`, `2 h 5 min`
- a number takes Python's own formats, like `,`
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final

from bot.domain.markup import code, plain
from bot.message_data import Markup, Message
from bot.messages import english
from bot.messages.numbers import duration
from bot.messages.texts import Language, Plural


class Locale(Enum):
    """The languages that have a catalogue."""

    ENGLISH = "en"


LANGUAGES: Final[Mapping[Locale, Language]] = {Locale.ENGLISH: english.LANGUAGE}


def render(message: Message, locale: Locale = Locale.ENGLISH) -> str:
    """Return the message as Markdown for people in Discord."""
    return _Renderer(LANGUAGES[locale], escapes=True).text(message)


def for_model(message: Message) -> str:
    """Return the message in English for a model, with values unescaped."""
    return _Renderer(english.LANGUAGE, escapes=False).text(message)


class _Renderer(string.Formatter):
    """Puts values into the texts of a language."""

    def __init__(self, language: Language, *, escapes: bool) -> None:
        self._language = language
        self._escapes = escapes

    def text(self, message: Message) -> str:
        text, values = self._language.texts[message.key], message.values()
        if isinstance(text, Plural):
            text = text.one if values[text.by] == 1 else text.other
        return self.vformat(text, (), values)

    def check_unused_args(self, used_args: Any, args: Any, kwargs: Any) -> None:  # noqa: ANN401
        """Accept unused values: a text may omit a value, for example the number in a singular."""

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 as the base has it
        match value:
            case Message():
                return self.text(value)
            case tuple():
                return self._list(value, format_spec)
            case str():
                return self._shown(value, format_spec)
            case datetime() if format_spec == "relative":
                return f"<t:{int(value.timestamp())}:R>"
            case int() | float() if format_spec == "duration":
                return duration(value)
            case _:
                return format(value, format_spec)

    def _list(self, values: Sequence[object], how: str) -> str:
        joints = {"or": f" {self._language.or_word} ", "dots": " · ", "rows": "\n- "}
        first, _, second = how.partition("+")
        each, between = ("", first) if first in joints else (first, second)
        return joints.get(between, ", ").join(self.format_field(value, each) for value in values)

    def _shown(self, value: str, how: str) -> str:
        if isinstance(value, Markup):
            return str.__str__(value)
        if how == "code":
            return code(value)
        shown = plain(value) if self._escapes else value
        return f"**{shown}**" if how == "bold" else shown
