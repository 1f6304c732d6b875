"""No text of a stranger holds the loop: whatever reads one takes a time that grows with its length.

What people, cards, files and models write passes through each function below on the event loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.characters.front_matter import FrontMatterError
from bot.characters.front_matter import parse as front_matter
from bot.codex.lines import LineSplitter
from bot.discord_io import dressing
from bot.domain import (
    actions,
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
    sentences,
    speech,
    splitting,
    transcript,
    visible,
    wording,
    zones,
)
from bot.domain.character import name_fault
from bot.domain.transcript_styles import STYLES
from bot.domain.utterance import Attachment
from bot.errors import TroupeError
from cogs import show
from tests.unit.domain.talk import KAI, MIRA, STONE, said

LENGTH = 20_000
# Seconds of this process's own time, for a bar of 10 ms on a machine of its own: what is quadratic
# takes seconds.
BAR = 0.05
TRIES = 4

# Repeated to the length. What opens without closing, nests, nearly matches, or is one long run.
PATTERNS = (
    *("[", "](", "[x](", "[x](http://", "[[x](http://a)", "](http://a) "),
    *("*", "*x", "*x* ", "**x", "**x** ", "***x ", "*_", "_x", "__x ", "~~x", "*a _b ~~c __d **e "),
    *("|", "||", "||x", "||x|| ", "`", "`x", "`x` ", "``x", "``x``` "),
    *("```", "```\n", "```py\nx\n```\n", "~~~\n", "\n```", "> ```\n", "```a b", "``` ```` "),
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
    *("---\n", "a: ", "{", "\x1b[", "a-", "\u1100", "\u0915\u094d"),
)
TEXTS = (
    *((pattern * LENGTH)[:LENGTH] for pattern in PATTERNS),
    *(f"x{sign * (LENGTH - 2)}x" for sign in " .\n*`"),
    "`" * 3 + "\n" + "`" * (LENGTH - 5) + "x",
    "*x" * (LENGTH // 4) + "*" * (LENGTH // 2),
    "[" * (LENGTH // 2) + "](http://a)" * (LENGTH // 22),
)


def _speech(text: str) -> None:
    said_by_model = speech.Speech(MIRA)
    said_by_model.add(text)
    said_by_model.so_far()
    said_by_model.so_far(newest=True)
    said_by_model.settle(text)
    said_by_model.text()


def _transcript(text: str) -> None:
    file = Attachment(text, "", 1, text, note=text, text=text)
    answer = said(text, by=text, reply_to=1, reply_to_name=text, reply_to_text=text)
    for style, form in STYLES.items():
        talk = [replace(answer, attachments=(file,))]
        form.read(transcript.render(talk, style))


def _lines_of_a_process(text: str) -> None:
    LineSplitter(LENGTH * 4).feed(text.encode(errors="surrogatepass"))


CAST = (MIRA, KAI, STONE)
READERS: dict[str, Callable[[str], object]] = {
    "split": splitting.split,
    "joined": lambda text: splitting.joined([text, text]),
    "enclosed": enclosing.enclosed,
    "worded": lambda text: wording.worded(text, {"bb": "<:bb:1>", "x": "<:x:1>"}),
    "seen at all": visible.says_nothing,
    "surrogates": visible.sound,
    "a spoiler while it is written": inline.veiled,
    "the end of a sentence": sentences.has_ended,
    "graphemes": lambda text: [
        graphemes.is_inside(text, at, at - 2_000) for at in range(2_000, LENGTH, 2_000)
    ],
    "plain": markup.plain,
    "code": markup.code,
    "quoted": lambda text: quoting.quoted(text, [said(text)]),
    "addressed": lambda text: addressing.addressed(said(text), CAST),
    "keywords": lambda text: addressing.called_by_keyword(text, CAST),
    "speech": _speech,
    "transcript": _transcript,
    "dice": dice.parse,
    "time zone": zones.zone_named,
    "quiet hours": lambda text: policy.quiet_hours(text, "UTC"),
    "file name": actions.file_name,
    "one line": actions.one_line,
    "a character’s name": name_fault,
    "front matter": lambda text: front_matter(f"---\nname: x\n---\n{text}"),
    "front matter’s body": lambda text: front_matter(text),
    "a cut answer": lambda text: cut_answers.open_end(cut_answers.marked(text)),
    "an answer that goes on": lambda text: (
        continuing.continued(text, text, was_cut=True),
        continuing.continued(text[:999], text[9:], was_cut=True, is_whole=False),
    ),
    "reply line": lambda text: dressing.reply_line(text, 1, 2, 3),
    "reply line off": lambda text: dressing.reply_line_of("-# ↪ [" + text),
    "undressed": lambda text: dressing.undressed(text, "Mira"),
    "name line off": lambda text: dressing.named_in("**" + text),
    "command’s line off": lambda text: dressing.said_by_command("**" + text),
    "a process’s lines": _lines_of_a_process,
    "fitted rows": lambda text: show.fitted(text.splitlines()),
}


def seconds(read: Callable[[str], object], text: str) -> float:
    """The least of a few tries: others may have had the processor, or the memory, in the rest."""
    best = float("inf")
    for _ in range(TRIES):
        began = time.process_time()
        with suppress(TroupeError, FrontMatterError, UnicodeError):
            read(text)
        best = min(best, time.process_time() - began)
        if best < BAR:
            break
    return best


def test_there_are_forty_texts_that_are_all_of_the_length() -> None:
    assert len(set(TEXTS)) >= 40
    assert {len(text) for text in TEXTS} <= {LENGTH, *range(LENGTH - 22, LENGTH)}


@pytest.mark.parametrize("name", READERS)
def test_no_text_holds_the_loop(name: str) -> None:
    slow = {
        text[:12]: round(taken, 3)
        for text in TEXTS
        if (taken := seconds(READERS[name], text)) >= BAR
    }
    assert slow == {}
