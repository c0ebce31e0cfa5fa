"""Runs one rule of lfix over a folder, the way ``lfix apply`` would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lfix.codemods.engine.settings import Settings, load
from lfix.codemods.formats.run import run
from lfix.codemods.model import Finding

from .check import Applied


def apply_rule(folder: Path, rule: str, unsafe: bool) -> Applied:
    """Apply the rule called ``rule`` to the files below ``folder``; writes nothing."""
    config = folder / "pyproject.toml"
    settings = load(config) if config.exists() else Settings(root=folder)
    report = run([folder], replace(settings, select=frozenset({rule}), unsafe=unsafe), fix=True)
    files = {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }
    for file in report.files:
        if file.changed:
            name = file.path.relative_to(folder).as_posix()
            assert files[name] == file.before
            files[name] = file.after
    return Applied(
        files,
        fixed=tuple(_relative(finding, folder) for finding in report.fixed),
        left=tuple(_relative(finding, folder) for finding in report.left),
        problems=report.all_problems,
    )


def _relative(finding: Finding, folder: Path) -> Finding:
    return replace(finding, path=finding.path.relative_to(folder))
