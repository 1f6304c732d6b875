"""Our models and messages against the schema that Codex generates of itself: locked, and newest.

Judged by capability: what we cannot do without must be there; what we only take when it is
offered must have the shape that we know, if it is offered.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.codex import protocol, request_denials, router, tool_calls
from bot.codex.failures import _WORDS
from bot.codex.protocol import Question, ThreadSettings, Wire
from bot.domain.tool_calls import ToolAnswer, ToolSpec
from bot.domain.turn import Line
from bot.domain.utterance import Image

Schema = Mapping[str, Any]

SETTINGS = ThreadSettings("You are Mira.", "/work", model="some-model", effort="high")
BARE = ThreadSettings("You are Mira.", "/work")
WAVE = ToolSpec("wave", "Wave a hand.", {"type": "object", "properties": {}})
FUNCTIONS = ThreadSettings("You are Mira.", "/work", functions=[WAVE], without_servers=["action"])
QUESTION = Question("hello", [Image("image/png", b"...")])
HISTORY = [Line("hello", own=False), Line("welcome", own=True)]

# Each request: the schema of its params, and what we send.
REQUESTS = {
    "initialize": ("v1/InitializeParams", [protocol.initialize()]),
    "account/read": ("v2/GetAccountParams", [protocol.account_read()]),
    "thread/loaded/list": ("v2/ThreadLoadedListParams", [protocol.loaded_threads()]),
    "thread/start": (
        "v2/ThreadStartParams",
        [protocol.thread_start(given) for given in (SETTINGS, BARE, FUNCTIONS)],
    ),
    "thread/resume": (
        "v2/ThreadResumeParams",
        [protocol.thread_resume("t", given) for given in (SETTINGS, BARE, FUNCTIONS)],
    ),
    "thread/turns/list": ("v2/ThreadTurnsListParams", [protocol.thread_turns("t", 32)]),
    "thread/inject_items": ("v2/ThreadInjectItemsParams", [protocol.thread_inject("t", HISTORY)]),
    "thread/revert": ("v2/ThreadRevertParams", [protocol.thread_revert("t", "u")]),
    "thread/unsubscribe": ("v2/ThreadUnsubscribeParams", [protocol.thread_unsubscribe("t")]),
    "turn/start": ("v2/TurnStartParams", [protocol.turn_start("t", QUESTION)]),
    "turn/steer": ("v2/TurnSteerParams", [protocol.turn_steer("t", "u", QUESTION)]),
    "turn/interrupt": ("v2/TurnInterruptParams", [protocol.turn_interrupt("t", "u")]),
}
# Each model that we read: the schemas of what it is read from.
READ: dict[type[Wire], tuple[str, ...]] = {
    protocol.AccountRead: ("v2/GetAccountResponse",),
    protocol.ThreadOpened: ("v2/ThreadStartResponse", "v2/ThreadResumeResponse"),
    protocol.TurnsListed: ("v2/ThreadTurnsListResponse",),
    protocol.TurnStarted: ("v2/TurnStartResponse",),
    protocol.Delta: ("v2/AgentMessageDeltaNotification",),
    protocol.ItemNotice: ("v2/ItemStartedNotification", "v2/ItemCompletedNotification"),
    protocol.TurnNotice: ("v2/TurnStartedNotification", "v2/TurnCompletedNotification"),
    protocol.ErrorNotice: ("v2/ErrorNotification",),
    protocol.UsageNotice: ("v2/ThreadTokenUsageUpdatedNotification",),
    protocol.ToolCallAsked: ("DynamicToolCallParams",),
}
PAIRS = [(model, name) for model, names in READ.items() for name in names]


@pytest.fixture(scope="session", params=["codex_binary", "newest_codex"])
def schemas(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the schemas, experimental ones included: we ask for that API."""
    folder = tmp_path_factory.mktemp("schemas")
    command = [
        str(request.getfixturevalue(request.param)),
        "app-server",
        "generate-json-schema",
        "--experimental",
    ]
    subprocess.run([*command, "--out", str(folder)], check=True, timeout=30)
    return folder


def load(folder: Path, name: str) -> Schema:
    loaded: Schema = json.loads((folder / f"{name}.json").read_text())
    return loaded


def methods(schema: Schema) -> set[str]:
    """The method names of a union of messages."""
    return {one["properties"]["method"]["enum"][0] for one in schema["oneOf"]}


