"""Discord's codes as errors of ours."""

from __future__ import annotations

from types import SimpleNamespace

import discord
import pytest

from bot.discord_io.discord_errors import (
    BodyRefusedError,
    MessageGoneError,
    WebhookGoneError,
    WebhooksFullError,
    fault,
    fault_of,
)
from bot.errors import (
    DiscordDownError,
    NotPermittedError,
    PlaceGoneError,
    RoomGoneError,
    WordsRefusal,
    WordsRefusedError,
)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, 10015, WebhookGoneError),
        (401, 50027, WebhookGoneError),
        (400, 30007, WebhooksFullError),
        (404, 10008, MessageGoneError),
        (404, 10003, RoomGoneError),
        (400, 50083, PlaceGoneError),
        (404, 0, PlaceGoneError),
        (403, 50013, NotPermittedError),
        (403, 50001, NotPermittedError),
        (429, 0, DiscordDownError),
        (503, 0, DiscordDownError),
        (400, 50035, BodyRefusedError),
    ],
)
def test_each_answer_has_its_error(status, code, kind):
    assert type(fault(status, code, "why", permission="Send Messages")) is kind


def test_what_is_missing_and_what_was_refused_are_named():
    denied = fault(403, 50013, "Missing Permissions", permission="Add Reactions")
    assert isinstance(denied, NotPermittedError)
    assert denied.permission == "Add Reactions"
    refused = fault(400, 50035, "Invalid", permission="", fields={"avatar_url": {}})
    assert isinstance(refused, BodyRefusedError)
    assert refused.fields == {"avatar_url"}


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize(
    ("code", "fields", "refusal"),
    [
        (240000, (), WordsRefusal.LINK),
        (200000, (), WordsRefusal.AUTOMOD),
        (200001, (), WordsRefusal.AUTOMOD),
    ],
)
def test_what_a_filter_blocks_is_no_missing_permission(status, code, fields, refusal):
    blocked = fault(status, code, "why", permission="Send Messages", fields=fields)
    assert isinstance(blocked, WordsRefusedError)
    assert blocked.refusal is refusal


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        (("username",), WordsRefusal.NAME),
        (("content",), WordsRefusal.TEXT),
        (("components", "embeds"), WordsRefusal.REST),
        ((), WordsRefusal.REST),
    ],
)
def test_a_refused_body_tells_what_was_refused_in_it(fields, refusal):
    refused = fault(400, 50035, "Invalid Form Body", permission="Send Messages", fields=fields)
    assert isinstance(refused, WordsRefusedError)
    assert refused.refusal is refusal


def test_discord_py_tells_the_refused_fields_in_its_text():
    data = {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {"content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "2000"}]}},
    }
    response = SimpleNamespace(status=400, reason="Bad Request")
    refused = fault_of(discord.HTTPException(response, data), permission="Send Messages")
    assert isinstance(refused, BodyRefusedError)
    assert refused.refusal is WordsRefusal.TEXT
