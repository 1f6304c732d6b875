"""The current profile of each model of this bot, by precedence:

    the character's file  >  models.toml  >  the settings  >  the probe  >  the default

Owns when a model is probed: at start, on first use, when its server's metadata changes, and
repeatedly while the model does not answer. Only the first turn of a model without findings waits
for a probe, at most `FIRST_NEED_SECONDS`.
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

# How long the first turn of an unknown model waits for its metadata, in seconds.
FIRST_NEED_SECONDS = 2.0
# Seconds between two probes: a server may have been restarted with another model or window.
LOOK_SECONDS = 600.0
# Seconds to the next probe after a failure, doubled each time up to `LOOK_SECONDS`.
AGAIN_SECONDS = 30.0
# The age in seconds from which findings are renewed even if the metadata is unchanged.
STALE_SECONDS = 7 * 86_400.0
# The most models that are probed: character files can name any number.
MOST = 32

# The profile before a probe. An unknown server may silently drop namespaces, while plain functions
# work nearly everywhere; a refused picture is left out when the turn is retried.
_UNKNOWN_ENDPOINT = ModelProfile(tools=ToolRoute.FUNCTIONS)

StyleOf = Callable[[str, int | None], TranscriptStyle]
"""Chooses the transcript style of a model by its name and its window."""


@dataclass(slots=True)
class _Entry:
    """The probing state of a model."""

    findings: Findings | None = None
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once its server was asked in this run, with or without an answer."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held during a probe."""
    due: float = 0.0
    """When to probe next, on the monotonic clock."""
    failures: int = 0
    """Probes in a row that found a fault."""


