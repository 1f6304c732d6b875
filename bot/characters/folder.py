"""Parses a character's folder into a `Character`.

    CHARACTERS_DIR/<slug>/character.md    front matter and persona
    CHARACTERS_DIR/<slug>/guidelines.md   the character's own rules, optional
    CHARACTERS_DIR/<slug>/mira.png        its pictures, named in the front matter

Owns the format and its limits; `bot.characters.library` finds the folders. Every error is a
`CharacterError` that names the place and the fix.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from bot.characters.files import picture_in, text_in
from bot.characters.front_matter import Entry, FrontMatterError, Page, Table, Value, parse
from bot.domain.character import (
    ALIAS_LIMIT,
    DESCRIPTION_LIMIT,
    EFFORTS,
    GREETING_LIMIT,
    MOOD_LENGTH,
    MOOD_LIMIT,
    PERSONA_LIMIT,
    TRIGGER_LENGTH,
    TRIGGER_LIMIT,
    Character,
    Mood,
    Picture,
    name_fault,
)
from bot.domain.model_profile import (
    WINDOW_LEAST,
    WINDOW_MOST,
    ProfileOverrides,
    ToolRoute,
    TranscriptStyle,
)
from bot.domain.visible import without_turning
from bot.errors import CharacterError

CHARACTER_FILE = "character.md"
GUIDELINES_FILE = "guidelines.md"
SLUG = re.compile(r"[a-z0-9_-]{1,64}")
KEYS = (
    *("name", "aliases", "avatar", "moods", "triggers", "greeting", "description"),
    *("model", "effort", "window", "tools", "pictures", "style"),
)

# Bytes. The limits of the persona and the front matter are in characters, of up to four bytes.
FILE_LIMIT = 4 * (PERSONA_LIMIT + 20_000)
GUIDELINES_LIMIT = 16_000
# A model's name has no spaces.
MODEL = re.compile(r"[\w.:/@+-]{1,100}", re.ASCII)
MOOD = re.compile(r"[^\W_]+(?:[ -][^\W_]+)*")


def read_character(folder: Path) -> Character:
    """Read the character in `folder`, whose name is its key. Raises `CharacterError`."""
    if not SLUG.fullmatch(folder.name):
        raise CharacterError(
            str(folder),
            "the folder's name may only have small letters a–z, digits, - and _ (64 at most)",
        )
    if not folder.resolve().is_relative_to(folder.parent.resolve()):
        raise CharacterError(str(folder), "the folder lies outside the folder of characters")
    path = folder / CHARACTER_FILE
    text = text_in(path, folder, FILE_LIMIT)
    try:
        page = parse(text)
    except FrontMatterError as error:
        raise CharacterError(str(path), error.text, error.line) from error
    return _Parser(folder, path, page).character()


def folded(name: str) -> str:
    """Normalise a name for comparison, ignoring case, width and spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class _Parser:
    """Converts the front matter of a file. Raises `CharacterError` with the line of the fault."""

    def __init__(self, folder: Path, path: Path, page: Page) -> None:
        self._folder = folder
        self._path = path
        self._values = page.values
        self._page = page

    def character(self) -> Character:
        self._check_keys(self._values)
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
            triggers=self._triggers(),
            moods=self._moods(),
            profile=self._profile(),
            description=self._description(),
        )

    def _fault(self, text: str, key: str | None = None, line: int | None = None) -> CharacterError:
        if line is None and key in self._values:
            line = self._values[key].line
        return CharacterError(str(self._path), text, line)

    def _check_keys(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key not in KEYS:
                raise self._fault(f"“{key}” is not a key here{_hint(key, KEYS)}", key)

    def _text(self, key: str) -> str:
        """Return the text at `key` on a single line; empty when the key is missing."""
        value = self._values.get(key, Value(None, 1)).text
        if isinstance(value, tuple | Table):
            raise self._fault(f"“{key}” must be one text, not a list", key)
        return _line(value or "")

    def _name(self) -> str:
        if "name" not in self._values:
            raise CharacterError(str(self._path), "the name is missing: add “name: …”", 1)
        name = self._text("name")
        fault = name_fault(name)
        if fault is not None:
            raise self._fault(fault, "name")
        return name

    def _description(self) -> str:
        description = self._text("description")
        if len(description) > DESCRIPTION_LIMIT:
            raise self._fault(
                f"the description has {len(description)} characters; "
                f"{DESCRIPTION_LIMIT} are allowed",
                "description",
            )
        return description

    def _list(self, key: str, example: str, limit: int) -> tuple[str, ...]:
        """Return the list at `key`, each text on a single line; empty when the key is missing."""
        value = self._values.get(key, Value(None, 1)).text or ()
        if not isinstance(value, tuple):
            raise self._fault(f"“{key}” must be a list, like {example}", key)
        if len(value) > limit:
            raise self._fault(f"{len(value)} {key}; {limit} are allowed", key)
        return tuple(_line(part) for part in value)

    def _aliases(self, name: str) -> tuple[str, ...]:
        aliases = self._list("aliases", "[the innkeeper, old Mira]", ALIAS_LIMIT)
        taken = {folded(name)}
        for alias in aliases:
            fault = name_fault(alias)
            if fault is not None:
                raise self._fault(f"alias “{alias}”: {fault}", "aliases")
            if folded(alias) in taken:
                raise self._fault(f"“{alias}” appears twice, as name or alias", "aliases")
            taken.add(folded(alias))
        return aliases

    def _triggers(self) -> tuple[str, ...]:
        triggers = self._list("triggers", "[soup, a room for the night]", TRIGGER_LIMIT)
        taken: set[str] = set()
        for trigger in triggers:
            if len(trigger) > TRIGGER_LENGTH:
                text = f"a trigger has {len(trigger)} characters; {TRIGGER_LENGTH} are allowed"
                raise self._fault(text, "triggers")
            if not any(letter.isalnum() for letter in trigger):
                raise self._fault(f"trigger “{trigger}” has no letter or digit", "triggers")
            if folded(trigger) in taken:
                raise self._fault(f"trigger “{trigger}” appears twice", "triggers")
            taken.add(folded(trigger))
        return triggers

    def _moods(self) -> tuple[Mood, ...]:
        value = self._values.get("moods", Value(None, 1)).text
        if not value:
            return ()
        if not isinstance(value, Table):
            raise self._fault("“moods” must be a table, like {laughing: laughing.png}", "moods")
        if len(value.entries) > MOOD_LIMIT:
            raise self._fault(f"{len(value.entries)} moods; {MOOD_LIMIT} are allowed", "moods")
        taken: set[str] = set()
        moods: list[Mood] = []
        for entry in value.entries:
            mood = self._mood(entry)
            if folded(mood.name) in taken:
                raise self._fault(f"mood “{mood.name}” appears twice", line=entry.line)
            taken.add(folded(mood.name))
            moods.append(mood)
        return tuple(moods)

    def _mood(self, entry: Entry) -> Mood:
        name = _line(entry.name)
        if len(name) > MOOD_LENGTH or not MOOD.fullmatch(name):
            text = f"“{name[:40]}” is not a valid mood: {MOOD_LENGTH} letters, spaces and - at most"
            raise self._fault(text, line=entry.line)
        face = self._face(entry.text.strip(), f"mood “{name}”", entry.line)
        if face is None:
            raise self._fault(f"mood “{name}” has no picture", line=entry.line)
        return Mood(name, face)

    def _greeting(self) -> str:
        value = self._values.get("greeting", Value(None, 1)).text or ""
        if not isinstance(value, str):
            raise self._fault("“greeting” must be one text, not a list", "greeting")
        if len(value) > GREETING_LIMIT:
            raise self._fault(
                f"the greeting has {len(value)} characters; {GREETING_LIMIT} are allowed",
                "greeting",
            )
        return value.strip()

    def _model(self) -> str | None:
        model = self._text("model")
        if model and not MODEL.fullmatch(model):
            raise self._fault(f"“{model}” is not a name of a model", "model")
        return model or None

    def _effort(self) -> str | None:
        effort = self._text("effort")
        if effort and effort not in EFFORTS:
            choice = ", ".join(EFFORTS)
            raise self._fault(
                f"“{effort}” is not an effort: choose {choice}{_hint(effort, EFFORTS)}", "effort"
            )
        return effort or None

    def _profile(self) -> ProfileOverrides:
        tools = self._choice("tools", tuple(route.value for route in ToolRoute))
        style = self._choice("style", tuple(style.value for style in TranscriptStyle))
        pictures = self._choice("pictures", ("yes", "no", "true", "false"))
        return ProfileOverrides(
            window=self._window(),
            pictures=pictures in ("yes", "true") if pictures else None,
            tools=ToolRoute(tools) if tools else None,
            style=TranscriptStyle(style) if style else None,
        )

    def _choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return the word at `key`, which must be one of `choices`; empty when it is missing."""
        word = self._text(key).casefold()
        if word and word not in choices:
            raise self._fault(f"“{word[:40]}” is not a valid value{_hint(word, choices)}", key)
        return word

    def _window(self) -> int | None:
        digits = self._text("window").replace("_", "").replace(",", "")
        if not digits:
            return None
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(WINDOW_MOST))
        if not is_number or not WINDOW_LEAST <= int(digits) <= WINDOW_MOST:
            text = f"“window” must be a number of tokens, {WINDOW_LEAST} or more, like 8192"
            raise self._fault(text, "window")
        return int(digits)

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
        value = self._values.get("avatar", Value(None, 1))
        return self._face(self._text("avatar"), "avatar", value.line)

    def _face(self, given: str, what: str, line: int) -> Picture | str | None:
        """Read a picture: a file in the folder, or an https URL; None when `given` is empty."""
        if not given:
            return None
        if given.startswith("https://"):
            if len(given) > 2048 or any(char <= " " for char in given):
                raise self._fault(f"{what}: the address is not valid", line=line)
            return given
        if "://" in given:
            raise self._fault(f"{what}: an address must start with https://", line=line)
        if Path(given).name != given:
            raise self._fault(f"{what}: it must be a file beside character.md", line=line)
        try:
            return picture_in(self._folder / given, self._folder)
        except CharacterError as error:
            raise self._fault(f"{what}: {error}", line=line) from error


def _line(text: str) -> str:
    """Join `text` to a single line, without invisible characters that change text direction."""
    return " ".join(without_turning(text).split())


def _guidelines(folder: Path) -> str:
    path = folder / GUIDELINES_FILE
    if not path.exists():
        return ""
    return text_in(path, folder, GUIDELINES_LIMIT).strip()


def _hint(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word.casefold(), known, n=1)
    return f"; did you mean “{near[0]}”?" if near else f" (there are: {', '.join(known)})"
