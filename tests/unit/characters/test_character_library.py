"""All characters on disk: the good ones, the broken ones, and what changes."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from bot.characters.library import Library

EXAMPLES = Path(__file__).parents[3] / "characters"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "characters"
    made.mkdir()
    return made


def put(root: Path, key: str, name: str, body: str = "Body", more: str = "") -> None:
    (root / key).mkdir(exist_ok=True)
    (root / key / "character.md").write_text(f"---\nname: {name}\n{more}---\n{body}")


def loaded(root: Path) -> Library:
    library = Library(root)
    library.load()
    return library


def keys(library: Library) -> list[str]:
    return [character.key for character in library.all()]


def test_the_examples_are_in_order() -> None:
    library = loaded(EXAMPLES)
    assert library.faults == ()
    assert len(library.all()) >= 3
    for character in library.all():
        assert character.greeting
        assert character.aliases
        assert character.avatar is not None
        assert 150 <= len(character.persona.split()) <= 350


def test_characters_come_by_name(root: Path) -> None:
    for key, name in (("a", "zoe"), ("b", "Émile"), ("c", "Abel")):
        put(root, key, name)
    assert [one.name for one in loaded(root).all()] == ["Abel", "zoe", "Émile"]
    library = loaded(root)
    assert library.get("b") is not None
    assert library.get("x") is None


def test_the_others_load_when_one_is_broken(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(root, "mira", "Mira")
    put(root, "zoe", "")
    library = loaded(root)
    assert keys(library) == ["mira"]
    (fault,) = library.faults
    assert (fault.path, fault.line) == (str(root / "zoe" / "character.md"), 2)
    assert str(fault) in caplog.text


def test_files_and_hidden_folders_beside_characters_are_no_characters(root: Path) -> None:
    put(root, "mira", "Mira")
    (root / "README.md").write_text("hello")
    (root / ".git").mkdir()
    (root / "__pycache__").mkdir()
    library = loaded(root)
    assert keys(library) == ["mira"]
    assert library.faults == ()


async def test_what_changes_is_read_again(root: Path) -> None:
    put(root, "mira", "Mira")
    library = loaded(root)
    first = library.get("mira")
    assert not await library.refresh()
    assert library.get("mira") is first
    put(root, "mira", "Mira", "Another body")
    put(root, "zoe", "Zoe")
    assert await library.refresh()
    assert keys(library) == ["mira", "zoe"]
    assert library.get("mira").persona == "Another body"
    (root / "mira" / "guidelines.md").write_text("Be kind.")
    assert await library.refresh()
    assert library.get("mira").guidelines == "Be kind."
    shutil.rmtree(root / "zoe")
    assert await library.refresh()
    assert keys(library) == ["mira"]


async def test_a_broken_edit_keeps_the_last_good_version_until_it_is_mended(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(root, "mira", "Mira", "Good")
    library = loaded(root)
    (root / "mira" / "character.md").write_text("---\nname: Mira\nagee: 4\n---\nBad")
    for _ in range(3):
        assert not await library.refresh()
    assert library.get("mira").persona == "Good"
    assert [fault.line for fault in library.faults] == [3]
    assert len(caplog.records) == 1
    put(root, "mira", "Mira", "Better")
    assert await library.refresh()
    assert library.get("mira").persona == "Better"
    assert library.faults == ()


async def test_a_name_belongs_to_one_character(root: Path) -> None:
    put(root, "a", "Mira")
    put(root, "b", "Zoe", more="aliases: [MIRA]\n")
    library = loaded(root)
    assert keys(library) == ["a"]
    (fault,) = library.faults
    assert fault.path == str(root / "b" / "character.md")
    assert "“MIRA” is already a name of the character in “a”" in str(fault)
    shutil.rmtree(root / "a")
    assert await library.refresh()
    assert keys(library) == ["b"]
    assert library.faults == ()


async def test_who_had_a_name_first_keeps_it(root: Path) -> None:
    put(root, "b", "Mira")
    library = loaded(root)
    put(root, "a", "Mira")
    assert not await library.refresh()
    assert keys(library) == ["b"]
    assert len(library.faults) == 1


async def test_an_edit_that_takes_anothers_name_leaves_the_character_as_it_was(root: Path) -> None:
    put(root, "a", "Abel", "Old")
    put(root, "b", "Mira")
    library = loaded(root)
    put(root, "a", "Mira", "New")
    for _ in range(2):
        assert not await library.refresh()
        assert library.get("a").persona == "Old"
        assert keys(library) == ["a", "b"]
        assert len(library.faults) == 1


def test_a_root_that_is_gone_is_a_fault_and_empties_no_room(root: Path) -> None:
    put(root, "mira", "Mira")
    library = loaded(root)
    away = root.rename(root.with_name("away"))
    assert not library.load()
    assert keys(library) == ["mira"]
    assert "No such file" in str(library.faults[0])
    away.rename(root)
    library.load()
    assert library.faults == ()


def test_an_empty_root_is_no_fault(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        library = loaded(root)
    assert library.all() == ()
    assert library.faults == ()
