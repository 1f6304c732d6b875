"""What one line of a scripted character is made from, and which of its phrases is taken.

Asked the same again, a character says another of them. Owns no phrases and no rules.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.model.demo_talk import Talk
from sandbox.model.demo_voice import Voice
from sandbox.model.request import Request

QUESTIONS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Scene:
    """What a line is made from. `again`: how often this very question was answered before."""

    talk: Talk
    voice: Voice
    again: int = 0

    def fill(self, phrase: str, what: str = "", other: str = "") -> str:
        """The phrase with names in it."""
        talk, capital = self.talk, what[:1].upper() + what[1:]
        return phrase.format(who=talk.caller, what=what, What=capital, name=talk.name, other=other)

    def number(self, choices: int, salt: str = "") -> int:
        """One of so many, the same for the same words until they are asked again."""
        return (zlib.crc32((self.talk.text + salt).encode()) + self.again) % choices

    def pick(self, phrases: Sequence[str], what: str = "", other: str = "") -> str:
        """One of them: one that was not said before, else the one that was said longest ago."""
        return self.fresh(phrases, what, other) or self._stalest(phrases, what, other)

    def fresh(self, phrases: Sequence[str], what: str = "", other: str = "") -> str:
        """One that was not said before; empty when all were."""
        filled = [self.fill(one, what, other) for one in phrases]
        left = [one for one in filled if not any(one in text for text in self.talk.own)]
        return left[self.number(len(left))] if left else ""

    def _stalest(self, phrases: Sequence[str], what: str, other: str) -> str:
        filled = [self.fill(one, what, other) for one in phrases]
        last = {one: at for at, text in enumerate(self.talk.own) for one in filled if one in text}
        return min(filled, key=lambda one: last.get(one, -1))


class Memory:
    """How often each question was asked, so that a regenerated answer is another one."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[str, int, str], int] = OrderedDict()

    def again(self, request: Request) -> int:
        """0 for a new question. What follows a tool's answer belongs to the same try."""
        own = len(request.own_texts)
        key = (request.thread_id, own, request.last_user_text)
        times = self._asked.get(key, 0)
        if not request.tool_outputs:
            self._asked[key] = times + 1
            self._asked.move_to_end(key)
            if len(self._asked) > QUESTIONS_KEPT:
                self._asked.popitem(last=False)
            return times
        return max(0, times - 1)
