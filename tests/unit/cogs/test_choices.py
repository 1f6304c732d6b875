"""Characters in a list to choose from: who they are, within what Discord takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.character import DESCRIPTION_LIMIT, NAME_LIMIT, Character
from cogs.show import CHOICE_LIMIT, named


def test_an_entry_says_who_it_is() -> None:
    assert named(Character("mira", "Mira", "x", description="Keeps an inn.")) == (
        "Mira · Keeps an inn."
    )
    assert named(Character("mira", "Mira", "x")) == "Mira"


def test_what_does_not_fit_is_cut_and_no_emoji_is_torn() -> None:
    long = named(Character("mira", "M" * 79, "x", description="Inn " + "👩‍🚀" * 20))
    assert len(long) <= CHOICE_LIMIT
    assert long == "M" * 79 + " · Inn 👩‍🚀👩‍🚀👩‍🚀👩‍🚀…"


@given(
    st.text(min_size=1, max_size=NAME_LIMIT).filter(str.strip),
    st.text(max_size=DESCRIPTION_LIMIT),
)
def test_an_entry_always_fits_and_begins_with_the_name(name: str, description: str) -> None:
    entry = named(Character("key", name, "x", description=description))
    assert entry.startswith(name)
    assert len(entry) <= CHOICE_LIMIT
