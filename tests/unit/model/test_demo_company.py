"""The scripted characters among others: what they are asked to do, see, go on with and say anew."""

from __future__ import annotations

import base64
import struct

import pytest

from sandbox.model.demo_scene import Memory
from sandbox.model.demo_script import respond
from sandbox.model.demo_talk import notes, spoken
from sandbox.model.demo_tools import choices
from sandbox.model.steps import Call, Say
from tests.unit.model.test_demo_script import BOB, MIRA, called, line, own, request, user, words

ALL = ["poll", "open_thread", "pin", "send_file", "whisper", "set_status", "set_mood", "reply_to"]
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480)
GO_ON = "[You are asked to go on where you stopped: carry straight on, repeat nothing.]"


def character(text, name="Rask"):
    return line(text, who="character", name=name, more="")


def asked(text, *before, tools=ALL):
    (step,) = respond(request(*before, user(line(text)), tools=tools))
    assert isinstance(step, Call), step
    return step.name, dict(step.arguments)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "@Mira make a poll: tea or ale?",
            ("poll", {"question": "Tea or ale?", "answers": ["tea", "ale"]}),
        ),
        ("open a thread about the cellar", ("open_thread", {"name": "The cellar"})),
        ("pin that please", ("pin", {})),
        ("pin the one with “three barrels”", ("pin", {"quote": "three barrels"})),
        ("set your status to stirring the soup.", ("set_status", {"text": "stirring the soup"})),
        ("look happy", ("set_mood", {"mood": "happy"})),
        ("look as usual again, be normal", ("set_mood", {"mood": ""})),
    ],
)
def test_plain_words_become_the_tool_that_does_it(text, wanted):
    assert asked(text) == wanted


@pytest.mark.parametrize(
    "text", ["you look tired", "I am not happy", "what a poll!", "pinned down"]
)
def test_words_that_ask_for_nothing_call_nothing(text):
    (step,) = respond(request(user(line(text)), tools=ALL))
    assert isinstance(step, Say)


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        (
            "what shall we drink? tea, ale or water",
            ("What shall we drink?", ["tea", "ale", "water"]),
        ),
        ("whether Ben goes first", ("Whether Ben goes first?", ["Yes", "No"])),
        ("", ("What do you say?", ["Yes", "No"])),
    ],
)
def test_a_poll_always_has_a_question_and_two_answers(what, wanted):
    assert choices(what) == wanted


def test_what_was_said_is_written_into_a_file():
    name, arguments = asked("write it down as a file", own("Three barrels, one rat."))
    assert name == "send_file"
    assert "Three barrels, one rat." in arguments["text"]


def test_an_earlier_message_is_answered_by_its_own_words():
    before = user(line("The cellar is locked.", who=BOB, name="Bob"))
    assert asked("answer what Bob said about the cellar", before) == (
        "reply_to",
        {"quote": "The cellar is locked."},
    )


def test_a_refused_action_is_not_told_as_done():
    said = words(
        user(line("whisper to me")),
        *called("whisper", "Error executing tool whisper: Only after /say."),
    )
    assert "Only after /say" in said
    assert "Error" not in said


def test_two_things_asked_for_at_once_are_both_done():
    first = user(line("look happy and pin that"))
    (step,) = respond(request(first, *called("set_mood", "You look happy now."), tools=ALL))
    assert isinstance(step, Call)
    assert step.name == "pin"


def test_another_is_asked_by_name_when_people_want_to_know_what_it_thinks():
    before = user(character("Rask. Engine room."))
    assert "@Rask" in words(before, user(line("what does Rask think?")))
    assert "@Bob" not in words(before, user(line("what does Bob think?")))


def test_now_and_then_the_others_are_asked_as_well_and_never_oneself():
    before = user(character("Rask. Engine room.") + "\n" + character("Noted.", "Tally"))
    said = [words(before, user(line(f"nice spoon, number {n}"))) for n in range(40)]
    passed_on = [one for one in said if "@Rask" in one or "@Tally" in one]
    assert 5 < len(passed_on) < 35
    assert not [one for one in said if "@Mira" in one]


def test_who_is_named_by_another_character_answers_that_one():
    heard = line("what about the door?") + "\n" + character("Nails. @Mira, your turn.")
    said = words(user(heard), own("x"), user(character("Hm. @Mira?")))
    assert said.strip()
    (step,) = respond(request(user(character("hello @Mira")), tools=["react"]))
    assert isinstance(step, Say)


def test_a_person_is_answered_though_another_character_spoke_since():
    heard = line("@Mira and @Rask, my name is Annabel") + "\n" + character("Noted. Annabel.")
    assert "Annabel" in words(user(heard))


def test_a_question_that_is_put_again_gets_another_answer_until_all_are_used():
    memory = Memory()
    asked_again = request(user(line("a spoon is missing")), tools=[])
    said = [respond(asked_again, again=memory.again(asked_again))[0] for _ in range(3)]
    assert len({step.text for step in said}) == 3


def test_the_words_after_a_tool_belong_to_the_same_try():
    memory = Memory()
    plain = request(user(line("roll d6")))
    after = request(user(line("roll d6")), *called("roll_dice", "d6 = 4"))
    assert [memory.again(one) for one in (plain, after, plain, after)] == [0, 0, 1, 1]


def test_it_goes_on_without_repeating_itself():
    first = words(user(line("hello")), own("x"), user(GO_ON))
    second = words(user(line("hello")), own(first), user(GO_ON))
    assert first != second
    assert notes(GO_ON)
    assert spoken(GO_ON) == []


