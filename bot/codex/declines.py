"""What Codex is told when it asks for something: no, in the words that each request expects.

A request left open holds its turn for ever (measured), and a character has nothing to approve:
no commands, no files, no forms. Tool calls are answered by `tool_calls`, and declined here where
that does not take them. Methods and answers are those of the app-server's schema,
held to it by `tests/contract/test_codex_schema.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

METHOD_NOT_FOUND = -32601

_DENIED = {"denied": {"rejection": "A character does no such thing."}}
ANSWERS: Mapping[str, Mapping[str, object]] = {
    "item/commandExecution/requestApproval": {"decision": "decline"},
    "item/fileChange/requestApproval": {"decision": "decline"},
    "item/permissions/requestApproval": {"permissions": {}},
    "item/tool/requestUserInput": {"answers": {}},
    "item/tool/call": {"contentItems": [], "success": False},
    "mcpServer/elicitation/request": {"action": "decline"},
    # The older pair has a decision of its own.
    "applyPatchApproval": {"decision": _DENIED},
    "execCommandApproval": {"decision": _DENIED},
}


def answer(request_id: str | int, method: str) -> dict[str, object]:
    """The message that answers `method`: a decline, or the error for an unknown method."""
    if method in ANSWERS:
        return {"id": request_id, "result": ANSWERS[method]}
    text = f"this client does not serve {method[:200]}"
    return {"id": request_id, "error": {"code": METHOD_NOT_FOUND, "message": text}}
