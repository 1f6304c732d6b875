"""All characters on disk, reloaded when their files change.

Implements `bot.rooms.ports.casts.Characters`. A broken file is a fault of its folder only, and the
character keeps its last good version. Owns no format.
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

# Identifies the state of a folder: name, mtime, size and inode of each file.
Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Folder:
    """The last read of a character's folder."""

    signature: Signature
    character: Character | None = None
    """The last good version; None when there was none."""
    fault: CharacterError | None = None
    """The fault of the files as they are now."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The last read of all folders."""

    by_key: dict[str, _Folder] = field(default_factory=dict)
    characters: dict[str, Character] = field(default_factory=dict)
    """The characters in use, by key."""
    clashes: tuple[CharacterError, ...] = ()
    """Faults between folders: names that are used twice."""


class Library:
    """The characters under `root`. Empty until `load` or `refresh` is called."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._snapshot = _Snapshot()
        self._root_fault: CharacterError | None = None
        self._by_name: tuple[Character, ...] = ()

    @property
    def faults(self) -> tuple[CharacterError, ...]:
        """The faults on disk now, sorted by folder."""
        own = [folder.fault for _, folder in sorted(self._snapshot.by_key.items()) if folder.fault]
        return (*((self._root_fault,) if self._root_fault else ()), *own, *self._snapshot.clashes)

    def get(self, key: str) -> Character | None:
        """Return the character with that key, its folder's name; None without."""
        return self._snapshot.characters.get(key)

    def all(self) -> tuple[Character, ...]:
        """Return all characters, sorted by name."""
        return self._by_name

    def load(self) -> bool:
        """Read the changed folders; True when any character changed. Blocks on the disk."""
        return self._apply(self._read())

    async def refresh(self) -> bool:
        """Run `load` with the disk access in an OS thread; for a periodic task."""
        return self._apply(await asyncio.to_thread(self._read))

    def _read(self) -> _Snapshot | CharacterError:
        try:
            return _read_all(self._root, self._snapshot)
        except OSError as error:
            reason = error.strerror or str(error)
            return CharacterError(str(self._root), f"the folder of characters: {reason}")

    def _apply(self, found: _Snapshot | CharacterError) -> bool:
        """Use a new read: replace the characters and log new faults; True if any changed."""
        before, logged = self._snapshot, {str(fault) for fault in self.faults}
        if isinstance(found, CharacterError):
            # The characters stay: the folder may be unmounted for a moment.
            self._root_fault = found
        else:
            self._root_fault, self._snapshot = None, found
            self._by_name = tuple(
                sorted(
                    found.characters.values(),
                    key=lambda character: (folded(character.name), character.key),
                )
            )
        for fault in self.faults:
            if str(fault) not in logged:
                log.error("%s", fault)
        return self._snapshot.characters != before.characters


def _read_all(root: Path, before: _Snapshot) -> _Snapshot:
    by_key = {
        folder.name: _read_folder(folder, before.by_key.get(folder.name))
        for folder in sorted(root.iterdir())
        if folder.is_dir() and not folder.name.startswith((".", "__"))
    }
    characters, clashes = _resolve_names(root, by_key, before)
    return _Snapshot(by_key, characters, clashes)


def _read_folder(folder: Path, before: _Folder | None) -> _Folder:
    signature: Signature = ()
    try:
        # Taken before the read, so that a change during the read is read again next time.
        signature = _signature(folder)
        if before is not None and before.signature == signature:
            return before
        return _Folder(signature, read_character(folder))
    except CharacterError as error:
        fault = error
    except OSError as error:
        fault = CharacterError(str(folder), f"the folder cannot be read: {error.strerror}")
    return _Folder(signature, before.character if before is not None else None, fault)


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


def _resolve_names(
    root: Path, by_key: dict[str, _Folder], before: _Snapshot
) -> tuple[dict[str, Character], tuple[CharacterError, ...]]:
    """Assign each name to one character: its previous owner, else the first by folder.

    A character whose new names clash keeps its previous version if that does not clash.
    """
    accepted: dict[str, Character] = {}
    owners: dict[str, str] = {}
    clashes: list[CharacterError] = []

    def add(character: Character) -> str | None:
        """Accept the character and return None, or return its first name that is taken."""
        for name in character.names:
            if folded(name) in owners:
                return name
        accepted[character.key] = character
        owners.update((folded(name), character.key) for name in character.names)
        return None

    def unchanged_first(key: str) -> tuple[bool, str]:
        return by_key[key].character != before.characters.get(key), key

    for key in sorted(by_key, key=unchanged_first):
        character = by_key[key].character
        if character is None or (name := add(character)) is None:
            continue
        clashes.append(
            CharacterError(
                str(root / key / CHARACTER_FILE),
                f"“{name}” is already a name of the character in “{owners[folded(name)]}”",
            )
        )
        if key in before.characters:
            add(before.characters[key])
    return accepted, tuple(clashes)
