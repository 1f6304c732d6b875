"""Does an app-server start with these settings? For `doctor`: starts one, and ends it."""

from __future__ import annotations

import contextlib

from bot.codex.instance import Instance
from bot.codex.options import LaunchSpec
from bot.codex.registry import Registry
from bot.errors import CodexLoginError
from bot.log import Redactor


async def probe(spec: LaunchSpec, registry: Registry, redactor: Redactor) -> None:
    """Start and end one app-server. Raises `CodexError` quoting Codex's own line if it refuses.

    That nobody is logged in is no fault here: `login` tells that.
    """

    with contextlib.suppress(CodexLoginError):
        instance = await Instance.start(
            spec,
            redactor=redactor,
            silence=10.0,
            registry=registry,
            on_ended=lambda _: None,
        )
        await instance.close()
