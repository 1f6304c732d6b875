"""What a refusal says, in tests: the error itself carries an id and values alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.errors import RefusedError
from bot.messages.rendering import for_model


def said_by(error: BaseException) -> str:
    """The English text of a refusal, with its values as they are."""
    assert isinstance(error, RefusedError)
    return for_model(error.refusal)


@contextmanager
def refused(match: str = "") -> Iterator[pytest.ExceptionInfo[RefusedError]]:
    """As `pytest.raises`, for a refusal whose English text matches."""
    with pytest.raises(RefusedError) as caught:
        yield caught
    said = said_by(caught.value)
    assert re.search(match, said), f"{match!r} does not match {said!r}"
