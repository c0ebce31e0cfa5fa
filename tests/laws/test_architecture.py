"""The house keeps its shape: which room may import which, and what stays small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {
    "cli": {
        *("codemods.verify", "codemods.rules", "codemods.engine", "codemods.model"),
        *("codemods.lightning", "codemods.tracebacks", "codemods.formats"),
    },
    "codemods.tracebacks": {
        *("codemods.formats", "codemods.engine", "codemods.model", "codemods.lightning"),
    },
    "codemods.formats": {
        *("codemods.rules", "codemods.engine", "codemods.model", "codemods.lightning"),
    },
    "codemods.verify": {
        *("codemods.rules", "codemods.engine", "codemods.model", "codemods.lightning"),
    },
    "codemods.rules": {"codemods.engine", "codemods.model", "codemods.lightning"},
    "codemods.engine": {"codemods.model", "codemods.lightning"},
    "codemods.model": set[str](),
    "codemods.lightning": set[str](),
}
FILES = sorted(p for room in ("cli", "codemods") for p in (ROOT / room).rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str | None:
    return next((r for r in ROOMS if module == r or module.startswith(f"{r}.")), None)


def _imports(path: Path, *, late: bool = True, types: bool = True) -> Iterator[str]:
    """The modules that a file imports, ours without ``lfix.``; late ones are inside functions."""
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for outer in ast.walk(tree)
        if (not late and isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)))
        or (not types and isinstance(outer, ast.If) and "TYPE_CHECKING" in ast.dump(outer.test))
        for node in ast.walk(outer)
    }
    package = _name(path) if path.name == "__init__.py" else _name(path).rpartition(".")[0]
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("lfix.") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            module = ".".join([*(base if node.level else []), *filter(None, [node.module])])
            module = module.removeprefix("lfix.")
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_arrows_run_one_way(path: Path) -> None:
    room = _room(_name(path))
    if room is None:
        assert path.read_text().count("import") == 0, "only a bare package stands between the rooms"
        return
    wrong = {m for m in _imports(path) if _room(m) not in (None, room, *ROOMS[room])}
    # The registry finds the rules by name; nothing else in the engine knows of them.
    assert not wrong


@pytest.mark.parametrize("name", ["source", "walk", "write", "cache", "settings", "worktree"])
def test_what_every_run_needs_imports_no_parser(name: str) -> None:
    pending = [ROOT / "codemods" / "engine" / f"{name}.py", ROOT / "codemods" / "model.py"]
    seen: set[Path] = set()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in _imports(path, late=False, types=False):
            assert module.partition(".")[0] not in {"libcst", "torch", "lightning", "rich"}, path
            inner = ROOT.joinpath(*module.split(".")).with_suffix(".py")
            if inner.is_file():
                pending.append(inner)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_nothing_foreign_is_imported(path: Path) -> None:
    """Lightning and torch are read, not run; the runner alone meets them, in a child process."""
    if "runner" in path.parts:
        return
    tops = {m.partition(".")[0] for m in _imports(path)}
    assert not tops & {"torch", "lightning", "pytorch_lightning", "torchmetrics", "requests"}


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_only_the_command_line_prints(path: Path) -> None:
    if path.is_relative_to(ROOT / "cli") or "runner" in path.parts:
        return
    calls = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == "print")
            or ast.unparse(node.func) in ("sys.stdout.write", "sys.stderr.write")
        )
    ]
    assert not calls


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
