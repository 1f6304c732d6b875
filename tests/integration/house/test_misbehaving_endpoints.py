"""Sixty ways in which a model's endpoint misbehaves: after each, the next question is answered.

One bot, one app-server, a room for each way: what one does to its thread, none other may mend. The
ways run side by side, so that Codex's own pauses between its retries cost their time once.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from sandbox.discord import Limits
from sandbox.discord.world.model import Channel, Message
from sandbox.house import House
from sandbox.model import (
    Request,
    Rule,
    Step,
    call,
    commentary,
    cut,
    end,
    event,
    fail,
    hang,
    http,
    incomplete,
    raw,
    say,
    usage,
)
from sandbox.model.refusals import FOR_GOOD, FOR_NOW, FULL, NO_PICTURES, llama_cpp_full
from tests.fixtures_house import Furnish

# Rooms in which something goes on at the same time.
AT_ONCE = 20
WITHIN = 75.0
_PLAIN = re.compile(r"plain (\d+)")


@dataclass(frozen=True, slots=True)
class Way:
    """How the endpoint answers a question `times` (None: always), and what people then see.

    `told` is a part of the bot's own words, `said` of the character's; without either, anything
    may come. With a `picture`, only questions that hold one are answered so.
    """

    name: str
    steps: Sequence[Step]
    times: int | None = None
    told: str = ""
    said: str = ""
    picture: bool = False


def _delta(text: object) -> Step:
    return event("response.output_text.delta", item_id="m", output_index=0, delta=text)


def _item(**fields: object) -> Step:
    return event("response.output_item.done", output_index=0, item=fields)


WAYS = [
    # What will not go away: nobody is told to try again.
    *(Way(f"for good: {name}", [step], told="can’t answer") for name, step in FOR_GOOD.items()),
    # What goes away: Codex asks again, or people do.
    *(Way(f"for now: {name}", [step], told="ry again") for name, step in FOR_NOW.items()),
    # A context that is full, as each server says it, once and again and again.
    *(Way(f"full: {name}", [step], times=2, said="heard") for name, step in FULL.items()),
    Way("full: for ever", [llama_cpp_full()], told="more than the model can hold"),
    Way("full: in the stream", [fail("context_length_exceeded")], times=2, said="heard"),
    Way("full: 413", [http(413, body="Payload Too Large")], times=4, said="heard"),
    # Pictures, as each server refuses them.
    *(
        Way(f"picture: {name}", [step], said="heard", picture=True)
        for name, step in NO_PICTURES.items()
    ),
    Way("picture: the stream fails", [fail("server_error")], said="heard", picture=True),
    # Streams that break.
    Way("cut before the first word", [cut(0), say("never")], told="can’t answer"),
    Way("cut after a word", [cut(1), say("half a")], told="can’t answer"),
    Way("cut once", [cut(2), say("half an answer")], times=1, said="heard"),
    Way("cut after the message", [say("whole"), cut()], said="whole […]"),
    Way("an end without an end", [say("whole"), end()], said="whole […]"),
    Way("an empty stream", [end()], told="can’t answer"),
    Way("a body that is no stream", [http(200, body='{"object":"response"}')], told="can’t answer"),
    Way("a page", [http(200, {"content-type": "text/html"}, "<h1>hi</h1>")], told="can’t answer"),
    Way("no content", [http(204, body="")]),
    Way("a redirect", [http(307, {"location": "/v1/nowhere"}, "")], told="can’t answer"),
    Way("bytes that are no text", [raw(b"data: \xff\xfe\x00\n\n"), say("heard so")]),
    Way("events that are no JSON", [raw(b"data: {oh\n\n"), say("heard so")], said="heard so"),
    Way(
        "events of tomorrow", [event("response.tomorrow", x=[1]), say("heard so")], said="heard so"
    ),
    Way("a delta of nothing", [_delta("loose"), _delta(None), say("heard so")], said="heard so"),
    Way("items of tomorrow", [_item(type="hologram", id="h"), say("heard so")], said="heard so"),
    Way("a message without a text", [_item(type="message", role="assistant", content=[])]),
    Way("nothing said", [usage(10, 0)], told="had no answer"),
    Way("only thoughts", [commentary("hmm")], told="had no answer"),
    Way("blank", [say("   \n ")], told="had no answer"),
    # Failures within the stream.
    Way("failed: server", [fail("server_error")], told="ry again"),
    Way("failed: rate", [fail("rate_limit_exceeded")]),
    Way("failed: quota", [fail("insufficient_quota")], told="no credit"),
    Way("failed: overloaded", [fail("server_is_overloaded")]),
    Way("failed: prompt", [fail("invalid_prompt", "flagged")], told="refused"),
    Way("failed: after words", [say("Once"), fail("server_error")], said="Once […]"),
    # Answers without an end.
    Way("at its limit", [say("Once upon a"), incomplete()], said="Once upon a […]"),
    Way("at its limit, nothing said", [incomplete()], told="ran out of room"),
    Way("filtered", [say("Once"), incomplete("content_filter")], told="refused"),
    Way("silent", [hang()], told="stopped"),
    Way("silent after words", [say("Well"), hang()], told="stopped"),
    Way("a loop", [say("I love you. " * 1_500)], said="I love you. […]"),
    Way("too long", [say(" ".join(map(str, range(9_000))))], said="0 1 2 3 4"),
    Way(
        "a megabyte",
        [say("".join(f"{n} " for n in range(150_000)), chunk="whole")],
        said="0 1 2 3 4",
    ),
    Way("slowly", [say("a b c d e f g h i j k l m n o p q r", delay=0.4)], said="a b c"),
    # Tools.
    Way("a tool that is none", [call("fly", {})], times=1, said="heard"),
    Way("a tool with nonsense", [call("react", {"emoji": ["x"] * 9})], times=1, said="heard"),
    Way("tools without an end", [call("current_time", {})], told="came to no end"),
    Way("counts that are none", [say("heard so"), usage(-1, 10**9)]),
]


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


def _rule(number: int, way: Way) -> Rule:
    def concerns(request: Request) -> bool:
        # Not the last alone: Codex may have put its notes after it.
        text = "\n".join(text for role, text in request.messages if role == "user")
        asked = f"way {number}." in text and f"plain {number}." not in text
        return asked and (bool(request.pictures) or not way.picture)

    return Rule(concerns, way.steps, way.times)


def _answer(request: Request) -> Sequence[Step]:
    plain = _PLAIN.findall(request.last_user_text)
    return (say(f"plain {plain[-1]} it is" if plain else "heard"),)


def _characters(folder: Path) -> Path:
    (folder / "mira").mkdir(parents=True)
    (folder / "mira" / "character.md").write_text("---\nname: Mira\n---\nYou are Mira.", "utf-8")
    return folder


def _after(room: Channel, message: Message) -> list[Message]:
    return [one for one in room.messages.values() if one.id > message.id]


async def _try(house: House, number: int, way: Way, room: Channel) -> str | None:
    """What went wrong; None when all went as it should."""
    for line in range(3):
        house.say(f"{line}: what they talked of before, at some length. " * 3, room)
    question = f"@Mira way {number}."
    if way.picture:
        asked = house.upload("cat.png", _picture(), question, room)
    else:
        asked = house.say(question, room)

    def seen(_: object) -> bool:
        texts = [one.content for one in _after(room, asked)]
        return any((way.told or way.said) in text for text in texts)

    try:
        await house.discord.wait_for(seen, WITHIN)
        plain = house.say(f"@Mira plain {number}.", room)
        await house.hears(f"plain {number} it is", room, WITHIN)
    except TimeoutError:
        shown = [one.content[:200] for one in _after(room, asked)]
        return f"{way.name}: {shown}"
    own = [one for one in _after(room, plain) if one.author.id == house.application.user.id]
    return f"{way.name}: told again: {own[0].content}" if own else None


@pytest.mark.timeout(240)  # on a busy machine; 25 s on a quiet one
async def test_after_every_misbehaviour_the_next_question_is_answered(
    furnish: Furnish, tmp_path: Path
) -> None:
    assert len(WAYS) >= 60
    assert len({way.name for way in WAYS}) == len(WAYS)
    house: House = await furnish(
        *(_rule(number, way) for number, way in enumerate(WAYS)),
        Rule(then=_answer),
        limits=Limits.off(),
        settings={
            "CHARACTERS_DIR": str(_characters(tmp_path / "characters")),
            "CODEX_TURN_TIMEOUT": "8",
            "CODEX_ANSWER_TIMEOUT": "120",
            "TURNS_PER_HOUR": "0",
            "TOKENS_PER_DAY": "0",
            "TURNS_AT_ONCE": "1000",
            "SERVER_TURNS_AT_ONCE": "1000",
        },
    )
    places = asyncio.Semaphore(AT_ONCE)

    async def tried(number: int, way: Way) -> str | None:
        room = house.world.add_channel(house.guild, f"way-{number}")
        async with places:
            await house.summon("mira", room, greets=False)
            return await _try(house, number, way, room)

    went_wrong = await asyncio.gather(*(tried(*pair) for pair in enumerate(WAYS)))
    faults = [fault for fault in went_wrong if fault is not None]
    assert not faults, "\n".join(faults)
