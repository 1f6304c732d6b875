"""A character's folder: what is read, and what is refused with its line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bot.characters.files import PICTURE_LIMIT
from bot.characters.folder import FILE_LIMIT, GUIDELINES_LIMIT, read_character
from bot.domain.character import Picture
from bot.domain.model_profile import ProfileOverrides, ToolRoute, TranscriptStyle
from bot.errors import CharacterError

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "characters" / "mira"
    made.mkdir(parents=True)
    return made


def write(folder: Path, text: str) -> None:
    (folder / "character.md").write_text(text, encoding="utf-8")


def fault(folder: Path) -> CharacterError:
    with pytest.raises(CharacterError) as caught:
        read_character(folder)
    return caught.value


def test_everything_that_is_written_is_read(folder: Path) -> None:
    (folder / "mira.png").write_bytes(PNG)
    (folder / "guidelines.md").write_text("- Be kind.\n")
    write(
        folder,
        "---\nname: Mira\naliases: [the innkeeper, Old Mira]\navatar: mira.png\n"
        "model: gpt-6.1-sol\neffort: low\ngreeting: |\n  Come in!\n  Sit.\n---\n\n"
        "You are Mira.\n\n---\nYou keep an inn.\n",
    )
    mira = read_character(folder)
    assert (mira.key, mira.name) == ("mira", "Mira")
    assert mira.aliases == ("the innkeeper", "Old Mira")
    assert mira.avatar == Picture(folder / "mira.png", "image/png", hashlib.sha256(PNG).hexdigest())
    assert (mira.model, mira.effort) == ("gpt-6.1-sol", "low")
    assert mira.greeting == "Come in!\nSit."
    assert mira.persona == "You are Mira.\n\n---\nYou keep an inn."
    assert mira.guidelines == "- Be kind."


def test_a_character_may_say_what_its_model_can_take(folder: Path) -> None:
    write(
        folder,
        "---\nname: Mira\nwindow: 8_192\ntools: Functions\npictures: no\nstyle: names\n---\nBody",
    )
    assert read_character(folder).profile == ProfileOverrides(
        window=8192, pictures=False, tools=ToolRoute.FUNCTIONS, style=TranscriptStyle.NAMES
    )


def test_moods_are_faces_by_name_and_triggers_words(folder: Path) -> None:
    (folder / "laughing.png").write_bytes(PNG)
    write(
        folder,
        "---\nname: Mira\navatar: https://x.example/a.png\ntriggers: [soup, 'a  room']\n"
        "moods:\n  laughing: laughing.png\n  in doubt: https://x.example/b.png\n---\nBody",
    )
    mira = read_character(folder)
    assert mira.triggers == ("soup", "a room")
    assert [mood.name for mood in mira.moods] == ["laughing", "in doubt"]
    laughing = mira.wearing("Laughing").avatar
    assert isinstance(laughing, Picture)
    assert laughing.path == folder / "laughing.png"
    assert mira.wearing("in doubt").avatar == "https://x.example/b.png"
    assert mira.wearing("sad") == mira


def test_a_name_and_a_body_are_enough(folder: Path) -> None:
    write(folder, "---\nname: Mira\nmodel:\neffort: ~\n---\nYou are Mira.")
    mira = read_character(folder)
    assert (mira.aliases, mira.avatar, mira.greeting) == ((), None, "")
    assert (mira.model, mira.effort, mira.guidelines) == (None, None, "")


def test_names_lose_the_unseen_controls_that_turn_letters_around(folder: Path) -> None:
    names = "name: \u202eMira\u200f\naliases: [\u2067the innkeeper\u2069, שלום]"
    write(folder, f"---\n{names}\n---\nYou are Mira.")
    assert read_character(folder).names == ("Mira", "the innkeeper", "שלום")


def test_a_description_is_one_line_for_people(folder: Path) -> None:
    write(
        folder,
        "---\nname: Mira\ndescription: |\n  Keeps an inn.\n  Never\u202e hurries.\n---\nBody",
    )
    assert read_character(folder).description == "Keeps an inn. Never hurries."
    write(folder, f"---\nname: Mira\ndescription: {'x' * 100}\n---\nBody")
    assert read_character(folder).description == "x" * 100
    write(folder, "---\nname: Mira\n---\nBody")
    assert read_character(folder).description == ""


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("x" * 101, "the description has 101 characters; 100 are allowed"),
        ("[an inn, a cat]", "“description” must be one text, not a list"),
        ("{who: Mira}", "“description” must be a text or a simple list of texts"),
    ],
)
def test_a_description_of_the_wrong_kind_is_named_with_its_line(
    folder: Path, given: str, text: str
) -> None:
    write(folder, f"---\nname: Mira\ndescription: {given}\n---\nBody")
    found = fault(folder)
    assert found.line == 3
    assert text in str(found)
    assert str(folder / "character.md") in str(found)


def test_the_characters_that_come_with_the_bot_say_who_they_are() -> None:
    shipped = [
        path.parent for path in (Path(__file__).parents[3] / "characters").glob("*/character.md")
    ]
    assert len(shipped) >= 3
    assert all(read_character(one).description for one in shipped)


def test_files_from_windows_are_read(folder: Path) -> None:
    (folder / "character.md").write_bytes(
        "\ufeff---\r\nname: Mira\r\n---\r\nOne.\r\nTwo.\r\n".encode()
    )
    assert read_character(folder).persona == "One.\nTwo."


@pytest.mark.parametrize("name", ["007", "yes", "1.50", "Null and Void", "2026-01-01"])
def test_a_name_is_taken_as_it_is_typed(folder: Path, name: str) -> None:
    write(folder, f"---\nname: {name}\n---\nBody")
    assert read_character(folder).name == name


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "first line must be three dashes"),
        ("name: Mira\n---\nBody", 1, "first line must be three dashes"),
        ("---\nname: Mira\nYou are Mira.", 1, "second line of three dashes"),
        ("---\naliases: [a]\n---\nBody", 1, "name is missing"),
        ("---\n---\nBody", 1, "name is missing"),
        ("---\nname:\n---\nBody", 2, "name is empty"),
        ("---\nname: [a, b]\n---\nBody", 2, "must be one text"),
        ("---\nname: {a: b}\n---\nBody", 2, "text or a simple list"),
        ("---\nname: Clyde\n---\nBody", 2, "clyde"),
        (f"---\nname: {'x' * 81}\n---\nBody", 2, "81 characters"),
        ("---\nname: Mira\nalias: [a]\n---\nBody", 3, "did you mean “aliases”"),
        ("---\nname: Mira\nNAME: Mira\n---\nBody", 3, "did you mean “name”"),
        ("---\nname: Mira\nzodiac: lion\n---\nBody", 3, "there are: name, aliases"),
        ("---\nname: Mira\n\nname: Zoe\n---\nBody", 4, "twice"),
        ("---\nname: Mira\naliases: old, older\n---\nBody", 3, "must be a list"),
        ("---\nname: Mira\naliases: [a, [b]]\n---\nBody", 3, "text or a simple list"),
        ("---\nname: Mira\naliases: [ ｍＩＲＡ ]\n---\nBody", 3, "twice, as name or alias"),
        ("---\nname: Mira\naliases: [a, A]\n---\nBody", 3, "twice, as name or alias"),
        ("---\nname: Mira\naliases: ['']\n---\nBody", 3, "empty"),
        ("---\nname: Mira\naliases: ['a@b']\n---\nBody", 3, "control character"),
        (f"---\nname: Mira\naliases: {list(range(21))}\n---\nBody", 3, "21 aliases"),
        ("---\nname: Mira\neffort: hihg\n---\nBody", 3, "did you mean “high”"),
        ("---\nname: Mira\nwindow: 8k\n---\nBody", 3, "a number of tokens"),
        ("---\nname: Mira\nwindow: 12\n---\nBody", 3, "a number of tokens"),
        ("---\nname: Mira\nwindow: 999999999999\n---\nBody", 3, "a number of tokens"),
        ("---\nname: Mira\n\ntools: function\n---\nBody", 4, "did you mean “functions”"),
        ("---\nname: Mira\npictures: maybe\n---\nBody", 3, "yes, no"),
        ("---\nname: Mira\nstyle: [names]\n---\nBody", 3, "must be one text"),
        ("---\nname: Mira\nmodel: a b\n---\nBody", 3, "not a name of a model"),
        ("---\nname: Mira\ngreeting: [a]\n---\nBody", 3, "one text"),
        (f"---\nname: Mira\ngreeting: {'x' * 2001}\n---\nBody", 3, "2001 characters"),
        ("---\nname: Mira\ntriggers: soup\n---\nBody", 3, "must be a list"),
        ("---\nname: Mira\ntriggers: {soup: 1}\n---\nBody", 3, "text or a simple list"),
        ("---\nname: Mira\ntriggers: [soup, '']\n---\nBody", 3, "no letter or digit"),
        ("---\nname: Mira\ntriggers: [soup, ＳＯＵＰ]\n---\nBody", 3, "twice"),
        (f"---\nname: Mira\ntriggers: [{'x' * 61}]\n---\nBody", 3, "61 characters"),
        (f"---\nname: Mira\ntriggers: {list(range(21))}\n---\nBody", 3, "21 triggers"),
        ("---\nname: Mira\nmoods: sad\n---\nBody", 3, "must be a table"),
        ("---\nname: Mira\nmoods: [sad]\n---\nBody", 3, "must be a table"),
        ("---\nname: Mira\nmoods:\n  sad:\n---\nBody", 4, "mood “sad” has no picture"),
        ("---\nname: Mira\nmoods:\n  sad: [a]\n---\nBody", 4, "write lines like"),
        ("---\nname: Mira\nmoods:\n\n  sad: a.png\n---\nBody", 5, "no such file"),
        ("---\nname: Mira\nmoods:\n  sad: ../a.png\n---\nBody", 4, "beside character.md"),
        ("---\nname: Mira\nmoods:\n  a@b: a.png\n---\nBody", 4, "not a valid mood"),
        (f"---\nname: Mira\nmoods:\n  {'x' * 25}: a.png\n---\nBody", 4, "not a valid mood"),
        (
            "---\nname: Mira\nmoods:\n  sad: https://x.io/a\n  SAD: https://x.io/b\n---\nBody",
            5,
            "twice",
        ),
        (
            "---\nname: Mira\nmoods:\n"
            + "".join(f"  m{n}: https://x.example/{n}.png\n" for n in range(13))
            + "---\nBody",
            3,
            "13 moods",
        ),
        ("---\nname: Mira\n---\n  \n", 4, "persona is missing"),
        ("---\nname: Mira\n---", 4, "persona is missing"),
        (f"---\nname: Mira\n---\n{'x' * 100_001}", 4, "100001 characters"),
        ("---\nname: Mira\navatar: http://x.example/a.png\n---\nBody", 3, "https://"),
        ("---\nname: Mira\navatar: ../../secret.png\n---\nBody", 3, "beside character.md"),
        ("---\nname: Mira\navatar: /etc/passwd\n---\nBody", 3, "beside character.md"),
        ("---\nname: Mira\navatar: none.png\n---\nBody", 3, "no such file"),
        # What YAML itself complains of.
        ("---\nname: Mira\ngreeting: Come in: sit\n---\nBody", 3, "colon inside a text"),
        ("---\nname: Mira\ngreeting: @you\n---\nBody", 3, "put the text in quotes"),
        ("---\nname: Mira\n\tgreeting: Hi\n---\nBody", 3, "tab"),
        ("---\n name: Mira\ngreeting: Hi\n---\nBody", 3, "left edge"),
        ("---\nname: Mira\ngreeting: 'It's me'\n---\nBody", 3, "closing quotation mark"),
        ('---\nname: Mira\ngreeting: "\\d"\n---\nBody', 3, "backslash"),
        ("---\nname: Mira\ngreeting: >hi\n---\nBody", 3, "starts with > or |"),
        ('---\nname: Mira\ngreeting: "Come in\n---\nBody', 3, "never closed"),
        ("---\nname: Mira\naliases: [a, b\n---\nBody", 3, "never closed with ]"),
        ("---\nname: Mira\naliases\n---\nBody", 3, "line without a colon"),
        ("---\nname: Mira\ngreeting: *hugs*\n---\nBody", 3, "starts with *"),
        ("---\nname: Mira\ngreeting: a\x07b\n---\nBody", 3, "invisible control character"),
        ("---\n- Mira\n---\nBody", 2, "lines like “name: Mira”"),
        ("---\nname: " + "[" * 5000 + "\n---\nBody", None, "brackets"),
        ("---\nname: " + "x" * 20_000 + "\n---\nBody", 1, "16000 are allowed"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    folder: Path, text: str, line: int | None, says: str
) -> None:
    write(folder, text)
    error = fault(folder)
    assert error.path == str(folder / "character.md")
    assert says in str(error)
    if line is not None:
        assert error.line == line


def test_yaml_cannot_build_anything(folder: Path) -> None:
    write(folder, "---\nname: !!python/object/apply:os.system ['exit 1']\n---\nBody")
    assert "must be one text" in str(fault(folder))


def test_aliases_of_yaml_do_not_grow(folder: Path) -> None:
    doubled = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    write(folder, f"---\na0: &a0 [x]\n{doubled}name: Mira\n---\nBody")
    assert "not a key" in str(fault(folder)) or "simple list" in str(fault(folder))


def test_a_text_that_is_not_utf_8_is_named_with_its_line(folder: Path) -> None:
    (folder / "character.md").write_bytes(b"---\nname: Mira\n---\nCaf\xe9")
    error = fault(folder)
    assert error.line == 4
    assert "UTF-8" in str(error)


def test_a_file_that_is_too_big_is_not_read(folder: Path) -> None:
    with (folder / "character.md").open("wb") as file:
        file.truncate(FILE_LIMIT + 1)
    assert "larger than" in str(fault(folder))


def test_guidelines_that_are_too_long_are_refused(folder: Path) -> None:
    write(folder, "---\nname: Mira\n---\nBody")
    (folder / "guidelines.md").write_text("x" * (GUIDELINES_LIMIT + 1))
    assert "guidelines.md" in str(fault(folder))


def test_a_folder_without_a_character_file_is_named(folder: Path) -> None:
    assert "no such file" in str(fault(folder))


@pytest.mark.parametrize("name", ["Mira", "mi ra", "míra", "x" * 65])
def test_a_folder_with_a_name_that_is_no_key_is_refused(tmp_path: Path, name: str) -> None:
    made = tmp_path / name
    made.mkdir()
    write(made, "---\nname: Mira\n---\nBody")
    assert "small letters" in str(fault(made))


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a.", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(
    folder: Path, data: bytes, content_type: str
) -> None:
    (folder / "face.bin").write_bytes(data)
    write(folder, "---\nname: Mira\navatar: face.bin\n---\nBody")
    picture = read_character(folder).avatar
    assert isinstance(picture, Picture)
    assert picture.content_type == content_type


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<svg/>", "not a picture"),
        (b"RIFF\0\0\0\0WAVE", "not a picture"),
        (b"", "not a picture"),
        (PNG + b"\0" * PICTURE_LIMIT, "larger than 256 KiB"),
    ],
)
def test_what_is_no_picture_for_a_face_is_refused(folder: Path, data: bytes, says: str) -> None:
    (folder / "mira.png").write_bytes(data)
    write(folder, "---\nname: Mira\navatar: mira.png\n---\nBody")
    error = fault(folder)
    assert says in str(error)
    assert error.line == 3


def test_an_https_address_is_an_avatar(folder: Path) -> None:
    write(folder, "---\nname: Mira\navatar: https://x.example/a.png\n---\nBody")
    assert read_character(folder).avatar == "https://x.example/a.png"


@pytest.mark.parametrize("linked", ["character.md", "guidelines.md", "mira.png"])
def test_links_out_of_the_folder_are_refused(folder: Path, linked: str) -> None:
    outside = folder.parent.parent / "secret"
    outside.write_bytes(PNG if linked == "mira.png" else b"---\nname: Mira\n---\nsecret")
    write(folder, "---\nname: Mira\navatar: mira.png\n---\nBody")
    (folder / "mira.png").write_bytes(PNG)
    (folder / linked).unlink(missing_ok=True)
    (folder / linked).symlink_to(outside)
    assert "outside" in str(fault(folder))


def test_links_within_the_folder_are_followed(folder: Path) -> None:
    (folder / "..data").mkdir()
    (folder / "..data" / "character.md").write_text("---\nname: Mira\n---\nBody")
    (folder / "character.md").symlink_to("..data/character.md")
    assert read_character(folder).name == "Mira"


def test_a_folder_that_is_a_link_out_is_refused(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, "---\nname: Zoe\n---\nBody")
    (folder.parent / "zoe").symlink_to(elsewhere)
    assert "outside" in str(fault(folder.parent / "zoe"))
