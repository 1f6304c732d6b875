"""The catalogue: each message has its text, each text its message, and each fits where it goes."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest

import bot.action_refusals
import bot.refusals
from bot.domain.spending import SpendingLimits
from bot.message_data import Filled, Fixed, Markup, Message
from bot.messages import (
    casts,
    commands,
    diagnosis,
    failures,
    hints,
    pool,
    replies,
    rooms,
    store,
    why,
)
from bot.messages import help as help_pages
from bot.messages.rendering import LANGUAGES, Locale, for_model, render
from bot.messages.texts import Plural, merged

ROOT = Path(__file__).resolve().parents[3]
TOPICS = (casts, commands, diagnosis, failures, help_pages, hints, pool, replies, rooms, store, why)
SOURCES = [
    path for folder in ("bot", "cogs", "mcp_servers") for path in (ROOT / folder).rglob("*.py")
]
MODULES = (bot.refusals, bot.action_refusals, *TOPICS)


def kinds(base: type[Filled] = Filled) -> Iterator[type[Filled]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


FILLED = [kind for kind in kinds() if kind.__module__.startswith("bot.")]
FIXED = {
    str(node.args[0].value)
    for path in SOURCES
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call)
    and isinstance(node.func, ast.Name)
    and node.func.id == "Fixed"
    and isinstance(node.args[0], ast.Constant)
}


def forms(text: str | Plural) -> tuple[str, ...]:
    return (text.one, text.other) if isinstance(text, Plural) else (text,)


def placeholders(text: str | Plural) -> set[str]:
    found = {
        name for form in forms(text) for _, name, _, _ in string.Formatter().parse(form) if name
    }
    return found | ({text.by} if isinstance(text, Plural) else set())


@pytest.mark.parametrize("locale", Locale)
def test_each_message_has_its_text_and_each_text_its_message(locale: Locale) -> None:
    ids = [*FIXED, *(key for kind in FILLED for key in kind.text_ids())]
    assert len(ids) == len(set(ids)), "two messages have the same id"
    assert set(ids) == set(LANGUAGES[locale].texts)


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("kind", FILLED, ids=lambda kind: kind.id)
def test_the_placeholders_are_the_fields(kind: type[Filled], locale: Locale) -> None:
    fields = set(kind.field_names()) - {kind.by}
    assert not fields & set(dir(Message)), "a field that hides what every message has"
    texts = [LANGUAGES[locale].texts[key] for key in kind.text_ids()]
    for text in texts:
        assert placeholders(text) <= fields
    assert set().union(*map(placeholders, texts)) == fields, "a value that no text shows"


@pytest.mark.parametrize("locale", Locale)
def test_a_fixed_text_has_no_placeholders(locale: Locale) -> None:
    texts = LANGUAGES[locale].texts
    assert not [key for key in FIXED if placeholders(texts[key])]


def longest(kind: Any) -> Any:
    """A value as long as those that are shown get, by the type of its field."""
    if get_origin(kind) is tuple:
        return (longest(get_args(kind)[0]),) * 8
    if get_origin(kind) in (Union, UnionType):
        return longest(get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return max(kind, key=lambda choice: len(choice.value))
    if isinstance(kind, type) and issubclass(kind, Filled):
        return filled(kind)[0]
    return {
        str: "_" * 100,
        Markup: Markup("/" * 100),
        int: 10**12,
        float: 10.0**9,
        datetime: datetime.now(UTC),
        Message: pool.AwakeHere("_" * 32, pool.Rooms(10**9)),
    }[kind]


def filled(kind: type[Filled]) -> list[Filled]:
    """Messages of that kind with the longest values, one for each of its texts."""
    types = kind.field_types()
    if not kind.by:
        return [kind(**{name: longest(of) for name, of in types.items()})]
    values = {name: longest(of) for name, of in types.items() if name != kind.by}
    choices = [choice for choice in types[kind.by] if choice not in kind.without]
    return [kind(**values, **{kind.by: choice}) for choice in choices]


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("kind", FILLED, ids=lambda kind: kind.id)
def test_the_longest_message_fits_where_discord_shows_it(
    kind: type[Filled], locale: Locale
) -> None:
    for message in filled(kind):
        shown = render(message, locale)
        assert len(shown) <= message.limit
        assert "{" not in shown


@pytest.mark.parametrize("locale", Locale)
def test_fixed_messages_fit_where_discord_shows_them(locale: Locale) -> None:
    for module in MODULES:
        for message in vars(module).values():
            if isinstance(message, Fixed):
                assert len(render(message, locale)) <= message.limit


def test_each_message_is_used() -> None:
    used = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
    names = {kind.__name__ for kind in FILLED}
    for module in MODULES:
        names |= {name for name, value in vars(module).items() if isinstance(value, Fixed)}
    assert not sorted(names - used)


def test_two_texts_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a\.b"):
        merged({"a.b": "x"}, {"a.b": "y"})


# --- rendering ----------------------------------------------------------------------------------


def test_a_value_from_outside_means_nothing() -> None:
    shown = render(casts.Leaves("*x* <@1>\n# y"))
    assert shown.startswith("**\\*x\\* \\<\\@1\\> # y** leaves")


def test_a_model_reads_values_as_they_are() -> None:
    assert for_model(bot.refusals.NotDice("2_d_6")).startswith("“2_d_6” is not dice.")


def test_lists_are_joined_as_their_text_says() -> None:
    assert "are here: `@Mira`, `@Kai`." in render(hints.WhoShouldAnswer(("@Mira", "@Kai")))
    assert render(help_pages.NotShown(("Manage Messages", "Manage Server"))).endswith(
        "**Manage Messages** or **Manage Server**."
    )


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 turns"), (1, "1 turn"), (2, "2 turns"), (12_345, "12,345 turns")]
)
def test_one_thing_is_singular(number: int, shown: str) -> None:
    assert render(pool.Turns(number)) == shown


def test_a_log_shows_the_id_and_the_values() -> None:
    assert str(bot.refusals.CastFull(12)) == "cast.full most=12"
    assert str(bot.refusals.TOO_FAST) == "pace.too_fast"


def test_every_bound_is_told() -> None:
    for limits in (SpendingLimits(1, 0), SpendingLimits(0, 1), SpendingLimits(1, 1)):
        assert "No limit" not in render(help_pages.Costs(help_pages._bounds(limits)))
