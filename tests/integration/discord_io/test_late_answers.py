"""An answer that comes late says what it answers, though nothing stands between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lateness import LATE
from bot.domain.utterance import snowflake_at
from sandbox.discord.world import bodies, messages
from tests.fixtures_stage import Theatre


@pytest.mark.parametrize("waited", [LATE + timedelta(seconds=5), timedelta(seconds=5)])
async def test_what_was_read_back_is_named_when_its_answer_is_late(
    theatre: Theatre, waited: timedelta
) -> None:
    inn, draft = theatre.inn, bodies.draft({"content": "Mira?"}, [])
    said_at = snowflake_at(datetime.now(UTC) - waited)
    messages.post(theatre.server.world, inn.ada, inn.lobby, draft, own_id=said_at)
    theatre.client.clock.saw(snowflake_at(datetime.now(UTC)))  # of another room's talk
    turn = theatre.turn(inn.lobby, said_at)
    await theatre.stage.history(turn.room, after=said_at - 1)
    await theatre.say(turn, "Sorry.")
    link = f"https://discord.com/channels/{inn.guild.id}/{inn.lobby.id}/{said_at}"
    late = f"-# ↪ [reply to Ada]({link})\nSorry."
    assert theatre.texts(inn.lobby) == [late if waited > LATE else "Sorry."]
