"""No text of a stranger holds the loop: whatever reads one takes a time that grows with its length.

What people, cards, files and models write passes through each function below on the event loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.characters.front_matter import FrontMatterError
from bot.characters.front_matter import parse as front_matter
from bot.codex.lines import LineSplitter
from bot.discord_io import message_prefix
from bot.discord_io.attachments import TEXT_SHOWN
from bot.discord_io.intake import TEXT_LIMIT
from bot.domain import (
    action_arguments,
    addressing,
    continuing,
    cut_answers,
    dice,
    enclosing,
    graphemes,
    inline,
    markup,
    policy,
    quoting,
    repetition,
    sentences,
    speech,
    splitting,
    transcript,
    visible,
    wording,
    zones,
)
from bot.domain.character import name_fault
from bot.domain.splitting import LIMIT
from bot.domain.transcript_styles import STYLES
from bot.domain.utterance import Attachment
from bot.errors import TroupeError
from bot.tasks import AT_ONCE
from cogs import show
from tests import pace
from tests.unit.domain.talk import KAI, MIRA, STONE, said

LENGTH = 20_000
TRIES = 12

# Repeated to the length. What opens without closing, nests, nearly matches, or is one long run.
PATTERNS = (
    *("[", "](", "[x](", "[x](http://", "[[x](http://a)", "](http://a) "),
    *("*", "*x", "*x* ", "**x", "**x** ", "***x ", "*_", "_x", "__x ", "~~x", "*a _b ~~c __d **e "),
    *("|", "||", "||x", "||x|| ", "`", "`x", "`x` ", "``x", "``x``` "),
    *(
        "```",
        "```\n",
        "```py\nx\n```\n",
        "~~~\n",
        "\n```",
        "> ```\n",
        "```a b",
        "```py\n```\n",
        "``` ```` ",
    ),
    *("<", "<@", "<@1", "<:a:", "<:a:1>", "<t:", "<http://", "http://", "https://a ", "://"),
    *(" ", "\n", "\t\n", " \n", "\r", "\u2028", "> ", "> x\n", ">>> ", "-# ", "# ", "- ", "1. "),
    *(".", ". ", '..." ', "。", "!)", "\u3002\u300d", '"', "\u201d.", "-", "\\", "\\*", "\\|"),
    *("(", ")", ":", "·", "[a·", "[a · 1]", "[a · 1\n", "Mira", "Mira:", "**Mira", "Mira \n", "@"),
    *("@Mira", "@Mira ", "1", "1d", "d6+", "22:", "a/", "+", "\x00", "\u200b", "\ufe0f", "\u0301"),
    *(
        "e\u0301\u0302",
        "\U0001f1e9",
        "\U0001f468\u200d",
        "\u3164",
        "\ud800",
        "|\n",
        "| a | b\n|-|-\n",
    ),
    *("|-|-\n", ":bb:", "a.b", "[a.b](c://d) "),
    *("---\n", "a: ", "a:\n", "{", "\x1b[", "a-", "\u1100", "\u0915\u094d"),
    *("skip\n", "skip(\n", "Ben\n", "User:", "Action:\n", "</think>", "[x · 1] : "),
)
# One of each sign that is looked for before anything else is: without it most is left unread.
SIGNS = " [x · 1] : </think> skip( Action: User: ``` ~~~ || <s> @ {"
TEXTS = (
    *((pattern * LENGTH)[:LENGTH] for pattern in PATTERNS),
    *(f"x{sign * (LENGTH - 2)}x" for sign in " .\n*`"),
    "`" * 3 + "\n" + "`" * (LENGTH - 5) + "x",
    "*x" * (LENGTH // 4) + "*" * (LENGTH // 2),
    "[" * (LENGTH // 2) + "](http://a)" * (LENGTH // 22),
    *(
        (pattern * LENGTH)[: LENGTH - len(SIGNS)] + SIGNS
        for pattern in (" ", "\n", "\t\n", "x\n", "|\n", "```\n", "<", "*_", "a:\n", "skip\n")
    ),
)


Steps = Iterator[None]
"""Each step holds the loop; in between it is free."""


def _streamed(text: str) -> Steps:
    said_by_model = speech.Speech(MIRA)
    for at in range(0, LENGTH, AT_ONCE):
        said_by_model.add(text[at : at + AT_ONCE])
        repetition.second_round(said_by_model.so_far())
        yield


def _settled(text: str) -> Steps:
    said_by_model = speech.Speech(MIRA)
    said_by_model.settle(text[:AT_ONCE])
    yield
    said_by_model.settle(text, said_by_model.read("x"))
    yield
    repetition.second_round(said_by_model.so_far())
    yield
    visible.says_nothing(said_by_model.text())


def _full(text: str) -> Steps:
    said_by_model = speech.Speech(MIRA)
    for at in range(0, LENGTH, AT_ONCE):
        said_by_model.add(text[at : at + AT_ONCE])
        said_by_model.so_far()
        yield
    said_by_model.add("x" * AT_ONCE)


def _told(text: str) -> Steps:
    file = Attachment(text, "", 1, text, note=text, text=text[:TEXT_SHOWN])
    said_by_person = said(
        text[:TEXT_LIMIT], by=text, reply_to=1, reply_to_name=text, reply_to_text=text
    )
    for style in STYLES:
        transcript.render([replace(said_by_person, attachments=(file,))], style)
        yield


def _lines_of_a_process(text: str) -> None:
    LineSplitter(LENGTH * 4).feed(text.encode(errors="surrogatepass"))


# Discord's limit for what is written into an option of a command.
OPTION = 6_000
CAST = (MIRA, KAI, STONE)
# What reads a text as long as it can be there. Longer ones are read in a thread (`Aside`).
READERS: dict[str, Callable[[str], object]] = {
    "split": lambda text: splitting.split(text[:LIMIT]),
    "joined": lambda text: splitting.joined([text, text]),
    "enclosed": lambda text: enclosing.enclosed(text[:LIMIT]),
    "worded": lambda text: wording.worded(text[:LIMIT], {"bb": "<:bb:1>", "x": "<:x:1>"}),
    "seen at all": visible.says_nothing,
    "surrogates": visible.sound,
    "a spoiler while it is written": lambda text: inline.veiled(text[:LIMIT]),
    "the end of a sentence": sentences.has_ended,
    "graphemes": lambda text: [
        graphemes.is_inside(text, at, at - 2_000) for at in range(2_000, LENGTH, 2_000)
    ],
    "plain": lambda text: markup.plain(text[:OPTION]),
    "code": markup.code,
    "quoted": lambda text: quoting.quoted(text, [said(text)]),
    "addressed": lambda text: addressing.addressed(said(text[:TEXT_LIMIT]), CAST),
    "called by a character": lambda text: addressing.named(text, CAST, by_mark=True),
    "keywords": lambda text: addressing.called_by_keyword(text[:TEXT_LIMIT], CAST),
    "speech as it comes": _streamed,
    "speech that is whole": _settled,
    "speech that is full": _full,
    "told to a model": _told,
    "dice": dice.parse,
    "time zone": zones.zone_named,
    "quiet hours": lambda text: policy.quiet_hours(text, "UTC"),
    "file name": action_arguments.file_name,
    "one line": action_arguments.one_line,
    "a character’s name": name_fault,
    "front matter": lambda text: front_matter(f"---\nname: x\n---\n{text}"),
    "front matter’s body": lambda text: front_matter(text),
    "a cut answer": lambda text: cut_answers.marked(text[:LIMIT]),
    "the open end of a cut answer": lambda text: cut_answers.open_end(f"{text} {cut_answers.CUT}"),
    "an answer that goes on": lambda text: (
        continuing.continued(text, text, was_cut=True),
        continuing.continued(text[:999], text[9:], was_cut=True, is_whole=False),
    ),
    "reply line": lambda text: message_prefix.reply_line(text, 1, 2, 3),
    "reply line off": lambda text: message_prefix.reply_line_of("-# ↪ [" + text),
    "undressed": lambda text: message_prefix.undressed(text, "Mira"),
    "name line off": lambda text: message_prefix.named_in("**" + text),
    "command’s line off": lambda text: message_prefix.said_by_command("**" + text),
    "a process’s lines": _lines_of_a_process,
    "fitted rows": lambda text: show.fitted(text.splitlines()),
}


def longest(read: Callable[[str], object], text: str) -> float:
    """How long its longest step holds the loop, where ten milliseconds of a free machine are 1.

    The least of several tries, in turns with the additions that are the measure.
    """
    steps = _steps(read, text)
    if max(steps) < pace.FREE:
        return max(steps) / pace.FREE
    additions = pace.additions()
    for _ in range(TRIES):
        steps = [min(pair) for pair in zip(steps, _steps(read, text), strict=True)]
        additions = min(additions, pace.additions())
        if max(steps) < additions:
            break
    return max(steps) / additions


def _steps(read: Callable[[str], object], text: str) -> list[float]:
    taken: list[float] = []
    began = time.thread_time()
    with suppress(TroupeError, FrontMatterError, UnicodeError):
        done = read(text)
        for _ in done if isinstance(done, Iterator) else ():
            taken.append(time.thread_time() - began)
            began = time.thread_time()
    return [*taken, time.thread_time() - began]


def test_there_are_forty_texts_that_are_all_of_the_length() -> None:
    assert len(set(TEXTS)) >= 40
    assert {len(text) for text in TEXTS} <= {LENGTH, *range(LENGTH - 22, LENGTH)}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", READERS)
def test_no_text_holds_the_loop_for_ten_milliseconds(name: str) -> None:
    slow = {
        text[:12]: round(taken, 2) for text in TEXTS if (taken := longest(READERS[name], text)) >= 1
    }
    assert slow == {}
