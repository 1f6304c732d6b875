"""What people do with a message on the page: forms from its menu, polls, pins, files, threads."""

from __future__ import annotations

import base64
import datetime
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Stage, Visit, message, write
from tests.browser.puppet import PNG, Panel
from tests.fixtures_discord import discord

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def choose(page: Page, text: str, entry: str) -> None:
    """Take an entry of a message's menu."""
    await message(page, text).hover()
    await message(page, text).get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name=entry, exact=True).click()


async def test_a_characters_message_is_changed_by_a_form_from_its_menu(
    stage: Stage, visit: Visit
) -> None:
    page = await visit("bob")
    await stage.bot.speak(stage.lobby.id, "Mira", "Soup is of.", view=Panel())
    await choose(page, "Soup is of.", "Edit reply")
    form = page.get_by_role("dialog", name="Edit reply")
    field = form.get_by_label("New words")
    await expect(field).to_have_value("Soup is of.")
    await field.fill("Soup is off.")
    await form.get_by_role("button", name="Submit").click()
    row = message(page, "Soup is off.")
    await expect(row.locator(".m-author")).to_have_text("Mira")
    await expect(message(page, "Changed.")).to_contain_text("Only you can see this")
    await row.get_by_role("button", name="Ring the bell").click()
    await expect(message(page, "The bell rang.").locator(".m-author")).to_have_text("Mira")


async def test_a_poll_is_voted_in_by_two_and_its_end_is_told(stage: Stage, visit: Visit) -> None:
    ada = await visit("ada")
    poll = discord.Poll("Tea or ale?", datetime.timedelta(hours=1))
    poll.add_answer(text="tea", emoji="🍵").add_answer(text="ale")
    place: Any = stage.bot.get_channel(stage.lobby.id)
    sent = await place.send(poll=poll)
    card = ada.get_by_role("region", name="Poll: Tea or ale?")
    tea = card.get_by_role("button", name="tea")
    await tea.click()
    await expect(tea).to_have_attribute("aria-pressed", "true")
    world = stage.inn.server.world
    world.vote(stage.inn.bob, stage.lobby.messages[sent.id], "ale")
    await expect(card.locator(".poll-share")).to_have_text(["50 %", "50 %"])
    await card.get_by_role("button", name="ale").click()
    await expect(card.locator(".poll-share")).to_have_text(["0 %", "100 %"])
    await expect(tea).to_have_attribute("aria-pressed", "false")
    world.end_poll(stage.lobby.messages[sent.id])
    await expect(ada.locator(".message.notice")).to_contain_text(
        "has ended: ale, with 2 votes of 2."
    )
    await expect(card.get_by_role("button", name="ale")).to_be_disabled()


async def test_what_the_bot_says_of_itself_stands_beside_it_and_above_its_messages(
    stage: Stage, visit: Visit
) -> None:
    page = await visit()
    await stage.bot.change_presence(activity=discord.CustomActivity("Minding the kettle"))
    await expect(page.locator("#people .status-line")).to_have_text("Minding the kettle")
    await page.get_by_title("Write to Troupe directly").click()
    await expect(page.locator("#topic")).to_have_text("Minding the kettle")
    await expect(page.get_by_role("link", name="Troupe, direct message")).to_be_visible()


async def test_a_message_is_pinned_and_found_among_the_pins(stage: Stage, visit: Visit) -> None:
    page = await visit()
    stage.say(stage.inn.bob, "The password is plum")
    await choose(page, "The password is plum", "Pin")
    await expect(page.locator(".message.notice")).to_contain_text("Ada pinned a message")
    await page.get_by_role("button", name="Pinned messages").click()
    await page.locator(".pin", has_text="The password is plum").click()
    await expect(page.locator(".message.lit")).to_contain_text("The password is plum")


async def test_dropped_files_are_shown_before_and_after_they_are_sent(
    stage: Stage, visit: Visit
) -> None:
    page = await visit()
    files = [
        ["map.png", "image/png", base64.b64encode(PNG).decode()],
        ["cellar.txt", "text/plain", base64.b64encode(b"Three barrels.\nOne rat.").decode()],
    ]
    dropped = await page.evaluate_handle(
        """files => {
            const moved = new DataTransfer();
            for (const [name, type, data] of files) {
                const bytes = Uint8Array.from(atob(data), one => one.charCodeAt(0));
                moved.items.add(new File([bytes], name, { type }));
            }
            return moved;
        }""",
        files,
    )
    await page.dispatch_event("#scroller", "dragover", {"dataTransfer": dropped})
    await expect(page.locator("#drop")).to_be_visible()
    await page.dispatch_event("#scroller", "drop", {"dataTransfer": dropped})
    await expect(page.locator("#drop")).to_be_hidden()
    await expect(page.locator("#uploads img")).to_have_js_property("naturalWidth", 1)
    await write(page, "Look here")
    row = message(page, "Look here")
    await expect(row.locator(".picture img")).to_have_attribute("width", "1")
    await row.get_by_text("Show the text").click()
    await expect(row.locator("pre")).to_have_text("Three barrels.\nOne rat.")
    assert not await page.locator("#uploads li").count()


async def test_a_thread_that_the_bot_opens_on_a_message_is_entered_from_it(
    stage: Stage, visit: Visit
) -> None:
    page = await visit()
    said = stage.say(stage.inn.bob, "What about the cellar?")
    place: Any = stage.bot.get_channel(stage.lobby.id)
    await place.create_thread(name="the cellar", message=discord.Object(said.id))
    await expect(page.get_by_role("link", name="the cellar, channel")).to_be_visible()
    await message(page, "What about the cellar?").get_by_role("link", name="Open thread").click()
    await expect(page.locator("#title")).to_contain_text("the cellar")
    await expect(page.locator(".message.notice")).to_contain_text(
        "started this thread from a message"
    )
