"""Our model catalog: the bundled one, without the settings that make a model a coding agent.

Current models are `code_mode_only` in the bundled catalog: they get a JavaScript tool, shell and
patch tools, and sub-agents. No `-c` key removes these; a catalog does.
`CodexOptions.use_catalog` turns it off, for backends that reject such an edit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.codex.home import write_private
from bot.codex.run_once import run
from bot.errors import CodexRefusedError

# Codex adds three resource tools to any MCP server (see `profile`). They cannot be removed, but the
# catalog can replace their descriptions: 0.5 KB instead of 2 KB, with no mention of servers. The
# parameters are JSON in a string: with an object Codex ends at start (0.163.0).
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
    """Return the path of the catalog for this version of Codex, creating it if needed.

    Raises `CodexRefusedError` when the bundled catalog cannot be read.
    """
    path = folder / f"catalog-{version}-{_revision()}.json"
    if not path.exists():
        output = await run([str(binary), "debug", "models", "--bundled"], env)
        if output.code != 0:
            raise CodexRefusedError(output.err.strip() or "it lists no models")
        write_private(path, edited(output.out))
    return path


def edited(bundled: str) -> str:
    """Apply the edits to every model of the catalog, a JSON text; no field is added to a model."""
    try:
        catalog: dict[str, Any] = json.loads(bundled)
        models = [_plain(model) for model in catalog["models"]]
    except (ValueError, KeyError, TypeError) as error:
        raise CodexRefusedError(f"its list of models cannot be read: {error}") from error
    return json.dumps(catalog | {"models": models}, ensure_ascii=False)


def _revision() -> str:
    """Hash the edits for the file's name, so that a catalog made with other edits is not used."""
    return hashlib.sha256(json.dumps([_EDITS, _UNUSED]).encode()).hexdigest()[:8]


def _plain(model: dict[str, Any]) -> dict[str, Any]:
    edits = {name: value for name, value in _EDITS.items() if name in model}
    messages = dict(model.get("model_messages") or {})
    tools = dict(messages.get("tools") or {})
    tools["mcp_resources"] = dict.fromkeys(RESOURCE_TOOLS, _UNUSED)
    return model | edits | {"model_messages": messages | {"tools": tools}}
