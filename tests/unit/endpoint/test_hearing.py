"""What an event stream tells: words, calls, an error, and how fast it came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bot.endpoint.asking import Reply, ReplyParser


def heard(*events: Mapping[str, object], times: tuple[float, ...] = ()) -> Reply:
    clock: Iterator[float] = iter((0.0, *times))
    reply = Reply()
    reply_parser = ReplyParser(reply, lambda: next(clock))
    for event in events:
        reply_parser.take(f"data: {json.dumps(event)}".encode())
    return reply


def words(text: str) -> dict[str, object]:
    return {"type": "response.output_text.delta", "delta": text}


def ended(tokens: int) -> dict[str, object]:
    return {"type": "response.completed", "response": {"usage": {"output_tokens": tokens}}}


def test_speed_counts_from_the_first_delta_on() -> None:
    reply = heard(words("one"), words(" two"), ended(21), times=(0.5, 2.5))
    assert (reply.first_words, reply.speed) == (0.5, 10.0)
    assert reply.ok


def test_an_answer_that_came_all_at_once_has_no_speed() -> None:
    assert heard(words("one"), words(" two"), ended(21), times=(0.5, 0.51)).speed is None


def test_a_model_that_thinks_first_has_begun() -> None:
    thinking = {"type": "response.reasoning_text.delta", "delta": "hm"}
    reply = heard(thinking, ended(9), times=(0.25,))
    assert (reply.first_words, reply.text, reply.ok) == (0.25, "", True)


def test_an_answer_that_was_cut_at_its_limit_is_one() -> None:
    limit = {"type": "response.incomplete", "response": {}}
    assert heard(words("one"), limit, times=(0.1,)).ok


def test_an_error_within_the_stream_is_one() -> None:
    error = {"code": "server_error", "message": "out of\nmemory"}
    reply = heard({"type": "response.failed", "response": {"error": error}})
    assert (reply.ok, reply.error, reply.code) == (False, "out of memory", "server_error")


def test_what_is_no_event_changes_nothing() -> None:
    reply = Reply()
    reply_parser = ReplyParser(reply)
    for row in (b"", b": ping", b"data: [DONE]", b"data: 7", b"data: {", b"data: null"):
        reply_parser.take(row)
    assert reply == Reply()
