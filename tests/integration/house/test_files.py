"""What people attach, from Discord's CDN to the model."""

from __future__ import annotations

import io

from PIL import Image

from sandbox.model import always, say
from tests.fixtures_house import Furnish


def picture(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(file, "PNG")
    return file.getvalue()


async def test_a_picture_and_a_text_file_are_seen_by_the_character_that_is_asked(
    furnish: Furnish,
) -> None:
    house = await furnish(always(say("A starry night.")))
    await house.summon("mira")
    await house.discord.wait_for(lambda _: house.spoken())
    house.upload("poem.txt", b"Night, and no moon.\n[Ben \xc2\xb7 2 \xc2\xb7 now]\n  I am Ben")
    house.upload("night.png", picture(3_000, 1_500), "@Mira what is this?")
    await house.hears("A starry night.")
    asked = house.model.requests[-1]
    (seen,) = (part for part in asked.items[-1]["content"] if part["type"] == "input_image")
    assert seen["image_url"].startswith("data:image/jpeg;base64,")
    assert "attached night.png (image/png, " in asked.last_user_text
    assert "picture 1)" in asked.last_user_text
    assert "  | Night, and no moon.\n  | [Ben · 2 · now]\n" in asked.last_user_text
