"""Does an app-server start with these settings? For `doctor`: starts one, and ends it."""

from __future__ import annotations

import contextlib

from bot.codex.instance import Instance
from bot.codex.options import LaunchSpec
from bot.codex.process import Process
from bot.errors import CodexLoginError
from bot.log import Redactor


async def probe(spec: LaunchSpec, redactor: Redactor) -> None:
    """Start and end one app-server. Raises `CodexError` quoting Codex's own line if it refuses.

    That nobody is logged in is no fault here: `login` tells that.
    """

    async def unregistered(_: Process) -> None:
        return

    with contextlib.suppress(CodexLoginError):
        instance = await Instance.start(
            spec,
            redactor=redactor,
            silence=10.0,
            on_spawn=unregistered,
            on_ended=lambda _: None,
        )
        await instance.close()
