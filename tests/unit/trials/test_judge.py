"""The judge of the trials must see what a room may not show, and nothing else."""

from __future__ import annotations

import pytest

from trials.judge import FOREIGN, HEADER, JSON, LABEL, MARK, NUMBER, Cast, judge

CAST = Cast("Mira", ("Ann", "Ben [mod]", "Cleo: the Bold", "李雷", "Rask"))


def kinds(shown: str, *raw: str) -> set[str]:
    return {fault.kind for fault in judge(shown, raw, CAST)}


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        ("[Ann · 80351110224678912 · 21 Nov 12:04]\n  hello", HEADER),
        ("[Ann · character]", HEADER),
        ("It was [Ben, 30 Nov 03:13] who said so.", HEADER),
        ("You are 80351110224678912.", NUMBER),
        ("Mira: come in!", LABEL),
        ("**Mira:** come in!", LABEL),
        ("Come in!\nAnn: thank you.", FOREIGN),
        ("> **Rask**: no.", FOREIGN),
        ("李雷:你好", FOREIGN),
        ("user: and now?", FOREIGN),
        ("Good night.<|im_end|>", MARK),
        ("<|im_start|>user", MARK),
        ("</s>", MARK),
        ("### Response: yes", MARK),
        ('{"name": "roll_dice", "arguments": {}}', JSON),
        ('[{"tool": "skip"}]', JSON),
    ],
)
def test_what_may_not_be_shown_is_seen(shown: str, kind: str) -> None:
    assert kind in kinds(shown)


@pytest.mark.parametrize(
    "shown",
    [
        "Come in, Ann: there is soup.",
        "Ben said he has had enough, and I believe him.",
        "<@80351110224678912>, come in!",
        "Note: mind the step. It is 12:04 already.",
        "- tea\n- soup\n- a chair [by the fire]",
        "I rolled {2d6} and 1 < 2.",
    ],
)
def test_plain_speech_is_no_fault(shown: str) -> None:
    assert not kinds(shown)


@pytest.mark.parametrize(
    "raw",
    [
        "[Ben · 157612345678901234 · 30 Nov 03:13]  I have had enough of this.",
        "[Ben · 157612345678901234 · 30 Nov 03:13]\n  I have had enough of this.",
        "Soup.\nAnn: I have had enough of this.",
        "[Zed · 1 · now] I have had enough of this.",
    ],
)
def test_words_under_anothers_name_are_foreign_though_the_name_was_cut(raw: str) -> None:
    assert kinds("I have had enough of this.", raw) == {FOREIGN}
    assert not kinds("Soup.", raw)


def test_words_under_the_own_name_are_the_characters_own() -> None:
    raw = "[Mira · character · 30 Nov 03:13]\n  Come in and sit down."
    assert not kinds("Come in and sit down.", raw)
