"""Which style a model gets that nobody has described."""

from __future__ import annotations

import pytest

from bot.domain.model_profile import TranscriptStyle, default_style

HEADERS, NAMES = TranscriptStyle.HEADERS, TranscriptStyle.NAMES


@pytest.mark.parametrize(
    ("model", "window", "style"),
    [
        (None, None, HEADERS),
        ("gpt-5.3-codex", 272_000, HEADERS),
        ("gpt-5-mini", None, HEADERS),
        ("openai/gpt-oss-20b", 8_192, HEADERS),
        ("Qwen3-30B-A3B-Instruct-4bit", None, HEADERS),
        ("mixtral:8x7b", None, HEADERS),
        ("llama3.3:70b", 4_096, HEADERS),
        ("qwen2.5-0.5b-instruct-q4_k_m.gguf", None, NAMES),
        ("Qwen/Qwen2.5-1.5B-Instruct", 32_768, NAMES),
        ("SmolLM2-135M-Instruct", None, NAMES),
        ("llama3.2:1b", None, NAMES),
        ("mistral-7b-v0.3.Q4_K_M", None, NAMES),
        ("smollm2", None, NAMES),
        ("TinyLlama", None, NAMES),
        ("my-model", 2_048, NAMES),
        ("my-model", 131_072, HEADERS),
        ("whatever-4bit-v2", None, HEADERS),
    ],
)
def test_the_style_follows_the_size_or_else_the_window(
    model: str | None, window: int | None, style: TranscriptStyle
) -> None:
    assert default_style(model, window) is style
