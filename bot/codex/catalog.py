"""A model catalog of our own: the bundled one, without what makes a model a coding agent.

Current models are `code_mode_only` in the bundled catalog: they see one JavaScript tool, shell
and patch tools, and sub-agents. No `-c` key takes these away; a catalog does. One switch turns
it off (`CodexOptions.use_catalog`), should a backend not accept such an edit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.codex.home import write_private
from bot.codex.oneshot import run
from bot.errors import CodexRefusedError

# Codex adds three resource tools to any MCP server (see `profile`). They cannot be removed, but a
# catalog may word them: 2 KB become 0.5 KB, and the character reads nothing of servers. The
# parameters are JSON in a string: as an object they end Codex at start (0.163.0).
_UNUSED = {
    "description": "Nothing is kept here; never of use.",
    "parameters": '{"type": "object", "properties": {}}',
}
RESOURCE_TOOLS = ("list_mcp_resources", "list_mcp_resource_templates", "read_mcp_resource")
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
    path = folder / f"catalog-{version}-{_revision()}.json"
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


def _revision() -> str:
    """Part of the file's name, so that a catalog made by other edits is not taken."""
    return hashlib.sha256(json.dumps([_EDITS, _UNUSED]).encode()).hexdigest()[:8]


def _plain(model: dict[str, Any]) -> dict[str, Any]:
    edits = {name: value for name, value in _EDITS.items() if name in model}
    messages = dict(model.get("model_messages") or {})
    tools = dict(messages.get("tools") or {})
    tools["mcp_resources"] = dict.fromkeys(RESOURCE_TOOLS, _UNUSED)
    return model | edits | {"model_messages": messages | {"tools": tools}}
