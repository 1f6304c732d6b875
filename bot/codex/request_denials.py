"""Denials of Codex's requests, in the form that each request expects.

An unanswered request blocks its turn for ever (measured), and a character has nothing to approve:
no commands, no files, no forms. `tool_calls` answers tool calls; calls that it does not take are
declined here. Methods and answers follow the app-server's schema, which
`tests/contract/test_codex_schema.py` checks.
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
    # The two older methods expect another form of decision.
    "applyPatchApproval": {"decision": _DENIED},
    "execCommandApproval": {"decision": _DENIED},
}


def answer(request_id: str | int, method: str) -> dict[str, object]:
    """Return the answer to `method`: a denial, or an error for an unknown method."""
    if method in ANSWERS:
        return {"id": request_id, "result": ANSWERS[method]}
    text = f"this client does not serve {method[:200]}"
    return {"id": request_id, "error": {"code": METHOD_NOT_FOUND, "message": text}}
