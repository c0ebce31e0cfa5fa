"""``rules``, ``explain``, ``--version``, and the documentation made from the same source."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from lfix.codemods.engine.rule import registry
from lfix.codemods.engine.settings import UNUSED_SUPPRESSION

from ..laws.process import Lfix

ROOT = Path(__file__).resolve().parents[2]


def test_rules_lists_all_rules(tmp_path: Path, lfix: Lfix) -> None:
    rows = [line.split(None, 2) for line in lfix("rules", cwd=tmp_path).out.splitlines()]
    assert rows[0][:2] == list(UNUSED_SUPPRESSION)
    assert rows[1:] == [[r.code, r.name, r.summary] for r in registry().values()]
    assert ["LF101", "dataset-passed-to-fit"] in [row[:2] for row in rows]
    listed = lfix("rules", "--format", "json", cwd=tmp_path).json
    assert [[r["code"], r["name"], r["summary"]] for r in listed] == rows


def test_explain_prints_a_rules_documentation(tmp_path: Path, lfix: Lfix) -> None:
    by_code = lfix("explain", "LF101", cwd=tmp_path)
    assert by_code.code == 0
    assert by_code == lfix("explain", "dataset-passed-to-fit", cwd=tmp_path)
    assert by_code == lfix("explain", "lf101", cwd=tmp_path)
    assert by_code.out.startswith("dataset-passed-to-fit (LF101)\n\n")
    for heading in ("What it does", "Why", "Example", "Fix safety", "References"):
        assert f"\n{heading}\n" in by_code.out


def test_explain_knows_the_engines_own_finding(tmp_path: Path, lfix: Lfix) -> None:
    by_code = lfix("explain", UNUSED_SUPPRESSION[0], cwd=tmp_path)
    assert by_code.code == 0
    assert by_code == lfix("explain", UNUSED_SUPPRESSION[1], cwd=tmp_path)
    assert "lfix: ignore" in by_code.out


def test_every_rule_is_documented() -> None:
    for rule in registry().values():
        assert rule.summary.endswith("."), rule.name
        for heading in ("What it does", "Why", "Example", "Fix safety", "References"):
            assert f"\n{heading}\n" in rule.documentation, (rule.name, heading)


def test_version(tmp_path: Path, lfix: Lfix) -> None:
    ran = lfix("--version", cwd=tmp_path)
    assert ran.code == 0
    stated = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert stated is not None
    assert ran.out == f"lfix {stated.group(1)}\n"


def test_the_documentation_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_drift_of_the_documentation_is_seen(tmp_path: Path) -> None:
    copy = tmp_path / "docs"
    copy.mkdir()
    for name in ("docs/generate.py", "docs/rules.md", "README.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (copy / "rules.md").write_text("old\n")
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "docs/rules.md is out of date" in done.stderr
