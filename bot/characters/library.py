"""All characters on disk, read again when their files change.

Implements `bot.rooms.ports.Characters`. A broken file is a fault and never the end of the
others; a character whose file is broken by an edit stays as it last was. Owns no format.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path

from bot.characters.folder import CHARACTER_FILE, folded, read_character
from bot.domain.character import Character
from bot.errors import CharacterError

log = logging.getLogger(__name__)

# What tells one state of a folder from another: name, time, size and inode of its files.
Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """One folder as it was last read: its character, the fault of its files, or both."""

    signature: Signature
    character: Character | None = None
    fault: CharacterError | None = None


@dataclass(frozen=True, slots=True)
class _Shelves:
    """Everything as it was last read. `clashes` are faults between folders."""

    by_key: dict[str, _Shelf] = field(default_factory=dict)
    characters: dict[str, Character] = field(default_factory=dict)
    clashes: tuple[CharacterError, ...] = ()


class Library:
    """The characters under `root`. Empty until `load` or `refresh` was called."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._shelves = _Shelves()
        self._lost: CharacterError | None = None
        self._by_name: tuple[Character, ...] = ()

    @property
    def faults(self) -> tuple[CharacterError, ...]:
        """What is wrong on disk now, by folder."""
        own = [shelf.fault for _, shelf in sorted(self._shelves.by_key.items()) if shelf.fault]
        return (*((self._lost,) if self._lost else ()), *own, *self._shelves.clashes)

    def get(self, key: str) -> Character | None:
        """By key: the folder's name."""
        return self._shelves.characters.get(key)

    def all(self) -> tuple[Character, ...]:
        """Every character, by name."""
        return self._by_name

    def load(self) -> bool:
        """Read what changed since the last time; True when anything did. Blocks on the disk."""
        return self._take(self._read())

    async def refresh(self) -> bool:
        """`load`, with the disk in another thread. For a periodic task."""
        return self._take(await asyncio.to_thread(self._read))

    def _read(self) -> _Shelves | CharacterError:
        try:
            return _read_all(self._root, self._shelves)
        except OSError as error:
            reason = error.strerror or str(error)
            return CharacterError(str(self._root), f"the folder of characters: {reason}")

    def _take(self, found: _Shelves | CharacterError) -> bool:
        """Swap in what was read, and log the faults that are new."""
        before, known = self._shelves, {str(fault) for fault in self.faults}
        if isinstance(found, CharacterError):
            self._lost = found  # a folder that is not mounted just now empties no room
        else:
            self._lost, self._shelves = None, found
            self._by_name = tuple(
                sorted(found.characters.values(), key=lambda one: (folded(one.name), one.key))
            )
        for fault in self.faults:
            if str(fault) not in known:
                log.error("%s", fault)
        return self._shelves.characters != before.characters


def _read_all(root: Path, before: _Shelves) -> _Shelves:
    by_key = {
        folder.name: _read_one(folder, before.by_key.get(folder.name))
        for folder in sorted(root.iterdir())
        if folder.is_dir() and not folder.name.startswith((".", "__"))
    }
    characters, clashes = _settled(root, by_key, before)
    return _Shelves(by_key, characters, clashes)


def _read_one(folder: Path, before: _Shelf | None) -> _Shelf:
    signature: Signature = ()
    try:
        # Taken first: what changes while we read is read again next time.
        signature = _signature(folder)
        if before is not None and before.signature == signature:
            return before
        return _Shelf(signature, read_character(folder))
    except CharacterError as error:
        fault = error
    except OSError as error:
        fault = CharacterError(str(folder), f"the folder cannot be read: {error.strerror}")
    return _Shelf(signature, before.character if before is not None else None, fault)


def _signature(folder: Path) -> Signature:
    rows: list[tuple[str, int, int, int]] = []
    for file in sorted(folder.iterdir()):
        try:
            found = file.stat()
        except OSError:
            rows.append((file.name, 0, 0, 0))
        else:
            rows.append((file.name, found.st_mtime_ns, found.st_size, found.st_ino))
    return tuple(rows)


def _settled(
    root: Path, by_key: dict[str, _Shelf], before: _Shelves
) -> tuple[dict[str, Character], tuple[CharacterError, ...]]:
    """Each name belongs to one character: to who had it, else to the first by folder.

    Who comes too late stays as it was before, if that clashes with nobody.
    """
    settled: dict[str, Character] = {}
    owners: dict[str, str] = {}
    clashes: list[CharacterError] = []

    def seated(character: Character) -> str | None:
        """Seat it; the name that somebody else has when it cannot be."""
        for name in character.names:
            if folded(name) in owners:
                return name
        settled[character.key] = character
        owners.update((folded(name), character.key) for name in character.names)
        return None

    def waits(key: str) -> tuple[bool, str]:
        return by_key[key].character != before.characters.get(key), key

    for key in sorted(by_key, key=waits):
        character = by_key[key].character
        if character is None or (name := seated(character)) is None:
            continue
        clashes.append(
            CharacterError(
                str(root / key / CHARACTER_FILE),
                f"“{name}” is already a name of the character in “{owners[folded(name)]}”",
            )
        )
        if key in before.characters:
            seated(before.characters[key])
    return settled, tuple(clashes)
