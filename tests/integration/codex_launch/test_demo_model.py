"""The demo's model behind real Codex: a talk that streams, calls a tool, skips and remembers."""

from __future__ import annotations

from sandbox.model import ModelServer
from sandbox.model.demo_script import demo_script
from tests.integration.codex_launch.test_purity import PERSONA

TOLD = "[Ann · 42 · 21 Nov 12:04]\n  @Mira my name is Annabel"
ASKED = "[Ann · 42 · 21 Nov 12:05]\n  what is my name?"


async def test_it_remembers_over_turns_of_a_thread_and_over_a_new_process(codex):
    async with ModelServer(demo_script(delay=0.0)) as model:
        here = codex.against(model)
        async with await here.client() as bare:
            thread = await bare.start_thread(PERSONA)
            told = await bare.turn(thread, TOLD)
            assert "Annabel" in told.text
        async with await here.client() as bare:
            await bare.request("thread/resume", threadId=thread, baseInstructions=PERSONA)
            asked = await bare.turn(thread, ASKED)
    assert (asked.status, "Annabel" in asked.text) == ("completed", True)
