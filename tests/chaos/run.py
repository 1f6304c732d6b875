"""One run of chaos from an empty folder to a verdict."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot.codex.launch import find_binary
from bot.domain.policy import Policy
from bot.tasks import Tasks
from sandbox.discord import Limits
from sandbox.discord.record import RequestSeen
from sandbox.discord.world.model import Channel
from sandbox.house import UNBOUNDED, House
from tests.chaos import observe, plan, talk
from tests.chaos.account import account, requests
from tests.chaos.breakage import Breakage
from tests.chaos.check import Mention, Seen, Verdict, calls, check
from tests.chaos.codex_program import CodexProgram
from tests.chaos.crowd import Crowd
from tests.chaos.disk import Disk
from tests.chaos.logs import unforeseen
from tests.chaos.plan import Kind
from tests.chaos.redis_server import RedisServer
from tests.chaos.script import Script

# Silence after which a turn is interrupted: small, so that a hang costs little.
TURN_TIMEOUT = 4
# Until the last answer is there once all is well again, in seconds.
SETTLE_WITHIN = 90.0
# What a fault may take to be over.
MEND_WITHIN = 60.0
# Between a fault of the talk's end and the calm: what was broken comes back by itself.
RECOVER_WITHIN = 30.0
# The bot's memory at the end, over what it had after its warm-up, in MB.
GROWTH_ALLOWED = 20.0
WARM_UP = 0.1
# Looks at the record, a tenth of a second apart, that find nothing unfinished.
_QUIET = 5
# Asked before, it is not asked together with what fails now: a minute, as a difference of ids.
_LONG_AGO = 60_000 << 22


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `memory` in MB: after the warm-up, and at the end."""

    verdict: Verdict
    done: Mapping[str, int]
    bot_starts: int
    seconds: float
    memory: tuple[float, float]


