"""What doctor says is what the bot would do, and one fault hides no other."""

from __future__ import annotations

import pytest

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
    house = await furnish(start=False)
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
