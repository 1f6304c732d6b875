"""What each model of this bot can take, as it is known now.

    the character's file  >  models.toml  >  the settings  >  the probe  >  the default

Owns when a model is probed: at start, on first need, when its server says something else of itself
than before, and again and again while it does not answer. Nothing waits for a probe but the very
first turn of a model that nobody has seen yet, and that one for `FIRST_NEED_SECONDS` at most.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from bot.domain.character import Character
from bot.domain.model_profile import (
    NOTHING_SAID,
    ModelProfile,
    ProfileOverrides,
    ToolRoute,
    TranscriptStyle,
)
from bot.endpoint import probe, table
from bot.endpoint.client import Endpoint
from bot.endpoint.findings import Findings
from bot.endpoint.memory import FindingsMemory
from bot.endpoint.profiles_file import ProfilesFile
from bot.tasks import Tasks

log = logging.getLogger(__name__)

# Seconds.
FIRST_NEED_SECONDS = 2.0
# A server that runs may have been started anew with another model or window.
LOOK_SECONDS = 600.0
# While it does not answer: longer each time, up to `LOOK_SECONDS`.
AGAIN_SECONDS = 30.0
STALE_SECONDS = 7 * 86_400.0
# Models that are probed at most: characters of a folder can name any number.
MOST = 32

# What holds before anybody has asked. A foreign server may drop namespaces without a word, plain
# functions arrive nearly everywhere; a picture that is refused is left out of the next try.
_UNKNOWN_ENDPOINT = ModelProfile(tools=ToolRoute.FUNCTIONS)

StyleOf = Callable[[str, int | None], TranscriptStyle]
"""How talk is written for a model, by its name and its window."""


@dataclass(slots=True)
class _Known:
    """One model while the bot runs."""

    findings: Findings | None = None
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once its server was asked in this run, with or without an answer."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    due: float = 0.0
    """On the monotonic clock."""
    failures: int = 0


class Models:
    """Every model that a character may have. `endpoint` is None for OpenAI's own, where nothing
    is probed: what Codex knows of a model holds.
    """

    def __init__(
        self,
        *,
        endpoint: Endpoint | None,
        model: str | None,
        settings: ProfileOverrides,
        file: ProfilesFile,
        style_of: StyleOf,
        memory: FindingsMemory | None = None,
        tasks: Tasks | None = None,
    ) -> None:
        """`model` is the one of characters that name none. Without `memory` and `tasks` nothing is
        probed.
        """
        self._endpoint = endpoint
        self._model = model
        self._settings = settings
        self._file = file
        self._style_of = style_of
        self._memory = memory
        self._tasks = tasks
        self._known: dict[str, _Known] = {}

    # --- what holds -------------------------------------------------------------------------

    def profile(self, character: Character) -> ModelProfile:
        """What the character's model can take."""
        return self._profile(character.model or self._model, character.profile)

    def _profile(self, model: str | None, said: ProfileOverrides) -> ModelProfile:
        found = self._settings.over(self._found(model))
        if model is not None:
            found = self._file.of(model).over(found)
        found = said.over(found)
        if self._endpoint is None or model is None or self._style_said(model, said):
            return found
        return replace(found, style=self._style_of(model, found.window))

    def _found(self, model: str | None) -> ModelProfile:
        """By the probe, or the default."""
        if self._endpoint is None or model is None:
            return ModelProfile()
        known = self._known.get(model)
        findings = known.findings if known is not None else None
        if findings is None:
            return _UNKNOWN_ENDPOINT
        said = ProfileOverrides(
            window=findings.window, pictures=findings.pictures, tools=findings.tools
        )
        return said.over(_UNKNOWN_ENDPOINT)

    def _style_said(self, model: str, said: ProfileOverrides) -> bool:
        own = (said, self._file.of(model), self._settings)
        return any(each.style is not None for each in own)

    def tables(self) -> list[tuple[str, tuple[table.Row, ...]]]:
        """What is known of each model, for the pages and `doctor`; empty without an endpoint."""
        endpoint = self._endpoint
        if endpoint is None:
            return []
        return [
            (model, table.rows(endpoint.shown, known.findings, self._profile(model, NOTHING_SAID)))
            for model, known in self._known.items()
            if known.findings is not None
        ]

    @property
    def problem(self) -> str | None:
        """What keeps the model of most characters from answering, as it was last seen."""
        known = self._known.get(self._model or "")
        findings = known.findings if known is not None else None
        if findings is None or not findings.faults:
            return None
        fault = findings.faults[0]
        return f"{table.fault_text(fault)}. {table.fix_for(fault, findings)}"

    # --- finding out ------------------------------------------------------------------------

    def want(self, characters: Iterable[Character]) -> None:
        """These characters may be asked: have their models probed by the next `look`."""
        for model in (self._model, *(each.model for each in characters)):
            if model is not None:
                self._entry(model)

    def learn(self, findings: Findings) -> None:
        """Take over what somebody else has found out."""
        self._known[findings.model] = _Known(findings)

    async def ready(self, character: Character) -> None:
        """Wait for what the server says of a model that nobody has seen yet; not for long."""
        model = character.model or self._model
        known = self._entry(model) if model is not None else None
        if known is None or known.findings is not None or known.looked.is_set():
            return
        if self._tasks is not None and model is not None and not known.lock.locked():
            self._tasks.start("first need", self._probe(model, known))
        try:
            async with asyncio.timeout(FIRST_NEED_SECONDS):
                await known.looked.wait()
        except TimeoutError:
            log.info("model %s: nothing is known yet, so the safe assumptions hold", model)

    async def look(self) -> None:
        """Probe each model that is due; for a periodic task."""
        for model, known in list(self._known.items()):
            if time.monotonic() >= known.due and not known.lock.locked():
                await self._probe(model, known)

    def failed(self) -> None:
        """A turn failed for the model: look at the next occasion rather than in ten minutes."""
        known = self._known.get(self._model or "")
        if known is not None and not known.failures:
            known.due = 0.0

    def _entry(self, model: str) -> _Known | None:
        """The model's entry; None where nothing is probed."""
        if self._endpoint is None or self._memory is None:
            return None
        if model not in self._known:
            if len(self._known) >= MOST:
                return None
            kept = self._memory.get(self._endpoint.base_url, model)
            self._known[model] = _Known(kept)
        return self._known[model]

    async def _probe(self, model: str, known: _Known) -> None:
        endpoint, memory = self._endpoint, self._memory
        if endpoint is None or memory is None:
            return
        async with known.lock:
            before = known.findings
            seen = await probe.look(endpoint, model, time.time)
            if before is not None and (not seen.reached or _is_as_before(before, seen)):
                # What was found out still holds, whether or not anybody is there just now.
                found = replace(before, reached=seen.reached, faults=seen.faults)
            else:
                known.findings = seen if before is None else before
                known.looked.set()
                found = await probe.ask(endpoint, seen)
                if found.answers:
                    await memory.keep(endpoint.base_url, found)
                elif before is not None:
                    # It is the same model, which does not answer today.
                    found = replace(
                        before,
                        reached=found.reached,
                        key_accepted=found.key_accepted,
                        faults=found.faults,
                    )
            known.findings = found
            known.looked.set()
            known.failures = known.failures + 1 if found.faults else 0
            known.due = time.monotonic() + _pause(known.failures)
        if before is None or before.faults != found.faults or before.metadata != found.metadata:
            self._tell(model, found)

    def _tell(self, model: str, found: Findings) -> None:
        assert self._endpoint is not None
        rows = table.rows(self._endpoint.shown, found, self._profile(model, NOTHING_SAID))
        log.info("the model: %s", table.in_a_line(rows))
        for fault in found.faults:
            words, fix = table.fault_text(fault), table.fix_for(fault, found)
            log.warning("model %s at %s: %s. %s", model, self._endpoint.shown, words, fix)


def _is_as_before(before: Findings, seen: Findings) -> bool:
    """Whether the server says the same of itself and the model, and that is not too long ago.

    Which other models it has changes by the day at a hosted router, and does not count.
    """
    old, new = before.metadata, seen.metadata
    same = replace(old, offered=()) == replace(new, offered=())
    return same and before.answers and seen.asked_at - before.asked_at < STALE_SECONDS


def _pause(failures: int) -> float:
    """Seconds until the next look: `AGAIN_SECONDS` after the first failure, then ever longer."""
    if not failures:
        return LOOK_SECONDS
    return min(AGAIN_SECONDS * 2.0 ** min(failures - 1, 8), LOOK_SECONDS)
