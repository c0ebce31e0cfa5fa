"""What the project's Python says about a config file: who reads it, and which keys by name."""

from __future__ import annotations

import ast
import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .counted import OLD
from .places import is_compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..engine.file import File
    from .format import Context

_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(pytorch_lightning|lightning)\b", re.MULTILINE)
_SPLAT = re.compile(
    rb"Trainer(\.from_argparse_args)?\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\*\*|"
    rb"Trainer\.from_argparse_args\s*\(|partial\s*\(\s*[\w.]*Trainer\s*,"
)
_INSTANTIATE = re.compile(
    rb"\b(?:hydra|utils|instantiate)[\w.]*instantiate\s*\(|\binstantiate\s*\("
)


class Evidence:
    """Answers about the project around one file; each is worked out when it is asked for."""

    def __init__(self, context: Context, path: Path) -> None:
        self._project = context.project
        self._context = context
        self._path = path

    def _holding(self, word: bytes, beside: tuple[bytes, ...] = ()) -> list[File]:
        return self._project.holding(word, self._path, beside)

    @property
    def python(self) -> bool:
        """Whether there is any Python in the run."""
        return bool(self._context.python)

    @cached_property
    def _imports(self) -> list[bytes]:
        held = self._holding(b"lightning")
        return [name for file in held for name in _IMPORT.findall(file.source.data)]

    @cached_property
    def lightning(self) -> bool:
        """Whether the project's code imports Lightning."""
        return bool(self._imports)

    @cached_property
    def namespace(self) -> str:
        """The distribution that the project's code imports."""
        standalone = self._imports.count(b"pytorch_lightning")
        return "pytorch_lightning" if standalone * 2 > len(self._imports) else "lightning.pytorch"

    @cached_property
    def cli(self) -> bool:
        """Whether the project's code makes a LightningCLI."""
        return bool(self._holding(b"LightningCLI"))

    @cached_property
    def hydra(self) -> bool:
        """Whether the project's code lets Hydra make objects."""
        held = self._holding(b"instantiate")
        return any(b"hydra" in f.source.data and _INSTANTIATE.search(f.source.data) for f in held)

    def splats(self, name: str) -> bool:
        """Whether code that knows a block of this name hands a dict to a Trainer."""
        word = re.compile(rb"(?:[\"']|(?<!self)\.)" + re.escape(name.encode()) + rb"\b")
        for file in self._holding(b"Trainer"):
            data = file.source.data
            if _SPLAT.search(data) and word.search(data) and not _splats_others(file, name):
                return True
        made = [f.source.data for f in self._holding(b"instantiate")]
        return any(_INSTANTIATE.search(data) and word.search(data) for data in made)

    def fills(self, made: str, name: str) -> bool:
        """Whether code splats a block of this name into a class: ``Made(**config.name)``."""
        return any(
            keyword.arg is None and _block(keyword.value) == name
            for file in self._holding(made.encode(), (name.encode(),))
            for call in file.tree.calls
            if ast.unparse(call.func).rpartition(".")[2] == made
            for keyword in call.keywords
        )

    def hands(self, name: str) -> bool:
        """Whether code hands an argument of this name to an object that Hydra makes."""
        given = re.compile(rb"\b" + re.escape(name.encode()) + rb"\s*=")
        for path in self._context.python:
            raw = self._project.raw(path)
            if b"instantiate" not in raw or not given.search(raw):
                continue
            file = self._project.file(path) if path.is_relative_to(self._top) else None
            for call in file.tree.calls if file is not None else ():
                called = ast.unparse(call.func).rpartition(".")[2]
                if called == "instantiate" and any(k.arg == name for k in call.keywords):
                    return True
        return False

    @cached_property
    def merges(self) -> bool:
        """Whether the project's code lays config files over each other."""
        return bool(self._holding(b"hydra") or self._holding(b"OmegaConf", (b"merge",)))

    @cached_property
    def counts(self) -> bool:
        """Whether a number of devices may come from another file, or be asked for by code."""
        return self.merges or bool(self._context.carried.places(OLD))

    def configs(self, word: bytes = b"") -> Iterator[tuple[Path, bytes]]:
        """The YAML files of the project that hold a word, as they were when the run began."""
        for path in self._context.others:
            if path.suffix in (".yaml", ".yml") and path.is_relative_to(self._top):
                raw = self._project.raw(path)
                if word in raw:
                    yield path, raw

    def differs(self, names: Iterable[str], text: str) -> Path | None:
        """Another config file that gives one of these keys another value than a text does."""
        patterns = [
            re.compile(
                rb"^[ \t\-{]*" + re.escape(name.encode()) + rb"[ \t]*:[ \t]*([^#\r\n]*)",
                re.MULTILINE,
            )
            for name in names
        ]
        own = [{v.strip() for v in p.findall(text.encode())} for p in patterns]
        for path, raw in self.configs():
            for pattern, values in zip(patterns, own, strict=True):
                if any(v.strip() not in values for v in pattern.findall(raw)):
                    return path
        return None

    def shown(self, path: Path) -> str:
        """A path from the project's folder on."""
        return (
            path.relative_to(self._top).as_posix() if path.is_relative_to(self._top) else path.name
        )

    def read(self, names: Iterable[str], block: str = "") -> str | None:
        """Where code or another config asks for one of these keys by its name; None for nowhere.

        Code that names the ``block`` too and can be changed with it does not count.
        """
        for name in names:
            carried = self._context.carried
            for place in carried.places(name):
                inside = place.path.is_relative_to(self._top)
                if inside and not carried.follows(place, block, name):
                    return f"{name} is read at {self.shown(place.path)}:{place.line}"
            found = self._interpolated(name)
            if found is not None:
                return f"{name} is read in {self.shown(found)}"
        return None

    def compared(self, names: Iterable[str], block: str) -> str | None:
        """Where code compares one of these keys of a block with a value; None for nowhere."""
        carried = self._context.carried
        for name in names:
            for place in carried.places(name) if block else ():
                inside = place.path.is_relative_to(self._top)
                if inside and is_compared(place, block, name):
                    return f"{name} is compared at {self.shown(place.path)}:{place.line}"
        return None

    def followed(self, names: Iterable[str], block: str) -> str | None:
        """Why these keys may not be gone for sure, though the code that reads them is changed."""
        return self._context.carried.doubt(block, names)

    def _interpolated(self, name: str) -> Path | None:
        pattern = re.compile(rb"\$\{[\w.:\[\]]*[.:{]" + re.escape(name.encode()) + rb"\}")
        return next((path for path, raw in self.configs() if pattern.search(raw)), None)

    @cached_property
    def _top(self) -> Path:
        from ..engine.target import project_root

        found = project_root([self._path])
        if found != self._path.parent:
            return found
        paths = [*self._context.python, *self._context.others]
        return Path(os.path.commonpath([path.parent for path in paths]))


def _splats_others(file: File, name: str) -> bool:
    """Whether every dict that a file splats into a Trainer is surely another block's."""
    splatted = [
        keyword.value
        for call in file.tree.calls
        if ast.unparse(call.func).rpartition(".")[2] == "Trainer"
        for keyword in call.keywords
        if keyword.arg is None
    ]
    blocks = [_block(value) for value in splatted]
    return bool(blocks) and all(block is not None and block != name for block in blocks)


def _block(node: ast.expr) -> str | None:
    """The last key of an expression such as ``config["trainer"]``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return None
