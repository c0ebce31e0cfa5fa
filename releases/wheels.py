"""The wheels of every release, and the modules in them."""

from __future__ import annotations

import ast
import subprocess
import sys
import warnings
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lfix.codemods.lightning.names import in_one_namespace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: The last patch of every minor that the index of packages offers.
RELEASES = {
    "1.0": "1.0.8",
    "1.1": "1.1.8",
    "1.2": "1.2.10",
    "1.3": "1.3.8",
    "1.4": "1.4.9",
    "1.5": "1.5.10",
    "1.6": "1.6.5",
    "1.7": "1.7.7",
    "1.8": "1.8.6",
    "1.9": "1.9.5",
    "2.0": "2.0.9",
    "2.1": "2.1.4",
    "2.2": "2.2.5",
    "2.3": "2.3.3",
    "2.4": "2.4.0",
    "2.5": "2.5.6",
    "2.6": "2.6.6",
}

#: The distributions, with the first minor of each. Where two hold a module, the first one counts.
DISTRIBUTIONS = {"lightning": "1.8", "pytorch-lightning": "1.0", "lightning-fabric": "1.9"}

#: Parts of the `lightning` distribution that are no training code: known as modules only.
FOREIGN_PARTS = ("lightning.app", "lightning.data", "lightning.store")


@dataclass(frozen=True)
class Module:
    """One module of a release."""

    name: str
    package: bool
    tree: ast.Module


def order(release: str) -> tuple[int, ...]:
    """The parts of a minor as numbers, for comparing."""
    return tuple(int(part) for part in release.split("."))


def needed(release: str) -> list[str]:
    """The requirements that have all of a release's code."""
    patch = RELEASES[release]
    return [
        f"{name}=={patch}"
        for name, first in DISTRIBUTIONS.items()
        if order(release) >= order(first)
    ]


def download(releases: Iterable[str], folder: Path) -> None:
    """Fetch the wheels of releases into a folder; those that are there already are kept.

    Raises:
        subprocess.CalledProcessError: pip found a wheel nowhere.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for requirement in (r for release in releases for r in needed(release)):
        if _wheel(requirement, folder) is None:
            print(f"downloading {requirement}", file=sys.stderr)
            subprocess.run(_pip(requirement, folder), check=True)


def _pip(requirement: str, folder: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary", ":all:", "--ignore-requires-python"),
        *("--dest", str(folder), requirement),
    ]


def _wheel(requirement: str, folder: Path) -> Path | None:
    name, _, version = requirement.partition("==")
    return next(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"), None)


def modules_of_release(release: str, folder: Path) -> dict[str, Module]:
    """All modules of a release by canonical name, from the wheels in a folder.

    Raises:
        FileNotFoundError: A wheel of the release is not in the folder.
    """
    modules: dict[str, Module] = {}
    for requirement in needed(release):
        wheel = _wheel(requirement, folder)
        if wheel is None:
            raise FileNotFoundError(f"no wheel of {requirement} in {folder}")
        with zipfile.ZipFile(wheel) as archive:
            files = ((name, archive.read(name)) for name in archive.namelist() if _wanted(name))
            _add(modules, files)
    return modules


def modules_of_folder(folder: Path, packages: Iterable[str]) -> dict[str, Module]:
    """All modules by canonical name of packages that lie in a folder, such as site-packages."""
    modules: dict[str, Module] = {}
    for package in packages:
        paths = sorted((folder / package).rglob("*.py"))
        files = ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)
        _add(modules, ((name, text) for name, text in files if _wanted(name)))
    return modules


def _wanted(file: str) -> bool:
    root = file.partition("/")[0]
    return file.endswith(".py") and root in {
        "lightning",
        "pytorch_lightning",
        "lightning_fabric",
        "lightning_lite",
    }


def _add(modules: dict[str, Module], files: Iterable[tuple[str, bytes]]) -> None:
    for file, text in files:
        *folders, last = file[: -len(".py")].split("/")
        parts = folders if last == "__init__" else [*folders, last]
        name = in_one_namespace(".".join(parts))
        if name in modules or not all(part.isidentifier() for part in parts):
            continue
        if name.startswith(tuple(f"{part}." for part in FOREIGN_PARTS)):
            continue
        tree = ast.Module([], []) if name in FOREIGN_PARTS else _parse(text)
        modules[name] = Module(name, last == "__init__", tree)


def _parse(text: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old releases hold odd escapes in their docstrings
        return ast.parse(text)


def walk_with_owner(tree: ast.AST) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    """All nodes below a node, each with its ancestors, outermost first."""
    stack: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(tree, ())]
    while stack:
        node, owners = stack.pop()
        yield node, owners
        inner = (*owners, node)
        stack.extend((child, inner) for child in reversed(list(ast.iter_child_nodes(node))))
