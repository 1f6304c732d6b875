"""`models.toml` says what a model can take; a mistake in it is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.model_profile import (
    ModelProfile,
    ProfileOverrides,
    ToolRoute,
    TranscriptStyle,
)
from bot.endpoint.profiles_file import read
from bot.errors import SettingsError

WHOLE = """\
# Small ones
["qwen*"]
window = 8192
pictures = false
tools = "functions"
style = "names"

["*"]
window = 4096
"""


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "models.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_the_first_pattern_that_fits_counts(write) -> None:
    file = read(write(WHOLE))
    assert file.of("Qwen2.5-0.5B") == ProfileOverrides(
        window=8192,
        pictures=False,
        tools=ToolRoute.FUNCTIONS,
        style=TranscriptStyle.NAMES,
    )
    assert file.of("llama") == ProfileOverrides(window=4096)


def test_what_is_not_said_stays_as_it_was() -> None:
    found = ModelProfile(window=2048, pictures=False, tools=ToolRoute.NONE)
    assert ProfileOverrides(window=4096).over(found) == ModelProfile(
        window=4096, pictures=False, tools=ToolRoute.NONE
    )
    assert ProfileOverrides(pictures=False).over(ModelProfile()).pictures is False


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("window = 8192\n", 1, "outside a table"),
        ('["a"]\nwindow = "8k"\n', 2, "a number of tokens"),
        ('["a"]\nwindow = true\n', 2, "a number of tokens"),
        ('["a"]\nwindow = 0\n', 2, "a number of tokens"),
        ('["a"]\n\npictures = "no"\n', 3, "true or false"),
        ('["a"]\ntools = "mpc"\n', 2, "one of"),
        ('["a"]\nstyle = 7\n', 2, "one of"),
        ('["a"]\nwindows = 8192\n', 2, "not a key"),
        ('["a"]\nwindow = 8192\nwindow = 1\n', 3, "not TOML"),
        ('["a"\n', 1, "not TOML"),
        ('["a"]\n["b"]\nwindow = -1\n', 3, "a number of tokens"),
    ],
)
def test_a_mistake_is_told_with_its_line(write, text: str, line: int, said: str) -> None:
    path = write(text)
    with pytest.raises(SettingsError) as raised:
        read(path)
    assert f"{path}:{line}: " in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * 70_000, b"a = " + b"[" * 50_000])
def test_a_file_that_cannot_be_one_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "models.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError):
        read(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read(tmp_path / "none.toml")
