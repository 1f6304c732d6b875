"""A real Chromium on the real page, with a stand-in Discord and a small bot behind it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    async_playwright,
    expect,
)

from sandbox.discord import DiscordServer, Limits
from sandbox.discord.world.model import Channel, User
from sandbox.page import Guest
from sandbox.page import Page as PageRoutes
from sandbox.page.routes import BotStatus
from tests.browser.puppet import Puppet
from tests.fixtures_discord import Inn, build_inn, connected, redirected

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def chromium(in_ci: bool) -> str:
    """Where Chromium is; without it the test is skipped, which is an error in CI."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        words = "There is no Chromium on this machine: the page is not tested in a browser."
        if in_ci:
            pytest.fail(words + " In CI it must be.", pytrace=False)
        pytest.skip(words)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One Chromium for all tests; each person gets a context of its own."""
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield one
        await one.close()


@dataclass(slots=True)
class Stage:
    """The inn with its bot connected and the page served. `status` is what the page is told."""

    inn: Inn
    bot: Puppet
    status: BotStatus

    @property
    def lobby(self) -> Channel:
        return self.inn.lobby

    def say(self, user: User, text: str, **more: Any) -> Any:
        return self.inn.server.world.say(user, self.inn.lobby, text, **more)


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """A new server, guild and bot for each test."""
    bot = Puppet()
    made: list[Stage] = []
    routes = PageRoutes(status=lambda: made[0].status)
    async with AsyncExitStack() as stack:
        server = DiscordServer(limits=Limits.off(), extra_routes=routes.routes())
        await stack.enter_async_context(server)
        inn = build_inn(server)
        routes.guests += [Guest("ada", inn.ada, "owner"), Guest("bob", inn.bob, "member")]
        stack.enter_context(redirected(server))
        await stack.enter_async_context(connected(bot, inn.application.token))
        made.append(Stage(inn, bot, BotStatus("online")))
        yield made[0]
        assert not server.record.failures, server.record.failures


Visit = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, stage: Stage) -> AsyncIterator[Visit]:
    """Open the page as someone. Nothing may be wrong with it, and it may ask nobody else."""
    faults: list[str] = []
    origin = stage.inn.server.origin
    async with AsyncExitStack() as stack:

        async def open_page(who: str = "ada", path: str = "", **options: Any) -> Page:
            context = await browser.new_context(**{"reduced_motion": "reduce"} | options)
            stack.push_async_callback(context.close)
            context.set_default_timeout(15_000)
            page = await context.new_page()
            _watch(page, origin, faults)
            await page.goto(f"{origin}/?as={who}#/{path or stage.lobby.id}")
            await expect(page.locator("body[data-ready]")).to_have_count(1)
            return page

        yield open_page
    assert not faults, faults


def _watch(page: Page, origin: str, faults: list[str]) -> None:
    """Note each error, each dialog and each request to somebody else."""

    def said(one: ConsoleMessage) -> None:
        # Refusals and cut lines are part of some tests; the browser notes each as an error.
        if one.type == "error" and not one.text.startswith(("Failed to load", "WebSocket conn")):
            faults.append(one.text)

    def asked(one: Request) -> None:
        if not _own(one.url, origin):
            faults.append(f"a request to {one.url}")

    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("dialog", lambda one: faults.append(f"dialog: {one.message}"))
    page.on("console", said)
    page.on("request", asked)


def _own(url: str, origin: str) -> bool:
    return url.startswith((origin, origin.replace("http", "ws"), "data:", "blob:"))


def message(page: Page, text: str) -> Locator:
    """The row of the message that holds `text`."""
    return page.locator(".message", has_text=text)


async def write(page: Page, text: str) -> None:
    """Write in the field and send."""
    await page.get_by_label("Message", exact=True).fill(text)
    await page.keyboard.press("Enter")


async def run(page: Page, command: str) -> None:
    """Run a command without options by its name."""
    await page.get_by_label("Message", exact=True).press_sequentially(f"/{command} ")
    await page.get_by_role("button", name="Run").click()
