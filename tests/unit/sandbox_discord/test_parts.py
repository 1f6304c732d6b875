"""Snowflakes, routes, limits, faults and the OpenAPI check, each by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.discord import ApiError, DiscordServer, Limits
from sandbox.discord.openapi_check import OpenApiCheck
from sandbox.discord.rest.call import Call
from sandbox.discord.rest.limits import Limiter
from sandbox.discord.rest.router import Router, Routes
from sandbox.discord.world.snowflake import Snowflakes, created_at

EXECUTE = "/webhooks/{webhook_id}/{webhook_token}"


def test_snowflakes_grow_even_when_the_clock_goes_back() -> None:
    times = iter([1000.0, 1000.0, 999.0, *[1000.0] * 5000, 1001.0])
    ids = Snowflakes(lambda: 1_500_000_000 + next(times))
    made = [ids.next() for _ in range(5004)]
    assert made == sorted(set(made))
    assert created_at(made[0]).startswith("2017-07-14T02:56:40")


def _routes() -> Router:
    routes = Routes()

    def handler(_: Call) -> object:
        return None

    for template in ("/users/@me", "/users/{user_id}", "/channels/{channel_id}/messages/pins"):
        routes.get(template)(handler)
    routes.get("/channels/{channel_id}/messages/{message_id}")(handler)
    return Router([routes])


def test_a_fixed_segment_wins_over_a_variable_one() -> None:
    router = _routes()
    assert router.find("GET", "/users/@me")[0].template == "/users/@me"
    assert router.find("GET", "/users/7")[1] == {"user_id": "7"}
    assert router.find("GET", "/channels/1/messages/pins")[0].template.endswith("pins")
    assert router.find("GET", "/channels/1/messages/%F0%9F%94%A5")[1]["message_id"] == "🔥"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("PUT", "/users/1", 405)]
)
def test_unknown_paths_and_methods_are_refused(method: str, path: str, status: int) -> None:
    with pytest.raises(ApiError) as refused:
        _routes().find(method, path)
    assert refused.value.status == status


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_again_when_its_window_ends() -> None:
    clock = Clock()
    limiter = Limiter(Limits.real(), clock, clock)
    params = {"webhook_id": "1", "webhook_token": "t"}
    taken = [limiter.take("POST", EXECUTE, params, "") for _ in range(6)]
    assert [one.retry_after for one in taken] == [None] * 5 + [2.0]
    assert limiter.take("POST", EXECUTE, params | {"webhook_id": "2"}, "").retry_after is None
    clock.now += 2
    assert limiter.take("POST", EXECUTE, params, "").retry_after is None


def test_fifty_requests_a_second_are_the_most_for_one_bot() -> None:
    clock = Clock()
    limiter = Limiter(Limits.real(), clock, clock)
    verdicts = [
        limiter.take("GET", "/channels/{channel_id}", {"channel_id": str(number)}, "token")
        for number in range(51)
    ]
    assert [one.is_global for one in verdicts] == [False] * 50 + [True]
    assert limiter.take("POST", EXECUTE, {}, "").retry_after is None


def test_limits_scaled_or_off_let_more_through() -> None:
    clock = Clock()
    wide = Limiter(Limits.real(scale=10), clock, clock)
    assert all(wide.take("POST", EXECUTE, {}, "").retry_after is None for _ in range(50))
    off = Limiter(Limits.off(), clock, clock)
    assert [off.take("POST", EXECUTE, {}, "").headers for _ in range(99)] == [{}] * 99


def test_a_fault_hits_the_matching_requests_and_then_is_spent() -> None:
    faults = DiscordServer().faults
    faults.answer(502, method="POST", path="^/webhooks/", times=2, skip=1)
    taken = [
        faults.take(method, path)
        for method, path in [
            ("GET", "/webhooks/1"),
            ("POST", "/webhooks/1"),
            ("POST", "/webhooks/1"),
            ("POST", "/channels/1"),
            ("POST", "/webhooks/1"),
            ("POST", "/webhooks/1"),
        ]
    ]
    assert [one is not None for one in taken] == [False, False, True, False, True, False]


def test_the_check_finds_unknown_keys_bad_values_and_unknown_paths(tmp_path: Path) -> None:
    described = {
        "components": {"schemas": {"Id": {"type": "string", "format": "snowflake"}}},
        "paths": {
            "/things/{thing_id}": {
                "parameters": [{"name": "thing_id", "in": "path"}],
                "post": {
                    "parameters": [{"name": "wait", "in": "query"}],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "name": {"type": "string", "maxLength": 3},
                                        "owner": {"$ref": "#/components/schemas/Id"},
                                    },
                                }
                            }
                        },
                    },
                },
            }
        },
    }
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(described))
    check = OpenApiCheck(path)
    check.load()

    def found(body: object, query: dict[str, str] | None = None) -> str:
        return "; ".join(check.check("POST", "/things/{id}", query or {}, body))

    assert found({"name": "abc", "owner": 7}, {"wait": "true"}) == ""
    assert found({"owner": "7"}) == ""
    assert "colour" in found({"colour": "red"})
    assert "too long" in found({"name": "abcd"})
    assert "owner" in found({"owner": "x"})
    assert "later" in found({}, {"later": "1"})
    assert found(None) == "body: missing"
    assert check.check("GET", "/things/{id}", {}, None) == ["no such operation in the description"]
