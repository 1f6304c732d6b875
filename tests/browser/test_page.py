"""The page itself: who one is, what it says of itself, how it looks when narrow."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from sandbox.page.routes import BotStatus
from tests.browser.conftest import Stage, Visit, message, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_page_says_that_it_is_a_stand_in_and_how_to_leave_it(
    stage: Stage, visit: Visit
) -> None:
    page = await visit()
    notice = page.locator("#notice")
    await expect(notice).to_contain_text("stand-in for Discord on this machine")
    await expect(notice).to_contain_text("scripted")
    await notice.get_by_role("button", name="Put this notice away").click()
    await expect(notice).to_be_hidden()
    await page.get_by_role("button", name="About this page").click()
    panel = page.get_by_role("dialog", name="About this page")
    for words in (
        "make login",
        "CODEX_BASE_URL",
        "--real-model",
        "DISCORD_TOKEN",
        "make run",
    ):
        await expect(panel).to_contain_text(words)
    await panel.get_by_role("button", name="Show the notice bar again").click()
    await expect(notice).to_be_visible()


async def test_one_can_be_someone_else(stage: Stage, visit: Visit) -> None:
    page = await visit("ada")
    await page.get_by_role("button", name="You are Ada").click()
    await page.get_by_role("menuitem", name="Bob").click()
    await expect(page.get_by_role("button", name="You are Bob")).to_be_visible()
    await write(page, "I am Bob now")
    await expect(message(page, "I am Bob now").locator(".m-author")).to_have_text("Bob")


async def test_it_works_while_the_bot_is_starting_and_says_so(stage: Stage, visit: Visit) -> None:
    stage.status = BotStatus("starting")
    page = await visit()
    await expect(page.locator("#bot-banner")).to_contain_text("The bot is starting…")
    await write(page, "Anybody there?")
    await expect(message(page, "Anybody there?")).to_be_visible()
    stage.status = BotStatus("online")
    await expect(page.locator("#bot-banner")).to_be_hidden()


async def test_a_narrow_window_has_its_places_in_a_drawer(stage: Stage, visit: Visit) -> None:
    page = await visit(viewport={"width": 380, "height": 700})
    place = page.get_by_role("link", name="lobby, channel")
    await expect(place).to_be_hidden()
    await page.get_by_role("button", name="Places").click()
    await place.click()
    await expect(place).to_be_hidden()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 380


async def test_the_bot_can_be_written_to_directly(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await page.get_by_title("Write to Troupe directly").click()
    await expect(page.locator("#title")).to_have_text("Troupe")
    await write(page, "Just us two")
    await stage.bot.hears("Just us two")


async def test_a_session_is_not_given_to_a_foreign_host(stage: Stage, visit: Visit) -> None:
    page = await visit()
    answer = await page.request.get(
        f"{stage.inn.server.origin}/sandbox/session", headers={"Host": "evil.example"}
    )
    assert answer.status == 421
    assert "token" not in await answer.text()
