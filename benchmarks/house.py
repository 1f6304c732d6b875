"""The same turns through the whole bot: from a message in the sandbox to the webhook's write."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from sandbox.bot_process import ROOT
from sandbox.discord import Limits
from sandbox.discord.world.model import Channel
from sandbox.house import UNBOUNDED, House, words
from sandbox.model import Request, always, call, say
from sandbox.model.steps import Rule

ANSWER = "There is tea, and there is soup, and there is a chair by the fire."
EXECUTE = "/webhooks/{webhook_id}/{webhook_token}"
# Seconds; longer than any acceptable figure.
PATIENCE = 60.0


@asynccontextmanager
async def open_house(
    folder: Path,
    characters: Mapping[str, str],
    *,
    script: Sequence[Rule] = (),
    limits: Limits | None = None,
    code: Path = ROOT,
    **settings: str,
) -> AsyncIterator[House]:
    """Open a sandbox with these characters (key → front matter), without greetings.

    The model tries the rules of `script` first.
    """
    for key, front in characters.items():
        place = folder / "characters" / key
        place.mkdir(parents=True)
        (place / "character.md").write_text(
            f"---\nname: {key.title()}\n{front}---\nYou are {key.title()}, who keeps an inn.\n"
        )
    rules = [
        *script,
        Rule(
            lambda request: "a roll" in request.last_user_text and not request.tool_outputs,
            [call("roll_dice", {"expression": "2d6"})],
        ),
        always(say(ANSWER)),
    ]
    house = House(
        folder,
        parent_env=dict(os.environ),
        script=rules,
        limits=limits or Limits.off(),
        settings=UNBOUNDED | {"CHARACTERS_DIR": str(folder / "characters"), **settings},
        code=code,
    )
    async with house:
        yield house


async def first_write(house: House, text: str, channel: Channel | None = None) -> float:
    """Return the seconds from the message's dispatch to the arrival of the first webhook write."""
    place = channel or house.room
    before = len(writes(house, place))
    answers = len(answered(house, place))
    house.say(text, place)
    left = time.monotonic()
    await house.discord.wait_for(lambda _: len(writes(house, place)) > before, PATIENCE)
    arrived = writes(house, place)[before]
    await house.discord.wait_for(lambda _: len(answered(house, place)) > answers, PATIENCE)
    return arrived - left


def answered(house: House, channel: Channel) -> list[str]:
    """Return the complete answers in a channel."""
    return [text for message in house.spoken(channel) if (text := words(message)) == ANSWER]


def writes(house: House, channel: Channel) -> list[float]:
    """Return the arrival times of a channel's webhook messages."""
    hooks = {hook.id for hook in house.world.webhooks.values() if hook.channel_id == channel.id}
    return [
        request.at
        for request in house.discord.record.sent("POST", EXECUTE)
        if int(request.path.split("/")[2]) in hooks
    ]


async def warm_first_words(house: House, turns: int, *others: str) -> list[float]:
    """Time one message after another in a warm room; `others` are characters beside Mira."""
    for key in ("mira", *others):
        await house.summon(key)
    await first_write(house, "@Mira is there tea?")
    return [await first_write(house, "@Mira is there tea?") for _ in range(turns)]


async def cold_first_words(house: House, characters: list[str]) -> list[float]:
    """Time the first message to characters without a process, each in a separate channel."""
    taken = []
    for key in characters:
        channel = house.world.add_channel(house.guild, f"cold-{key}")
        await house.summon(key, channel)
        taken.append(await first_write(house, f"@{key.title()} is there tea?", channel))
    return taken


async def rooms_at_once(
    house: House, characters: list[str], *, rooms: int, rounds: int
) -> list[float]:
    """Return the wall-clock seconds of each round: all of `rooms` channels asked and answered."""
    places = []
    for number in range(rooms):
        key = characters[number % len(characters)]
        channel = house.world.add_channel(house.guild, f"room-{number}")
        await house.summon(key, channel)
        places.append((channel, key.title()))

    async def everyone(done: int) -> float:
        began = time.perf_counter()
        for channel, name in places:
            house.say(f"@{name} is there tea?", channel)
        await house.discord.wait_for(
            lambda _: all(len(answered(house, place)) > done for place, _ in places), PATIENCE
        )
        return time.perf_counter() - began

    await everyone(0)
    return [await everyone(number) for number in range(1, rounds + 1)]


async def model_requests(house: House, key: str) -> list[Request]:
    """Return the model's requests for two turns of a character, the second with a tool call."""
    channel = house.world.add_channel(house.guild, f"model-{key}")
    await house.summon(key, channel)
    before = house.model.requests.count
    await first_write(house, f"@{key.title()} hello", channel)
    await first_write(house, f"@{key.title()} a roll, please", channel)
    return list(house.model.requests)[before - house.model.requests.count :]


def resident_megabytes(house: House) -> float:
    """Return the resident memory of the bot's own process."""
    return psutil.Process(house.bot.pid).memory_info().rss / 1_000_000


def foreign_children(house: House) -> list[str]:
    """Return the command lines of child processes that are neither Codex nor the embedded store."""
    children = psutil.Process(house.bot.pid).children(recursive=True)
    lines = [" ".join(child.cmdline()) for child in children]
    return [line for line in lines if "codex" not in line and "valkey" not in line]


async def replay_seconds(house: House, messages: int) -> tuple[float, int]:
    """Measure the replay of `messages` to a changed character, which needs a new Codex thread.

    Returns the additional seconds until the first words, and the number of model requests beyond
    the turn's own.
    """
    channel = house.world.add_channel(house.guild, "long-room")
    await house.summon("mira", channel)
    for number in range(messages):
        house.say(f"This is line {number} of a long talk about soup and weather.", channel)
    await first_write(house, "@Mira is there tea?", channel)
    plain = await first_write(house, "@Mira is there tea?", channel)
    file = Path(house.folder / "characters" / "mira" / "character.md")
    file.write_text(file.read_text() + "You hum.\n")
    await asyncio.sleep(3)  # the bot checks its character files every two seconds
    before = house.model.requests.count
    replayed = await first_write(house, "@Mira is there tea?", channel)
    return replayed - plain, house.model.requests.count - before - 1


ROOT_README = ROOT / "README.md"
