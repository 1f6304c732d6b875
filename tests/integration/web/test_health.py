"""What machines are told about the bot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import httpx2

from bot.web.views import FailedTurnView
from tests.integration.web.parts import JOE, MIRA

AT = datetime(2026, 11, 30, 3, 13, tzinfo=UTC)


async def test_a_bot_without_problems_is_ok(web):
    answer = await web.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert answer.headers["Cache-Control"] == "no-store"


async def test_each_part_that_is_down_is_named_with_its_reason(web):
    web.problems["redis"] = "no answer for 12 s"
    answer = await web.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "problems": {"redis": "no answer for 12 s"}}


async def test_a_probe_that_fails_counts_as_a_problem_and_tells_nothing(web):
    del web.problems["discord"]
    answer = await web.get("/healthz")
    assert answer.status_code == 503
    assert "log" in answer.json()["problems"]["discord"]


async def test_secrets_are_cut_out_of_problems(web):
    web.redactor.learn("hunter22secret")
    web.problems["redis"] = "redis://:hunter22secret@host is away" + "x" * 1_000
    text = (await web.get("/healthz")).text
    assert "hunter22secret" not in text
    assert len(text) < 500


async def test_the_pool_is_told_in_numbers(web):
    answer = await web.get("/health/codex")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "healthy",
        "active_instances": 2,
        "healthy_instances": 2,
        "busy_instances": 1,
        "total_threads": 15,
        "max_instances": 10,
        "queued_turns": 2,
        "draining": False,
    }


async def test_a_sick_app_server_degrades_the_pool(web):
    web.change_pool(instances=(MIRA, replace(JOE, healthy=False)))
    told = (await web.get("/health/codex")).json()
    assert (told["status"], told["healthy_instances"]) == ("degraded", 1)


async def test_a_pool_whose_starts_fail_is_degraded(web):
    web.change_pool(instances=(), problem="the app-server of mira does not start: no")
    answer = await web.get("/health/codex")
    assert answer.json()["status"] == "degraded"
    assert "does not start" in (await web.get("/")).text


async def test_a_draining_pool_is_degraded(web):
    web.change_pool(draining=True)
    assert (await web.get("/health/codex")).json()["status"] == "degraded"


async def test_head_is_answered_for_those_who_only_want_the_status(web):
    async with httpx2.AsyncClient() as http:
        answer = await http.head(web.server.url + "/healthz")
    assert answer.status_code == 200


async def test_a_cold_start_is_no_sickness(web):
    web.change_pool(instances=(MIRA, replace(JOE, state="starting", pid=None)))
    told = (await web.get("/health/codex")).json()
    assert (told["status"], told["active_instances"], told["healthy_instances"]) == (
        "healthy",
        2,
        1,
    )


async def test_one_failed_turn_is_told_and_is_no_reason_to_start_anything_anew(web):
    web.failed = FailedTurnView("unreachable", "the model can’t be reached", AT)
    told = {
        "reason": "unreachable",
        "text": "the model can’t be reached",
        "at": "2026-11-30T03:13:00+00:00",
    }
    answer = await web.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "last_failed_turn": told}
    web.problems["model"] = "the last 5 turns failed"
    answer = await web.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["last_failed_turn"] == told
    assert (await web.get("/health/codex")).json()["last_failed_turn"] == told
