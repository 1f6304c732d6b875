"""An app-server that hangs: alive, reading nothing, answering nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from bot.codex.instance import Instance
from bot.errors import TransportClosedError
from tests.codex_kit import SEAT
from tests.integration.codex.test_codex_peers import SETTINGS, peer, turn_of_thread


@pytest.mark.parametrize("asked", ["begin", "load", "revert", "turn"])
async def test_one_that_hangs_is_given_up_and_its_asker_can_ask_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr("bot.codex.instance.THREAD_SECONDS", 0.2)
    monkeypatch.setattr("bot.codex.turns.START_SECONDS", 0.2)
    ended: list[Instance] = []
    async with peer(tmp_path, "good", on_ended=ended.append) as instance:
        thread = await instance.begin(SEAT, [], SETTINGS)
        os.kill(instance.process.pid, signal.SIGSTOP)
        ask_it = {
            "begin": lambda: instance.begin(SEAT, [], SETTINGS),
            "load": lambda: instance.load(SEAT, "another", SETTINGS),
            "revert": lambda: instance.revert(thread, "turn-1", SETTINGS),
            "turn": lambda: turn_of_thread(instance, thread),
        }[asked]
        with pytest.raises(TransportClosedError, match=r"within 0\.2 s"):
            await ask_it()
        assert ended == [instance]
        assert not instance.usable
        assert "did not answer" in instance.last_error
