"""`python -m sandbox.picture FILE`: a picture of the demo, for the README.

Plays a short evening in the demo's tavern, with the whole bot, and photographs the page in headless
Chromium. Owns the scene and the form of the picture. Needs what development needs (Playwright), and
a Chromium on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, async_playwright, expect

from sandbox.demo import Demo, Options, opened
from sandbox.discord.world.model import Message, User

WIDTH, HEIGHT = 1_180, 820
# A cold start on two busy cores, and an answer then.
SOON = 60.0
# An answer grows once a second; one that has not for so long is whole.
STANDS = 2.5
# So many colours look the same here, and take a third of the room.
COLOURS = 160
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def main() -> int:
    """Take the picture; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.picture", description=_ABOUT)
    parser.add_argument("file", type=Path, help="where the PNG goes")
    file: Path = parser.parse_args().file
    browser = next((path for name in _CHROMIUM if (path := shutil.which(name))), None)
    if browser is None:
        print("There is no Chromium on this machine (Debian: apt install chromium).")  # noqa: T201
        return 1
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_small(asyncio.run(_photograph(browser))))
    print(f"{file}: {file.stat().st_size // 1024} KB")  # noqa: T201 for the person at the terminal
    return 0


_ABOUT = "Plays a scene in the demo and writes a picture of its page."


async def _photograph(browser: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        parent = dict(os.environ)  # noqa: TID251 an allow-list of it goes to the bot, unread here
        options = Options(0, Path(folder), real_model=False, parent=parent)
        async with opened(options, tell=lambda _: None) as demo, async_playwright() as playwright:
            chromium = await playwright.chromium.launch(
                executable_path=browser, args=["--no-sandbox", "--no-proxy-server"]
            )
            context = await chromium.new_context(
                viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce"
            )
            page = await context.new_page()
            await page.goto(demo.address)
            await page.get_by_role("link", name="tavern, channel", exact=True).click()
            await expect(page.locator("[data-bot=online]")).to_be_visible(timeout=SOON * 1000)
            await _play(demo)
            await _tidy(page)
            picture = await page.screenshot()
            await chromium.close()
            return picture


async def _play(demo: Demo) -> None:
    """What is said before the picture is taken."""
    town = demo.town
    await _summoned(demo, "Mira")
    await _summoned(demo, "Tally")
    await _answered(demo, town.ben, "@Mira what's the soup today, and who is it for?", by="Mira")
    rolled = await _answered(
        demo, town.cleo, "@Tally roll 2d6+3: I try the cellar door", by="Tally"
    )
    demo.server.world.react(town.ben, rolled, "🎲")
    behind = await _answered(demo, town.ann, "@Mira what is behind that door, really?", by="Mira")
    demo.server.world.react(town.cleo, behind, "🔥")
    demo.server.world.react(town.ben, behind, "🔥")


async def _summoned(demo: Demo, name: str) -> None:
    tavern = demo.town.channels["tavern"]
    option = name.casefold()
    demo.server.world.run_command(
        demo.town.ann, tavern, demo.town.application, "summon", character=option
    )
    await _spoken(demo, after=0, by=name)


async def _answered(demo: Demo, who: User, words: str, *, by: str) -> Message:
    """Somebody speaks; gives what the character answered, once it stands."""
    asked = demo.server.world.say(who, demo.town.channels["tavern"], words)
    return await _spoken(demo, after=asked.id, by=by)


async def _spoken(demo: Demo, *, after: int, by: str) -> Message:
    """The newest message of the character, once its words have stopped growing."""
    messages = demo.town.channels["tavern"].messages

    def newest(_: object) -> Message | None:
        said = [one for one in messages.values() if one.id > after and one.author.username == by]
        return said[-1] if said else None

    message, words = await demo.server.wait_for(newest, SOON), ""
    while message.content != words:
        words = message.content
        await asyncio.sleep(STANDS)
    return message


async def _tidy(page: Page) -> None:
    await page.get_by_role("button", name="Put this notice away").click()
    await page.mouse.move(WIDTH - 2, 2)
    await page.evaluate("document.activeElement.blur()")
    await page.wait_for_load_state("networkidle")
    await page.evaluate("document.fonts.ready")


def _small(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as picture:
        reduced = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    written = io.BytesIO()
    reduced.save(written, "PNG", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(main())
