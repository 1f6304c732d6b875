"""What message components and forms may hold: Discord's limits on rows, buttons, menus and fields.

Numbers: Discord's documentation, "Component Reference". The older kind of message has action rows
only; one with the flag COMPONENTS_V2 may hold all kinds.
"""

from __future__ import annotations

from enum import IntEnum

from sandbox.discord.world import errors
from sandbox.discord.world.model import Json

_TOP_MAX = 5
_ROW_MAX = 5
_ALL_MAX = 40
_OPTIONS_MAX = 25
_LINK, _PREMIUM = 5, 6


class Kind(IntEnum):
    """Component types that have rules here."""

    ROW = 1
    BUTTON = 2
    SELECT = 3
    TEXT_INPUT = 4
    TEXT = 10
    LABEL = 18


_SELECTS = frozenset({3, 5, 6, 7, 8})
_IN_FORMS = frozenset({Kind.ROW, Kind.TEXT, Kind.LABEL})


def of_message(raw: list[Json], *, modern: bool) -> list[Json]:
    """The components of a message, numbered; 50035 where they break a rule."""
    if not modern:
        if len(raw) > _TOP_MAX:
            raise errors.bad_length("components", 0, _TOP_MAX)
        for index, one in enumerate(raw):
            if one.get("type") != Kind.ROW:
                raise errors.invalid(
                    f"components.{index}.type", "UNION_TYPE_CHOICES",
                    'Value of field "type" must be one of (1,).',
                )  # fmt: skip
    elif len(walk(raw)) > _ALL_MAX:
        raise errors.bad_length("components", 0, _ALL_MAX)
    _check(raw, "components")
    return numbered(raw)


def of_form(raw: list[Json]) -> list[Json]:
    """The components of a modal, numbered; 50035 where they break a rule."""
    path = "data.components"
    if not 1 <= len(raw) <= _TOP_MAX:
        raise errors.bad_length(path, 1, _TOP_MAX)
    for index, one in enumerate(raw):
        if one.get("type") not in _IN_FORMS:
            raise errors.invalid(
                f"{path}.{index}.type", "UNION_TYPE_CHOICES",
                'Value of field "type" must be one of (1, 10, 18).',
            )  # fmt: skip
    _check(raw, path)
    return numbered(raw)


def _check(raw: list[Json], path: str) -> None:
    seen: set[str] = set()
    for where, one in walk(raw, path):
        kind = one.get("type")
        if kind == Kind.ROW:
            _check_row(one.get("components") or [], f"{where}.components")
        elif kind == Kind.BUTTON:
            _check_button(one, where)
        elif kind in _SELECTS:
            _check_select(one, where)
        elif kind in (Kind.TEXT_INPUT, Kind.LABEL):
            _check_field(one, where)
        _check_custom_id(one, where, seen)


def _check_row(inside: list[Json], where: str) -> None:
    if not 1 <= len(inside) <= _ROW_MAX:
        raise errors.bad_length(where, 1, _ROW_MAX)
    if len(inside) > 1 and any(one.get("type") != Kind.BUTTON for one in inside):
        raise errors.invalid(
            where, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum"
        )


def _check_button(one: Json, where: str) -> None:
    style = one.get("style")
    if style not in range(1, 7):
        raise errors.invalid(
            f"{where}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}."
        )
    if style == _LINK and not one.get("url"):
        raise errors.required(f"{where}.url")
    if style == _LINK and one.get("custom_id") is not None:
        raise errors.invalid(
            where, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
            "A custom id and url cannot both be specified",
        )  # fmt: skip
    if style not in (_LINK, _PREMIUM) and one.get("custom_id") is None:
        raise errors.required(f"{where}.custom_id")
    if style != _PREMIUM and not one.get("label") and not one.get("emoji"):
        raise errors.invalid(
            where, "BUTTON_COMPONENT_INVALID", "A button must have a label or an emoji"
        )
    _check_length(one, where, "label", 80)


def _check_select(one: Json, where: str) -> None:
    if one.get("custom_id") is None:
        raise errors.required(f"{where}.custom_id")
    _check_length(one, where, "placeholder", 150)
    if one["type"] != Kind.SELECT:
        return
    options = one.get("options") or []
    if not 1 <= len(options) <= _OPTIONS_MAX:
        raise errors.bad_length(f"{where}.options", 1, _OPTIONS_MAX)
    for index, option in enumerate(options):
        for key in ("label", "value"):
            if not option.get(key):
                raise errors.required(f"{where}.options.{index}.{key}")
            _check_length(option, f"{where}.options.{index}", key, 100)


def _check_field(one: Json, where: str) -> None:
    _check_length(one, where, "label", 45)
    _check_length(one, where, "placeholder", 100)
    _check_length(one, where, "description", 100)
    _check_length(one, where, "value", 4000)
    if one["type"] == Kind.TEXT_INPUT and one.get("custom_id") is None:
        raise errors.required(f"{where}.custom_id")


def _check_length(one: Json, where: str, key: str, limit: int) -> None:
    if len(str(one.get(key) or "")) > limit:
        raise errors.too_long(f"{where}.{key}", limit)


def _check_custom_id(one: Json, where: str, seen: set[str]) -> None:
    custom = one.get("custom_id")
    if custom is None:
        return
    if not 1 <= len(custom) <= 100:
        raise errors.bad_length(f"{where}.custom_id", 1, 100)
    if custom in seen:
        raise errors.invalid(
            f"{where}.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        )
    seen.add(custom)


def walk(components: list[Json], path: str = "components") -> list[tuple[str, Json]]:
    """Every component, nested ones too, with its path."""
    found: list[tuple[str, Json]] = []
    for index, one in enumerate(components):
        where = f"{path}.{index}"
        found.append((where, one))
        found += walk(one.get("components") or [], f"{where}.components")
        for key in ("accessory", "component"):
            if isinstance(one.get(key), dict):
                found += walk([one[key]], f"{where}.{key}")
    return found


def interactive(components: list[Json]) -> bool:
    """Whether somebody could use one of them, so that an application must answer."""
    return any(one.get("custom_id") is not None for _, one in walk(components))


def numbered(components: list[Json]) -> list[Json]:
    """Give each component that has none an `id`, counting from 1, as Discord does."""
    taken = {one["id"] for _, one in walk(components) if one.get("id")}
    number = 0
    for _, one in walk(components):
        if not one.get("id"):
            number += 1
            while number in taken:
                number += 1
            one["id"] = number
    return components
