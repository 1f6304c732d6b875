"""What components may hold, what a file's head tells of its size, and who may ask by webhook."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from sandbox.discord import ApiError, World
from sandbox.discord.world import bodies, components, webhooks
from sandbox.picture_size import dimensions

BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}
FIELD = {"type": 4, "style": 1, "label": "Name", "custom_id": "name"}


def row(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(inside)}


def many(count: int) -> list[dict[str, Any]]:
    return [BUTTON | {"custom_id": str(number)} for number in range(count)]


def test_five_rows_of_five_buttons_are_the_most() -> None:
    rows = [row(*many(25)[at : at + 5]) for at in range(0, 25, 5)]
    made = components.of_message(rows, modern=False)
    assert sorted(one["id"] for _, one in components.walk(made)) == list(range(1, 31))


@pytest.mark.parametrize(
    "wrong",
    [
        [row(*many(6))],
        [row(one) for one in many(6)],
        [row(BUTTON, BUTTON)],
        [row()],
        [BUTTON],
        [row(BUTTON | {"custom_id": "x" * 101})],
        [row(BUTTON | {"custom_id": None})],
        [row(BUTTON | {"label": "x" * 81})],
        [row(BUTTON | {"label": None})],
        [row(BUTTON | {"style": 9})],
        [row(BUTTON | {"style": 5})],
        [row(BUTTON | {"style": 5, "url": "https://example.org"})],
        [row(BUTTON, {"type": 5, "custom_id": "who"})],
        [row({"type": 3, "custom_id": "mood", "options": []})],
    ],
)
def test_components_that_break_a_rule_are_refused(wrong: list[dict[str, Any]]) -> None:
    with pytest.raises(ApiError, match="50035"):
        components.of_message(wrong, modern=False)


@pytest.mark.parametrize(
    "wrong", [[], [FIELD], [row(FIELD | {"label": "x" * 46})], [row(FIELD)] * 6]
)
def test_forms_that_break_a_rule_are_refused(wrong: list[dict[str, Any]]) -> None:
    with pytest.raises(ApiError, match="50035"):
        components.of_form(wrong)


def test_only_an_applications_webhook_may_show_buttons() -> None:
    world = World()
    ada = world.add_user("ada")
    lobby = world.add_channel(world.add_guild("Inn", ada), "lobby")
    hook = webhooks.create(world, ada, lobby, {"name": "Mine"})
    body = {"content": "press", "components": [row(dict(BUTTON))]}
    with pytest.raises(ApiError, match="50035"):
        webhooks.execute(world, hook, None, body, bodies.draft(body, []))
    assert lobby.messages == {}


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 480),
        b"GIF89a" + struct.pack("<HH", 640, 480),
        b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + b"\3",
        b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x7f\x02\x00\xdf\x01\x00",
        b"RIFF\0\0\0\0WEBPVP8L"
        + bytes(4)
        + b"\x2f"
        + struct.pack("<I", 479 << 14 | 639)
        + b"\0" * 5,
        b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 640, 480),
    ],
)
def test_a_pictures_size_is_read_from_its_head(data: bytes) -> None:
    assert dimensions(data) == (640, 480)
    assert dimensions(data[:9]) is None


@pytest.mark.parametrize(
    "poll",
    [
        {"question": {"text": "x" * 301}, "answers": [{"poll_media": {"text": "a"}}]},
        {"question": {"text": "x"}, "answers": []},
        {"question": {"text": "x"}, "answers": [{"poll_media": {"text": "a"}}] * 11},
        {"question": {"text": "x"}, "answers": [{"poll_media": {"text": "a" * 56}}]},
        {"question": {"text": "x"}, "answers": [{"poll_media": {"text": "a"}}], "duration": 769},
    ],
)
def test_polls_that_break_a_rule_are_refused(poll: dict[str, Any]) -> None:
    with pytest.raises(ApiError, match="50035"):
        bodies.draft({"poll": poll}, [])
