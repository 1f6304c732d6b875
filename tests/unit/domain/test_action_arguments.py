"""What may be asked of Discord: polls that it takes, names of files that harm nobody."""

from __future__ import annotations

import pytest

from bot.domain.action_arguments import FILE_NAME_LIMIT, file_name, one_line, poll
from tests.refused import refused


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        ("notes.md", "notes.md"),
        ("Die Größe.csv", "Die-Gro-e.csv"),
        ("résumé.md", "resume.md"),
        ("\u83dc\u5355.md", "text.md"),
        ("_hidden_.md", "hidden.md"),
        ("../../etc/passwd", "passwd.txt"),
        ("C:\\Windows\\run.bat", "run-bat.txt"),
        ("archive.tar.gz", "archive-tar-gz.txt"),
        ("page.html", "page-html.txt"),
        (".bashrc", "bashrc.txt"),
        ("...", "text.txt"),
        ("", "text.txt"),
        (".md", "text.md"),
        ("a\u202egpj.py", "a-gpj.py"),
        ("SPOILER_x.MD", "SPOILER_x.MD"),
        ("@everyone <@1>.md", "everyone-1.md"),
    ],
)
def test_a_file_gets_a_harmless_name_close_to_the_one_wanted(wanted: str, made: str) -> None:
    assert file_name(wanted) == made


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    name = file_name("x" * 500 + ".json")
    assert len(name) == FILE_NAME_LIMIT
    assert name.endswith("x.json")


def test_a_poll_is_tidied() -> None:
    made = poll(" Soup\nor stew? ", ["soup", " stew "], 1, several=True)
    assert (made.question, made.answers, made.several) == ("Soup or stew?", ("soup", "stew"), True)
    assert str(made) == "[poll: Soup or stew? (soup / stew)]"


@pytest.mark.parametrize(
    ("question", "answers", "hours", "says"),
    [
        ("", ["a", "b"], 24, "question has 1 to 300"),
        ("x" * 301, ["a", "b"], 24, "question has 1 to 300"),
        ("Soup?", ["yes"], 24, "2 to 10 different"),
        ("Soup?", ["yes", " yes"], 24, "2 to 10 different"),
        ("Soup?", [str(number) for number in range(11)], 24, "2 to 10 different"),
        ("Soup?", ["yes", ""], 24, "1 to 55 characters"),
        ("Soup?", ["yes", "n" * 56], 24, "1 to 55 characters"),
        ("Soup?", ["yes", "no"], 0, "1 to 768 hours"),
        ("Soup?", ["yes", "no"], 769, "1 to 768 hours"),
    ],
)
def test_a_poll_that_discord_would_refuse_is_refused_with_its_reason(
    question: str, answers: list[str], hours: int, says: str
) -> None:
    with refused(says):
        poll(question, answers, hours, several=False)


def test_what_must_stand_on_one_line_has_no_breaks_or_hidden_signs() -> None:
    assert one_line(" a\n\tb\u202e c\x00 ") == "a b c"
