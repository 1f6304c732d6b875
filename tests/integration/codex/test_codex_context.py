"""What a long thread keeps, and what a model that reads text only makes of pictures."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.codex import launch
from bot.codex.profile import COMPACT_PROMPT
from bot.codex.run_once import run
from bot.domain.turn import Began, Finished, Line
from bot.domain.utterance import Image
from bot.rooms.ports.mind import LeasedMind
from sandbox.model import Request, Rule, Step, say, usage
from tests.codex_kit import MIRA, SEAT, ask, hear, house, shown

# More than any model of the catalog holds.
FULL = 400_000
# A file of one red dot.
DOT = Image(
    "image/png",
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
    ),
)
NOTES = "My own notes of what came before: Ann likes tea."


def answer(request: Request) -> Sequence[Step]:
    if request.last_user_text == COMPACT_PROMPT.strip():
        return (say(NOTES), usage(1_000, 10))
    fills = request.last_user_text == "fill it"
    return (say(f"to {request.last_user_text}"), usage(FULL if fills else 100, 10))


async def test_a_full_thread_is_put_into_the_character_s_own_notes_unseen(tmp_path: Path) -> None:
    async with house(tmp_path, Rule(then=answer)) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [Line("Ann: hi", own=False), Line("Well met.", own=True)])
        await ask(mind, thread, "fill it")
        said, heard = await ask(mind, thread, "and now?")
        assert said == "to and now?"
        notes, last = list(h.model.requests)[-2:]
        assert notes.last_user_text == COMPACT_PROMPT.strip()
        assert (notes.instructions, notes.tools) == (MIRA.persona, ())
        texts = [text for _, text in last.messages]
        assert [text for text in texts if NOTES in text]
        assert "Well met." not in texts
        assert texts[-1] == "and now?"
        # Both requests of this turn, each once: Codex tells the first count three times.
        assert isinstance(heard[-1], Finished)
        assert heard[-1].usage.total_tokens == 1_010 + 110


async def test_a_window_that_was_told_is_summed_up_in_time(tmp_path: Path) -> None:
    window, fullest = 4_000, 0

    def count(request: Request) -> Sequence[Step]:
        nonlocal fullest
        read = len("".join(text for _, text in request.messages)) // 4
        fullest = max(fullest, read)
        notes = request.last_user_text == COMPACT_PROMPT.strip()
        return (say(NOTES if notes else "Well. " * 200), usage(read, 300))

    async with house(tmp_path, Rule(then=count)) as h:
        h.mind.learn_window(MIRA, window)
        async with h.mind.lease(MIRA) as mind:
            thread = await mind.begin(SEAT, [])
            for number in range(20):
                await ask(mind, thread, f"and then, {number}?")
        asked = [request.last_user_text for request in h.model.requests]
    assert asked.count(COMPACT_PROMPT.strip()) == 1
    assert window / 2 < fullest < window


async def test_a_revert_to_before_the_notes_brings_everything_back(tmp_path: Path) -> None:
    async with house(tmp_path, Rule(then=answer)) as h, h.mind.lease(MIRA) as mind:
        thread = await mind.begin(SEAT, [Line("Well met.", own=True)])
        began = [(await ask(mind, thread, words))[1][0] for words in ("fill it", "and now?")]
        assert isinstance(began[0], Began)
        assert isinstance(began[1], Began)
        await mind.revert(thread, began[1].codex_turn_id)
        _, heard = await ask(mind, thread, "once more")
        assert isinstance(heard[-1], Finished)
        assert heard[-1].usage.total_tokens == 1_010 + 110
        await mind.revert(thread, began[0].codex_turn_id)
        await ask(mind, thread, "from the start")
        told = [text for _, text in h.model.requests[-1].messages]
        assert told == ["Well met.", "from the start"]


async def test_notes_are_no_turn_of_the_thread(tmp_path: Path) -> None:
    async with house(tmp_path, Rule(then=answer)) as h:
        async with h.mind.lease(MIRA) as mind:
            thread = await mind.begin(SEAT, [Line("Well met.", own=True)])
            began = [(await ask(mind, thread, words))[1][0] for words in ("fill it", "and now?")]
        await h.pool.restart(MIRA.key)
        async with h.mind.lease(MIRA) as mind:
            turns = await mind.resume(SEAT, thread)
        assert list(turns) == [one.codex_turn_id for one in began if isinstance(one, Began)]


async def test_a_model_that_reads_text_only_is_told_that_a_picture_is_missing(
    tmp_path: Path,
) -> None:
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(await text_only(tmp_path)))
    extra = ("-c", f'model_catalog_json="{catalog}"')
    rule = Rule(then=(say("I cannot see it."),))
    reader = replace(MIRA, model="reader")
    async with house(tmp_path, rule, extra=extra) as h, h.mind.lease(reader) as mind:
        assert await look(mind) == "I cannot see it."
        parts = h.model.requests[-1].items[-1]["content"]
        assert [part["type"] for part in parts] == ["input_text", "input_text"]
        assert "do not support image input" in parts[1]["text"]


async def look(mind: LeasedMind) -> str:
    thread = await mind.begin(SEAT, [])
    async with mind.speak(thread, "look", [DOT]) as events:
        return shown(await hear(events))


async def text_only(home: Path) -> object:
    """The catalog that comes with Codex, with one more model: `reader`."""
    binary = str(launch.find_binary(None, os.environ.get("PATH")))
    env = {"CODEX_HOME": str(home), "HOME": str(home), "PATH": os.environ["PATH"]}
    listed = json.loads((await run([binary, "debug", "models", "--bundled"], env)).out)
    model = listed["models"][0] | {"slug": "reader", "input_modalities": ["text"]}
    return listed | {"models": [*listed["models"], model]}