@pytest.mark.parametrize("method", REQUESTS)
def test_every_request_is_known_and_its_params_are_valid(schemas: Path, method: str) -> None:
    assert method in methods(load(schemas, "ClientRequest"))
    name, sent = REQUESTS[method]
    schema = load(schemas, name)
    for params in sent:
        jsonschema.validate(params, schema)
        # Schemas allow unknown fields: a misspelt one would be ignored in silence.
        assert set(params) <= set(schema["properties"])


def test_the_nested_objects_that_we_send_have_no_unknown_fields_either(schemas: Path) -> None:
    definitions = load(schemas, "v1/InitializeParams")["definitions"]
    sent: Any = protocol.initialize()
    assert set(sent["clientInfo"]) <= set(definitions["ClientInfo"]["properties"])
    assert set(sent["capabilities"]) <= set(definitions["InitializeCapabilities"]["properties"])
    assert "initialized" in methods(load(schemas, "ClientNotification"))


def test_injected_items_are_messages_of_the_responses_api() -> None:
    # The schema leaves items open; this is the shape that was seen to reach the model.
    sent: Any = protocol.thread_inject("t", HISTORY)
    told, said = sent["items"]
    assert told["content"] == [{"type": "input_text", "text": "hello"}]
    assert said["content"] == [{"type": "output_text", "text": "welcome"}]
    assert (told["role"], said["role"]) == ("user", "assistant")


def test_every_request_of_codex_gets_a_valid_answer(schemas: Path) -> None:
    known = methods(load(schemas, "ServerRequest"))
    responses = {
        "item/commandExecution/requestApproval": "CommandExecutionRequestApprovalResponse",
        "item/fileChange/requestApproval": "FileChangeRequestApprovalResponse",
        "item/permissions/requestApproval": "PermissionsRequestApprovalResponse",
        "item/tool/requestUserInput": "ToolRequestUserInputResponse",
        "item/tool/call": "DynamicToolCallResponse",
        "mcpServer/elicitation/request": "McpServerElicitationRequestResponse",
        "applyPatchApproval": "ApplyPatchApprovalResponse",
        "execCommandApproval": "ExecCommandApprovalResponse",
    }
    assert set(responses) == set(request_denials.ANSWERS)
    assert tool_calls.METHOD in known
    for method in known & set(responses):
        jsonschema.validate(request_denials.ANSWERS[method], load(schemas, responses[method]))
    # Those that have no way to decline are answered with an error, where there are any (0.171.0 has
    # no `currentTime/read`).
    assert known - set(request_denials.ANSWERS) <= {
        "account/chatgptAuthTokens/refresh",
        "attestation/generate",
        "currentTime/read",
    }


def test_the_answer_of_a_tool_is_valid(schemas: Path) -> None:
    schema = load(schemas, "DynamicToolCallResponse")
    answer = protocol.tool_answer(ToolAnswer("waved", success=True))
    jsonschema.validate(answer, schema)
    assert set(answer) <= set(schema["properties"])


def test_every_notification_that_we_read_exists(schemas: Path) -> None:
    read = {*router._HANDLERS, "turn/started", "thread/closed"}
    assert read <= methods(load(schemas, "ServerNotification"))


@pytest.mark.parametrize(("model", "name"), PAIRS, ids=str)
def test_every_field_that_we_read_is_there_with_a_type_that_we_take(
    schemas: Path, model: type[Wire], name: str
) -> None:
    schema = load(schemas, name)
    ours = model.model_json_schema()
    faults = list(compare(ours, schema, ours.get("$defs", {}), schema.get("definitions", {})))
    assert not faults


def test_the_comparison_finds_faults() -> None:
    theirs: Schema = {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"]}, "b": {"type": "integer"}},
        "required": ["a"],
    }

    def faults(**properties: Schema) -> list[str]:
        ours = {"type": "object", "properties": properties, "required": list(properties)}
        return list(compare(ours, theirs, {}, {}))

    assert faults(a={"anyOf": [{"type": "string"}, {"type": "null"}]}) == []
    assert faults(a={"type": "string"}) == [".a: null is not taken"]
    assert faults(b={"type": "integer"}) == [".b: we require it, they do not"]
    assert faults(c={"type": "string"})[0] == ".c: not there"


