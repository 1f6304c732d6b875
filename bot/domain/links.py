"""Unmasks links whose label looks like another address than their target.

Detects them and shows label and target side by side instead. Applies to code blocks too: clients
may not render as code what this bot parses as code.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bot.domain.visible import bare

# Discord renders `[label](address)`, `[label](<address>)` and `[label](address "title")` as links.
_TARGET: Final = re.compile(
    r"\](?=\((?P<address>[^\w()]{0,8}[A-Za-z][\w+.\\-]{0,20}:[^\s)>]{0,2000})"
    r"(?P<title>[\s>]{1,8}[\"'][^\"'\n]{0,200})?)"
)
# Characters before the closing bracket that are searched for the start of a label.
_LABEL_LIMIT: Final = 1_000
# Labels overlap only if nested. Once the labels read add up to this many times the text's length,
# all remaining links are unmasked unread.
_MOST_READ: Final = 4
_DOTS: Final = str.maketrans("\u3002\uff61\u2024", "...")
_SIGNS: Final = re.compile(r"[*_~|`\\<>\[\](){}]")
_SCHEME: Final = re.compile(r"\w{2,20}://")
_DOMAIN: Final = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)++(?P<path>/[^\s\"']*)?")
# A URL without user name and backslashes, against which a label can be compared.
_PLAIN: Final = re.compile(r"https?://(?P<host>[a-z0-9.-]+)(?::\d+)?(?P<path>/[^\s\\@]*)?")
# File extensions that look like a top-level domain.
_FILE: Final = frozenset({"md", "py", "rs", "sh", "ps", "cc", "js", "ts", "json", "html"})


def unmasked(text: str) -> str:
    """Return `text` with each misleading link split, so that people read label and target.

    `[discord.com](https://elsewhere.example)` → `[discord.com] (https://elsewhere.example)`.
    """
    parts: list[str] = []
    done, unread = 0, _MOST_READ * len(text)
    for found in _TARGET.finditer(text):
        if unread > 0:
            label = _label(text, max(done, found.start() - _LABEL_LIMIT), found.start())
            unread -= len(label)
        address, title = found["address"], found["title"] or ""
        if unread <= 0 or _misleads(label, address) or _misleads(title, address):
            parts += [text[done : found.end()], " "]
            done = found.end()
    return "".join([*parts, text[done:]])


def _label(text: str, first: int, end: int) -> str:
    """Return the link label that ends at `end`; without an opening bracket, all from `first`."""
    depth = 0
    for place in range(end - 1, first - 1, -1):
        if text[place] == "]":
            depth += 1
        elif text[place] == "[":
            if depth == 0:
                return text[place + 1 : end]
            depth -= 1
    return text[first:end]


def _misleads(label: str, address: str) -> bool:
    """Return whether `label` contains an address that is not a prefix of `address`."""
    seen = _SIGNS.sub("", bare_words(label))
    named = [found for found in _DOMAIN.finditer(seen) if _is_domain(found)]
    if not named:
        return _SCHEME.search(seen) is not None
    target = _PLAIN.fullmatch(address.strip("<> \t\n").casefold())
    return target is None or not all(_matches_target(found, target) for found in named)


def bare_words(text: str) -> str:
    """Return `text` as people read it: wide letters and dots narrowed, invisible ones removed."""
    folded = unicodedata.normalize("NFKC", text).translate(_DOTS).casefold()
    return " ".join(word for part in folded.split() if (word := bare(part)))


def _is_domain(found: re.Match[str]) -> bool:
    last = found[0].partition("/")[0].rpartition(".")[2]
    return (len(last) > 1 and not last.isdecimal()) or _is_number(found[0])


def _is_number(text: str) -> bool:
    """Return whether `text` begins with an IPv4 address."""
    parts = text.partition("/")[0].split(".")
    return len(parts) == 4 and all(part.isdecimal() for part in parts)


def _matches_target(found: re.Match[str], target: re.Match[str]) -> bool:
    """Return whether the label's address is the target, a prefix of it or its file name."""
    host, path = found[0].partition("/")[0], found["path"] or ""
    rest = target["path"] or "/"
    if host.removeprefix("www.") == target["host"].removeprefix("www."):
        return rest.startswith(path.rstrip("/"))
    is_file = host.rpartition(".")[2] in _FILE and not path
    return is_file and rest.endswith(f"/{host}")
