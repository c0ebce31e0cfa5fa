"""The trees that are measured: copies of installed packages, and made-up 1.x user projects."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from random import Random

from . import parts

LIGHTNING_PACKAGES = ("lightning", "pytorch_lightning", "torchmetrics")
FILES_IN_A_PROJECT = 10
NETS = ("Backbone", "Encoder", "Pyramid")


@dataclass(frozen=True)
class Tree:
    """A folder of Python files under the name that the table gives it; ``size`` is in bytes."""

    name: str
    root: Path
    files: tuple[str, ...]
    size: int
    with_lightning: int

    def __str__(self) -> str:
        """One line for the head of the table."""
        return (
            f"{self.name}: {len(self.files):,} files, {self.size / 1e6:.1f} MB, "
            f"{self.with_lightning:,} of them name Lightning"
        )


def build(name: str, root: Path, packages: tuple[str, ...], projects: int, seed: int) -> Tree:
    """Copy the Python files of ``packages`` and write ``projects`` user projects under ``root``."""
    for package in packages:
        copy_package(package, root / "packages")
    for number in range(projects):
        write_project(root / "projects" / f"project_{number:04}", Random(f"{seed}/{number}"))
    return describe(name, root)


def describe(name: str, root: Path) -> Tree:
    """Count what lies under ``root``."""
    paths = sorted(root.rglob("*.py"))
    return Tree(
        name=name,
        root=root,
        files=tuple(str(path.relative_to(root)) for path in paths),
        size=sum(path.stat().st_size for path in paths),
        with_lightning=sum(b"lightning" in path.read_bytes() for path in paths),
    )


def copy_package(package: str, target: Path) -> None:
    """Copy the Python files of an installed package, found without importing it.

    Files for a newer Python than this one are left out: tools disagree on what to do with them.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed here; run `make bench`")
    source = Path(spec.origin).parent
    for path in source.rglob("*.py"):
        contents = path.read_bytes()
        if parses(contents):
            copy = target / package / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(contents)


def parses(contents: bytes) -> bool:
    """Whether this Python can read a file."""
    try:
        ast.parse(contents)
    except (SyntaxError, ValueError):
        return False
    return True


def write_project(root: Path, random: Random) -> None:
    """Write one project of ten files: five with Lightning, two with torch only, three plain."""
    style = random.choice(parts.STYLES)
    package = f"{random.choice(parts.WORDS)}{random.choice(parts.WORDS)}"
    net, other = random.sample(NETS, 2)
    model = f"{random.choice(parts.WORDS).title()}Model"
    files = {
        "train.py": parts.script(random, style, package, model),
        f"{package}/__init__.py": "",
        f"{package}/data.py": parts.data(random, style),
        f"{package}/callbacks.py": parts.callbacks(random, style),
        f"{package}/{model.lower()}.py": parts.module(random, style, model, net),
        f"{package}/pretrain.py": parts.module(random, style, "Pretraining", other),
        f"{package}/{net.lower()}.py": parts.network(random, net),
        f"{package}/{other.lower()}.py": parts.network(random, other),
        f"{package}/files.py": parts.utilities(random),
        f"{package}/tables.py": parts.utilities(random),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.rstrip("\n") + "\n" if text else "", encoding="utf-8")
