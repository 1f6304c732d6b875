"""One character's folder on disk, made into a `Character`.

    CHARACTERS_DIR/<slug>/character.md    front matter and persona
    CHARACTERS_DIR/<slug>/guidelines.md   the character's own rules, if it has any
    CHARACTERS_DIR/<slug>/mira.png        its picture, named in the front matter

Owns the format and its limits. Which characters there are is in `bot.characters.library`.
Everything raised is a `CharacterError` that says where and what to do.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from bot.characters.front_matter import FrontMatterError, Page, Value, parse
from bot.domain.character import (
    ALIAS_LIMIT,
    EFFORTS,
    GREETING_LIMIT,
    PERSONA_LIMIT,
    Character,
    Picture,
    name_fault,
)
from bot.errors import CharacterError

CHARACTER_FILE = "character.md"
GUIDELINES_FILE = "guidelines.md"
SLUG = re.compile(r"[a-z0-9_-]{1,64}")
KEYS = ("name", "aliases", "avatar", "model", "effort", "greeting")

# Bytes. The persona's limit is in characters, of four bytes at most, and the front matter's.
FILE_LIMIT = 4 * (PERSONA_LIMIT + 20_000)
GUIDELINES_LIMIT = 16_000
# Faces get their address as application emojis, and Discord takes no larger ones.
PICTURE_LIMIT = 256 * 1024
# A name of a model is a word, not a sentence.
MODEL = re.compile(r"[\w.:/@+-]{1,100}", re.ASCII)

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def read_character(folder: Path) -> Character:
    """The character in this folder; the folder's name is its key. Raises `CharacterError`."""
    if not SLUG.fullmatch(folder.name):
        raise CharacterError(
            str(folder),
            "the folder's name may only have small letters a–z, digits, - and _ (64 at most)",
        )
    if not folder.resolve().is_relative_to(folder.parent.resolve()):
        raise CharacterError(str(folder), "the folder lies outside the folder of characters")
    path = folder / CHARACTER_FILE
    text = _text(path, folder, FILE_LIMIT)
    try:
        page = parse(text)
    except FrontMatterError as error:
        raise CharacterError(str(path), error.text, error.line) from error
    return _Reading(folder, path, page).character()


