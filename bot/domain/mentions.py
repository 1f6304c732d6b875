"""Who is mentioned in a text. Owns the finding only: nothing is changed or allowed here."""

from __future__ import annotations

import re
from collections.abc import Collection

# Discord takes at most this many ids in `allowed_mentions.users`.
MOST_USERS = 100

_USER = re.compile(r"<@!?(\d{1,20})>")


def mentioned(text: str, people: Collection[int]) -> tuple[int, ...]:
    """The ids of `people` that stand in `text` as `<@id>`: each once, in order, 100 at most."""
    found = dict.fromkeys(int(user) for user in _USER.findall(text))
    return tuple(user for user in found if user in people)[:MOST_USERS]
