"""Overlays are made once and whole, also when several processes ask at the same time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .overlays import OverlayError, cache, overlay, provide


def test_an_overlay_is_made_once(tmp_path: Path) -> None:
    calls = []

    def install(requirement: str, target: Path) -> None:
        calls.append(requirement)
        time.sleep(0.1)
        (target / "package.py").write_text("")

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(provide, "package==1.0", tmp_path, install) for _ in range(8)]
    folders = {future.result() for future in asked}
    assert folders == {tmp_path / "package-1.0"}
    assert calls == ["package==1.0"]
    assert (tmp_path / "package-1.0" / "package.py").is_file()


def test_a_failed_installation_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(_: str, target: Path) -> None:
        (target / "half.py").write_text("")
        raise OverlayError("no index")

    def install(_: str, target: Path) -> None:
        (target / "whole.py").write_text("")

    with pytest.raises(OverlayError, match="no index"):
        provide("package==1.0", tmp_path, fail)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
    folder = provide("package==1.0", tmp_path, install)
    assert [path.name for path in folder.iterdir()] == ["whole.py"]


def test_the_cache_can_be_placed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("LFIX_OVERLAYS", raising=False)
    assert cache() == tmp_path / "lfix-overlays"
    monkeypatch.setenv("LFIX_OVERLAYS", str(tmp_path / "mine"))
    assert cache() == tmp_path / "mine"


def test_an_unknown_release_is_refused() -> None:
    with pytest.raises(OverlayError, match=r"no overlay for Lightning 1\.0\.0; there are 1\.4\.9"):
        overlay("1.0.0")
