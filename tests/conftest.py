from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .laws.process import Lfix

# A shell ignores them for what it starts in the background, and processes inherit that: then no
# test could interrupt what it has started.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for state and cache, of this process too."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    return folder


@pytest.fixture
def lfix(home: Path) -> Lfix:
    """The command."""
    return Lfix(home)
