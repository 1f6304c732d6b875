"""Lines out of chunks, however the chunks fall."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.codex.lines import LineSplitter


@given(st.lists(st.binary(max_size=30)), st.data())
def test_lines_do_not_depend_on_where_the_chunks_end(
    parts: list[bytes], data: st.DataObject
) -> None:
    stream = b"\n".join(parts)
    splitter = LineSplitter(1_000)
    found: list[bytes] = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += splitter.feed(stream[:size])
        stream = stream[size:]
    whole = b"\n".join(parts).split(b"\n")
    assert found == [line for line in whole[:-1] if line]
    assert splitter.rest() == whole[-1]


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1), st.integers(1, 15))
def test_only_lines_over_the_limit_are_dropped(lines: list[bytes], step: int) -> None:
    lines = [line.replace(b"\n", b"x") for line in lines]
    stream = b"".join(line + b"\n" for line in lines)
    splitter = LineSplitter(10)
    found: list[bytes] = []
    for start in range(0, len(stream), step):
        found += splitter.feed(stream[start : start + step])
    assert found == [line for line in lines if len(line) <= 10]
    assert splitter.dropped == sum(len(line) > 10 for line in lines)


def test_the_rest_of_a_line_that_is_too_long_is_not_taken_for_a_line() -> None:
    splitter = LineSplitter(4)
    assert splitter.feed(b"12345") == []
    assert splitter.feed(b"678") == []
    assert splitter.feed(b"9\nok\n") == [b"ok"]
    assert splitter.dropped == 1