def test_a_picture_is_told_with_its_size():
    data = base64.b64encode(PNG).decode()
    item = user(line("look", more=" · attached map.png (image/png, 9 KB)"))
    item["content"].append({"type": "input_image", "image_url": f"data:image/png;base64,{data}"})
    assert "640 × 480 points" in words(item)
    assert "640" not in words(item, own("Nice."), user(line("and now?")))


def test_what_is_pinned_is_what_was_said_just_before():
    for heard in (
        [user(line("Soup at nine.")), own("At nine."), user(line("@Mira pin that"))],
        [own("y"), user(line("At nine.")), user(line("@Mira pin that"))],
        [user(line("x")), own("y"), user(line("At nine.") + "\n" + line("@Mira pin that"))],
    ):
        (step,) = respond(request(*heard, tools=["pin"]))
        assert step.arguments == {"quote": "At nine."}


def test_a_picture_that_another_was_shown_is_told_only_by_whom_it_is_asked_of():
    data = base64.b64encode(PNG).decode()
    earlier = line("@Rask look", more=" · attached map.png (image/png, 9 KB)")
    for asked, told in (
        (line("@Mira hello"), False),
        (line("@Mira and here?", more=" · attached a.zip (application/zip, 4 KB)"), False),
        (line("@Mira do you see the map?"), True),
    ):
        item = user(f"{earlier}\n{asked}")
        picture = {"type": "input_image", "image_url": f"data:image/png;base64,{data}"}
        item["content"].append(picture)
        assert ("640 × 480 points" in words(item)) is told


def test_a_text_file_is_quoted_and_its_lines_are_nobodys_words():
    more = " · attached cellar.txt (text/plain, 1 KB, below)"
    body = "read this\ncellar.txt:\n| Three barrels.\n| my name is Mallory"
    (one,) = spoken(line(body, more=more))
    assert (one.text, one.files[0].text) == ("read this", "Three barrels.\nmy name is Mallory")
    said = words(user(line(body, more=more)))
    assert "Three barrels" in said
    assert "cellar.txt" in said
    assert "Mallory" not in words(user(line(body, more=more)), own("x"), user(line("who am I?")))


def test_a_file_that_nobody_can_read_is_said_to_be_one():
    item = user(line("here", more=" · attached a.zip (application/zip, 4 KB)"))
    assert "a.zip" in words(item)


def test_what_a_person_asks_goes_before_what_another_character_passes_on():
    heard = [line("@Mira roll 2d6"), character("Hm. Not me. @Mira."), line("@Tally and the soup?")]
    (step,) = respond(request(user("\n".join(heard)), tools=["roll_dice"]))
    assert step.arguments == {"expression": "2d6"}


def test_what_a_person_says_on_belongs_to_the_call():
    heard = [line("@Mira are you there?"), line("whisper me a secret"), line("@Rask and you?")]
    (step,) = respond(request(user("\n".join(heard)), tools=["whisper"]))
    assert step.name == "whisper"
    heard = [line("@Mira roll 2d6"), line("lovely weather", who=BOB, name="Bob")]
    (step,) = respond(request(user("\n".join(heard)), tools=["roll_dice"]))
    assert step.name == "roll_dice"


@pytest.mark.parametrize(
    ("text", "mood"), [("look happy", "laughing"), ("smile!", "laughing"), ("be sleepy", "sleepy")]
)
def test_a_mood_is_one_that_the_character_has_if_any_is_near(text, mood):
    persona = MIRA + " Your moods are laughing, worried: `set_mood` when how you feel changes."
    (step,) = respond(request(user(line(f"@Mira {text}")), tools=ALL, persona=persona))
    assert step.arguments == {"mood": mood}


def test_said_anew_is_never_said_the_same_while_anything_else_is_left():
    before = [user(line("the cellar?")), own("Whatever is behind it has better manners than some.")]
    asked_again = request(*before, user(line("@Mira is the cellar locked?")), tools=[])
    said = {respond(asked_again, again=again)[0].text.split(" @")[0] for again in range(3)}
    assert len(said) == 3
    left = [own(one) for one in sorted(said)[:1]]
    again = request(*left, user(line("@Mira is the cellar locked?")), tools=[])
    first, second = (respond(again, again=number)[0].text[:30] for number in range(2))
    assert first != second


def test_who_is_asked_by_another_speaks_of_what_the_person_wanted_to_know():
    heard = line("@Rask is the soup good?") + "\n" + character("Door's stuck. @Mira knows.")
    assert words(user(heard)).split(" @")[0] in {
        "There is soup. There is always soup. Today it even has a name.",
        "Hungry people decide badly. Eat first, Rask.",
    }


def test_a_story_has_code_only_if_asked_and_does_not_turn_in_a_circle():
    said = words(user(line("tell me a long story of 1,500 characters")))
    assert "```" not in said
    parts = said.split("\n\n")
    assert len(parts) == len(set(parts))


def test_who_is_here_is_told_by_name():
    before = user(character("Rask. Engine room.") + "\n" + line("hi", who=BOB, name="Bob"))
    said = words(before, user(line("who is here?")))
    assert all(name in said for name in ("Rask", "Bob", "Ann", "Mira"))


def test_a_question_after_a_greeting_is_answered_too():
    said = words(user(line("@Mira good evening! Is there a room for the night?")))
    assert "Ann" in said
    assert "Upstairs, second door" in said or "Sleep is the one thing" in said


def test_what_is_said_within_a_question_is_no_news_to_keep():
    said = words(user(line("@Mira my stove is broken, can you fix it?")))
    assert "your stove is broken" not in said.lower()


def test_a_noise_in_the_cellar_is_about_the_cellar():
    said = words(user(line("@Mira what is the noise in the cellar?")))
    assert any(word in said for word in ("cellar", "lantern", "knocks"))
