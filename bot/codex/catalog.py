"""A model catalog of our own: the bundled one, without what makes a model a coding agent.

Current models are `code_mode_only` in the bundled catalog: they see one JavaScript tool, shell
and patch tools, and sub-agents. No `-c` key takes these away; a catalog does. One switch turns
it off (`CodexOptions.use_catalog`), should a backend not accept such an edit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.codex.home import write_private
from bot.codex.oneshot import run
from bot.errors import CodexRefusedError

# Part of the file's name: raise it when `_EDITS` change, so that old files are not taken.
_REVISION = 1
_EDITS: dict[str, object] = {
    "tool_mode": None,
    "multi_agent_version": None,
    "apply_patch_tool_type": None,
    "shell_type": "disabled",
    "experimental_supported_tools": [],
    "supports_search_tool": False,
    "include_skills_usage_instructions": False,
    "include_plugin_usage_instructions": False,
    "include_apps_usage_instructions": False,
}


async def ensure(binary: Path, version: str, folder: Path, env: Mapping[str, str]) -> Path:
    """The catalog for this version of Codex, made on first need. Raises `CodexRefusedError`."""
    path = folder / f"catalog-{version}-{_REVISION}.json"
    if not path.exists():
        said = await run([str(binary), "debug", "models", "--bundled"], env)
        if said.code != 0:
            raise CodexRefusedError(said.err.strip() or "it lists no models")
        write_private(path, edited(said.out))
    return path


def edited(bundled: str) -> str:
    """The catalog as JSON, every model plain. Fields that a model does not have stay away."""
    try:
        catalog: dict[str, Any] = json.loads(bundled)
        models = [_plain(model) for model in catalog["models"]]
    except (ValueError, KeyError, TypeError) as error:
        raise CodexRefusedError(f"its list of models cannot be read: {error}") from error
    return json.dumps(catalog | {"models": models}, ensure_ascii=False)


def _plain(model: dict[str, Any]) -> dict[str, Any]:
    return model | {name: value for name, value in _EDITS.items() if name in model}
