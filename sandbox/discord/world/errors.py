"""Discord's own refusals: HTTP status, JSON error code and text. Owns no rule, only their words.

Codes and texts: Discord's documentation, "Opcodes and Status Codes".
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal as Discord words it. `errors` is the nested object of code 50035."""

    def __init__(
        self, status: int, code: int, message: str, errors: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """The JSON that Discord answers with."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def not_found() -> ApiError:
    """There is no such route."""
    return ApiError(404, 0, "404: Not Found")


def method_not_allowed() -> ApiError:
    """The route has no such method."""
    return ApiError(405, 0, "405: Method Not Allowed")


def unauthorized() -> ApiError:
    """The token is missing or wrong."""
    return ApiError(401, 0, "401: Unauthorized")


def bots_cannot() -> ApiError:
    """20001: this endpoint is for people."""
    return ApiError(403, 20001, "Bots cannot use this endpoint")


def only_bots() -> ApiError:
    """20002: this endpoint is for bots."""
    return ApiError(403, 20002, "Only bots can use this endpoint")


def unknown(what: str) -> ApiError:
    """404 for a thing that is not there; `what` is one of the names below."""
    return ApiError(404, _UNKNOWN[what], f"Unknown {what}")


_UNKNOWN = {
    "Account": 10001,
    "Application": 10002,
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "Permission overwrite": 10009,
    "Role": 10011,
    "User": 10013,
    "Emoji": 10014,
    "Webhook": 10015,
    "interaction": 10062,
    "application command": 10063,
}


def missing_access() -> ApiError:
    """50001: the caller cannot see the place."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """50013: the caller sees the place but may not do this."""
    return ApiError(403, 50013, "Missing Permissions")


def empty_message() -> ApiError:
    """50006: neither text, nor embed, file, sticker or component."""
    return ApiError(400, 50006, "Cannot send an empty message")


def invalid_webhook_token() -> ApiError:
    """50027: the webhook is there, its token is another."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def already_answered() -> ApiError:
    """40060: an interaction takes one answer."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def bad_body(message: str = "The request body contains invalid JSON.") -> ApiError:
    """50109: what came was not JSON."""
    return ApiError(400, 50109, message)


def invalid(path: str, code: str, message: str) -> ApiError:
    """50035 with one fault at `path` (dotted, as `embeds.0.title`; empty for the whole body)."""
    node: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for part in reversed(path.split(".") if path else []):
        node = {part: node}
    return ApiError(400, 50035, "Invalid Form Body", node)


def too_long(path: str, limit: int) -> ApiError:
    """50035: a text at `path` is longer than `limit`."""
    return invalid(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")


def bad_length(path: str, low: int, high: int) -> ApiError:
    """50035: the length at `path` is out of bounds."""
    return invalid(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")


def required(path: str) -> ApiError:
    """50035: the field at `path` is missing."""
    return invalid(path, "BASE_TYPE_REQUIRED", "This field is required")


def not_snowflake(path: str, value: object) -> ApiError:
    """50035: what stands at `path` is no id."""
    return invalid(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