class Models:
    """The profiles and findings of all models. With OpenAI's own endpoint (None) nothing is probed,
    because Codex knows its models.
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
        """`model` is the default for character files without a model. Without `memory` and `tasks`
        nothing is probed.
        """
        self._endpoint = endpoint
        self._model = model
        self._settings = settings
        self._file = file
        self._style_of = style_of
        self._memory = memory
        self._tasks = tasks
        self._entries: dict[str, _Entry] = {}

    # --- profiles ---------------------------------------------------------------------------

    def profile(self, character: Character) -> ModelProfile:
        """Return the profile of the character's model, with all overrides applied."""
        return self._profile(character.model or self._model, character.profile)

    def _profile(self, model: str | None, overrides: ProfileOverrides) -> ModelProfile:
        profile = self._settings.over(self._probed(model))
        if model is not None:
            profile = self._file.of(model).over(profile)
        profile = overrides.over(profile)
        if self._endpoint is None or model is None or self._sets_style(model, overrides):
            return profile
        return replace(profile, style=self._style_of(model, profile.window))

    def _probed(self, model: str | None) -> ModelProfile:
        """Return the profile by the probe, or the default."""
        if self._endpoint is None or model is None:
            return ModelProfile()
        entry = self._entries.get(model)
        findings = entry.findings if entry is not None else None
        if findings is None:
            return _UNKNOWN_ENDPOINT
        found = ProfileOverrides(
            window=findings.window, pictures=findings.pictures, tools=findings.tools
        )
        return found.over(_UNKNOWN_ENDPOINT)

    def _sets_style(self, model: str, overrides: ProfileOverrides) -> bool:
        sources = (overrides, self._file.of(model), self._settings)
        return any(source.style is not None for source in sources)

    def tables(self) -> list[tuple[str, tuple[table.Row, ...]]]:
        """Return the table of each probed model, for the pages and `doctor`."""
        endpoint = self._endpoint
        if endpoint is None:
            return []
        return [
            (model, table.rows(endpoint.shown, entry.findings, self._profile(model, NOTHING_SAID)))
            for model, entry in self._entries.items()
            if entry.findings is not None
        ]

    @property
    def problem(self) -> str | None:
        """The fault and the fix of the default model by its last probe; None without a fault."""
        entry = self._entries.get(self._model or "")
        findings = entry.findings if entry is not None else None
        if findings is None or not findings.faults:
            return None
        fault = findings.faults[0]
        return f"{table.fault_text(fault)}. {table.fix_for(fault, findings)}"

    # --- probes -----------------------------------------------------------------------------

    def want(self, characters: Iterable[Character]) -> None:
        """Have the next `look` probe the models of these characters, and the default model."""
        for model in (self._model, *(character.model for character in characters)):
            if model is not None:
                self._entry(model)

    def learn(self, findings: Findings) -> None:
        """Store findings of a probe made elsewhere."""
        self._entries[findings.model] = _Entry(findings)

    async def ready(self, character: Character) -> None:
        """Wait for the metadata of a model without findings, at most `FIRST_NEED_SECONDS`."""
        model = character.model or self._model
        entry = self._entry(model) if model is not None else None
        if entry is None or entry.findings is not None or entry.looked.is_set():
            return
        if self._tasks is not None and model is not None and not entry.lock.locked():
            self._tasks.start("first need", self._probe(model, entry))
        try:
            async with asyncio.timeout(FIRST_NEED_SECONDS):
                await entry.looked.wait()
        except TimeoutError:
            log.info("model %s has no findings yet: the safe default profile is used", model)

    async def look(self) -> None:
        """Probe each model that is due; for a periodic task."""
        for model, entry in list(self._entries.items()):
            if time.monotonic() >= entry.due and not entry.lock.locked():
                await self._probe(model, entry)

    def failed(self) -> None:
        """Have the next `look` probe the default model, because the model failed in a turn."""
        entry = self._entries.get(self._model or "")
        if entry is not None and not entry.failures:
            entry.due = 0.0

    def _entry(self, model: str) -> _Entry | None:
        """Return the model's entry, adding it if needed; None where nothing is probed."""
        if self._endpoint is None or self._memory is None:
            return None
        if model not in self._entries:
            if len(self._entries) >= MOST:
                return None
            stored = self._memory.get(self._endpoint.base_url, model)
            self._entries[model] = _Entry(stored)
        return self._entries[model]

    async def _probe(self, model: str, entry: _Entry) -> None:
        endpoint, memory = self._endpoint, self._memory
        if endpoint is None or memory is None:
            return
        async with entry.lock:
            before = entry.findings
            seen = await probe.look(endpoint, model, time.time)
            if before is not None and (not seen.reached or _is_as_before(before, seen)):
                # Unchanged metadata, or an unreachable server: the earlier findings stay valid.
                found = replace(before, reached=seen.reached, faults=seen.faults)
            else:
                entry.findings = seen if before is None else before
                entry.looked.set()
                found = await probe.ask(endpoint, seen)
                if found.answers:
                    await memory.keep(endpoint.base_url, found)
                elif before is not None:
                    # The same model as before, which does not answer at the moment.
                    found = replace(
                        before,
                        reached=found.reached,
                        key_accepted=found.key_accepted,
                        faults=found.faults,
                    )
            entry.findings = found
            entry.looked.set()
            entry.failures = entry.failures + 1 if found.faults else 0
            entry.due = time.monotonic() + _pause(entry.failures)
        if before is None or before.faults != found.faults or before.metadata != found.metadata:
            self._log(model, found)

    def _log(self, model: str, found: Findings) -> None:
        assert self._endpoint is not None
        rows = table.rows(self._endpoint.shown, found, self._profile(model, NOTHING_SAID))
        log.info("the model: %s", table.in_a_line(rows))
        for fault in found.faults:
            words, fix = table.fault_text(fault), table.fix_for(fault, found)
            log.warning("model %s at %s: %s. %s", model, self._endpoint.shown, words, fix)


def _is_as_before(before: Findings, seen: Findings) -> bool:
    """Return whether the metadata is unchanged and the earlier findings are still fresh.

    The list of other models is ignored: at a hosted router it changes by the day.
    """
    old, new = before.metadata, seen.metadata
    same = replace(old, offered=()) == replace(new, offered=())
    return same and before.answers and seen.asked_at - before.asked_at < STALE_SECONDS


def _pause(failures: int) -> float:
    """Return the seconds to the next probe: `AGAIN_SECONDS` after a failure, doubled each time."""
    if not failures:
        return LOOK_SECONDS
    return min(AGAIN_SECONDS * 2.0 ** min(failures - 1, 8), LOOK_SECONDS)
