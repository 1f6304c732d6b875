"""The cost of a turn, measured in blocks that alternate with a bare client's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import bare, contenders, house
from benchmarks.contenders import BOT, CODEX, STORE, Block
from benchmarks.counting_proxy import CountingProxy
from benchmarks.figures import Figure, measured, ratios
from sandbox.bot_process import ROOT
from sandbox.house import House
from sandbox.model import ModelServer, always, say
from tests.chaos.redis_server import RedisServer

BLOCKS, TURNS = 12, 10
COUNTED = 20
"""Number of turns over which round trips and requests are counted."""
_AS_IT_COMES, _OUR_ENV, _BOT, _BEFORE = "as it comes", "our environment", "the bot", "before"


async def figures(folder: Path, before: Path | None) -> list[Figure]:
    """Measure first words and CPU; `before` is a checkout of an older commit to compare with."""
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(ModelServer([always(say(house.ANSWER))]))
        plain = await bare.spec_as_it_comes(folder / "plain", model)
        ours = await bare.spec(folder / "bare", model)
        rivals: dict[str, contenders.Contender] = {
            _AS_IT_COMES: await stack.enter_async_context(contenders.bare_contender(plain)),
            _OUR_ENV: await stack.enter_async_context(contenders.bare_contender(ours)),
        }
        checkouts = {_BOT: ROOT} | ({_BEFORE: before} if before is not None else {})
        for name, code in checkouts.items():
            made = contenders.house_contender(folder / name.replace(" ", "-"), code)
            rivals[name] = await stack.enter_async_context(made)
        played = await contenders.interleave(rivals, blocks=BLOCKS, turns=TURNS)
    return [*_first_words(played), *_cpu(played), *_against_before(played)]


def _first_words(played: Mapping[str, Sequence[Block]]) -> list[Figure]:
    words = {name: contenders.first_words(blocks) for name, blocks in played.items()}
    plain, ours, bot = words[_AS_IT_COMES], words[_OUR_ENV], words[_BOT]
    overhead = [(mine - base) * 1000 for mine, base in zip(bot, ours, strict=True)]
    detail = f"{_middle(bot)}; bare client {_middle(plain)}, in our environment {_middle(ours)}"
    return [
        measured("first words, warm, by a bare client's", ratios(bot, plain), 0.8, "×", detail),
        measured("first words: what the bot adds to a bare client", overhead, 8, "ms"),
    ]


def _cpu(played: Mapping[str, Sequence[Block]]) -> list[Figure]:
    goals = {BOT: 7.0, CODEX: 30.0, STORE: None}
    return [
        measured(f"CPU a turn: {part}", _milliseconds(played[_BOT], part), goal, "ms")
        for part, goal in goals.items()
    ]


def _against_before(played: Mapping[str, Sequence[Block]]) -> list[Figure]:
    if _BEFORE not in played:
        return []
    now, old = played[_BOT], played[_BEFORE]
    words = ratios(contenders.first_words(now), contenders.first_words(old))
    detail = _middle(contenders.first_words(old)) + " before"
    return [
        measured("first words by the older commit's", words, 1.05, "×", detail),
        *(
            measured(
                f"CPU a turn by the older commit's: {part}",
                ratios(_milliseconds(now, part), _milliseconds(old, part)),
                None,
            )
            for part in (BOT, CODEX)
        ),
    ]


async def counts(folder: Path) -> list[Figure]:
    """Count round trips, requests and bytes of a warm turn; counts need no repeated runs."""
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(RedisServer(folder / "redis"))
        proxy = await stack.enter_async_context(CountingProxy(redis.port))
        opened = house.open_house(folder / "house", {"mira": ""}, REDIS_URL=proxy.redis_url)
        home = await stack.enter_async_context(opened)
        await home.start_bot()
        await house.warm_first_words(home, 3)
        trips = proxy.round_trips
        requests, seen = len(home.discord.record.requests), home.model.requests.count
        for _ in range(COUNTED):
            await house.first_write(home, contenders.QUESTION)
            await _ended(redis)
        return [
            Figure("Redis round trips a turn", (proxy.round_trips - trips) / COUNTED, 5, ""),
            Figure("requests to Discord a turn", _requests_since(home, requests), None, ""),
            Figure("bytes to the model a turn", _bytes_since(home, seen), None, "B"),
        ]


async def _ended(redis: RedisServer) -> None:
    while await redis.unfinished():  # asks Redis directly, so the proxy does not count it
        pass


def _requests_since(home: House, before: int) -> float:
    return (len(home.discord.record.requests) - before) / COUNTED


def _bytes_since(home: House, before: int) -> float:
    newest = list(home.model.requests)[before - home.model.requests.count :]
    return sum(request.size for request in newest) / COUNTED


def _milliseconds(blocks: Sequence[Block], part: str) -> list[float]:
    return [seconds * 1000 for seconds in contenders.cpu(blocks, part)]


def _middle(seconds: Sequence[float]) -> str:
    return f"{sorted(seconds)[len(seconds) // 2] * 1000:.0f} ms"
