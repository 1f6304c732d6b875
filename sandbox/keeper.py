"""Keeps the bot running: starts it, starts it again when it dies, and knows how it is.

The process itself is `sandbox.bot_process`; the page asks here for its state.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable

from sandbox.bot_process import BotProcess
from sandbox.page.routes import BotStatus

# Pauses before a new start, the last one for good; a run that lasted begins anew.
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LASTED = 60.0
# sysexits.h: EX_CONFIG, with which the bot refuses settings: starting again would not help.
MISCONFIGURED = 78


class Keeper:
    """Runs `bot` until it is stopped. `connected` tells whether it is at the gateway.

    `tell` gets a sentence for people whenever the bot starts or ends.
    """

    def __init__(
        self, bot: BotProcess, *, connected: Callable[[], bool], tell: Callable[[str], None]
    ) -> None:
        self._bot = bot
        self._connected = connected
        self._tell = tell
        self._starts = 0
        self._note = ""
        self._over = False

    @property
    def status(self) -> BotStatus:
        """How the bot is now."""
        if self._over:
            return BotStatus("offline", self._note)
        if self._bot.running and self._connected():
            return BotStatus("online")
        return BotStatus("starting" if self._starts < 2 else "restarting", self._note)

    async def run(self) -> None:
        """Start the bot, again and again; returns only when it refuses its settings."""
        failures = 0
        while True:
            self._starts += 1
            began = time.monotonic()
            await self._bot.start()
            self._tell(f"The bot runs as process {self._bot.pid}.")
            if self._starts == 1:
                self._tell(
                    f"To see it recover, kill it while it answers (kill -9 {self._bot.pid}): "
                    "it comes back, and the answer comes once."
                )
            status = await self._bot.ended()
            if status == MISCONFIGURED:
                self._refuse()
                return
            failures = 0 if time.monotonic() - began > LASTED else failures
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            failures += 1
            self._note = f"It {_how(status)}."
            self._tell(f"The bot {_how(status)}; it starts again in {pause:g} s.")
            await asyncio.sleep(pause)

    def leave(self) -> None:
        """The sandbox is about to stop the bot: what ends now is no fault."""
        self._over = True
        self._note = "The sandbox is stopping."

    def _refuse(self) -> None:
        last = self._bot.lines[-1] if self._bot.lines else "it did not say why"
        self._over = True
        self._note = f"The bot cannot start: {last}"
        self._tell("The bot cannot start with these settings; see its last line above.")


def _how(status: int) -> str:
    """An exit status in words."""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return "ended" if status == 0 else f"ended with status {status}"
