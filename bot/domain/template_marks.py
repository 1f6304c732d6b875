"""Finds special tokens of chat templates in a model's text. Owns the list of tokens.

If an endpoint does not stop at its model's end token, the model writes the token as text and then
invents a turn of the user. Covers the templates of ChatML (Qwen, SmolLM, Yi), Llama 2 to 4,
Mistral, Gemma, Phi, Zephyr, Vicuna, Alpaca, DeepSeek, Command R, Granite, ChatGLM, InternLM, EXAONE
and gpt-oss, as in their `tokenizer_config.json`.
"""

from __future__ import annotations

import re
from typing import Final

from bot.domain import lines

_LITERALS: Final = (
    "</s>",
    "<bos>",
    "<eos>",
    "<eop>",
    "<eoh>",
    "<eoa>",
    "<sop>",
    "<|turn>",
    "<turn|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<seed:bos>",
    "<seed:eos>",
    "<extra_id_0>",
    "<extra_id_1>",
    "<<SYS>>",
    "<</SYS>>",
    "[INST]",
    "[/INST]",
    "[gMASK]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CALLS]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
)
# `<|im_end|>` and other tokens of that form, DeepSeek's with full-width bars, EXAONE's in brackets.
_FORMS: Final = (
    r"<\|[A-Za-z][\w/ :.-]{0,38}\|>",
    r"<\uff5c[^\uff5c<>\n]{1,40}\uff5c>",
    r"\[\|/?[A-Za-z]{1,20}\|\]",
)
# Grouped by first character, so that the search tries few offsets.
_ANGLED: Final = [re.escape(token[1:]) for token in (*_LITERALS, "<s>") if token[0] == "<"]
_SQUARE: Final = [re.escape(token[1:]) for token in _LITERALS if token[0] == "["]
_MARK: Final = re.compile(
    rf"<(?:{'|'.join([*_ANGLED, _FORMS[0][1:], _FORMS[1][1:]])})"
    rf"|\[(?:{'|'.join([*_SQUARE, _FORMS[2][2:]])})"
)
_LONGEST: Final = 48

# Text before an answer that opens the model's own turn.
_ASSISTANT: Final = r"(?:assistant|model)"
OPENING: Final = re.compile(
    r"\s*+(?:<s>(?![^\n]{0,400}</s>)|<bos>|<\|begin_of_text\|>|<\uff5cbegin\u2581of\u2581sentence\uff5c>|\[/INST\]"
    r"|<\|assistant\|>|<\uff5cAssistant\uff5c>|<\|CHATBOT_TOKEN\|>|\[\|assistant\|\]"
    rf"|(?:<\|im_start\|>|<start_of_turn>|<\|turn>){_ASSISTANT}\b"
    rf"|<\|start_header_id\|>{_ASSISTANT}<\|end_header_id\|>"
    rf"|<\|header_start\|>{_ASSISTANT}<\|header_end\|>"
    rf"|<\|start_of_role\|>{_ASSISTANT}<\|end_of_role\|>"
    r"|(?:<\|start\|>assistant)?<\|channel\|>final<\|message\|>|<\|START_RESPONSE\|>"
    r"|\#{1,6}[ ]*(?:Assistant|Response):|(?:Assistant|ASSISTANT):)\s*"
)

# Roles in templates of plain text (Vicuna, Alpaca, Guanaco, Falcon). Case-sensitive: `user: admin`
# may be a line of a configuration file.
_ROLES: Final = ("User", "USER", "Human", "HUMAN", "Assistant", "ASSISTANT")
_HEADED_ROLES: Final = (*_ROLES, "System", "Instruction", "Response")
_ROLE: Final = re.compile(
    rf"(?m)^[ \t]*+(?:\#{{1,6}}[ \t]*(?:{'|'.join(_HEADED_ROLES)})"
    rf"|(?:GPT4 Correct )?(?:{'|'.join(_ROLES)})):(?=\s|\Z)"
)
_ROLE_NAMED: Final = re.compile(rf"(?:{'|'.join(_HEADED_ROLES)}):(?=\s|\Z)")
_ROLE_STARTS: Final = (*_ROLES, *(f"GPT4 Correct {role}" for role in _ROLES))


def first_mark(text: str) -> int | None:
    """Return the offset of the first template token in `text`, or None."""
    struck_out = 0
    for found in _MARK.finditer(text):
        if found[0] == "<s>":
            struck_out += 1
        elif found[0] == "</s>" and struck_out:
            # Closes an HTML `<s>` (struck-out text): not an end token.
            struck_out -= 1
        else:
            return found.start()
    return None


def first_role(text: str) -> int | None:
    """Return the offset of the first turn of a plain-text template in `text`, or None."""
    found = next(lines.matches(_ROLE, _ROLE_NAMED, text), None)
    return found.start() if found is not None else None


def may_become_mark(text: str) -> int | None:
    """Return the offset of a suffix of `text` that may become a template token, or None."""
    tail_start = max(0, len(text) - _LONGEST)
    tail = text[tail_start:]
    for at in (tail.rfind("<"), tail.rfind("<<"), tail.rfind("[")):
        if at < 0:
            continue
        rest = tail[at:]
        is_literal = any(rest != token and token.startswith(rest) for token in _LITERALS)
        if is_literal or _OPEN_FORM.match(rest):
            return tail_start + at
    return None


_OPEN_FORM: Final = re.compile(
    r"<(?:\||\|[A-Za-z][\w/ :.-]{0,38}\|?)?\Z|<\uff5c[^\uff5c<>\n]{0,40}\uff5c?\Z"
    r"|\[(?:\||\|/?[A-Za-z]{1,20}\|?)?\Z"
)


def may_become_role(line: str) -> bool:
    """Return whether an unfinished line may open a turn of a plain-text template."""
    bare = line.lstrip()
    headed = bare.lstrip("#").lstrip()
    if headed != bare:
        return any(f"{role}:".startswith(headed) for role in _HEADED_ROLES)
    return bool(bare) and any(f"{role}:".startswith(bare) for role in _ROLE_STARTS)
