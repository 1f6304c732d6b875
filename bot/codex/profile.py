"""The configuration that makes Codex a character instead of a coding agent: `-c` keys.

Owns the choice of keys; `toml` owns their encoding, `launch` the command line. Measured with
0.163.0 on every model of its catalog: only the persona, the conversation and our tools reach the
model.

Three tools of Codex's stay: `list_mcp_resources`, `list_mcp_resource_templates` and
`read_mcp_resource`. Codex adds them whenever an MCP server is configured
(`add_mcp_resource_tools` in its `core/src/tools/spec_plan.rs` checks nothing else: no feature, no
`tools.*` key, not whether the server declares resources). Tried without effect on 0.163.0:
`disabled_tools` (a server's own tools only), `orchestrator.mcp.enabled`, every feature off,
`tool_mode` "direct" and "code_mode", null in the catalog's `model_messages.tools.mcp_resources`.
`tool_mode` "code_mode_only" hides them, but adds `exec`, `wait` and 7 KB. So our catalog shortens
their descriptions. Only client-side `dynamicTools` come without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from bot.codex.options import CodexOptions, McpEndpoint
from bot.codex.toml import Value

# The name of our model provider, and the variable that passes its key to the child.
PROVIDER = "troupe"
API_KEY_ENV = "TROUPE_MODEL_KEY"
# How often Codex retries a request or a cut stream before the turn fails and people are told.
REQUEST_RETRIES = 2
STREAM_RETRIES = 3
# Deadline of our tools in seconds, long enough for Discord's own deadlines and retries.
TOOL_SECONDS = 60.0
# Less than `instance.THREAD_SECONDS`, in which a Codex thread and its tools must start, so that
# Codex reports a tool server that does not start before that deadline.
MCP_START_SECONDS = 8.0

# Codex sends this prompt by itself at the start of a turn when the turn before has filled the
# context: with the persona and without tools. It then keeps the messages of others and these notes,
# and drops the character's own words. A revert to before that turn restores all of it (measured
# with 0.163.0).
# The sentence that Codex puts above the notes (“Another language model started to solve this
# problem …”) cannot be configured in 0.163.0, so the notes themselves correct it.
COMPACT_PROMPT = """\
You are about to lose the older part of this conversation. Write down, in your own voice and for \
yourself alone, what you must still know to go on as the same person in the same scene.

Begin with exactly this line: “My own notes of what came before; any sentence above them about \
another language model is only how they were stored.”

Then keep, as short notes:
- who is here: each person's name and id as the transcript gives them, what they told you about \
themselves, how you stand with them, what you call each other;
- what was promised, decided, asked and not yet answered, and any game, bet or story under way \
with its exact state;
- where the scene is set, what has just happened, and the mood;
- facts, names, numbers and words that somebody asked you to remember, exactly as given;
- your own claims about yourself, so that you never contradict them.

Leave out greetings and what nobody will come back to. Invent nothing. Write only the notes.
"""

# Each key turns off something that Codex by default adds to the prompt or does in the background.
_LEAN: dict[str, Value] = {
    "web_search": "disabled",
    "include_environment_context": False,
    "include_permissions_instructions": False,
    "include_apps_instructions": False,
    "include_collaboration_mode_instructions": False,
    "skills.include_instructions": False,
    "skills.bundled.enabled": False,
    "tools.update_plan.enabled": False,
    "tools.experimental_request_user_input.enabled": False,
    "agents.enabled": False,
    "orchestrator.skills.enabled": False,
    "orchestrator.mcp.enabled": False,
    "project_doc_max_bytes": 0,
    "history.persistence": "none",
    "analytics.enabled": False,
    "check_for_update_on_startup": False,
    "approval_policy": "never",
    "sandbox_mode": "read-only",
    # `home` links to the user's login file.
    "cli_auth_credentials_store": "file",
    "compact_prompt": COMPACT_PROMPT,
}

# Features of a coding agent, by name or family. Families cover names that later versions add. Names
# that the binary does not list are left out: strict mode rejects an unknown feature.
_AGENT_FEATURES = re.compile(
    r"""
    apps | artifact | goals | hooks | memories | steer | mentions_v2 | worktrees | chronicle
    | auth_elicitation | tool_call_mcp_elicitation | tool_suggest | sleep_tool | view_image
    | image_generation | realtime_conversation | remote_control | remote_plugin
    | workspace_dependencies | current_time_reminder | terminal_visualization_instructions
    | default_mode_request_user_input | request_permissions_tool | token_budget
    | send_message_to_user_async | agent_message_board | daemon_auto_start | cli_daybreak
    | (browser|computer_use|in_app|guardian|multi_agent|plugin|shell|skill|unified_exec).*
    | (code_mode_host|code_mode_interrupt|external_agent|write_stdin|standalone_web).*
    | apply_patch.* | enable_mcp_apps | unbounded_connection_retries
    """,
    re.VERBOSE,
)


def config(
    options: CodexOptions, *, features: Iterable[str], catalog: Path | None
) -> dict[str, Value]:
    """Return every `-c` key of an app-server, in a fixed order."""
    values = dict(_LEAN)
    values |= {f"features.{name}": False for name in agent_features(features)}
    if options.model is not None:
        values["model"] = options.model
    if options.effort is not None:
        values["model_reasoning_effort"] = options.effort
    if options.base_url is not None:
        values |= _provider(options.base_url, with_key=options.api_key is not None)
    if catalog is not None:
        values["model_catalog_json"] = str(catalog)
    return values | _mcp(options.mcp_servers)


def agent_features(features: Iterable[str]) -> tuple[str, ...]:
    """Return the agent features among the binary's `features`, sorted."""
    return tuple(sorted(name for name in features if _AGENT_FEATURES.fullmatch(name)))


def _provider(base_url: str, *, with_key: bool) -> dict[str, Value]:
    provider: dict[str, Value] = {
        "name": PROVIDER,
        "base_url": base_url,
        "wire_api": "responses",
        "request_max_retries": REQUEST_RETRIES,
        "stream_max_retries": STREAM_RETRIES,
        "supports_websockets": False,
        "requires_openai_auth": False,
    }
    if with_key:
        provider["env_key"] = API_KEY_ENV
    return {"model_provider": PROVIDER, f"model_providers.{PROVIDER}": provider}


def _mcp(servers: Iterable[McpEndpoint]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for server in servers:
        values[f"mcp_servers.{server.name}"] = {
            "url": server.url,
            "bearer_token_env_var": server.bearer_env,
            # An optional server that needs over a second is silently missing in the first turn.
            "required": True,
            # Otherwise, with approvals off, a tool without annotations is refused.
            "default_tools_approval_mode": "approve",
            "startup_timeout_sec": MCP_START_SECONDS,
            "tool_timeout_sec": TOOL_SECONDS,
        }
    if values:
        # Models in code mode call MCP tools only through JavaScript, except in these namespaces.
        namespaces = [server.namespace for server in servers]
        values["features.code_mode.direct_only_tool_namespaces"] = namespaces
    return values
