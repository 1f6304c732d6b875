"""Checks a bot's requests against Discord's own OpenAPI description, closed-world.

Unknown paths, query keys and body keys are faults too. What discord.py is known to send otherwise
than described is allowed by name below. The description is not part of the project: it is given
by path.
"""

from __future__ import annotations

import json
import re
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
_EXTRA_KEYS: dict[str, frozenset[str]] = {
    # `Webhook.send` and interaction messages share one payload maker with `Messageable.send`.
    "/webhooks/": frozenset({"nonce", "enforce_nonce"}),
    # `edit` goes through the same payload maker, which always states `tts`.
    "edit": frozenset({"tts"}),
}


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
        item, operation = found
        return self._check_query(item, operation, query) + self._check_body(
            (method, template), operation, body
        )

    def _operation(self, method: str, template: str) -> tuple[Schema, Schema] | None:
        return self._operations.get((method, _shape(template)))

    def _check_query(self, item: Schema, operation: Schema, query: dict[str, str]) -> list[str]:
        known = [
            one["name"]
            for one in [*item.get("parameters", []), *operation.get("parameters", [])]
            if one["in"] == "query"
        ]
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
    if not isinstance(body, dict):
        return body
    method, template = key
    extras: frozenset[str] = frozenset()
    if template.startswith("/webhooks/"):
        extras |= _EXTRA_KEYS["/webhooks/"]
    if method == "PATCH":
        extras |= _EXTRA_KEYS["edit"]
    return {name: value for name, value in body.items() if name not in extras}


def _worded(error: ValidationError) -> str:
    """The deepest cause under a `oneOf`, which by itself says nothing of use."""
    from jsonschema.exceptions import best_match  # noqa: PLC0415 as above

    deepest = best_match([error]) or error
    path = ".".join(str(part) for part in deepest.absolute_path)
    return f"body.{path}: {deepest.message[:300]}"
