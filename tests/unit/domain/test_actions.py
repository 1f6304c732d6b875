"""What every action declares about itself."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.domain.action_arguments import Poll
from bot.domain.actions import (
    ACTION_NAMES,
    Action,
    BaseAction,
    OpenThread,
    Pin,
    Power,
    React,
    ReplyTo,
    RoomAction,
    SendFile,
    SetMood,
    SetStatus,
    Skip,
    StartPoll,
    Target,
    Whisper,
)
from bot.domain.enclosing import Enclosure

KINDS: tuple[type[BaseAction], ...] = get_args(Action)
POWERS = {
    React: Power.REACT,
    StartPoll: Power.POLL,
    OpenThread: Power.THREAD,
    Pin: Power.PIN,
    SendFile: Power.FILE,
}


def test_every_action_has_a_name_and_a_label_of_its_own() -> None:
    assert len({kind.name for kind in KINDS}) == len({kind.label for kind in KINDS}) == len(KINDS)


def test_a_room_can_deny_every_action_but_silence() -> None:
    assert {*ACTION_NAMES} == {kind.name for kind in KINDS} - {Skip.name}


@pytest.mark.parametrize("kind", get_args(RoomAction))
def test_an_action_takes_the_power_that_discord_guards_it_by(kind: type[RoomAction]) -> None:
    assert kind.power is POWERS.get(kind)


def test_only_what_posts_or_whispers_or_opens_is_unsafe_to_repeat() -> None:
    unsafe = {kind for kind in KINDS if not kind.idempotent}
    assert unsafe == {StartPoll, OpenThread, SendFile, Whisper}


def test_an_action_names_the_message_that_it_is_about() -> None:
    assert React("🔥").target == OpenThread("Soup").target == Pin().target == Target()
    assert Pin("soup").target == ReplyTo("soup").target == Target("soup")
    # A quote that is empty still has to be found, so that the model is told to copy some words.
    assert ReplyTo("").target == Target("")
    assert SetStatus("stirs").target is SetMood("").target is Whisper("Psst.").target is None


def test_a_posted_message_reads_in_the_log_as_it_reads_in_the_room() -> None:
    lunch, notes = StartPoll(Poll("Lunch?", ("soup", "stew"))), Enclosure("notes.md", "# Notes")
    assert (lunch.posted_text, lunch.posted_file) == ("[poll: Lunch? (soup / stew)]", None)
    assert (SendFile(notes).posted_text, SendFile(notes).posted_file) == ("", notes)