def folded(name: str) -> str:
    """What two names are compared by: case, width and spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class _Reading:
    """One file while it is read: what is wrong is raised with its line."""

    def __init__(self, folder: Path, path: Path, page: Page) -> None:
        self._folder = folder
        self._path = path
        self._values = page.values
        self._page = page

    def character(self) -> Character:
        self._known(self._values)
        name = self._name()
        return Character(
            key=self._folder.name,
            name=name,
            persona=self._persona(),
            aliases=self._aliases(name),
            avatar=self._avatar(),
            greeting=self._greeting(),
            model=self._model(),
            effort=self._effort(),
            guidelines=_guidelines(self._folder),
        )

    def _fault(self, text: str, key: str | None = None) -> CharacterError:
        line = self._values[key].line if key in self._values else None
        return CharacterError(str(self._path), text, line)

    def _known(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key not in KEYS:
                raise self._fault(f"“{key}” is not a key here{_hint(key, KEYS)}", key)

    def _one(self, key: str) -> str:
        """The text at `key`, on one line; empty when there is none."""
        value = self._values.get(key, Value(None, 1)).text
        if isinstance(value, tuple):
            raise self._fault(f"“{key}” must be one text, not a list", key)
        return " ".join((value or "").split())

    def _name(self) -> str:
        if "name" not in self._values:
            raise CharacterError(str(self._path), "the name is missing: add “name: …”", 1)
        name = self._one("name")
        fault = name_fault(name)
        if fault is not None:
            raise self._fault(fault, "name")
        return name

    def _aliases(self, name: str) -> tuple[str, ...]:
        value = self._values.get("aliases", Value(None, 1)).text or ()
        if isinstance(value, str):
            raise self._fault("“aliases” must be a list, like [the innkeeper, old Mira]", "aliases")
        if len(value) > ALIAS_LIMIT:
            raise self._fault(f"{len(value)} aliases; {ALIAS_LIMIT} are allowed", "aliases")
        aliases = tuple(" ".join(alias.split()) for alias in value)
        taken = {folded(name)}
        for alias in aliases:
            fault = name_fault(alias)
            if fault is not None:
                raise self._fault(f"alias “{alias}”: {fault}", "aliases")
            if folded(alias) in taken:
                raise self._fault(f"“{alias}” stands here twice, as name or alias", "aliases")
            taken.add(folded(alias))
        return aliases

    def _greeting(self) -> str:
        value = self._values.get("greeting", Value(None, 1)).text or ""
        if isinstance(value, tuple):
            raise self._fault("“greeting” must be one text, not a list", "greeting")
        if len(value) > GREETING_LIMIT:
            raise self._fault(
                f"the greeting has {len(value)} characters; {GREETING_LIMIT} are allowed",
                "greeting",
            )
        return value.strip()

    def _model(self) -> str | None:
        model = self._one("model")
        if model and not MODEL.fullmatch(model):
            raise self._fault(f"“{model}” is not a name of a model", "model")
        return model or None

    def _effort(self) -> str | None:
        effort = self._one("effort")
        if effort and effort not in EFFORTS:
            choice = ", ".join(EFFORTS)
            raise self._fault(
                f"“{effort}” is no effort: choose {choice}{_hint(effort, EFFORTS)}", "effort"
            )
        return effort or None

    def _persona(self) -> str:
        persona = self._page.body
        line = self._page.body_line
        if not persona:
            text = "the persona is missing: write who the character is, below the second ---"
            raise CharacterError(str(self._path), text, line)
        if len(persona) > PERSONA_LIMIT:
            text = f"the persona has {len(persona)} characters; {PERSONA_LIMIT} are allowed"
            raise CharacterError(str(self._path), text, line)
        return persona

    def _avatar(self) -> Picture | str | None:
        avatar = self._one("avatar")
        if not avatar:
            return None
        if avatar.startswith("https://"):
            if len(avatar) > 2048 or any(letter <= " " for letter in avatar):
                raise self._fault("the avatar's address is not one", "avatar")
            return avatar
        if "://" in avatar:
            raise self._fault("an avatar's address must start with https://", "avatar")
        if Path(avatar).name != avatar:
            raise self._fault("the avatar must be a file beside character.md", "avatar")
        try:
            return _picture(self._folder / avatar, self._folder)
        except CharacterError as error:
            raise self._fault(f"avatar: {error}", "avatar") from error


def _picture(path: Path, folder: Path) -> Picture:
    data = _bytes(path, folder, PICTURE_LIMIT)
    content_type = _content_type(data)
    if content_type is None:
        raise CharacterError(path.name, "not a picture in PNG, JPEG, GIF or WebP format")
    return Picture(path, content_type, hashlib.sha256(data).hexdigest())


def _content_type(data: bytes) -> str | None:
    """What the first bytes say; the file's ending may say anything."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _PICTURES if data.startswith(magic)), None)


def _guidelines(folder: Path) -> str:
    path = folder / GUIDELINES_FILE
    if not path.exists():
        return ""
    return _text(path, folder, GUIDELINES_LIMIT).strip()


def _text(path: Path, folder: Path, limit: int) -> str:
    data = _bytes(path, folder, limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CharacterError(
            str(path), "this is not UTF-8 text: save the file with the encoding UTF-8", line
        ) from error


def _bytes(path: Path, folder: Path, limit: int) -> bytes:
    """A regular file within `folder`, links followed; `limit` bytes at most."""
    try:
        real = path.resolve()
        if not real.is_relative_to(folder.resolve()):
            raise CharacterError(str(path), "the file lies outside the character's folder")
        if not real.is_file():
            raise CharacterError(str(path), "there is no such file")
        with real.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError, RuntimeError) as error:
        raise CharacterError(str(path), f"the file cannot be read: {error}") from error
    if len(data) > limit:
        raise CharacterError(str(path), f"the file is larger than {limit // 1024} KiB")
    return data


def _hint(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word.casefold(), known, n=1)
    return f"; did you mean “{near[0]}”?" if near else f" (there are: {', '.join(known)})"
