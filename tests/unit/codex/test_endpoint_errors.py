"""What endpoints answer when they cannot: bodies as the servers word them, and what they mean."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from bot.codex.failures import turn_failure
from bot.codex.protocol import TurnError
from bot.errors import TurnFailedError, TurnFailure

CONTEXT = TurnFailure.CONTEXT_FULL
BROKEN_OFF = "stream disconnected before completion: "


def failed(message: str, info: Any = "other", details: str | None = None) -> TurnFailedError:
    return turn_failure(
        TurnError.model_validate(
            {"message": message, "codexErrorInfo": info, "additionalDetails": details}
        )
    )


def body(message: str, **fields: object) -> str:
    """How Codex reports a 400: the body, as it came."""
    return json.dumps({"error": {"message": message, **fields}})


def status(code: int, text: str) -> tuple[str, dict[str, object]]:
    """How Codex reports every other status."""
    message = f"unexpected status {code} Reason: {text}, url: http://127.0.0.1:1/v1/responses"
    return message, {"httpConnectionFailed": {"httpStatusCode": code}}


FULL = {
    "llama.cpp": (
        body(
            "request (2050 tokens) exceeds the available context size (2048 tokens), "
            "try increasing it",
            code=400,
            type="exceed_context_size_error",
            n_prompt_tokens=2050,
            n_ctx=2048,
        ),
        2048,
    ),
    "llama.cpp, older": (
        body(
            "the request exceeds the available context size. try increasing the context size or "
            "enable context shift",
            code=400,
            type="exceed_context_size_error",
            n_prompt_tokens=14429,
            n_ctx=8192,
        ),
        8192,
    ),
    "llama-cpp-python": (
        body("Requested tokens (2285) exceed context window of 2048", code=None),
        2048,
    ),
    "vLLM": (
        body(
            "This model's maximum context length is 4096 tokens. However, you requested 5000 "
            "tokens (4900 in the messages, 100 in the completion). Please reduce the length of "
            "the messages or completion.",
            type="BadRequestError",
            code=400,
        ),
        4096,
    ),
    "vLLM, engine": (
        body(
            "The decoder prompt (length 2049) is longer than the maximum model length of 2048. "
            "Make sure that `max_model_len` is no smaller than the number of text tokens.",
            type="BadRequestError",
        ),
        2048,
    ),
    "SGLang": (
        json.dumps(
            {
                "object": "error",
                "message": "The input (5000 tokens) is longer than the model's context length "
                "(4096 tokens).",
                "type": "BadRequestError",
            }
        ),
        4096,
    ),
    "Ollama": (body("the input length exceeds the context length", type="api_error"), None),
    "LM Studio": (
        json.dumps(
            {
                "error": "Trying to keep the first 5000 tokens when context the overflows. "
                "However, the model is loaded with context length of only 4096 tokens, which is "
                "not enough. Try to load the model with a larger context length, or provide a "
                "shorter input"
            }
        ),
        4096,
    ),
    "OpenRouter": (
        body(
            "This endpoint's maximum context length is 8192 tokens. However, you requested about "
            "9000 tokens (9000 of text input). Please reduce the length of either one.",
            code=400,
        ),
        8192,
    ),
    "LiteLLM": (
        body(
            "litellm.ContextWindowExceededError: litellm.BadRequestError: "
            "ContextWindowExceededError: OpenAIException - prompt is longer than allowed",
            type=None,
            code="400",
        ),
        None,
    ),
    "OpenAI": (
        body(
            "Your input exceeds the context window of this model. Please adjust your input and "
            "try again.",
            type="invalid_request_error",
            param="input",
            code="context_length_exceeded",
        ),
        None,
    ),
    "Anthropic": (
        json.dumps(
            {
                "type": "error",
                "error": {
                    "type": "invalid_request_error",
                    "message": "prompt is too long: 210000 tokens > 200000 maximum",
                },
            }
        ),
        200_000,
    ),
    "Mistral": (
        json.dumps(
            {
                "object": "error",
                "message": "Prompt contains 40000 tokens and 0 draft tokens, too large for model "
                "with 32768 maximum context length",
                "type": "invalid_request_invalid_args",
                "code": "3051",
            }
        ),
        32_768,
    ),
    "Gemini": (
        body("The input token count (1200000) exceeds the maximum number of tokens allowed (8192)"),
        8192,
    ),
    "nested, as OpenRouter hands on what a provider said": (
        body(
            "Provider returned error",
            code=400,
            metadata={"raw": '{"error":{"message":"prompt is too long: 9 tokens > 8192 maximum"}}'},
        ),
        8192,
    ),
}


@pytest.mark.parametrize("server", FULL)
def test_a_full_context_is_known_in_the_words_of_every_server(server: str) -> None:
    text, window = FULL[server]
    error = failed(text)
    assert (error.reason, error.window) == (CONTEXT, window)
    # In the middle of a stream, and behind another status.
    assert failed(BROKEN_OFF + text).reason is CONTEXT
    assert failed(*status(422, text)).reason is CONTEXT


def test_a_size_that_cannot_be_a_window_is_not_learned() -> None:
    assert failed(body("maximum context length is 3 tokens")).window is None
    assert failed(body("maximum context length is 99999999999999 tokens")).window is None


def test_what_people_said_is_not_taken_for_what_the_endpoint_said() -> None:
    echo = json.dumps(
        {"detail": [{"loc": ["body"], "msg": "bad value", "input": "my context window is full"}]}
    )
    assert failed(*status(422, echo)).reason is TurnFailure.BAD_REQUEST


@pytest.mark.parametrize(
    ("message", "info", "reason"),
    [
        # an unknown model
        (*status(404, "The model `x` does not exist."), TurnFailure.MODEL_UNKNOWN),
        (*status(404, 'model "x" not found, try pulling it first'), TurnFailure.MODEL_UNKNOWN),
        (*status(404, "No endpoints found for x/y."), TurnFailure.MODEL_UNKNOWN),
        (body("x is not a valid model ID", code=400), "other", TurnFailure.MODEL_UNKNOWN),
        (
            body("/responses: Invalid model name passed in model=x. Call `/v1/models`"),
            "other",
            TurnFailure.MODEL_UNKNOWN,
        ),
        (body("No models loaded. Please load a model"), "other", TurnFailure.MODEL_UNKNOWN),
        ("no", "modelNotFound", TurnFailure.MODEL_UNKNOWN),
        # a wrong address
        (*status(404, "<html>Not found</html>"), TurnFailure.WRONG_ADDRESS),
        (*status(404, "File Not Found"), TurnFailure.WRONG_ADDRESS),
        (*status(405, '{"detail":"Method Not Allowed"}'), TurnFailure.WRONG_ADDRESS),
        (*status(301, "Moved Permanently"), TurnFailure.WRONG_ADDRESS),
        (*status(426, "Upgrade Required"), TurnFailure.BAD_REQUEST),
        # a request that is refused for ever
        (body("Cannot determine type of 'item'", code=400), "other", TurnFailure.BAD_REQUEST),
        (*status(422, '{"detail":[{"msg":"bad"}]}'), TurnFailure.BAD_REQUEST),
        (*status(404, "No endpoints found that support image input"), TurnFailure.BAD_REQUEST),
        (
            BROKEN_OFF + "image input is not supported - hint: you may need to provide the mmproj",
            "other",
            TurnFailure.BAD_REQUEST,
        ),
        (body("x is not a multimodal model"), "other", TurnFailure.BAD_REQUEST),
        (body("x does not support tools"), "other", TurnFailure.BAD_REQUEST),
        ("no", "badRequest", TurnFailure.BAD_REQUEST),
        ("<html><h1>400 Bad Request</h1></html>", "other", TurnFailure.BAD_REQUEST),
        # the key
        (*status(401, "Invalid API Key"), TurnFailure.UNAUTHORIZED),
        (*status(403, "Forbidden"), TurnFailure.UNAUTHORIZED),
        (*status(407, "Proxy Authentication Required"), TurnFailure.UNAUTHORIZED),
        # money
        (*status(402, "Insufficient credits"), TurnFailure.NO_CREDIT),
        (
            "Quota exceeded. Check your plan and billing details.",
            "usageLimitExceeded",
            TurnFailure.NO_CREDIT,
        ),
        (body("Budget has been exceeded! Current cost: 2"), "other", TurnFailure.NO_CREDIT),
        # what may not be said
        (*status(403, "Your input was flagged for violence"), TurnFailure.REFUSED),
        (body("no", code="content_policy_violation"), "other", TurnFailure.REFUSED),
        (body("no", code="content_filter"), "other", TurnFailure.REFUSED),
        ("no", "bioPolicy", TurnFailure.REFUSED),
        ("no", "inferenceHookDenied", TurnFailure.REFUSED),
        # for a moment
        ("no", "policyCapacityUnavailable", TurnFailure.OVERLOADED),
        (*status(503, "Loading model"), TurnFailure.OVERLOADED),
        (*status(529, "overloaded"), TurnFailure.OVERLOADED),
        (*status(408, "timeout"), TurnFailure.UNREACHABLE),
        (*status(502, "bad gateway"), TurnFailure.UNREACHABLE),
        (*status(429, "too many"), TurnFailure.RATE_LIMIT),
        ("high demand", "internalServerError", TurnFailure.UNREACHABLE),
        (BROKEN_OFF + "boom", "other", TurnFailure.UNREACHABLE),
        # too much
        (*status(413, "Payload Too Large"), CONTEXT),
        # cut
        (
            "Incomplete response returned, reason: max_output_tokens",
            "other",
            TurnFailure.CUT_SHORT,
        ),
        (
            BROKEN_OFF + "Incomplete response returned, reason: content_filter",
            "other",
            TurnFailure.REFUSED,
        ),
        ("who knows", "other", TurnFailure.OTHER),
        ("who knows", "inventedTomorrow", TurnFailure.OTHER),
    ],
)
def test_what_a_person_can_act_on_is_known_by_status_and_words(
    message: str, info: Any, reason: TurnFailure
) -> None:
    assert failed(message, info).reason is reason


def test_the_status_is_told() -> None:
    assert failed(*status(404, "no")).status == 404
    assert failed("high demand", "internalServerError").status == 500
    assert failed(body("no")).status == 400
    assert failed("no", "usageLimitExceeded").status is None


@pytest.mark.parametrize(
    "text",
    ["[" * 1_000_000, "{" * 1_000_000, "model " * 200_000, "context " * 100_000, '{"a":' * 50_000],
)
def test_the_text_of_an_endpoint_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()
    failed(text)
    failed(*status(404, text))
    assert time.process_time() - started < 0.1
