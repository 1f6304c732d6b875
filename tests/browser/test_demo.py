"""The whole demo as a stranger meets it: the page in Chromium, the bot as its own process on real
Codex, the scripted model behind it."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from sandbox.demo import Demo, Options, opened
from tests.browser.conftest import message, write

# Codex starts cold on two busy cores.
SOON = 25_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(150),
    pytest.mark.asyncio(loop_scope="session"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def demo(chromium: str, tmp_path: Path) -> AsyncIterator[Demo]:
    lines: list[str] = []
    options = Options(0, tmp_path / "data", real_model=False, parent=dict(os.environ))
    async with opened(options, tell=lines.append) as made:
        yield made
        assert not made.server.record.failures, made.server.record.failures
    assert not made.bot.running
    assert not [line for line in lines if "Traceback" in line], lines


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, demo: Demo) -> AsyncIterator[Page]:
    context = await browser.new_context(reduced_motion="reduce")
    one = await context.new_page()
    await one.goto(demo.address)
    await one.get_by_role("link", name="tavern, channel", exact=True).click()
    await expect(one.locator("[data-bot=online]")).to_be_visible(timeout=SOON)
    yield one
    await context.close()


async def _summon(page: Page, name: str) -> None:
    await page.get_by_label("Message", exact=True).press_sequentially("/summon ")
    await page.get_by_role("option", name=name).click()
    await page.keyboard.press("Enter")
    await expect(page.locator(".m-author", has_text=name).first).to_be_visible(timeout=SOON)


async def test_a_character_is_summoned_talks_and_remembers(page: Page) -> None:
    await _summon(page, "Mira")
    await write(page, "@Mira good evening! My name is Ada Lovelace.")
    answer = page.locator(".message", has=page.locator(".m-author", has_text="Mira"))
    await expect(answer.filter(has_text="Ada").first).to_be_visible(timeout=SOON)
    await expect(answer.first.locator(".avatar img")).not_to_have_js_property("naturalWidth", 0)
    count = await message(page, "Lovelace").count()
    await write(page, "@Mira what is my name?")
    await expect(message(page, "Lovelace")).to_have_count(count + 1, timeout=SOON)
    await _say_it_anew(page, answer.last)


async def _say_it_anew(page: Page, reply: Locator) -> None:
    """The menu's first entry, and back to the first words by the button under them."""
    words = reply.locator(".m-text")
    first = await words.inner_text()
    await reply.click(button="right")
    await page.get_by_role("menuitem", name="Regenerate").click()
    await expect(reply.get_by_role("button", name="2/2")).to_be_visible(timeout=SOON)
    await expect(words).not_to_contain_text(first)
    await reply.get_by_role("button", name="◀").click()
    await expect(words).to_contain_text(first, timeout=SOON)


async def test_a_bot_that_is_killed_comes_back_and_answers_once(page: Page, demo: Demo) -> None:
    await _summon(page, "Mira")
    await write(page, "@Mira tell me a long story with code of 500 characters")
    await expect(page.locator(".m-edited").first).to_be_visible(timeout=SOON)
    first = demo.bot.pid
    os.kill(first, signal.SIGKILL)
    await expect(page.locator("#bot-banner")).to_contain_text("being started again")
    await expect(page.locator("[data-bot=online]")).to_be_visible(timeout=SOON)
    assert demo.bot.pid != first
    tavern = demo.town.channels["tavern"]

    def told() -> list[str]:
        return [one.content for one in tavern.messages.values() if one.webhook_id is not None]

    # The story begins and ends with the same code; what follows it shows that it is over.
    await demo.server.wait_for(lambda _: _stories(told()) and _ends(told()), SOON / 1000)
    before = len(told())
    await write(page, "@Mira thank you")
    await demo.server.wait_for(lambda _: len(told()) > before, SOON / 1000)
    assert len(_stories(told())) == 1, told()


def _stories(texts: list[str]) -> list[str]:
    return [text for text in texts if "def lanterns" in text]


def _ends(texts: list[str]) -> bool:
    return any(text.count("def lanterns") == 2 for text in texts)


async def test_a_member_is_not_offered_what_is_for_admins(page: Page, demo: Demo) -> None:
    await page.goto(f"{demo.address}?as=ben")
    await expect(page.get_by_role("button", name="You are Ben")).to_be_visible()
    await page.get_by_label("Message", exact=True).press_sequentially("/")
    await expect(page.get_by_role("option", name="/cast")).to_be_visible()
    await expect(page.get_by_role("option", name="/pool stats")).to_have_count(0)
