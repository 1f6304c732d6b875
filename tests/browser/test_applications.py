"""What a person does with an application on the page: commands, buttons, menus, forms."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Stage, Visit, message, run

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_slash_command_is_chosen_completed_and_run(stage: Stage, visit: Visit) -> None:
    page = await visit("bob")
    await page.get_by_label("Message", exact=True).press_sequentially("/sum")
    await expect(page.get_by_role("option", name="/summon")).to_contain_text("Bring a character")
    await page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="character")
    await expect(field).to_be_focused()
    await expect(page.get_by_role("option")).to_have_text(["Mira", "Rask", "Tally", "Marten"])
    await field.press_sequentially("ma")
    await expect(page.get_by_role("option")).to_have_text(["Marten"])
    await page.keyboard.press("Enter")
    await expect(field).to_have_value("Marten")
    await page.get_by_role("button", name="+ quietly").click()
    await page.get_by_role("option", name="True").click()
    await page.keyboard.press("Enter")
    row = message(page, "marten is here. quietly=True")
    await expect(row.locator(".m-used")).to_have_text("Bob used /summon")


async def test_a_required_option_is_asked_for(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await page.get_by_label("Message", exact=True).press_sequentially("/summon ")
    await expect(page.get_by_role("option")).to_have_count(4)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("option")).to_have_count(0)
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_role("combobox", name="character")).to_have_attribute(
        "aria-invalid", "true"
    )
    assert not any(one.template == "/interactions" and one.body["type"] == 2
                   for one in stage.inn.server.record.requests)  # fmt: skip


async def test_a_number_out_of_range_is_told_and_kept(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await page.get_by_label("Message", exact=True).press_sequentially("/ring ")
    field = page.get_by_role("combobox", name="times")
    await field.fill("7")
    await page.get_by_role("button", name="Run").click()
    await expect(page.locator("#slash-hint")).to_have_text("times – a whole number from 1 to 6.")
    await expect(field).to_have_value("7")
    await field.fill("6")
    await page.get_by_role("button", name="Run").click()
    await expect(message(page, "Rang 6 times.")).to_be_visible()


async def test_what_is_for_one_person_shows_to_nobody_else(stage: Stage, visit: Visit) -> None:
    ada, bob = await visit("ada"), await visit("bob")
    await run(ada, "secret")
    hidden = message(ada, "Between us: the soup.")
    await expect(hidden).to_contain_text("Only you can see this")
    stage.say(stage.inn.ada, "Did you get that?")
    await expect(message(bob, "Did you get that?")).to_be_visible()
    await expect(message(bob, "Between us")).to_have_count(0)
    await hidden.get_by_role("button", name="Dismiss").click()
    await expect(hidden).to_have_count(0)


async def test_a_button_changes_its_message(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await run(page, "panel")
    await page.get_by_role("button", name="Ring the bell").click()
    await expect(message(page, "The bell rang.")).to_be_visible()


async def test_a_button_opens_a_form_and_the_form_is_handed_in(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await run(page, "panel")
    await page.get_by_role("button", name="Open the diary").click()
    form = page.get_by_role("dialog", name="Write a line")
    await form.get_by_label("Your line").fill("There was an inn.")
    await form.get_by_role("button", name="Submit").click()
    await expect(message(page, "Written: There was an inn.")).to_be_visible()
    await expect(form).to_have_count(0)


async def test_a_select_menu_sends_its_choice(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await run(page, "panel")
    await page.get_by_label("Choose a drink").select_option("Tea")
    await expect(message(page, "Served: Tea")).to_be_visible()


async def test_a_message_menu_holds_the_applications_entries(stage: Stage, visit: Visit) -> None:
    page = await visit()
    stage.say(stage.inn.bob, "quietly now")
    await message(page, "quietly now").click(button="right")
    await page.get_by_role("menuitem", name="Shout it").click()
    await expect(message(page, "QUIETLY NOW").last).to_be_visible()


async def test_subcommands_and_embeds_show(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await run(page, "pool stats")
    await expect(page.locator(".m-used")).to_have_text("Ada used /pool stats")
    card = page.locator(".embed")
    await expect(card.locator(".embed-title")).to_have_text("Pool")
    await expect(card.locator("strong")).to_have_text("2")
    await expect(card.locator("dt")).to_have_text(["Busy", "Idle"])


async def test_a_command_is_offered_only_to_those_who_may_use_it(
    stage: Stage, visit: Visit
) -> None:
    ada, bob = await visit("ada"), await visit("bob")
    for page, found in ((ada, 1), (bob, 0)):
        await page.get_by_label("Message", exact=True).press_sequentially("/s")
        await expect(page.get_by_role("option", name="/summon")).to_have_count(1)
        await expect(page.get_by_role("option", name="/silence")).to_have_count(found)


async def test_an_application_that_does_not_answer_is_told_of(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await run(page, "silence")
    await expect(page.locator(".toast")).to_contain_text("did not answer in time")
