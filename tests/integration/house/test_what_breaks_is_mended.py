"""Crashes, losses and faults of the far ends: every mention still has exactly one answer."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import aiohttp
import psutil
import pytest

from sandbox.discord.world import webhooks
from sandbox.house import House, words
from sandbox.model import Request, Step, always, cut, gate, say
from sandbox.model.steps import Rule
from tests.fixtures_house import Furnish, app_servers
from tests.integration.house.test_starting import logged

# The route by which a webhook speaks.
EXECUTE = r"/webhooks/\d+/[^/]+$"


def sessions(house: House) -> Path:
    return house.folder / "data" / "codex" / "home" / "sessions"


def answers(house: House) -> list[str]:
    """What was said after the greeting."""
    return [words(one) for one in house.spoken()][1:]


async def greeted(house: House, character: str = "mira") -> None:
    await house.summon(character)
    await house.discord.wait_for(lambda _: house.spoken())


async def test_an_app_server_killed_in_mid_turn_still_gives_one_answer(furnish: Furnish) -> None:
    held = asyncio.Event()
    house = await furnish(
        Rule(then=[say("One half"), gate(held)], times=1), always(say("One whole answer."))
    )
    await greeted(house)
    house.say("@Mira tell me")
    await house.discord.wait_for(lambda _: len(answers(house)) == 1)
    for process in app_servers(house):
        process.kill()
    await house.hears("One whole answer.")
    assert answers(house) == ["One whole answer."]
    questions = [text for role, text in house.model.requests[-1].messages if role == "user"]
    assert sum("@Mira tell me" in text for text in questions) == 1


async def test_a_lost_thread_gets_the_history_back_with_true_roles(furnish: Furnish) -> None:
    def remember(request: Request) -> list[Step]:
        told = any("my name is Wren" in text for _, text in request.messages)
        return [say("You are Wren." if told else "Who are you?")]

    house = await furnish(
        Rule(lambda request: "my name is Wren" in request.last_user_text, [say("Good name.")]),
        Rule(then=remember),
    )
    await greeted(house)
    house.say("@Mira my name is Wren")
    await house.hears("Good name.")
    await house.bot.stop()
    shutil.rmtree(sessions(house))
    await house.start_bot()
    house.say("@Mira who am I?")
    await house.hears("You are Wren.")
    roles = [role for role, text in house.model.requests[-1].messages if "Good name." in text]
    assert roles == ["assistant"]


async def test_a_restarted_bot_goes_on_in_the_same_thread(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    await greeted(house)
    house.say("@Mira first")
    await house.hears("Yes.")
    before = house.model.requests[-1].thread_id
    assert await house.bot.stop() == 0
    await house.start_bot()
    house.say("@Mira second")
    await house.discord.wait_for(lambda _: len(answers(house)) == 2)
    assert house.model.requests[-1].thread_id == before
    assert any("@Mira first" in text for _, text in house.model.requests[-1].messages)


async def test_a_cut_and_retried_stream_shows_no_text_twice(furnish: Furnish) -> None:
    house = await furnish(
        Rule(then=[say("Once upon a time there was"), cut(3)], times=1),
        always(say("Once upon a time there was an inn.")),
    )
    await greeted(house)
    house.say("@Mira a story")
    await house.hears("Once upon a time there was an inn.")
    assert answers(house) == ["Once upon a time there was an inn."]


async def test_a_long_answer_with_code_comes_whole_and_in_order(furnish: Furnish) -> None:
    lines = [f"    print('line {number} of the listing')" for number in range(115)]
    # Neither listing is long enough to come as a file; both are longer than a message.
    listings = [f"```python\ndef speak():\n{body}\n```" for body in map("\n".join, halves(lines))]
    text = "Here it is:\n\n" + "\n\nThen:\n\n".join(listings) + "\n\n" + "So on. " * 140 + "End."
    assert len(text) > 5_000
    house = await furnish(always(say(text)))
    await greeted(house)
    house.say("@Mira the listing")
    await house.discord.wait_for(lambda _: answers(house) and answers(house)[-1].endswith("End."))
    chunks = answers(house)
    assert all(len(chunk) <= 2_000 and chunk.count("```") % 2 == 0 for chunk in chunks)
    printed = [line for chunk in chunks for line in chunk.splitlines() if "print(" in line]
    assert printed == lines


def halves(lines: list[str]) -> tuple[list[str], list[str]]:
    return lines[:58], lines[58:]


async def test_nobody_is_pinged_by_what_a_model_writes(furnish: Furnish) -> None:
    house = await furnish()
    hostile = f"@everyone @here <@{house.ben.id}> <@&{house.guild.id}> hello " * 3
    house.model.script.append(always(say(hostile)))
    await greeted(house)
    house.say("@Mira call them all")
    await house.discord.wait_for(lambda _: answers(house) == [hostile.strip()])
    for write in house.discord.record.writes:
        if write.message.webhook_id is not None:
            assert not write.message.mention_everyone
            assert write.message.mention_roles == []
            assert house.ben.id not in write.message.mentions


async def test_a_deleted_webhook_is_made_anew(furnish: Furnish) -> None:
    house = await furnish(always(say("Still here.")))
    await greeted(house)
    for webhook in list(house.world.webhooks.values()):
        webhooks.delete(house.world, webhook)
    house.say("@Mira are you there?")
    await house.hears("Still here.")


@pytest.mark.parametrize("fault", ["429", "502", "502 after", "reset", "reset after"])
async def test_a_fault_on_a_send_still_gives_one_message(furnish: Furnish, fault: str) -> None:
    house = await furnish(always(say("Just once.")))
    await greeted(house)
    after = fault.endswith("after")
    if fault.startswith("reset"):
        house.discord.faults.reset(method="POST", path=EXECUTE, carried_out=after)
    else:
        house.discord.faults.answer(
            int(fault[:3]), method="POST", path=EXECUTE, carried_out=after, retry_after=0.1
        )
    house.say("@Mira once")
    await house.hears("Just once.")
    house.say("@Mira and again")
    await house.discord.wait_for(lambda _: answers(house)[1:] == ["Just once."])
    assert answers(house) == ["Just once.", "Just once."]


async def test_after_sigkill_of_the_bot_the_next_start_leaves_no_old_process(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Yes.")))
    await greeted(house)
    house.say("@Mira hello")
    await house.hears("Yes.")
    old = app_servers(house)
    assert old
    for process in old:
        process.suspend()  # so that it cannot end by itself when its standard input does
    await house.bot.kill()
    await house.start_bot()
    gone, alive = psutil.wait_procs(old, timeout=5)
    assert not alive
    assert len(gone) == len(old)


async def test_a_bot_that_is_stopped_leaves_no_process(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    await greeted(house)
    house.say("@Mira hello")
    await house.hears("Yes.")
    children = psutil.Process(house.bot.pid).children(recursive=True)
    assert children
    assert await house.bot.stop() == 0
    assert not psutil.wait_procs(children, timeout=2)[1]


async def test_a_turn_cut_off_by_a_restart_is_finished_by_the_next_process(
    furnish: Furnish,
) -> None:
    held = asyncio.Event()
    house = await furnish(
        Rule(then=[say("Half of"), gate(held)], times=1), always(say("The whole of it."))
    )
    await greeted(house)
    house.say("@Mira tell me")
    await house.discord.wait_for(lambda _: len(answers(house)) == 1)
    await house.bot.kill()
    await house.start_bot()
    await house.hears("The whole of it.")
    assert answers(house) == ["The whole of it."]


async def test_a_mention_while_the_bot_was_away_is_answered_once_it_is_back(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("I was out.")))
    await greeted(house)
    house.say("@Mira one")
    await house.hears("I was out.")
    await house.bot.stop()
    house.say("@Mira two")
    await house.start_bot()
    await house.discord.wait_for(lambda _: answers(house)[1:] == ["I was out."], 15)
    assert answers(house) == ["I was out.", "I was out."]


async def test_a_bot_that_dies_right_after_a_summons_hears_what_was_said_meanwhile(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("I am here.")))
    await house.summon("mira", greets=False)
    await house.bot.kill()
    house.say("@Mira are you there?")
    await house.start_bot()
    await house.hears("I am here.")


async def test_what_was_said_by_command_survives_a_lost_thread(furnish: Furnish) -> None:
    house = await furnish(always(say("Noted.")))
    await greeted(house)
    await house.command("say", character="mira", message="the password is plum")
    await house.hears("Noted.")
    await house.bot.stop()
    shutil.rmtree(sessions(house))
    await house.start_bot()
    house.say("@Mira what is it?")
    request = await house.model.requests.reach(2)
    told = "\n".join(text for _, text in request.messages)
    assert f"[Ann · {house.ann.id} · " in told
    assert "  the password is plum" in told


async def test_a_stranger_cannot_use_the_tools(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")))
    address = next(
        word for line in house.bot.lines for word in line.split() if word.startswith("http://127")
    )
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{address}/mcp/action",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
            headers={"Authorization": "Bearer wrong"},
        ) as answer,
    ):
        assert answer.status == 401


async def test_nothing_secret_reaches_an_app_server_or_the_log(furnish: Furnish) -> None:
    house = await furnish(always(say("Yes.")), settings={"LOG_LEVEL": "DEBUG"})
    await greeted(house)
    house.say("@Mira hello")
    await house.hears("Yes.")
    token = house.application.user.token
    for process in app_servers(house):
        assert token not in str(process.environ())
        assert token not in str(process.cmdline())
        assert "key-of-the-scripted-model" not in str(process.cmdline())
    log = "\n".join(house.bot.lines)
    assert "turn/start" in log
    assert token not in log
    assert "key-of-the-scripted-model" not in log


async def test_a_lost_webhook_and_one_unknown_channel_cost_nobody_an_answer(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("Still here.")))
    await house.summon("mira")
    house.world.webhooks.clear()
    house.discord.faults.answer(
        404, method="GET", path=f"^/channels/{house.room.id}/webhooks$", code=10003
    )
    house.say("@Mira, are you there?")
    await house.hears("Still here.")
    assert len(house.model.requests) == 1
    await logged(house, f"channel {house.room.id} unknown, but the channel exists")
