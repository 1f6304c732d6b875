"""What is said shows on the page as in a chat client: faces, edits, typing, reactions, replies."""

from __future__ import annotations

import pytest
from playwright.async_api import FilePayload, expect

from sandbox.discord import Upload
from tests.browser.conftest import Stage, Visit, message, write
from tests.browser.puppet import PNG

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_character_shows_its_own_name_and_face(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await stage.bot.speak(stage.lobby.id, "Mira", "Come in, come in!")
    row = message(page, "Come in, come in!")
    await expect(row.locator(".m-author")).to_have_text("Mira")
    await expect(row.locator(".tag")).to_have_text("App")
    picture = row.locator(".avatar img")
    await expect(picture).to_have_js_property("naturalWidth", 1)


async def test_neighbours_by_one_name_are_grouped_and_by_two_names_are_not(
    stage: Stage, visit: Visit
) -> None:
    page = await visit()
    for name, text in (("Mira", "one"), ("Mira", "two"), ("Rask", "three")):
        await stage.bot.speak(stage.lobby.id, name, f"line {text}")
    await expect(message(page, "line three").locator(".m-author")).to_have_text("Rask")
    await expect(message(page, "line two").locator(".m-author")).to_have_count(0)
    await expect(message(page, "line one").locator(".m-author")).to_have_text("Mira")


async def test_an_edit_changes_the_row_in_place_and_keeps_what_stands(
    stage: Stage, visit: Visit
) -> None:
    page = await visit()
    sent = await stage.bot.speak(stage.lobby.id, "Mira", "First words.\n```py\nx = 1\n```")
    row = message(page, "First words.")
    fence = await row.locator(".code").element_handle()
    await sent.edit(content="First words.\n```py\nx = 1\n```And more.")
    await expect(row).to_contain_text("And more.")
    await expect(row.locator(".m-edited")).to_have_text("(edited)")
    assert await fence.evaluate("node => node.isConnected")


async def test_typing_shows_and_ends_when_the_words_come(stage: Stage, visit: Visit) -> None:
    page = await visit()
    stage.inn.server.world.type_in(stage.inn.application.user, stage.lobby)
    await expect(page.locator("#typing")).to_have_text("Troupe is typing")
    stage.inn.server.world.say(stage.inn.application.user, stage.lobby, "There.")
    await expect(page.locator("#typing")).to_have_text("")


async def test_the_bot_sees_a_person_type_and_hears_what_was_sent(
    stage: Stage, visit: Visit
) -> None:
    page = await visit("bob")
    await write(page, "Good evening!")
    await expect(message(page, "Good evening!").locator(".m-author")).to_have_text("Bob")
    server = stage.inn.server
    await stage.bot.hears("Good evening!")
    route = "/channels/{channel_id}/typing"
    assert any(one.template == route for one in server.record.requests)


async def test_reactions_are_shown_put_and_taken(stage: Stage, visit: Visit) -> None:
    page = await visit()
    said = stage.say(stage.inn.bob, "What a day")
    row = message(page, "What a day")
    stage.inn.server.world.react(stage.inn.bob, said, "🎲")
    chip = row.get_by_role("button", name="🎲")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    await expect(chip.locator("b")).to_have_text("2")
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await chip.click()
    await expect(chip.locator("b")).to_have_text("1")
    await row.hover()
    await row.get_by_role("button", name="Add a reaction").click()
    await page.get_by_label("Find an emoji").fill("fire")
    await page.keyboard.press("Enter")
    await expect(row.get_by_role("button", name="🔥")).to_have_attribute("aria-pressed", "true")


async def test_a_reply_names_what_it_answers(stage: Stage, visit: Visit) -> None:
    page = await visit("bob")
    await stage.bot.speak(stage.lobby.id, "Mira", "Soup or stew?")
    row = message(page, "Soup or stew?")
    await row.click(button="right")
    await page.get_by_role("menuitem", name="Reply", exact=True).click()
    await expect(page.locator("#context-bar")).to_contain_text("Replying to Mira")
    await write(page, "Stew, please")
    answer = page.locator(".message", has=page.locator(".m-text", has_text="Stew, please"))
    await expect(answer.locator(".m-reply")).to_contain_text("Soup or stew?")
    heard = await stage.inn.server.wait_for(
        lambda _: [m for m in stage.lobby.messages.values() if m.content == "Stew, please"]
    )
    assert heard[0].reference is not None


async def test_names_of_characters_and_people_complete(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await stage.bot.speak(stage.lobby.id, "Mira", "Here.")
    await expect(message(page, "Here.")).to_be_visible()
    field = page.get_by_label("Message", exact=True)
    await field.press_sequentially("@mi")
    await expect(page.get_by_role("option", name="Mira")).to_be_visible()
    await page.keyboard.press("Enter")
    await field.press_sequentially("and @bo")
    await page.keyboard.press("Tab")
    await field.press_sequentially("hello")
    await page.keyboard.press("Enter")
    wanted = f"@Mira and <@{stage.inn.bob.id}> hello"
    await stage.bot.hears(wanted)
    await expect(message(page, "hello").locator(".mention")).to_have_text("@Bob")


async def test_hostile_text_is_shown_as_text(stage: Stage, visit: Visit) -> None:
    page = await visit()
    nasty = (
        "<img src=x onerror=alert(1)><script>alert(2)</script> [go](javascript:alert(3)) "
        "`<b>` **<i>x</i>** ||<svg onload=alert(4)>|| <javascript:alert(5)>"
    )
    await stage.bot.speak(stage.lobby.id, "<b>Mira</b>", nasty)
    row = message(page, "onerror=alert(1)")
    await expect(row.locator(".m-author")).to_have_text("<b>Mira</b>")
    await expect(row.locator(".m-text")).to_contain_text("<script>alert(2)</script>")
    assert await row.locator("script, .m-text img, .m-text b, svg[onload]").count() == 0
    assert await row.locator("a").count() == 0


async def test_markdown_is_drawn_as_people_know_it(stage: Stage, visit: Visit) -> None:
    page = await visit()
    text = (
        "# Menu\n-# since 1204\n- **soup** and *bread*\n- ~~stew~~ __gone__\n> a ***fine*** place\n"
        f"See <#{stage.lobby.id}> or https://example.org/a_(b). 2\\*3\\*4 snake_case_name"
    )
    await stage.bot.speak(stage.lobby.id, "Mira", text)
    body = message(page, "Menu").locator(".m-text")
    for selector, words in (
        (".md-h1", "Menu"), (".md-sub", "since 1204"), ("li strong", "soup"), ("li em", "bread"),
        ("li s", "stew"), ("li u", "gone"), ("blockquote strong em", "fine"),
        (".mention", "#lobby"), ("a.link", "https://example.org/a_(b)"),
    ):  # fmt: skip
        await expect(body.locator(selector)).to_have_text(words)
    await expect(body).to_contain_text("2*3*4 snake_case_name")


async def test_own_messages_are_edited_and_deleted_others_are_not(
    stage: Stage, visit: Visit
) -> None:
    page = await visit("bob")
    stage.say(stage.inn.ada, "From Ada")
    await write(page, "From Bbo")
    mine = message(page, "From Bbo")
    await expect(mine).to_be_visible()
    await page.get_by_label("Message", exact=True).press("ArrowUp")
    await write(page, "From Bob")
    await expect(message(page, "From Bob").locator(".m-edited")).to_be_visible()
    await message(page, "From Ada").click(button="right")
    await expect(page.get_by_role("menuitem", name="Copy text")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Delete")).to_have_count(0)
    await page.keyboard.press("Escape")
    await message(page, "From Bob").click(button="right")
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("button", name="Delete").click()
    await expect(message(page, "From Bob")).to_have_count(0)


async def test_files_are_uploaded_and_pictures_shown(stage: Stage, visit: Visit) -> None:
    page = await visit()
    picture: FilePayload = {"name": "map.png", "mimeType": "image/png", "buffer": PNG}
    notes: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x" * 2048}
    await page.locator("#file").set_input_files([picture, notes])
    await expect(page.locator("#uploads li")).to_have_count(2)
    await write(page, "Look at this")
    row = message(page, "Look at this")
    await expect(row.locator(".picture img")).to_have_js_property("naturalWidth", 1)
    await expect(row.locator(".file")).to_contain_text("notes.txt2.0 KB")


async def test_a_refusal_is_told_and_the_words_are_kept(stage: Stage, visit: Visit) -> None:
    page = await visit()
    await write(page, "x" * 2001)
    await expect(page.locator(".toast")).to_contain_text("2000")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("x" * 2001)


async def test_other_channels_show_what_is_unread(stage: Stage, visit: Visit) -> None:
    world = stage.inn.server.world
    attic = world.add_channel(stage.inn.guild, "attic")
    page = await visit()
    world.say(stage.inn.bob, attic, f"psst {stage.inn.ada.mention}")
    place = page.get_by_role("link", name="attic, channel, 1 unread, 1 mention you")
    await place.click()
    await expect(message(page, "psst")).to_have_class("message rings")
    await expect(page.get_by_role("link", name="attic, channel", exact=True)).to_be_visible()


async def test_a_cut_line_is_told_and_what_was_missed_comes(stage: Stage, visit: Visit) -> None:
    page = await visit()
    faults = stage.inn.server.faults
    faults.gateway.refuse(1)
    faults.gateway.cut(stage.inn.ada.id)
    await expect(page.locator("#line-banner")).to_be_visible()
    stage.say(stage.inn.bob, "While you were away")
    await expect(message(page, "While you were away")).to_be_visible()
    await expect(page.locator("#line-banner")).to_be_hidden()
    faults.gateway.invalidate(stage.inn.ada.id)
    stage.say(stage.inn.bob, "A new session")
    await expect(message(page, "A new session")).to_be_visible()


async def test_threads_and_posts_are_places_of_their_own(stage: Stage, visit: Visit) -> None:
    world = stage.inn.server.world
    source = stage.say(stage.inn.bob, "Let us talk elsewhere")
    page = await visit()
    await message(page, "Let us talk elsewhere").click(button="right")
    await page.get_by_role("menuitem", name="Start a thread").click()
    await page.get_by_label("Name of the thread").fill("Elsewhere")
    await page.get_by_role("button", name="Start").click()
    await expect(page.locator("#title")).to_contain_text("Elsewhere")
    await write(page, "Here we are")
    await stage.inn.server.wait_for(
        lambda _: any(
            m.content == "Here we are" for m in world.channels[source.id].messages.values()
        )
    )


async def test_an_uploaded_file_cannot_run_in_the_pages_name(stage: Stage, visit: Visit) -> None:
    world = stage.inn.server.world
    upload = Upload(0, "evil.html", "text/html", b"<script>alert(1)</script>")
    world.say(stage.inn.bob, stage.lobby, "a gift", files=[upload])
    page = await visit()
    address = await message(page, "a gift").locator(".file").get_attribute("href")
    answer = await page.request.get(stage.inn.server.origin + str(address))
    assert answer.headers["content-disposition"].startswith("attachment")
