"""A trial's player and recorder, with a scripted model in the engine's place."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from pathlib import Path

from sandbox.discord import Limits
from sandbox.house import House
from sandbox.model import ModelServer, Rule, always, say
from tests.chaos.redis_server import RedisServer
from trials.conversing import Player
from trials.judge import NUMBER
from trials.recorder import Recorder
from trials.talk import Conversation, Line

LEAK = "Ask 80351110224678912."
TALK = Conversation(
    "01 tea",
    ("Ann", "Ben", "Cleo"),
    ("mira", "rask"),
    (Line(0, "I am here."), Line(1, "is there tea?", to=0)),
    "are you there?",
)


async def test_a_turn_tells_what_the_model_said_what_was_shown_and_what_is_wrong_with_it(
    tmp_path: Path,
) -> None:
    script = [
        Rule(lambda request: "is there tea" in request.last_user_text, [say(LEAK)]),
        always(say("I am.")),
    ]
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(RedisServer(tmp_path / "redis"))
        model = await stack.enter_async_context(ModelServer(script))
        recorder = await stack.enter_async_context(Recorder(model.base_url))
        house = House(
            tmp_path,
            parent_env=dict(os.environ),
            limits=Limits.off(),
            settings={"REDIS_URL": redis.url, "CODEX_BASE_URL": recorder.base_url},
        )
        await stack.enter_async_context(house)
        await house.start_bot()
        played = await Player(house, recorder, redis.unfinished).play(TALK)

    assert played.dead == []
    asked, mira, rask = played.turns
    assert LEAK in [exchange.text for exchange in asked.exchanges]
    assert NUMBER in {fault.kind for fault in asked.copied}
    assert mira.answered
    assert rask.shown == ["I am."]
    assert rask.over_engine is not None
    assert 0 < rask.over_engine < 5
