"""Tokens of processes, and the thread that a call names."""

from __future__ import annotations

import json

import pytest

from mcp_servers.bearers import Bearers
from mcp_servers.callers import thread_of


def test_each_process_is_known_by_its_own_token_until_it_is_revoked():
    bearers = Bearers()
    mira, joe = "m" * 43, "j" * 43
    bearers.admit(mira, "mira")
    bearers.admit(joe, "joe")
    assert (bearers.process(mira), bearers.process(joe)) == ("mira", "joe")
    bearers.revoke(mira)
    bearers.revoke(mira)
    assert (bearers.process(mira), bearers.process(joe)) == (None, "joe")


@pytest.mark.parametrize("stranger", ["", "x", "é", "\udcff"])
def test_a_strangers_token_opens_nothing(stranger):
    bearers = Bearers()
    bearers.admit("m" * 43, "mira")
    assert bearers.process(stranger) is None


def test_tokens_do_not_show_in_a_repr():
    bearers = Bearers()
    bearers.admit("m" * 43, "mira")
    assert "mmm" not in repr(bearers)


@pytest.mark.parametrize(
    ("meta", "thread"),
    [
        ({"threadId": "a"}, "a"),
        ({"threadId": "a", "x-codex-turn-metadata": {"thread_id": "b"}}, "a"),
        ({"x-codex-turn-metadata": {"thread_id": "b"}}, "b"),
        ({"x-codex-turn-metadata": json.dumps({"thread_id": "b"})}, "b"),
        ({"x-codex-turn-metadata": "no json"}, None),
        ({"x-codex-turn-metadata": "[1]"}, None),
        ({"threadId": 7}, None),
        ({"threadId": ""}, None),
        ({"threadId": "x" * 201}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_thread_of_a_call_is_read_from_what_codex_sends(meta, thread):
    assert thread_of(meta) == thread
