"""Every place where a file names something of another package by its dotted path."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ..lightning.names import absolute
from .flow import reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import File

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_ROOTS = ("pytorch_lightning.", "lightning.pytorch.", "lightning.fabric.", "lightning_fabric.")


@dataclass(frozen=True, eq=False)
class Reference:
    """A dotted path in the text of a file.

    ``node`` is an ``alias`` of an import, a chain of attributes (the whole of it), or a string.
    ``written`` is the path that Python would follow, aliases of imports replaced by what they
    import; ``path`` is the same with one name for both distributions of Lightning. ``root`` is,
    for a chain, what its first name imports.
    """

    node: ast.alias | ast.Attribute | ast.Constant
    written: str
    root: str = ""

    @property
    def path(self) -> str:
        """The absolute path: ``lightning.pytorch.metrics.Accuracy``."""
        return absolute(self.written)

    def is_rooted_above(self, path: str) -> bool:
        """Whether a chain comes to ``path`` only by its own attributes."""
        return path.startswith(absolute(self.root) + ".")

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """The path and those of everything that it goes through, longest first."""
        parts = self.path.split(".")
        return tuple(".".join(parts[:end]) for end in range(len(parts), 0, -1))


@lru_cache(maxsize=2)
def references(file: File) -> tuple[Reference, ...]:
    """All of them: imports, then chains, then strings that are the path of something in Lightning.

    A plain name says nothing that its import did not say. Relative imports and those of the
    project's own modules are left out.
    """
    return () if _is_lightnings_own(file) else tuple(_references(file))


#: A file below each distribution's folder that tells it from a project's own package.
_OWN = {
    "pytorch_lightning": "trainer/trainer.py",
    "lightning": "pytorch/trainer/trainer.py",
    "lightning_fabric": "fabric.py",
}


def _is_lightnings_own(file: File) -> bool:
    """Whether a file is part of Lightning: how it patches itself is not what users do."""
    return any(
        file.project.layout.kind(str(folder / _OWN[folder.name])) == "file"
        for folder in file.path.parents
        if folder.name in _OWN
    )


def _references(file: File) -> Iterator[Reference]:
    yield from _imports(file)
    yield from _chains(file)
    for node in file.tree.all(ast.Constant):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            value = node.value
            if value.startswith(_ROOTS) and _DOTTED.fullmatch(value):
                yield Reference(node, value)


def _imports(file: File) -> Iterator[Reference]:
    for node in file.tree.all(ast.ImportFrom):
        assert isinstance(node, ast.ImportFrom)
        if node.level or not node.module or file.project.is_local(file.path, node.module):
            continue
        for alias in node.names:
            path = node.module if alias.name == "*" else f"{node.module}.{alias.name}"
            yield Reference(alias, path)
    for node in file.tree.all(ast.Import):
        assert isinstance(node, ast.Import)
        for alias in node.names:
            if not file.project.is_local(file.path, alias.name):
                yield Reference(alias, alias.name)


def _chains(file: File) -> Iterator[Reference]:
    scopes = file.tree.scopes.values()
    imported = {
        name
        for scope in scopes
        for name, bindings in scope.bindings.items()
        if any(b.kind == "import" for b in bindings)
    }
    for node in file.tree.all(ast.Name):
        assert isinstance(node, ast.Name)
        parent = file.tree.parents.get(node)
        if node.id not in imported or not isinstance(parent, ast.Attribute):
            continue
        target = _target(file, node)
        if target is None:
            continue
        chain: ast.Attribute = parent
        names = [target, chain.attr]
        while isinstance(above := file.tree.parents.get(chain), ast.Attribute):
            chain = above
            names.append(chain.attr)
        if not isinstance(chain.ctx, ast.Load):
            # What is put there is the code's own.
            continue
        yield Reference(chain, ".".join(names), target)


def _target(file: File, name: ast.Name) -> str | None:
    """The foreign path that an imported name stands for, None where it may be anything else."""
    found = file.tree.scope_of(name).find(name.id)
    bindings = reaching(file.tree, name, found) if found else []
    targets = {b.target for b in bindings if b.kind == "import"}
    if len(bindings) == 0 or any(b.kind != "import" for b in bindings):
        return None
    if len({absolute(t or "") for t in targets}) != 1:
        return None
    target = bindings[0].target or ""
    if target.startswith(".") or file.project.is_local(file.path, target):
        return None
    return target
