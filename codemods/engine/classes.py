"""Classes across files: bases, method resolution, and the roles that they play in Lightning."""

from __future__ import annotations

import ast
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from .file import Defined
from .scopes import FUNCTIONS, Function, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import File


class Role(str, Enum):
    """What a class is to Lightning."""

    MODULE = "LightningModule"
    DATAMODULE = "LightningDataModule"
    CALLBACK = "Callback"
    LOGGER = "Logger"
    DATASET = "Dataset"
    LOADER = "DataLoader"
    TRAINER = "Trainer"
    FABRIC = "Fabric"
    CLI = "LightningCLI"
    SAMPLER = "Sampler"


_EXACT = {
    "lightning.pytorch.LightningModule": Role.MODULE,
    "lightning.pytorch.core.hooks.ModelHooks": Role.MODULE,
    "lightning.pytorch.demos.boring_classes.BoringModel": Role.MODULE,
    "lightning.pytorch.LightningDataModule": Role.DATAMODULE,
    "lightning.pytorch.core.hooks.DataHooks": Role.DATAMODULE,
    "lightning.pytorch.demos.boring_classes.BoringDataModule": Role.DATAMODULE,
    "lightning.pytorch.Callback": Role.CALLBACK,
    "lightning.pytorch.Trainer": Role.TRAINER,
    "lightning.fabric.Fabric": Role.FABRIC,
    "lightning.pytorch.cli.LightningCLI": Role.CLI,
    "torch.utils.data.DataLoader": Role.LOADER,
    "lightning.pytorch.utilities.CombinedLoader": Role.LOADER,
    "torch_geometric.data.Dataset": Role.DATASET,
    "torch_geometric.data.InMemoryDataset": Role.DATASET,
    "torch_geometric.data.OnDiskDataset": Role.DATASET,
    "monai.data.DataLoader": Role.LOADER,
}
_BY_PACKAGE = (
    ("lightning.pytorch.callbacks.", Role.CALLBACK),
    ("lightning.pytorch.loggers.", Role.LOGGER),
    ("torchvision.datasets.", Role.DATASET),
    ("torchaudio.datasets.", Role.DATASET),
    ("torch_geometric.datasets.", Role.DATASET),
)
_BOLTS = "pl_bolts."
#: Modules below ``pl_bolts.models`` that hold parts of models.
_BOLTS_PARTS = frozenset(
    (
        *("backbones", "common", "components", "datasets", "evaluator", "layers", "loss"),
        *("models", "networks", "resnets", "transforms", "types", "utils"),
    )
)
#: Inheritance longer than this is a loop of names.
_LONGEST = 200
_TORCH_DATA = "torch.utils.data."


def role_of_name(name: str) -> Role | None:
    """The role of a foreign class by its canonical name, None where it has none that is known."""
    exact = _EXACT.get(name)
    if exact is not None:
        return exact
    last = name.rpartition(".")[2]
    if not last[:1].isupper():
        return None
    if name.startswith(_TORCH_DATA):
        return Role.SAMPLER if last.endswith("Sampler") else _torch_data_role(last)
    if name.startswith("torch_geometric.") and last.endswith(("DataLoader", "NeighborLoader")):
        return Role.LOADER
    if name.startswith(_BOLTS):
        return _bolts_role(name.split("."))
    return next((role for prefix, role in _BY_PACKAGE if name.startswith(prefix)), None)


def _bolts_role(parts: list[str]) -> Role | None:
    """The role of a class of lightning-bolts, by the modules that it lies in and its name."""
    package, modules, last = parts[1], parts[1:-1], parts[-1]
    if "callbacks" in modules:
        return Role.CALLBACK
    if package == "datamodules":
        return Role.DATAMODULE if last.endswith("DataModule") else None
    return Role.MODULE if package == "models" and _BOLTS_PARTS.isdisjoint(modules[1:]) else None


def _torch_data_role(last: str) -> Role | None:
    if last.endswith("Dataset") or last == "Subset":
        return Role.DATASET
    return None


