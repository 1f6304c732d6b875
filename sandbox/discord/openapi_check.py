"""Checks a bot's requests against Discord's own OpenAPI description, closed-world.

Unknown paths, query keys and body keys are faults too. What discord.py is known to send otherwise
than described is allowed by name below. The description is not part of the project: it is given
by path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

Schema = dict[str, Any]

_PARAMETER = re.compile(r"\{[^}]*\}")

# discord.py writes ids and permission sets as integers or as strings, as it happens to hold them;
# Discord takes both.
_SNOWFLAKE: Schema = {
    "anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}, {"type": "integer", "minimum": 0}]
}
_NUMERAL: Schema = {"type": ["string", "integer", "null"], "pattern": "^[0-9]+$"}
_LOOSE = frozenset(
    {"default_member_permissions", "permissions", "allow", "deny", "nonce", "position"}
)

# Sent by discord.py (2.7) although the description has no such key there; Discord ignores them.
# Its one maker of message bodies always states `tts`, its commands always `nsfw`.
_THREADS = "POST", "/channels/{}/threads"
_CALLBACK = "POST", "/interactions/{}/{}/callback"
_OF_KEPT_FILES = ("content_type", "height", "proxy_url", "size", "spoiler", "url", "width")
_EMBED_FLAGS: Schema = {"flags": {"type": ["integer", "null"]}}
_EXTRA_QUERY = {_THREADS: frozenset({"use_nested_fields"})}


class OpenApiCheck:
    """Validators by operation, compiled when first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._operations: dict[tuple[str, str], tuple[Schema, Schema]] = {}
        self._schemas: Schema = {}
        self._validators: dict[tuple[str, str], Validator] = {}

    def load(self) -> None:
        """Read the description. Blocking: call it in a thread."""
        described = json.loads(self._path.read_text())
        self._schemas = _close(described["components"]["schemas"])
        self._schemas.get("RichEmbed", {}).get("properties", {}).update(_EMBED_FLAGS)
        for template, item in described["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict):
                    key = method.upper(), _shape(template)
                    self._operations[key] = (item, operation)

    def check(self, method: str, template: str, query: dict[str, str], body: object) -> list[str]:
        """What the request breaks; empty when all is well. `template` is the route's."""
        found = self._operation(method, template)
        if found is None:
            return ["no such operation in the description"]
        key = method, _shape(template)
        return self._check_query(key, *found, query) + self._check_body(key, found[1], body)

    def _operation(self, method: str, template: str) -> tuple[Schema, Schema] | None:
        return self._operations.get((method, _shape(template)))

    def _check_query(
        self, key: tuple[str, str], item: Schema, operation: Schema, query: dict[str, str]
    ) -> list[str]:
        known = {
            one["name"]
            for one in [*item.get("parameters", []), *operation.get("parameters", [])]
            if one["in"] == "query"
        }
        known |= _EXTRA_QUERY.get(key, frozenset())
        return [f"query: unknown key {one!r}" for one in query if one not in known]

    def _check_body(self, key: tuple[str, str], operation: Schema, body: object) -> list[str]:
        if "requestBody" not in operation:
            return [] if body in (None, {}) else ["body: none is described"]
        if body is None:
            return ["body: missing"] if operation["requestBody"].get("required") else []
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = self._compile(operation)
        cleaned: Any = _without_extras(key, body)
        return [_worded(one) for one in validator.iter_errors(cleaned)]

    def _compile(self, operation: Schema) -> Validator:
        # A test-time dependency, needed only where a description is given.
        from jsonschema import Draft202012Validator  # noqa: PLC0415

        content = operation["requestBody"]["content"]
        schema = _close(content["application/json"]["schema"])
        return Draft202012Validator(schema | {"components": {"schemas": self._schemas}})


def _shape(template: str) -> str:
    """Templates are compared without the names of their parameters."""
    return _PARAMETER.sub("{}", template)


def _closed(value: object) -> object:
    if isinstance(value, list):
        return [_closed(one) for one in value]
    return _close(value) if isinstance(value, dict) else value


def _close(schema: Schema, *, inside_all_of: bool = False) -> Schema:
    """A copy that refuses unknown keys and takes ids as discord.py writes them."""
    if schema.get("format") == "snowflake":
        return _SNOWFLAKE
    closed: Schema = {}
    for name, value in schema.items():
        if name == "allOf":
            closed[name] = [_close(one, inside_all_of=True) for one in value]
        elif name == "properties":
            closed[name] = {key: _property(key, one) for key, one in value.items()}
        else:
            closed[name] = _closed(value)
    if "properties" in closed and "additionalProperties" not in closed and not inside_all_of:
        closed["additionalProperties"] = False
    return closed


def _property(name: str, schema: Schema) -> Schema:
    kind = schema.get("type")
    if name in _LOOSE and ("integer" in kind if isinstance(kind, list) else kind == "integer"):
        return _NUMERAL
    return _close(schema)


def _without_extras(key: tuple[str, str], body: object) -> object:
    if isinstance(body, list):
        return [_without_extras(key, one) for one in body]
    if not isinstance(body, dict):
        return body
    if key[1].endswith("/commands"):
        return _less(body, "nsfw")
    if key == _THREADS and "message" in body:
        return _less(body, "type") | {"message": _less(body["message"], "tts")}
    if key == _CALLBACK and body.get("type") == 7:
        return body | {"data": _less(body.get("data"), "tts")}
    return _edited(body) if key[0] == "PATCH" else body


def _edited(body: Any) -> Any:  # noqa: ANN401 whatever a request held
    bare = _less(body, "tts")
    if isinstance(bare.get("attachments"), list):
        # A file that stays is sent as it was received.
        bare["attachments"] = [_less(one, *_OF_KEPT_FILES) for one in bare["attachments"]]
    return bare


def _less(body: Any, *extra: str) -> Any:  # noqa: ANN401 whatever a request held
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if name not in extra}


def _worded(error: ValidationError) -> str:
    """The cause in words; of several alternatives, in the one that the body most looks like."""
    while error.context:
        error = min(_likeliest(error.context), key=_rank)
    path = ".".join(str(part) for part in error.absolute_path)
    return f"body.{path}: {error.message[:300]}"


def _likeliest(errors: Sequence[ValidationError]) -> list[ValidationError]:
    """The faults of one alternative: that with the fewest that does not fail on its kind."""
    alternatives: dict[object, list[ValidationError]] = {}
    for one in errors:
        alternatives.setdefault(one.schema_path[0], []).append(one)
    return min(alternatives.values(), key=lambda some: (any(map(_of_kind, some)), len(some)))


def _of_kind(error: ValidationError) -> bool:
    """Whether a fault says: this is another kind of thing altogether."""
    path = list(error.relative_path)
    return (error.validator == "type" and not path) or path[-1:] == ["type"]


def _rank(error: ValidationError) -> int:
    return -len(error.relative_path)
