"""What doctor says is what the bot would do, and one fault hides no other."""

from __future__ import annotations

import pytest

from sandbox.model import always, http, say
from tests.endpoint_twins import Twin, llama, refusing, serving, vllm
from tests.fixtures_house import Furnish
from tests.integration.house.test_starting import run


def verdicts(said: str) -> dict[str, str]:
    """Subject → the worst mark of its lines."""
    found: dict[str, str] = {}
    for line in said.splitlines():
        mark, _, rest = line.partition(" ")
        if mark in {"ok", "warn", "FAIL"}:
            subject = rest.strip().partition(":")[0]
            worst = max(mark, found.get(subject, mark), key=["ok", "warn", "FAIL"].index)
            found[subject] = worst
    return found


async def test_an_address_that_is_none_is_a_line_like_others(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, "doctor", REDIS_URL="not a url")
    assert status == 1
    marks = verdicts(said)
    assert marks["Redis"] == "FAIL"
    assert marks["HTTP"] == "ok"
    assert "Discord" in marks
    assert "Traceback" not in said


async def test_what_nobody_thought_of_is_a_line_like_others(furnish: Furnish) -> None:
    house = await furnish(start=False)
    # No header can hold it, so the question to Discord cannot even be put.
    status, said = await run(house, "doctor", DISCORD_TOKEN="secret\rtoken-of-mine")
    assert status == 1
    marks = verdicts(said)
    assert (marks["Discord"], marks["HTTP"]) == ("FAIL", "ok")
    assert "token-of-mine" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("settings", "subject"),
    [
        ({"REDIS_URL": "redis://127.0.0.1:9"}, "Redis"),
        ({"DISCORD_API_BASE": "http://127.0.0.1:9"}, "Discord"),
        ({"CHARACTERS_DIR": "none"}, "Characters"),
    ],
)
async def test_what_the_bot_waits_for_or_does_without_does_not_keep_it_from_starting(
    furnish: Furnish, settings: dict[str, str], subject: str
) -> None:
    house = await furnish(always(say("yes")), start=False)
    status, said = await run(house, "doctor", **settings)
    assert status == 0, said
    assert verdicts(said)[subject] == "warn"


async def test_a_folder_that_another_bot_uses_is_told_with_its_process(furnish: Furnish) -> None:
    house = await furnish()
    status, said = await run(house, "doctor")
    assert status == 1
    assert f"another bot (process {house.bot.pid})" in said
    # Looking did no harm: the bot still holds its folder.
    assert (await run(house, "doctor"))[0] == 1


async def test_the_model_is_asked_and_told_as_a_table(furnish: Furnish) -> None:
    house = await furnish(start=False)
    async with serving(llama(n_ctx=8192)) as twin:
        status, said = await run(
            house, "doctor", CODEX_BASE_URL=twin.base_url, CODEX_MODEL="qwen", CODEX_TOOLS="auto"
        )
    assert status == 0, said
    for row in (
        f"ok    Model qwen: reached    yes, {twin.base_url}",
        "ok    Model qwen: server     llama.cpp b11434-abc",
        "ok    Model qwen: key        accepted",
        "ok    Model qwen: answer     “one two three”",
        "ok    Model qwen: window     8,192 tokens",
        "ok    Model qwen: streaming  yes",
        "ok    Model qwen: tools      yes, as plain functions",
        "ok    Model qwen: pictures   no",
        "ok    Model qwen: speed      first words after",
        "ok    Model: answers through Codex: “one two three”",
    ):
        assert row in said


async def test_a_table_says_what_was_set_over_what_was_found(furnish: Furnish) -> None:
    house = await furnish(start=False)
    (house.folder / "models.toml").write_text(
        '["qwen*"]\nwindow = 4096\npictures = true\ntools = "none"\n'
    )
    async with serving(llama()) as twin:
        _, said = await run(house, "doctor", CODEX_BASE_URL=twin.base_url, CODEX_MODEL="qwen")
    assert "window     4,096 tokens" in said
    assert "tools      no (as it was set)" in said
    assert "pictures   yes (as it was set)" in said


@pytest.mark.parametrize(
    ("twin", "row", "fix"),
    [
        (llama(key="another-key"), "key        refused: it refuses the key", "CODEX_API_KEY"),
        (
            vllm(refuse=refusing(404, "The model `gone` does not exist.", lambda _: True)),
            "model      gone: it does not know this model",
            "It has: qwen3.",
        ),
        (
            vllm(refuse=refusing(404, "Not Found", lambda _: True)),
            "it does not speak the Responses API",
            "/v1",
        ),
    ],
)
async def test_doctor_is_not_green_with_a_model_that_does_not_answer(
    furnish: Furnish, twin: Twin, row: str, fix: str
) -> None:
    house = await furnish(start=False)
    async with serving(twin):
        status, said = await run(house, "doctor", CODEX_BASE_URL=twin.base_url, CODEX_MODEL="gone")
    assert status == 1
    assert "FAIL  Model gone: " in said
    assert row in said
    assert fix in said
    assert "key-of-the-scripted-model" not in said


async def test_doctor_is_not_green_with_a_dead_endpoint(furnish: Furnish) -> None:
    house = await furnish(start=False)
    status, said = await run(house, "doctor", CODEX_BASE_URL="http://127.0.0.1:9/v1")
    assert status == 1
    assert "reached    no, http://127.0.0.1:9/v1: it cannot be reached" in said
    # What nobody could ask is neither fine nor worth a line.
    assert "ok    Model" not in said
    assert "not known" not in said
    assert "assumed" not in said


async def test_doctor_asks_nobody_when_told_so(furnish: Furnish) -> None:
    house = await furnish(always(http(500)), start=False)
    status, said = await run(house, "doctor", "--offline")
    assert status == 0, said
    assert len(house.model.requests) == 0


async def test_a_profiles_file_with_a_mistake_is_told_with_its_line(furnish: Furnish) -> None:
    house = await furnish(start=False)
    (house.folder / "models.toml").write_text('["qwen*"]\nwindow = "much"\n')
    for command in ((), ("doctor",)):
        status, said = await run(house, *command)
        assert status in (1, 78)
        assert "models.toml:2: “window” must be a number of tokens" in said


async def test_a_slip_in_the_name_of_a_setting_is_told(furnish: Furnish) -> None:
    house = await furnish(start=False)
    (house.folder / ".env").write_text("TOKEN_PER_DAY=5\nCOMPOSE_PROJECT_NAME=mine\n")
    _, said = await run(house, "doctor", "--offline")
    assert "TOKEN_PER_DAY is not a setting. → Did you mean TOKENS_PER_DAY?" in " ".join(
        said.split()
    )
    assert "COMPOSE_PROJECT_NAME" not in said
