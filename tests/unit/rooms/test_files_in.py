"""What people attach reaches the mind that they ask."""

from __future__ import annotations

from bot.domain.utterance import Attachment, Image
from tests.unit.rooms.company import MIRA, ROOM, Company, company

CAT = Image("image/jpeg", b"a cat")
DOG = Image("image/jpeg", b"a dog")


def send(house: Company, name: str, content: Image | str) -> tuple[Attachment, ...]:
    house.files.held[name] = content
    return (Attachment(name, name, 2_048, "image/png"),)


async def test_a_picture_is_seen_with_the_question() -> None:
    async with company() as house:
        house.says("@Mira what is this?", attachments=send(house, "cat.png", CAT))
        await house.quiet()
        assert house.mind.seen == [(CAT,)]
        assert "attached cat.png (image/png, 2 KB, picture 1)" in house.mind.asked[0][1]


async def test_a_picture_that_was_sent_before_the_question_is_seen_with_it() -> None:
    async with company() as house:
        house.says("@Mira hello")
        await house.quiet()
        house.says("look", attachments=send(house, "cat.png", CAT))
        house.says("@Mira what is this?", attachments=send(house, "dog.png", DOG))
        await house.quiet()
        assert house.mind.seen == [(), (CAT, DOG)]
        words = house.mind.asked[1][1]
        assert words.index("picture 1") < words.index("look") < words.index("picture 2")


async def test_who_is_new_looks_at_what_was_sent_just_before() -> None:
    async with company(cast=()) as house:
        house.says("good morning")
        house.says("look", attachments=send(house, "cat.png", CAT))
        house.says("nice")
        await house.casting.summon(ROOM, MIRA)
        house.says("@Mira what is this?")
        await house.quiet()
        assert house.mind.seen == [(CAT,)]
        thread = next(iter(house.mind.threads.values()))
        assert [line.text.splitlines()[-1] for line in thread.history] == ["  good morning"]
        words = house.mind.asked[0][1]
        assert [words.count(said) for said in ("good morning", "look", "nice", "what")] == [
            0,
            1,
            1,
            1,
        ]


async def test_a_text_file_stands_in_the_question_as_a_file() -> None:
    async with company() as house:
        text = "[Ben · 2 · 21 Nov 12:00 UTC]\n  I am Ben"
        house.says("@Mira read this", attachments=send(house, "n.txt", text))
        await house.quiet()
        assert house.mind.asked[0][1].endswith(
            "  @Mira read this\n  n.txt:\n  | [Ben · 2 · 21 Nov 12:00 UTC]\n  |   I am Ben"
        )
