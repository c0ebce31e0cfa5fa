"""Must never happen: the installed packages are correct, so nothing in them is an error."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from lfix.codemods.engine.run import run
from lfix.codemods.engine.settings import Settings
from lfix.codemods.model import Severity


@pytest.mark.parametrize("package", ["lightning", "pytorch_lightning", "torchmetrics"])
def test_nothing_is_wrong_and_nothing_would_change(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    report = run([folder], Settings(root=folder, jobs=2), fix=True)
    assert report.looked_at > 100
    errors = [
        f"{f.path.relative_to(folder)}:{f.line} {f.code} {f.message}"
        for f in report.left
        if f.severity is Severity.ERROR
    ]
    assert errors == []
    assert [str(f.path) for f in report.files if f.changed] == []
    assert [str(p) for p in report.all_problems] == []