class Run:
    """A run in `folder`. `tell` is given a line for each thing that happens."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        shape: talk.Shape,
        counts: Mapping[Kind, int],
        tell: Callable[[str], None],
        openapi: Path | None = None,
    ) -> None:
        rng = random.Random(seed)
        self._folder = folder
        self._shape = shape
        self._talk = talk.draw(rng, shape)
        self._faults = plan.draw(rng, shape, counts)
        self._tell = tell
        self._openapi = openapi
        self._log: list[str] = []
        self._memory: dict[int, list[tuple[int, float]]] = {}
        self._rooms: list[Channel] = []
        self._requests: Sequence[RequestSeen] = ()
        self._began = time.monotonic()

    async def play(self) -> Outcome:
        """Talk, break, mend, end, and judge."""
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            disk = stack.enter_context(Disk(self._folder / "disk"))
            redis = await stack.enter_async_context(RedisServer(self._folder / "redis"))
            codex = CodexProgram(self._folder / "codex", find_binary(None, os.environ.get("PATH")))
            house = await stack.enter_async_context(self._house(redis, codex, disk))
            await self._furnish(house)
            self._requests = house.discord.record.requests
            await house.start_bot()
            await self._summon(house)
            # What a store loses may be a summons, and then nobody is there to answer.
            await redis.outlive()
            breakage = Breakage(
                house=house,
                redis=redis,
                script=self._script,
                codex=codex,
                disk=disk,
                rooms=self._rooms,
                tell=self._tell,
            )
            crowd = Crowd(
                house,
                self._rooms,
                self._people,
                at_once=self._shape.at_once,
                failed=lambda: self._script.excused,
            )
            async with Tasks("keeper") as keeper:
                keeper.start("keep", breakage.keep_running())
                await self._talk_and_break(house, crowd, breakage)
                left = await self._settle(crowd, redis)
            memory = self._measured(house)
            await breakage.restart_bot()
            await self._nothing_is_left(redis)
            seen = observe.seen(self._rooms, house.application.id)
            writes = house.discord.record.writes
            mentions = [*crowd.mentions, *calls(observe.ever_seen(writes, house.application.id))]
            excused = {**_told_in_hard_times(seen, mentions, breakage), **self._script.excused}
            chain = Policy().chain
            verdict = check(mentions, seen, self._answers.lines, excused, chain, breakage.starts)
            verdict.pings += observe.pings(writes, house.application.id)
            verdict.house += breakage.failures
            verdict.house += [f"an unfinished turn is left: {one}" for one in left]
            verdict.house += house.discord.record.violations
            verdict.house += await self._end(house)
        verdict.house += unforeseen(self._log) + _left_behind(self._folder)
        if memory[1] - memory[0] > GROWTH_ALLOWED:
            verdict.house.append(f"the bot grew from {memory[0]:.0f} to {memory[1]:.0f} MB")
        done = Counter(one.kind.value for one in breakage.done)
        seconds = time.monotonic() - began
        return Outcome(verdict, done, len(breakage.starts) + 1, seconds, memory)

    # --- before -----------------------------------------------------------------------------

    def _house(self, redis: RedisServer, codex: CodexProgram, disk: Disk) -> House:
        characters = self._folder / "characters"
        for name in talk.NAMES[: self._shape.characters]:
            place = characters / name.lower()
            place.mkdir(parents=True)
            (place / "character.md").write_text(talk.persona(name))
        return House(
            self._folder,
            parent_env=dict(os.environ),
            limits=Limits.real(),
            openapi=self._openapi,
            on_line=self._log.append,
            settings=UNBOUNDED
            | {
                "REDIS_URL": redis.url,
                "CODEX_BIN": str(codex.path),
                "DATA_DIR": str(disk.folder / "data"),
                "CHARACTERS_DIR": str(characters),
                "CODEX_TURN_TIMEOUT": str(TURN_TIMEOUT),
                "CODEX_MAX_INSTANCES": str(self._shape.app_servers),
                "CODEX_IDLE_TIMEOUT": "20",
                "CODEX_CLEANUP_INTERVAL": "5",
            },
        )

    async def _furnish(self, house: House) -> None:
        world, guild = house.world, house.guild
        bystander = world.add_user("bystander")
        world.add_member(guild, bystander)
        self._people = [world.add_user(f"person{n}") for n in range(self._shape.people)]
        for person in self._people:
            world.add_member(guild, person)
        self._rooms = [world.add_channel(guild, f"room-{n}") for n in range(self._shape.rooms)]
        pings = f"@everyone, @here, <@{bystander.id}>, <@{house.ben.id}>, <@&{guild.id}>"
        self._answers = talk.Answers(pings, self._talk.calls)
        self._script = Script(self._answers)
        house.model.script.append(self._script.rule())

    async def _summon(self, house: House) -> None:
        for room, cast in zip(self._rooms, self._talk.casts, strict=True):
            for character in cast:
                await house.summon(talk.NAMES[character].lower(), room)

    # --- meanwhile --------------------------------------------------------------------------

    async def _talk_and_break(self, house: House, crowd: Crowd, breakage: Breakage) -> None:
        to_come = list(self._faults)

        def before_each(made: int) -> None:
            while to_come and to_come[0].at <= made:
                breakage.start(to_come.pop(0))
            self._weigh(house, made)

        calm = self._shape.mentions - self._shape.calm
        lines = self._talk.lines
        stormy = [one for one in lines if one.asks[0][1] <= calm]
        await crowd.speak(stormy, before_each)
        before_each(calm)
        await breakage.mend(MEND_WITHIN)
        await crowd.wait(lambda: not crowd.open, RECOVER_WITHIN)
        self._tell(f"{'':9}  all is well again; {len(crowd.open)} mentions wait for their answer")
        await crowd.speak(lines[len(stormy) :], before_each)

    def _weigh(self, house: House, made: int) -> None:
        if house.bot.running:
            weighed = self._memory.setdefault(house.bot.pid, [])
            weighed.append((made, resident(house.bot.pid)))

    # --- after ------------------------------------------------------------------------------

    async def _settle(self, crowd: Crowd, redis: RedisServer) -> list[str]:
        """Wait for the last answers; gives the turns that the bot has not ended even then."""
        await crowd.wait(lambda: not crowd.open, SETTLE_WITHIN)
        return await self._nothing_is_left(redis)

    async def _nothing_is_left(self, redis: RedisServer) -> list[str]:
        left: list[str] = []
        deadline, quiet = time.monotonic() + RECOVER_WITHIN, 0
        while time.monotonic() < deadline:
            left = await redis.unfinished()
            # Between a character's words and another's answer to them nothing is unfinished.
            quiet = 0 if left else quiet + 1
            if quiet == _QUIET:
                return []
            await asyncio.sleep(0.1)  # Redis tells nobody when a set becomes empty
        return left

    def _measured(self, house: House) -> tuple[float, float]:
        """The last bot's memory: after it was warm, and now."""
        self._weigh(house, self._shape.mentions)
        weighed = self._memory.get(house.bot.pid, [(0, 0.0)])
        warm_at = weighed[0][0] + self._shape.mentions * WARM_UP
        warm = next((size for made, size in weighed if made >= warm_at), weighed[0][1])
        return warm, weighed[-1][1]

    async def _end(self, house: House) -> list[str]:
        """Stop the bot; gives what is wrong with how it ended."""
        children = psutil.Process(house.bot.pid).children(recursive=True)
        status = await house.bot.stop()
        _, alive = await asyncio.to_thread(psutil.wait_procs, children, 3)
        wrong = [f"SIGTERM ended the bot with status {status}"] if status else []
        return wrong + [f"process {one.pid} outlived the bot" for one in alive]

    def write_log(self, path: Path) -> None:
        """Everything that the bots said; beside it, in `.rooms`, what was said in the rooms, and in
        `.requests` what Discord was asked.
        """
        path.write_text("\n".join(self._log))
        if self._rooms:
            said = account(self._rooms, self._script.questions)
            path.with_suffix(".rooms").write_text(said)
            asked = requests(self._requests, self._began)
            path.with_suffix(".requests").write_text(asked)


def resident(pid: int) -> float:
    """Resident MB of a process; 0 when it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss / 1_000_000
    except psutil.NoSuchProcess:
        return 0.0


def _told_in_hard_times(
    seen: Sequence[Seen], mentions: Sequence[Mention], breakage: Breakage
) -> dict[int, frozenset[int]]:
    """The numbers that could fail as a disk was full or a process stood still, with their seat's.

    What a character is asked together fails together, and one notice tells of it.
    """
    told = {
        one.reply_to: one.id
        for one in seen
        if not one.speaker and any(start < one.id < end for start, end in breakage.hard_times)
    }
    excused: dict[int, frozenset[int]] = {}
    for asked in mentions:
        if asked.message not in told:
            continue
        together = frozenset(
            one.number
            for one in mentions
            if (one.room, one.character) == (asked.room, asked.character)
            and 0 < told[asked.message] - one.message < _LONG_AGO
        )
        for number in together:
            excused[number] = excused.get(number, frozenset()) | together
    return excused


def _left_behind(folder: Path) -> list[str]:
    """Processes that run in the folder, or were started with something of it."""
    left = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        words = [*(process.info["cmdline"] or ()), process.info["cwd"] or ""]
        if process.pid != os.getpid() and any(str(folder) in word for word in words):
            left.append(f"process {process.pid} is left: {' '.join(words)[:120]}")
    return left
