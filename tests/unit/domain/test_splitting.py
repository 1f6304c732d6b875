"""Cutting a text into messages: nothing lost, nothing torn that need not be."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.domain.splitting import LIMIT, joined, pieces, split
from tests.unit.domain.discord_markup import shown

LINES = st.one_of(
    st.text(alphabet=st.sampled_from("abc .!?\n`~*_[]()>-é\U0001f600\u200d\ufe0f"), max_size=300),
    st.sampled_from(
        ["```", "```py", "~~~", "````md", "  ```js", "> ```", "- ```sh", "", "code```", "x" * 250]
    ),
)
TEXTS = st.lists(LINES, max_size=30).map("\n".join)
SIGNS = re.compile(r"[\s>`~*_|#-]+")


@given(TEXTS, st.integers(100, 400))
def test_the_bodies_joined_are_the_text(text, limit):
    made = list(pieces(text, limit))
    assert "".join(piece.body for piece in made) == text
    assert split(text, limit) == [piece.text for piece in made if piece.body.strip()]


@given(TEXTS, st.integers(100, 400))
def test_no_message_is_blank_or_too_long(text, limit):
    for message in split(text, limit):
        assert message.strip()
        assert len(message) <= limit


@given(TEXTS, st.integers(100, 400))
def test_what_is_added_is_only_markup(text, limit):
    for piece in pieces(text, limit):
        if "```" not in text and "~~~" not in text:
            assert SIGNS.sub("", piece.text) == SIGNS.sub("", piece.body)


def test_a_short_text_is_left_as_it_is():
    assert split("Hello!\n") == ["Hello!\n"]
    assert split("") == []
    assert split(" \n ") == []


def test_a_limit_without_room_for_fences_is_refused():
    with pytest.raises(ValueError):
        split("text", 50)


def test_length_is_counted_in_code_points():
    assert split("\U0001f600" * LIMIT) == ["\U0001f600" * LIMIT]
    assert [len(part) for part in split("\U0001f600" * (LIMIT + 1))] == [LIMIT, 1]


def test_paragraphs_are_preferred_over_lines_and_sentences():
    first, second = "One. Two.\nThree. " * 3, "Four. Five.\nSix. " * 3
    assert split(f"{first}\n\n{second}", 100) == [f"{first}\n\n", second]


def test_sentences_are_preferred_over_words():
    text = "This is the first sentence of all of them here. " + "word " * 20
    assert split(text, 100)[0] == "This is the first sentence of all of them here. "


def test_a_word_is_torn_only_when_there_is_no_space():
    assert [len(part) for part in split("x" * 250, 100)] == [100, 100, 50]
    assert all(part.strip().split(" ")[0] == "word" for part in split("word " * 100, 101))


@pytest.mark.parametrize(
    ("opener", "reopened", "closer"),
    [
        ("```py", "```py", "```"),
        ("```", "```", "```"),
        ("~~~js", "~~~js", "~~~"),
        ("`````md", "`````md", "`````"),
        ("  ```sh", "  ```sh", "  ```"),
        ("> ```sh", "> ```sh", "> ```"),
        ("- ```sh", "  ```sh", "  ```"),
        ('```py title="a.py"', "```py", "```"),
    ],
)
def test_a_torn_block_is_closed_and_opened_again_with_its_language(opener, reopened, closer):
    lead = closer.rstrip("`~")
    code = "".join(f"{lead}line {number}\n" for number in range(40))
    first, *middle, last = split(f"{opener}\n{code}{closer}\nDone.", 150)
    assert first.startswith(opener)
    for part in (*middle, last):
        assert part.startswith(f"{reopened}\n{lead}line ")
    for part in (first, *middle):
        assert part.splitlines()[-1] == closer
    assert "Done." in last


def test_a_block_that_fits_a_message_is_not_torn():
    block = "```py\n" + "x = 1\n" * 14 + "```"
    assert split(f"Here it is:\n{block}\nThat was it.", 100) == [
        "Here it is:\n",
        f"{block}\n",
        "That was it.",
    ]


def test_a_shorter_run_inside_does_not_close_a_longer_fence():
    text = "````md\n" + "```py\nx = 1\n```\n" * 12 + "````"
    for part in split(text, 120):
        assert part.startswith("````md\n")
        assert part.rstrip().endswith("````")


def test_a_block_closed_at_the_end_of_its_last_line_is_over():
    text = "```\none\ntwo```\n" + "After the block. " * 20
    assert not any(part.startswith("```") for part in split(text, 100)[1:])


def test_a_block_left_open_is_closed():
    assert split("Look:\n```py\nx = 1") == ["Look:\n```py\nx = 1\n```"]


def test_no_empty_block_is_left_at_a_cut():
    text = "Words. " * 13 + "\n```py\n" + "y = 2\n" * 30 + "```\n"
    for part in split(text, 100):
        assert not re.search(r"```(py)?\n+```", part)


def test_inline_markup_is_not_torn_at_its_spaces():
    text = "word " * 17 + "see [the long page](https://example.org/a) and more"
    assert split(text, 100)[1].startswith("[the long page](https://example.org/a)")


def test_an_emoji_of_several_code_points_is_not_torn():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    parts = split("x" * 97 + family + "y" * 10, 100)
    assert parts == ["x" * 97, family + "y" * 10]


def test_five_thousand_characters_with_code_stay_whole_and_in_order():
    prose = "The road goes ever on and on, down from the door where it began. " * 25
    code = "```python\n" + "".join(f"print({n})  # step {n}\n" for n in range(90)) + "```\n"
    text = f"{prose}\n\n{code}\n{prose}"
    assert len(text) > 5000
    parts = split(text)
    assert len(parts) <= 5
    assert [int(n) for n in re.findall(r"print\((\d+)\)", "".join(parts))] == list(range(90))
    assert all(part.count("```") % 2 == 0 for part in parts)


def test_messages_are_joined_to_the_text_that_was_split():
    code = "```python\n" + "".join(f"print({n})\n" for n in range(400)) + "```"
    text = f"First a word.\n{code}\nThen another."
    # Discord trims what it shows.
    assert joined([part.strip() for part in split(text)]) == text
    assert joined(["One.", "Two."]) == "One.\nTwo."
    assert joined([]) == ""


def test_messages_are_joined_where_a_spoiler_was_torn():
    text = "||" + "A secret of many words. " * 12 + "|| and nothing more."
    parts = split(text, 100)
    assert len(parts) > 3
    assert all(part.count("||") == 2 for part in parts[:-1])
    assert joined([part.strip() for part in parts]).split() == text.split()


@pytest.mark.parametrize("mark", ["*", "_", "**", "__", "~~", "||", "`", "***", "**__"])
def test_a_torn_stretch_is_closed_and_opened_again(mark):
    back = "".join(re.findall(r"\*\*|__|.", mark)[::-1]) if mark == "**__" else mark
    text = f"Look: {mark}{'some words in a row ' * 40}so{back} it is."
    for part in split(text, 100)[1:-2]:
        assert part.startswith(mark)
        assert part.rstrip().endswith(back)
        assert not part.rstrip().removesuffix(back).endswith(" ")


@pytest.mark.parametrize("prefix", ["> ", "-# ", "> -# ", ">>> ", "# "])
def test_what_a_line_is_goes_on_in_the_next_message(prefix):
    parts = split(prefix + "some words in a row " * 30, 100)
    assert len(parts) > 5
    assert all(part.startswith(prefix) for part in parts)


def test_all_that_follows_a_quote_of_the_rest_is_quoted():
    parts = split(">>> " + "A line that is quoted.\n" * 20, 100)
    assert all(part.startswith(">>> ") for part in parts)


def test_bold_in_a_quote_is_opened_behind_its_sign():
    text = "> **" + "\n> ".join(["some words in a row and more"] * 20) + "**"
    for part in split(text, 100)[1:]:
        assert part.startswith("> **")
    assert all("> **\n" not in part for part in split(text, 100))


def test_code_in_a_spoiler_stays_hidden():
    text = "||```py\n" + "x = 1\n" * 60 + "```||\nThe end."
    *hidden, last = split(text, 100)
    for part in hidden[:-1]:
        assert part.startswith("||```py\n")
        assert part.rstrip().endswith("```||")
    assert last.endswith("The end.")


@pytest.mark.parametrize(
    "sign",
    [
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
        "\U0001f469\U0001f3fd\u200d\U0001f680",
        "\U0001f1e9\U0001f1ea",
        "e\u0301\u0328",
        "\u1112\u1161\u11ab",
        "\u0928\u093f",
        "<:pepehappy:123456789012345678>",
        "<t:1700000000:R>",
        "<@123456789012345678>",
        "<#123456789012345678>",
        "</room why:123456789012345678>",
        "[here](https://example.org/a_(b))",
        "\\*",
    ],
)
def test_what_is_one_sign_is_never_torn(sign):
    for ahead in range(85, 101):
        text = "x" * ahead + sign * 9
        parts = split(text, 100)
        assert "".join(parts) == text
        assert all(part.replace(sign, "").strip("x") == "" for part in parts)


WORDS = st.lists(
    st.sampled_from(["cat", "dog.", "bird!", "word " * 9 + "end", "\u4f60\u597d\u3002"]),
    min_size=1,
    max_size=6,
).map(" ".join)


@st.composite
def _nested(draw, left=("*", "_", "~", "|")):
    """Words, some of them in marks, each of which stands in no other of its sign."""
    if not left or draw(st.booleans()):
        return draw(WORDS)
    sign = draw(st.sampled_from(left))
    mark = sign * (draw(st.integers(1, 2)) if sign == "*" else 2)
    rest = tuple(one for one in left if one != sign)
    inner = " and ".join(draw(_nested(rest)) for _ in range(draw(st.integers(1, 2))))
    return f"so {mark}{inner}{mark} so"


LINES_OF_MARKUP = st.one_of(
    _nested(),
    WORDS.map(lambda words: f"> {words}"),
    WORDS.map(lambda words: f"-# {words}"),
    WORDS.map(lambda words: f"so `{words}` so"),
)
WELL_FORMED = st.lists(LINES_OF_MARKUP, max_size=6).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(WELL_FORMED, st.integers(100, 300))
def test_every_word_looks_in_its_message_as_it_did_in_the_text(text, limit):
    def words(shown_text):
        return [(sign, looks) for sign, looks in shown(shown_text) if sign.isalpha()]

    assert [one for part in split(text, limit) for one in words(part)] == words(text)


ANYTHING = st.lists(
    st.sampled_from(
        [
            *("aa", "b", "cat ", "dog. ", " ", "\n", "\n\n", "||", "*", "**", "_", "__", "~~"),
            *("`", "``", "\\", "> ", "\n> ", "-# ", "\n-# ", "- ", "word " * 8, "x" * 40),
        ]
    ),
    max_size=60,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(ANYTHING)
def test_what_a_spoiler_hides_stays_hidden_however_the_text_is_made(text):
    assume("```" not in text and "~~~" not in text)
    whole = [one for one in shown(text) if one[0].isalpha()]
    sent = [one for part in split(text, 100) for one in shown(part) if one[0].isalpha()]
    assert [sign for sign, _ in sent] == [sign for sign, _ in whole]
    for (_, before), (_, after) in zip(whole, sent, strict=True):
        assert "spoiler" not in before or "spoiler" in after


@pytest.mark.parametrize("marks", ["||**", "**", "~~__"])
@pytest.mark.parametrize("letters", range(60, 101))
def test_a_message_before_a_block_has_room_for_the_marks_it_closes(marks: str, letters: int):
    text = f"{marks}{'a' * letters}\n```\nx\nx\n```\nb b{' b' * 30} {marks[::-1]}"
    assert max(len(message) for message in split(text, 100)) <= 100
