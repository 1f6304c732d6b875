"""Reports the trials as figures and a table; writes the full account to a file."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trials.conversing import Played, Turn
from trials.judge import KINDS
from trials.recorder import Exchange

_WARM_FROM = 2
"""Index of the first warm turn of a conversation: the turns before start the app-servers."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The configuration of a run."""

    model: str
    endpoint: str
    style: str
    window: int

    @property
    def name(self) -> str:
        """A name that is valid as a file name."""
        return f"{self.model}-{self.endpoint}-{self.style}"


def figures(setup: Setup, played: Sequence[Played]) -> dict[str, str]:
    """Return the figures of one run: name → value."""
    turns = [turn for conversation in played for turn in conversation.turns]
    shown = Counter(fault.kind for turn in turns for fault in turn.faults)
    copied = Counter(kind for turn in turns for kind in {fault.kind for fault in turn.copied})
    exchanges = [exchange for turn in turns for exchange in turn.exchanges]
    pictures = [turn for turn in turns if any(e.pictures for e in turn.exchanges)]
    full = [turn for turn in turns if turn.overflows]
    called = Counter(name for exchange in exchanges for name in exchange.calls)
    return {
        "model": setup.model,
        "endpoint": setup.endpoint,
        "written as": setup.style,
        "conversations": str(len(played)),
        "turns answered": f"{sum(turn.answered for turn in turns)} of {len(turns)}",
        "told of no answer": str(sum(bool(turn.told) and not turn.answered for turn in turns)),
        "silent": str(sum(not turn.told and not turn.answered for turn in turns)),
        **{kind: str(shown[kind]) for kind in KINDS},
        "raw answers that copied": ", ".join(f"{k} {n}" for k, n in sorted(copied.items())) or "0",
        "tools in the request": _tools(exchanges),
        "tools called": ", ".join(f"{name} {n}" for name, n in called.most_common(5)) or "none",
        "context overflows survived": f"{_survived(full)} of {len(full)}",
        "pictures survived": f"{_survived(pictures)} of {len(pictures)}",
        "rooms dead": str(sum(len(conversation.dead) for conversation in played)),
        "not settled": str(sum(not turn.settled for turn in turns)),
        "first words over the engine": _over_engine(played),
    }


def table(rows: Sequence[dict[str, str]]) -> str:
    """Return the figures as a Markdown table with a column for each run."""
    lines = []
    for n, name in enumerate(rows[0]):
        lines.append("| " + " | ".join([name, *(row[name] for row in rows)]) + " |")
        if n == 0:
            lines.append("|" + "---|" * (len(rows) + 1))
    return "\n".join(lines)


def account(played: Iterable[Played]) -> str:
    """Return the full account: questions, raw answers, shown messages and faults."""
    lines = []
    for conversation in played:
        dead = f"  DEAD: {', '.join(conversation.dead)}" if conversation.dead else ""
        lines.append(f"\n=== {conversation.title}{dead}")
        for turn in conversation.turns:
            lines.append(f"\n? {turn.question[:200]!r}")
            for exchange in turn.exchanges:
                calls = f" calls {exchange.calls}" if exchange.calls else ""
                lines.append(f"  raw   {exchange.status} {exchange.text!r}{calls}")
                if exchange.failure:
                    lines.append(f"  fail  {exchange.failure!r}")
            lines += [f"  shown {text!r}" for text in turn.shown]
            lines += [f"  told  {text!r}" for text in turn.told]
            lines += [f"  FAULT {fault.kind}: {fault.excerpt!r}" for fault in turn.faults]
            lines += [] if turn.settled else ["  NOT SETTLED"]
    return "\n".join(lines) + "\n"


def write(folder: Path, setup: Setup, played: Sequence[Played], log: Sequence[str]) -> Path:
    """Write the account of a run with the bot's log beside it; return the account's path."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{setup.name}.txt"
    played = sorted(played, key=lambda conversation: conversation.title)
    rows = "\n".join(f"{name}: {value}" for name, value in figures(setup, played).items())
    file.write_text(f"{rows}\n{account(played)}")
    file.with_suffix(".log").write_text("\n".join(log))
    return file


def _survived(turns: Sequence[Turn]) -> int:
    return sum(turn.answered for turn in turns)


def _tools(exchanges: Sequence[Exchange]) -> str:
    if not exchanges:
        return "none"
    tools = max((exchange.tools for exchange in exchanges), key=len)
    kinds = Counter(tool.split(" ", 1)[0] for tool in tools)
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()) or "none"


def _over_engine(played: Sequence[Played]) -> str:
    taken = [
        turn.over_engine
        for conversation in played
        for turn in conversation.turns[_WARM_FROM:]
        if turn.over_engine is not None
    ]
    if not taken:
        return "–"
    return f"{statistics.median(taken) * 1000:.0f} ms (median of {len(taken)})"
