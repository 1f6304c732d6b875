"""The judge of a run of chaos sees every kind of wrong; the same seed makes the same run."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.chaos import plan, talk
from tests.chaos.check import WRONG, Mention, Seen, Verdict, calls, check
from tests.chaos.logs import unforeseen
from tests.chaos.plan import Kind

ROOM = 7
CHAIN = 3
# 7 is long, with code in it; the others are a few lines.
ASKED = (Mention(3, ROOM, "Ash", 100), Mention(4, ROOM, "Birch", 100), Mention(7, ROOM, "Ash", 101))
ANSWERS = talk.Answers()


def said(
    number: int,
    speaker: str,
    *,
    at: int,
    numbers: tuple[int, ...] = (),
    answers: talk.Answers = ANSWERS,
) -> list[Seen]:
    """The right answer in one message, or in three where it is long."""
    lines = answers.lines(numbers or (number,))
    if len(lines) < 10:
        return [Seen(at, ROOM, speaker, "\n".join(lines))]
    fence, end = lines.index("```python"), lines.index("```") + 1
    parts = (lines[:fence], lines[fence:end], lines[end:])
    return [Seen(at + n, ROOM, speaker, "\n".join(part)) for n, part in enumerate(parts)]


def all_said() -> list[Seen]:
    return [*said(3, "Ash", at=200), *said(4, "Birch", at=210), *said(7, "Ash", at=220)]


def judged(*seen: Seen, excused: dict[int, frozenset[int]] | None = None) -> Verdict:
    return check([*ASKED, *calls(seen)], seen, ANSWERS.lines, excused or {}, CHAIN)


def wrong(verdict: Verdict) -> set[str]:
    return {kind for kind in WRONG if getattr(verdict, kind)}


def test_answers_that_are_whole_and_once_are_right() -> None:
    verdict = judged(*all_said())
    assert verdict.faults == []
    assert verdict.answered == len(ASKED)


def test_one_answer_to_several_mentions_is_right() -> None:
    seen = [*said(3, "Ash", at=200, numbers=(3, 7)), *said(4, "Birch", at=210)]
    assert judged(*seen).faults == []


@pytest.mark.parametrize("number", [3, 4, 7])
def test_a_mention_without_an_answer_is_lost(number: int) -> None:
    seen = [one for one in all_said() if not one.text.splitlines()[-1].startswith(f"#{number}.")]
    seen = [one for one in seen if f"#{number}." not in one.text]
    assert wrong(judged(*seen)) == {"lost"}


def test_the_same_answer_twice_is_seen() -> None:
    assert wrong(judged(*all_said(), *said(3, "Ash", at=300))) == {"twice"}


def test_a_mention_that_two_answers_share_is_seen() -> None:
    both = said(7, "Ash", at=300, numbers=(7, 3))
    seen = [*said(3, "Ash", at=200), *said(4, "Birch", at=210), *both]
    assert wrong(judged(*seen)) == {"twice"}


def test_a_part_that_stands_there_twice_is_seen() -> None:
    seen = all_said()
    again = replace(seen[-1], id=300)
    assert wrong(judged(*seen, again)) == {"twice"}


@pytest.mark.parametrize("part", [1, 2])
def test_a_part_that_is_missing_is_torn(part: int) -> None:
    seen = all_said()
    del seen[2 + part]
    assert wrong(judged(*seen)) == {"torn"}


def test_an_answer_without_its_beginning_is_torn_and_lost() -> None:
    seen = all_said()
    del seen[2]
    assert wrong(judged(*seen)) == {"torn", "lost"}


def test_an_answer_that_was_cut_off_is_torn() -> None:
    first, *rest = all_said()
    cut = replace(first, text=first.text.splitlines()[0])
    assert wrong(judged(cut, *rest)) == {"torn"}


def test_code_that_is_not_closed_is_torn() -> None:
    seen = all_said()
    seen[3] = replace(seen[3], text=seen[3].text.removesuffix("```"))
    assert wrong(judged(*seen)) == {"torn"}


def test_more_than_discord_takes_is_torn() -> None:
    first, *rest = all_said()
    assert wrong(judged(replace(first, text=first.text + "\n" * 2_000), *rest)) == {"torn"}


def test_parts_in_another_order_are_seen() -> None:
    seen = all_said()
    seen[3], seen[4] = replace(seen[3], id=seen[4].id), replace(seen[4], id=seen[3].id)
    assert wrong(judged(*seen)) == {"out_of_order"}


@pytest.mark.parametrize(
    "stray",
    [
        Seen(300, ROOM, "Ash", "Who is there?"),
        *said(3, "Birch", at=300),
        *said(9, "Ash", at=300),
        replace(said(3, "Ash", at=300)[0], room=8),
    ],
    ids=["other words", "another's answer", "asked by nobody", "in another room"],
)
def test_what_nobody_asked_for_is_stray(stray: Seen) -> None:
    assert "stray" in wrong(judged(*all_said(), stray))


def notice(to: int) -> Seen:
    return Seen(300, ROOM, "", "Ash can’t answer right now.", reply_to=to)


def test_a_mention_that_the_model_failed_may_be_told_of_instead() -> None:
    verdict = judged(*all_said()[1:], notice(100), excused={3: frozenset({3})})
    assert verdict.faults == []
    assert len(verdict.told) == 1


def test_a_notice_tells_of_all_that_was_asked_together() -> None:
    together = frozenset({3, 7})
    seen = [*said(4, "Birch", at=210), notice(101)]
    assert judged(*seen, excused={3: together, 7: together}).faults == []


def test_a_failure_of_which_nobody_was_told_is_lost() -> None:
    assert wrong(judged(*all_said()[1:], excused={3: frozenset({3})})) == {"lost"}


def test_a_notice_alone_excuses_nothing() -> None:
    assert wrong(judged(*all_said()[1:], notice(100))) == {"lost"}


def chained(turns: int) -> tuple[list[Mention], list[Seen], talk.Answers]:
    """Ash is asked 3 and calls Birch, who calls back, so many times."""
    answers = talk.Answers(calls={3: ("Ash", "Birch")})
    seen: list[Seen] = []
    for at, number in enumerate([3, *(3_001 + n for n in range(turns))]):
        seen += said(number, ("Ash", "Birch")[at % 2], at=200 + 10 * at, answers=answers)
    return [ASKED[0]], seen, answers


def test_characters_that_answer_one_another_within_the_budget_are_right() -> None:
    mentions, seen, answers = chained(CHAIN)
    verdict = check([*mentions, *calls(seen)], seen, answers.lines, {}, CHAIN)
    assert verdict.faults == []
    assert verdict.called == CHAIN


def test_a_call_need_not_be_answered() -> None:
    mentions, seen, answers = chained(0)
    verdict = check([*mentions, *calls(seen)], seen, answers.lines, {}, CHAIN)
    assert verdict.faults == []
    assert verdict.called == 0


def test_characters_that_run_away_are_seen() -> None:
    mentions, seen, answers = chained(CHAIN * 4)
    verdict = check([*mentions, *calls(seen)], seen, answers.lines, {}, CHAIN)
    assert "run_away" in wrong(verdict)


def test_a_call_that_is_answered_twice_is_seen() -> None:
    mentions, seen, answers = chained(2)
    seen.append(replace(seen[-1], id=900))
    asked = [*mentions, *calls(seen)]
    assert wrong(check(asked, seen, answers.lines, {}, CHAIN, starts=[50])) == {"twice"}
    assert wrong(check(asked, seen, answers.lines, {}, CHAIN, starts=[50, 800])) == set()


def test_who_was_called_twice_over_a_restart_may_answer_twice() -> None:
    mentions, seen, answers = chained(2)
    *_, last = seen
    calling = [one for one in seen if one.speaker == "Birch"]
    # The bot is started at 214, when only the call was made, and that is made again.
    seen += [replace(one, id=one.id + 5) for one in calling] + [replace(last, id=900)]
    asked, starts = [*mentions, *calls(seen)], [50, 214]
    assert wrong(check(asked, seen, answers.lines, {}, 2 * CHAIN, starts=starts)) == set()
    seen.append(replace(last, id=910))
    assert wrong(check(asked, seen, answers.lines, {}, 2 * CHAIN, starts=starts)) == {"twice"}


@pytest.mark.parametrize(
    "lines",
    [
        ["2026-11-21 14:23:31 ERROR bot.tasks: task bot/x failed"],
        ["2026-11-21 14:23:31 CRITICAL bot: no"],
        ["2026-11-21 14:23:31 WARNING asyncio: Task exception was never retrieved"],
        ["2026-11-21 14:23:31 WARNING bot: hm", "Traceback (most recent call last):", "KeyError"],
        ["sys:1: RuntimeWarning: coroutine 'x' was never awaited"],
        ["Exception ignored in: <function x>"],
        ["Traceback (most recent call last):", '  File "x.py", line 1', "ValueError"],
    ],
)
def test_an_exception_that_nobody_foresaw_is_seen_in_the_log(lines: list[str]) -> None:
    around = ["2026-11-21 14:23:30 INFO bot: ready", "2026-11-21 14:23:32 WARNING bot: so what"]
    (found,) = unforeseen([around[0], *lines, around[1]])
    assert found.endswith(lines[-1])


def test_what_is_foreseen_in_a_log_is_no_fault() -> None:
    head = "2026-11-21 14:23:31 ERROR "
    assert (
        unforeseen(
            [
                head + "discord.shard: Attempting a reconnect for shard ID 0 in 1.78s (Reset())",
                head + "bot.codex.instance: app-server 7 is given up: it hangs",
                "2026-11-21 14:23:31 WARNING bot.codex.process: app-server 7: ERROR codex: full",
            ]
        )
        == []
    )


@pytest.mark.parametrize(("shape", "counts"), [(talk.Shape(), plan.LONG), (talk.SHORT, plan.SHORT)])
def test_a_seed_draws_the_same_talk_and_the_same_faults(
    shape: talk.Shape, counts: dict[Kind, int]
) -> None:
    def drawn(seed: int) -> tuple[talk.Talk, list[plan.Fault]]:
        rng = random.Random(seed)
        return talk.draw(rng, shape), plan.draw(rng, shape, counts)

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    (drawn_talk, faults) = drawn(1)
    asked = [number for line in drawn_talk.lines for _, number in line.asks]
    assert asked == list(range(1, shape.mentions + 1))
    assert len(faults) == sum(counts.values())
    assert max(fault.at for fault in faults) <= shape.mentions - shape.calm


def test_every_kind_of_fault_is_in_the_long_form() -> None:
    assert set(plan.LONG) == set(Kind)
