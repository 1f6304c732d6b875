"""Real Codex uses the tools, each thread in its own room."""

from __future__ import annotations

import pytest

from bot.domain.action_arguments import Poll
from bot.domain.actions import SendFile, StartPoll
from bot.domain.enclosing import Enclosure
from tests.integration.mcp.parts import Codex, calls, says

PERSONA = {
    "model": "gpt-5.5",
    "baseInstructions": "You are Mira.",
    "approvalPolicy": "never",
    "sandbox": "read-only",
}


async def thread(codex: Codex) -> str:
    return (await codex.ask("thread/start", **PERSONA))["thread"]["id"]


async def test_codex_calls_both_servers_and_hands_the_results_to_the_model(
    house, model, start_codex
):
    codex = await start_codex(house.start("mira"))
    mine = await thread(codex)
    scene = house.seat("mira", mine)
    model.steps = [
        calls("action", "react", emoji="🔥"),
        calls("action", "roll_dice", expression="2d1000"),
        calls("guidelines", "read_guidelines"),
        calls("action", "skip", reason="all said"),
        says("…"),
    ]
    notes = await codex.turn(mine, "Hello!")
    assert notes[-1]["params"]["turn"]["status"] == "completed"
    assert scene.reactions == ["🔥"]
    assert scene.skips == ["all said"]
    assert "2d1000 [" in model.output_of("roll_dice")
    assert "Speak in rhymes." in model.output_of("read_guidelines")
    assert "You stay silent" in model.output_of("skip")


async def test_codex_names_its_turn_with_each_call_and_hands_on_lists_and_long_texts(
    house, model, start_codex
):
    codex = await start_codex(house.start("mira"))
    mine = await thread(codex)
    scene = house.seat("mira", mine)
    text = "Größe 🐈\n" * 3_000
    model.steps = [
        calls("action", "poll", question="Lunch?", answers=["soup", "stew"]),
        calls("action", "send_file", name="cats.md", text=text),
        says("…"),
    ]
    notes = await codex.turn(mine, "Hello!")
    assert scene.actions == [
        StartPoll(Poll("Lunch?", ("soup", "stew"))),
        SendFile(Enclosure("cats.md", text)),
    ]
    assert house.turns_named == [notes[-1]["params"]["turn"]["id"]] * 2


async def test_two_threads_of_one_process_act_in_their_own_rooms(house, model, start_codex):
    codex = await start_codex(house.start("mira"))
    first, second = await thread(codex), await thread(codex)
    running_turns = {first: house.seat("mira", first), second: house.seat("mira", second)}
    for own, emoji in ((first, "🐈"), (second, "🐕")):
        model.steps = [calls("action", "react", emoji=emoji), says("…")]
        await codex.turn(own, "Hello!")
    assert running_turns[first].reactions == ["🐈"]
    assert running_turns[second].reactions == ["🐕"]


async def test_a_thread_of_another_process_is_told_that_it_has_no_room(house, model, start_codex):
    codex = await start_codex(house.start("mira"))
    mine = await thread(codex)
    scene = house.seat("joe", mine)
    model.steps = [calls("action", "react", emoji="🔥"), says("…")]
    await codex.turn(mine, "Hello!")
    assert "You are in no room" in model.output_of("react")
    assert scene.reactions == []


async def test_with_a_wrong_bearer_no_thread_starts_because_the_servers_are_required(
    house, start_codex
):
    house.start("mira")
    codex = await start_codex("a-stranger's-token")
    with pytest.raises(RuntimeError, match="required MCP servers"):
        await thread(codex)
