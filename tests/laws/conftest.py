from __future__ import annotations

from collections.abc import Iterator

import pytest
from lfix.codemods.engine.rule import registry


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A monkeypatch for the rules' registry."""
    with monkeypatch.context() as context:
        yield context
    registry.cache_clear()
