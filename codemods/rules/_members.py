"""Members of Lightning's objects, where code uses them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.values import infer
from ..lightning.lineage import inherits, today
from ..lightning.objects import ABSTRACT, CLASSES, DATAMODULE, MODULE, TRAINER

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.kinds import Type, Types
    from ..lightning.changes.row import Member

#: One of these words is in every file where something is done with Lightning's objects.
AROUND = ("ightning", "rainer", "datamodule", "pl_module", "ing_step", "self.log", "optimizers(")
#: What variables with these names are, where nothing else tells.
_BY_NAME = {
    "trainer": TRAINER,
    "datamodule": DATAMODULE,
    "data_module": DATAMODULE,
    "dm": DATAMODULE,
    "pl_module": MODULE,
    "lightning_module": MODULE,
}
#: Members with such names are found on other people's trainers as well.
_COMMON = frozenset(
    {
        "data_parallel", "devices", "gpus", "model", "num_gpus", "num_processes", "on_gpu",
        "optimizer_frequencies", "precision", "resume_from_checkpoint", "summarize", "tune",
        "tuning", "use_amp", "use_ddp", "use_single_gpu", "use_tpu", "to_torchscript",
    }
)  # fmt: skip
#: What is called ``config.trainer`` is a part of a config file.
_CONFIGS = frozenset({"cfg", "conf", "config", "configs", "configuration"})
_ABSTRACT = frozenset(CLASSES[kind] for kind in ABSTRACT)
#: Nobody makes objects of these classes themselves.
_DERIVED = (MODULE, DATAMODULE)
GUESSED = "it is taken for one of Lightning's objects by its name"
_MIXED = "the class has bases of other origin, one of which may define it"
_KNOWN = ("lightning.", "torch.", "abc.", "typing.", "object", "enum.")


@dataclass(frozen=True, eq=False)
class Use:
    """``value.attr`` where the value is an object of some of Lightning's classes.

    ``owners`` are the canonical classes that it is an object of: its own, and for a class of the
    project those that it inherits from. ``doubt`` says why that is not certain: only its name may
    speak for it, which is asked for where the member's name is Lightning's own. ``derived`` tells
    that it is of some class derived from those, which may have members of its own.
    """

    node: ast.Attribute
    owners: frozenset[str]
    doubt: str = ""
    derived: bool = False

    @property
    def guessed(self) -> bool:
        """Whether it may be something else."""
        return bool(self.doubt)

    @property
    def name(self) -> str:
        """The member's name."""
        return self.node.attr

    @property
    def is_read(self) -> bool:
        """Whether the member is read, not assigned or deleted."""
        return isinstance(self.node.ctx, ast.Load)

    def meant(self, rows: Iterable[Member]) -> list[Member]:
        """The rows that tell of the member; several where the object may be of several classes."""
        rows = [
            row
            for row in rows
            if not any(inherits(owner, kept) for owner in self.owners for kept in row.kept)
        ]
        found = [
            row
            for row in rows
            if (not row.only_set or self._is_set)
            and any(inherits(owner, row.owner) for owner in self.owners)
        ]
        if found:
            return found[:1]
        return [row for row in rows if not row.only_set and self._may_be(row.owner)]

    @property
    def _is_set(self) -> bool:
        """Whether the member is assigned; what is only called a trainer may be made for a test."""
        return isinstance(self.node.ctx, ast.Store) and self.doubt != GUESSED

    def _may_be(self, owner: str) -> bool:
        """Whether the object may well be of a class that is more special than what is known."""
        return any(o in _ABSTRACT and inherits(owner, o) for o in self.owners) and (
            ".callbacks." not in owner
            or (
                isinstance(self.node.value, ast.Attribute)
                and self.node.value.attr == "checkpoint_callback"
            )
        )


def uses(file: File, names: Container[str]) -> Iterator[Use]:
    """Uses of members with some names; those that the project's own classes define are left out."""
    for node in file.tree.all(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        if node.attr not in names:
            continue
        types = _set_before(file, node) or infer(file, node.value)
        if not types or any(t.kind == "none" for t in types):
            types = frozenset(t for t in types if t.kind != "none")
        owners = [owners_of(t, node.attr) for t in types]
        common = frozenset.intersection(*owners) if owners else frozenset()
        doubt = _MIXED if any(t.cls is not None and _is_mixed(t.cls) for t in types) else ""
        if not common and all(t.kind == "unknown" and not t.name and not t.cls for t in types):
            common, doubt = _by_name(file, node), GUESSED
        if common and not _is_asked_for(file, node):
            derived = any(t.cls is None and t.kind in _DERIVED for t in types)
            yield Use(node, common, doubt, derived)


def owners_of(type_: Type, name: str) -> frozenset[str]:
    """The canonical classes whose member ``name`` of a value is; none where the project has it."""
    found = {type_.name} if type_.name else set()
    if type_.kind in CLASSES:
        found.add(CLASSES[type_.kind])
    if type_.cls is not None:
        cls = type_.cls
        if cls.method(name) or cls.class_values(name) or any(cls.self_assignments(name)):
            return frozenset()
        found |= {base for owner in cls.mro for base in owner.foreign_bases}
    return frozenset(today(n) for n in found if n)


def _is_mixed(cls: Class) -> bool:
    return bool(cls.unknown_bases) or any(not n.startswith(_KNOWN) for n in cls.foreign_bases)


def _set_before(file: File, node: ast.Attribute) -> Types:
    """What ``made.trainer`` is where a statement before sets it, on an object of any kind."""
    value = node.value
    if not isinstance(value, ast.Attribute) or not isinstance(value.value, ast.Name):
        return frozenset()
    text, statement = file.text(value), file.tree.statement(node)
    block = file.tree.block(statement)
    given = [
        earlier.value
        for earlier in block[: block.index(statement)]
        if isinstance(earlier, ast.Assign) and text in [file.text(t) for t in earlier.targets]
    ]
    return infer(file, given[-1]) if given else frozenset()


def _by_name(file: File, node: ast.Attribute) -> frozenset[str]:
    value = node.value
    name = value.id if isinstance(value, ast.Name) else getattr(value, "attr", "")
    kind = _BY_NAME.get(name)
    if kind is None or node.attr in _COMMON or b"lightning" not in file.source.data:
        return frozenset()
    holder = value.value if isinstance(value, ast.Attribute) else None
    if holder is not None and (not isinstance(holder, ast.Name) or holder.id in _CONFIGS):
        return frozenset()
    return frozenset({CLASSES[kind]})


def _is_asked_for(file: File, node: ast.Attribute) -> bool:
    """Whether the code asks first whether the object has the member."""
    tests = [a.test for a in file.tree.ancestors(node) if isinstance(a, (ast.If, ast.IfExp))]
    for test in tests:
        for call in ast.walk(test):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            values = [a.value for a in call.args if isinstance(a, ast.Constant)]
            if call.func.id == "hasattr" and node.attr in values:
                return True
    return any(
        _has_an_answer(handler)
        for a in file.tree.ancestors(node)
        if isinstance(a, ast.Try)
        for handler in a.handlers
    )


def _has_an_answer(handler: ast.ExceptHandler) -> bool:
    """Whether a handler does something else where the member is missing.

    One that only passes hides that what worked in the old release is skipped now.
    """
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(c, ast.Name) and c.id == "AttributeError" for c in caught) and not all(
        isinstance(s, ast.Pass | ast.Continue) for s in handler.body
    )