def test_the_comparison_reads_what_holds_beside_a_union() -> None:
    ours: Schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string", "default": ""}},
        "required": ["a"],
    }
    shared: Schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "required": ["a"],
    }
    assert not list(compare(ours, {**shared, "anyOf": [{"required": ["b"]}, {}]}, {}, {}))
    assert list(compare(ours, {**shared, "required": [], "anyOf": [{}]}, {}, {})) == [
        ".a: we require it, they do not"
    ]


def test_every_error_word_of_codex_has_a_meaning_or_is_known_to_have_none(schemas: Path) -> None:
    info = load(schemas, "v2/TurnCompletedNotification")["definitions"]["CodexErrorInfo"]
    words: set[str] = set()
    for variant in info["anyOf"]:
        words |= set(variant.get("enum", ())) | set(variant.get("properties", ()))
    nothing_to_do = {
        "other",
        "badRequest",
        "sandboxError",
        "threadRollbackFailed",
        "tooManyDenials",
        "activeTurnNotSteerable",
    }
    assert words - set(_WORDS) <= nothing_to_do
    # Of 0.169 to 0.171; the packaged binary may be older.
    newer = {"modelNotFound", "policyCapacityUnavailable", "inferenceHookDenied", "bioPolicy"}
    assert set(_WORDS) - newer <= words


def test_the_phases_of_a_message_are_the_known_ones(schemas: Path) -> None:
    phase = load(schemas, "v2/ItemCompletedNotification")["definitions"]["MessagePhase"]
    known = {word for one in phase["oneOf"] for word in one["enum"]}
    assert router.NOT_SPEECH < known == {"commentary", "partial_answer", "final_answer"}


# --- comparing two schemas -------------------------------------------------------------------


def compare(
    ours: Schema, theirs: Schema, our_defs: Schema, their_defs: Schema, at: str = ""
) -> Iterator[str]:
    """Where a value that `theirs` allows would not be taken by `ours`, or be missed."""
    mine, others = list(variants(ours, our_defs)), list(variants(theirs, their_defs))
    for other in others:
        fitting = [one for one in mine if fits(one, other)]
        if not fitting:
            yield f"{at}: {other.get('type', other)} is not taken"
        for one in fitting:
            if "properties" in one:
                yield from compare_fields(one, other, our_defs, their_defs, at)


def compare_fields(
    ours: Schema, theirs: Schema, our_defs: Schema, their_defs: Schema, at: str
) -> Iterator[str]:
    given = theirs.get("properties", {})
    for name, field in ours["properties"].items():
        here = f"{at}.{name}"
        if name not in given:
            # Parts of a union: what only some variants bear must have a default with us.
            if name in ours.get("required", ()) or not is_union_part(theirs):
                yield f"{here}: not there"
            continue
        if name in ours.get("required", ()) and name not in theirs.get("required", ()):
            yield f"{here}: we require it, they do not"
        yield from compare(field, given[name], our_defs, their_defs, here)


def is_union_part(schema: Schema) -> bool:
    """Whether it is one variant of a tagged union, such as an item of a certain type."""
    return len(schema.get("properties", {}).get("type", {}).get("enum", ())) == 1


def variants(schema: Schema | bool, definitions: Schema) -> Iterator[Schema]:
    """The alternatives of a schema, each with one type; references followed."""
    if isinstance(schema, bool):
        yield {}  # true: anything at all
    elif "$ref" in schema:
        yield from variants(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    elif "allOf" in schema:
        for part in schema["allOf"]:
            yield from variants(part, definitions)
    elif union := schema.keys() & {"anyOf", "oneOf"}:
        shared = {key: value for key, value in schema.items() if key not in union}
        for part in (part for key in union for part in schema[key]):
            yield from (merged(shared, one) for one in variants(part, definitions))
    elif isinstance(schema.get("type"), list):
        for kind in schema["type"]:
            yield {**schema, "type": kind}
    else:
        yield schema


def merged(shared: Schema, alternative: Schema) -> Schema:
    """One alternative of a union, with what holds beside the union (0.171.0 has such objects)."""
    whole = {**shared, **alternative}
    if "properties" in whole:
        whole["properties"] = shared.get("properties", {}) | alternative.get("properties", {})
        whole["required"] = [*shared.get("required", ()), *alternative.get("required", ())]
    return whole


def fits(ours: Schema, theirs: Schema) -> bool:
    """Whether one of our alternatives takes this one of theirs; no type at all takes all."""
    return "type" not in ours or ours["type"] == theirs.get("type")
