"""Characters in a list to choose from: who they are, within what Discord takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.character import DESCRIPTION_LIMIT, NAME_LIMIT, Character
from cogs.show import CHOICE_LIMIT, MESSAGE_LIMIT, fitted, fullest, named


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


def test_a_full_room_is_shown_whole_rather_than_with_everything() -> None:
    """Twelve characters with faces and descriptions are more than a message takes."""
    names = [f"**Somebody {number}** · awake · answers to `@Somebody`" for number in range(12)]
    faces = [f"<:face_{'0' * 27}:{10**18}> {name}" for name in names]
    whole = [f"{face}\n-# {'x' * DESCRIPTION_LIMIT}" for face in faces]
    assert fullest(whole[:3], faces[:3], names[:3]) == whole[:3]
    assert fullest(whole, faces, names) == faces
    assert fullest(whole * 2, faces * 2, names * 2) == names * 2
    shown = fitted(fullest(whole, faces, names))
    assert len(shown) <= MESSAGE_LIMIT
    assert "more." not in shown
    assert fullest([], [], []) == []
