"""The demo shows what it promises: no run of the project trains before the repair, all do after."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.xdist_group("packaging")


def test_the_demo_repairs_its_project(tmp_path: Path) -> None:
    folders = {name: str(tmp_path) for name in ("TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
    demo = ROOT / "examples" / "demo.py"

    answer = subprocess.run(
        [sys.executable, str(demo)],
        env={**os.environ, **folders},
        check=False,
        capture_output=True,
        text=True,
    )

    assert answer.returncode == 0, answer.stdout + answer.stderr
    (copy,) = tmp_path.glob("lfix-demo-*/classifier")
    assert "return loss" in (copy / "shapes" / "model.py").read_text()
    assert "return loss" not in (ROOT / "examples/classifier/shapes/model.py").read_text()
