"""The page that a person looks at."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bot.endpoint.table import Row
from bot.web.status import span
from bot.web.views import ModelView
from tests.integration.web.parts import MIRA


class Cells(HTMLParser):
    """The words of a page, and the tags that it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        if data.strip() and self.tags[-1] != "style":
            self.words.append(data.strip())


async def test_the_page_shows_the_bot_at_a_glance(web):
    answer = await web.get("/")
    page = Cells(answer.text)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "All is well" in page.words
    assert "Troupe 0.1.0 · up 1 d 2 h · Codex 0.163.0" in page.words
    row = page.words[page.words.index("Mira") :][:9]
    assert row == ["Mira", "4711", "1 h 2 min", "busy", "12", "1,234", "5,678,901", "90 MB", "–"]
    assert "42 s" in page.words
    for link in ("/healthz", "/health/codex", "/metrics"):
        assert f'href="{link}"' in answer.text
    assert 'http-equiv="refresh"' in answer.text


async def test_a_starting_app_server_has_no_process_and_no_memory_yet(web):
    starting = replace(MIRA, state="starting", pid=None, memory=None, age=0.2)
    web.change_pool(instances=(starting,))
    words = Cells((await web.get("/")).text).words
    assert words[words.index("Mira") :][:4] == ["Mira", "–", "0 s", "starting"]
    assert (await web.get("/metrics")).status_code == 200


async def test_the_page_says_who_can_be_summoned(web):
    many = [(f"Guest {number}", "") for number in range(300)]
    people = (("Mira", "Keeps an <b>inn</b>."), *many)
    web.view = replace(web.view, characters=people)
    page = Cells((await web.get("/")).text)
    at = page.words.index("Characters")
    assert page.words[at : at + 3] == ["Characters", "Mira", "Keeps an <b>inn</b>."]
    assert "… and 101 more" in page.words
    web.view = replace(web.view, characters=())
    assert "Characters" not in Cells((await web.get("/")).text).words


async def test_what_comes_from_outside_is_shown_as_text(web):
    nasty = "<script>alert(1)</script>\"'&"
    web.change_pool(instances=(replace(MIRA, character=nasty, last_error=nasty),))
    web.problems["redis"] = nasty
    page = Cells((await web.get("/")).text)
    assert "script" not in page.tags
    assert page.words.count(nasty) == 3


async def test_the_page_may_load_nothing_and_be_framed_by_nobody(web):
    answer = await web.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


async def test_secrets_are_cut_out_and_long_errors_are_short(web):
    web.redactor.learn("sk-1234567890")
    error = "401: key sk-1234567890 was refused " + "x" * 5_000
    web.change_pool(instances=(replace(MIRA, last_error=error),))
    answer = await web.get("/")
    assert "sk-1234567890" not in answer.text
    assert "x" * 300 not in answer.text


async def test_trouble_changes_the_headline(web):
    web.change_pool(instances=(replace(MIRA, healthy=False),))
    assert "An app-server is sick" in Cells((await web.get("/")).text).words
    web.change_pool(draining=True, instances=())
    words = Cells((await web.get("/")).text).words
    assert "The pool is draining" in words
    assert "None runs: the next message starts one." in words
    web.problems["discord"] = "not connected"
    assert "Something is wrong" in Cells((await web.get("/")).text).words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3_600, "1 h 0 min"),
        (90_061, "1 d 1 h"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(seconds, words):
    assert span(seconds) == words


async def test_a_model_is_shown_as_a_table_with_what_is_wrong(web):
    rows = (Row("window", "8,192 tokens"), Row("key", "refused: it refuses the key", "Set it."))
    web.view = replace(web.view, models=(ModelView("<b>qwen</b>", rows),))
    answer = await web.get("/")
    words = Cells(answer.text).words
    assert words[words.index("window") :][:5] == [
        *("window", "8,192 tokens", "key"),
        *("refused: it refuses the key", "→ Set it."),
    ]
    assert "<b>qwen</b>" not in answer.text


async def test_what_is_off_is_told_and_lights_the_lamp(web):
    web.view = replace(web.view, notes=(("Character file", "<i>mira</i>: no name"),))
    answer = await web.get("/")
    assert "Something needs a look" in answer.text
    assert "&lt;i&gt;mira&lt;/i&gt;: no name" in answer.text
    assert (await web.get("/healthz")).status_code == 200


async def test_secrets_are_cut_out_of_models_and_notes(web):
    web.redactor.learn("hunter22secret")
    row = Row("answer", "hunter22secret", "hunter22secret")
    web.view = replace(
        web.view,
        models=(ModelView("hunter22secret", (row,)),),
        notes=(("Model", "hunter22secret"),),
    )
    assert "hunter22secret" not in (await web.get("/")).text
