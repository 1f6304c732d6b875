"""Refusals in the manner of real servers: status and body.

llama.cpp's were measured. Those of llama-cpp-python, vLLM, SGLang, Ollama, LM Studio, LiteLLM,
OpenRouter, OpenAI, Azure and Anthropic follow what their users report, and were not run.
"""

from __future__ import annotations

import json
from typing import Final

from sandbox.model.steps import Step, http


def _error(status: int, message: str, **fields: object) -> Step:
    """The form that most share: OpenAI's."""
    return http(status, body=json.dumps({"error": {"message": message, **fields}}))


def llama_cpp_full(prompt: int = 2_050, window: int = 2_048) -> Step:
    """The prompt does not fit; it names both numbers."""
    return _error(
        400,
        f"request ({prompt} tokens) exceeds the available context size ({window} tokens), "
        "try increasing it",
        code=400,
        type="exceed_context_size_error",
        n_prompt_tokens=prompt,
        n_ctx=window,
    )


FULL: Final[dict[str, Step]] = {
    "llama.cpp": llama_cpp_full(),
    "llama-cpp-python": _error(
        400,
        "This model's maximum context length is 2048 tokens. However, you requested 2285 tokens",
        type="invalid_request_error",
        param="messages",
        code="context_length_exceeded",
    ),
    "vLLM": _error(
        400,
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens "
        "(4900 in the messages, 100 in the completion). Please reduce the length of the messages "
        "or completion.",
        type="BadRequestError",
        param=None,
        code=400,
    ),
    "SGLang": http(
        400,
        body=json.dumps(
            {
                "object": "error",
                "message": "The input (5000 tokens) is longer than the model's context length "
                "(4096 tokens).",
                "type": "BadRequestError",
                "code": 400,
            }
        ),
    ),
    "Ollama": _error(400, "the input length exceeds the context length", type="api_error"),
    "LM Studio": http(
        400,
        body=json.dumps(
            {
                "error": "The number of tokens to keep from the initial prompt is greater than the "
                "context length. Try to load the model with a larger context length, or provide a "
                "shorter input"
            }
        ),
    ),
    "OpenRouter": _error(
        400,
        "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 "
        "tokens. Please reduce the length of either one.",
        code=400,
    ),
    "LiteLLM": _error(
        400,
        "litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: "
        "OpenAIException - too long",
        type=None,
        param=None,
        code="400",
    ),
    "OpenAI": _error(
        400,
        "Your input exceeds the context window of this model. Please adjust your input and try "
        "again.",
        type="invalid_request_error",
        param="input",
        code="context_length_exceeded",
    ),
    "Anthropic": http(
        400,
        body=json.dumps(
            {
                "type": "error",
                "error": {
                    "type": "invalid_request_error",
                    "message": "prompt is too long: 210000 tokens > 200000 maximum",
                },
            }
        ),
    ),
}

NO_PICTURES: Final[dict[str, Step]] = {
    "llama.cpp": _error(
        500,
        "image input is not supported - hint: if this is unexpected, you may need to provide the "
        "mmproj",
        code=500,
        type="server_error",
    ),
    "vLLM": _error(
        400, "SmolLM2 is not a multimodal model", type="BadRequestError", param=None, code=400
    ),
    "Ollama": _error(400, "this model is missing data required for image input", type="api_error"),
    "LiteLLM": _error(
        422, "litellm.UnprocessableEntityError: content must be a string", code="422"
    ),
    "OpenRouter": _error(404, "No endpoints found that support image input", code=404),
}

FOR_GOOD: Final[dict[str, Step]] = {
    "OpenAI, model": _error(
        404,
        "The model `gpt-none` does not exist or you do not have access to it.",
        type="invalid_request_error",
        param=None,
        code="model_not_found",
    ),
    "Ollama, model": _error(
        404, 'model "none" not found, try pulling it first', type="not_found_error"
    ),
    "vLLM, model": _error(
        404, "The model `none` does not exist.", type="NotFoundError", param="model", code=404
    ),
    "LiteLLM, model": _error(
        400,
        "/responses: Invalid model name passed in model=none. Call `/v1/models` to view available "
        "models for your key.",
        type="invalid_request_error",
        code="400",
    ),
    "OpenRouter, model": _error(400, "none/none is not a valid model ID", code=400),
    "llama.cpp, address": _error(404, "File Not Found", code=404, type="not_found_error"),
    "FastAPI, address": http(404, body='{"detail":"Not Found"}'),
    "FastAPI, method": http(405, body='{"detail":"Method Not Allowed"}'),
    "nginx, address": http(404, body="<html><body><h1>404 Not Found</h1></body></html>"),
    "llama.cpp, request": _error(
        400, "Cannot determine type of 'item'", code=400, type="invalid_request_error"
    ),
    "vLLM, request": http(
        422,
        body='{"detail":[{"type":"missing","loc":["body","x"],"msg":"Field required"}]}',
    ),
    "llama.cpp, key": _error(401, "Invalid API Key", code=401, type="authentication_error"),
    "LiteLLM, key": _error(
        401, "Authentication Error, Invalid proxy server token passed.", type="auth_error"
    ),
    "OpenAI, region": _error(
        403, "Country, region, or territory not supported", type="request_forbidden"
    ),
    "OpenRouter, credit": _error(402, "Insufficient credits. Add more.", code=402),
    "OpenAI, credit": _error(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        type="insufficient_quota",
        code="insufficient_quota",
    ),
    "Azure, policy": _error(
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management "
        "policy.",
        code="content_filter",
    ),
}

FOR_NOW: Final[dict[str, Step]] = {
    "llama.cpp, loading": _error(503, "Loading model", code=503, type="unavailable_error"),
    "OpenAI, rate": _error(429, "Rate limit reached", code="rate_limit_exceeded"),
    "Anthropic, overloaded": http(
        529, body='{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    ),
    "nginx, gateway": http(502, body="<html><h1>502 Bad Gateway</h1></html>"),
    "proxy, timeout": http(504, body="upstream request timeout"),
    "server error": http(500, body="Internal Server Error"),
    "request timeout": http(408, body=""),
}