class Class:
    """A class that the project defines."""

    def __init__(self, file: File, node: ast.ClassDef) -> None:
        self.file = file
        self.node = node

    @property
    def name(self) -> str:
        """The name in the ``class`` statement."""
        return self.node.name

    def __repr__(self) -> str:
        return f"<Class {self.name} {self.file.path.name}>"

    @cached_property
    def methods(self) -> dict[str, Function]:
        """Methods that the class itself defines; of several of one name the last counts."""
        found: dict[str, Function] = {}
        for function in self.file.tree.functions:
            if self.file.tree.method_class(function) is self.node:
                found[function.name] = function
        return found

    @cached_property
    def _bases(self) -> tuple[list[Class], list[str], list[ast.expr]]:
        project: list[Class] = []
        foreign: list[str] = []
        unknown: list[ast.expr] = []
        for base in self.node.bases:
            expr = base.value if isinstance(base, ast.Subscript) else base
            meanings = self.file.meanings(expr)
            if not meanings:
                unknown.append(base)
            for meaning in meanings:
                if isinstance(meaning, str):
                    foreign.append(meaning)
                elif isinstance(meaning.node, ast.ClassDef):
                    project.append(meaning.file.cls(meaning.node))
                else:
                    unknown.append(base)
        return project, foreign, unknown

    @property
    def bases(self) -> list[Class]:
        """The project classes that this one inherits from directly."""
        return self._bases[0]

    @cached_property
    def mro(self) -> list[Class]:
        """This class and the project classes that it inherits from, nearest first."""
        order: list[Class] = [self]
        index = 0
        while index < len(order) and len(order) < _LONGEST:
            order += [b for b in order[index].bases if b not in order]
            index += 1
        return order

    @cached_property
    def foreign_bases(self) -> list[str]:
        """Canonical names of the foreign classes at the ends of the inheritance."""
        return [name for cls in self.mro for name in cls._bases[1]]

    @cached_property
    def unknown_bases(self) -> list[ast.expr]:
        """Base expressions, own or inherited, of which nothing is known."""
        return [base for cls in self.mro for base in cls._bases[2]]

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles that the class has through its bases."""
        found = {role_of_name(name) for name in self.foreign_bases}
        return frozenset(role for role in found if role is not None)

    @property
    def opaque(self) -> bool:
        """Whether some base is not known, so that roles or attributes may be missing."""
        return bool(self.unknown_bases) or any(
            role_of_name(name) is None and not _harmless(name) for name in self.foreign_bases
        )

    def has(self, role: Role) -> bool:
        """Whether the class plays a role."""
        return role in self.roles

    def plays(self, *roles: Role) -> bool:
        """Whether the class, or a class of the project that inherits from it, has one of the roles.

        A mixin has no Lightning base of its own; what it is mixed into decides.
        """
        if any(role in self.roles for role in roles):
            return True
        if self.roles:
            return False
        return any(role in heir.roles for heir in self.file.project.heirs(self) for role in roles)

    def method(self, name: str) -> tuple[Class, Function] | None:
        """The nearest project definition of a method, with the class that holds it."""
        for cls in self.mro:
            if name in cls.methods:
                return cls, cls.methods[name]
        return None

    def class_values(self, name: str) -> list[tuple[Class, ast.expr]]:
        """Values assigned to ``name`` in the bodies of this class and its bases."""
        found = []
        for cls in self.mro:
            for binding in cls.file.tree.scopes[cls.node].bindings.get(name, ()):
                if binding.kind == "assign" and binding.value is not None:
                    found.append((cls, binding.value))
        return found

    def self_assignments(
        self, name: str
    ) -> Iterator[tuple[Class, ast.AST, ast.expr | None, tuple[int, ...]]]:
        """Assignments ``self.name = value`` in the methods of this class and its bases.

        Gives class, statement, value and the unpacking path into the value.
        """
        for cls in self.mro:
            for entry in cls._self_targets.get(name, ()):
                yield (cls, *entry)

    @cached_property
    def _self_targets(self) -> dict[str, list[tuple[ast.AST, ast.expr | None, tuple[int, ...]]]]:
        found: dict[str, list[tuple[ast.AST, ast.expr | None, tuple[int, ...]]]] = {}
        for function in self.methods.values():
            own = self_name(function)
            for node in statements(function):
                pairs: list[tuple[ast.expr, ast.expr | None]]
                if isinstance(node, ast.Assign):
                    pairs = [(t, node.value) for t in node.targets]
                elif isinstance(node, ast.AnnAssign):
                    pairs = [(node.target, node.value)]
                elif isinstance(node, (ast.AugAssign, ast.For)):
                    pairs = [(node.target, None)]
                else:
                    continue
                for target, value in pairs:
                    for name, path in _attribute_targets(target, own):
                        found.setdefault(name, []).append((node, value, path))
        return found


def _attribute_targets(
    target: ast.expr, own: str | None, path: tuple[int, ...] = ()
) -> Iterator[tuple[str, tuple[int, ...]]]:
    if isinstance(target, ast.Attribute):
        if isinstance(target.value, ast.Name) and target.value.id == own:
            yield target.attr, path
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, element in enumerate(target.elts):
            yield from _attribute_targets(element, own, (*path, index))


def self_name(function: Function) -> str | None:
    """What a method calls its instance; None where it is static or takes nothing."""
    if any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list):
        return None
    positional = [*function.args.posonlyargs, *function.args.args]
    return positional[0].arg if positional else None


def _harmless(name: str) -> bool:
    """Foreign bases that bring no Lightning behaviour of their own."""
    return name in _PLAIN or name.startswith(("torch.nn.", "abc.", "typing.", "torch.utils.data."))


_PLAIN = frozenset({"object", "abc.ABC", "torch.nn.Module", "typing.Generic", "enum.Enum"})

__all__ = ["FUNCTIONS", "Class", "Defined", "Role", "role_of_name", "self_name"]
