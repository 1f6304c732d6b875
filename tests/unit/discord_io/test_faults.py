"""Discord's codes as errors of ours."""

from __future__ import annotations

import pytest

from bot.discord_io.faults import (
    BodyRefusedError,
    MessageGoneError,
    WebhookGoneError,
    WebhooksFullError,
    fault,
)
from bot.errors import DiscordDownError, NotPermittedError, PlaceGoneError, RoomGoneError


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
