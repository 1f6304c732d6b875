"""What goes out as a file, and what stands in its place."""

from __future__ import annotations

import pytest

from bot.domain.enclosing import BEGINNING, BLOCK_LIMIT, TEXT_LIMIT, Letter, enclosed
from bot.domain.fences import blocks
from bot.domain.splitting import LIMIT, split

LINE = "x = 1  # a line of code\n"
CODE = LINE * (BLOCK_LIMIT // len(LINE) + 1)


def test_a_text_that_people_can_read_stays_a_text():
    text = "Look:\n```python\n" + LINE * 20 + "```\nThat is all."
    assert enclosed(text) == Letter(text)


def test_a_long_block_becomes_a_file_of_its_language_and_the_rest_stays():
    letter = enclosed(f"Here it is:\n```python\n{CODE}```\nRun it with care.")
    assert letter.text == "Here it is:\n-# 📎 `code.py`\nRun it with care."
    (file,) = letter.files
    assert (file.name, file.text) == ("code.py", CODE)


def test_several_long_blocks_have_names_of_their_own():
    letter = enclosed(f"```sh\n{CODE}```\nand\n~~~\n{CODE}~~~\n```py\nshort()\n```")
    assert [file.name for file in letter.files] == ["code.sh", "code-2.txt"]
    assert letter.text == "-# 📎 `code.sh`\nand\n-# 📎 `code-2.txt`\n```py\nshort()\n```"


def test_a_block_that_is_never_closed_goes_on_to_the_end():
    letter = enclosed(f"So:\n```js\n{CODE}")
    assert letter.text == "So:\n-# 📎 `code.js`"
    assert letter.files[0].text == CODE


@pytest.mark.parametrize("language", ["exe", "../../etc/passwd", "html?x", "PYTHON\u202e"])
def test_a_files_name_is_never_the_models(language: str):
    (file,) = enclosed(f"```{language}\n{CODE}```").files
    assert file.name == "code.txt"


def test_a_very_long_text_is_its_beginning_and_a_document():
    text = "One sentence that is said again and again. " * 400
    assert len(text) > TEXT_LIMIT
    letter = enclosed(text)
    assert letter.files[0].name == "whole.md"
    assert letter.files[0].text == text
    beginning, mark = letter.text.split("\n\n")
    assert text.startswith(beginning)
    assert BEGINNING / 2 < len(beginning) <= BEGINNING
    assert mark == "-# 📎 `whole.md`"
    assert len(split(letter.text, LIMIT)) == 1


def test_blocks_are_found_as_discord_shows_them():
    text = "a\n```py\nb = 1```\nc\n> ```\n> d\n> ```\n"
    assert [(one.fence.language, one.code(text)) for one in blocks(text)] == [
        ("py", "b = 1"),
        ("", "> d\n"),
    ]
    assert [text[one.start : one.end] for one in blocks(text)] == [
        "```py\nb = 1```\n",
        "> ```\n> d\n> ```\n",
    ]
