"""Everything that one release offers, as one table."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from . import states
from .bindings import CLASS, CONSTANT, FOREIGN, FUNCTION, MODULE, Names, Target
from .graveyard import Patches, patches
from .members import ATTRIBUTE, Class, Member, class_of, member_of, set_on
from .messages import subjects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .wheels import Module

#: Names of other packages that Lightning offers as its own under some path.
_OFFERED = ("torchmetrics", "lightning_utilities")

TRAINER = "lightning.pytorch.trainer.trainer.Trainer"

#: Classes whose private members are known too: real code reaches into them.
_OPEN_TO_ALL = ("lightning.pytorch.trainer.", "lightning.pytorch.core.")


@dataclass(frozen=True)
class Path:
    """What stands under a name of a module; ``target`` is empty where it is defined there."""

    kind: str
    target: str
    state: int


@dataclass
class Table:
    """One release."""

    modules: dict[str, int] = field(default_factory=dict)
    paths: dict[str, dict[str, Path]] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    functions: dict[str, Member] = field(default_factory=dict)


def mine(modules: Mapping[str, Module]) -> Table:
    """The table of a release from its modules."""
    names = Names(modules)
    return _Miner(names, patches(names)).table()


class _Miner:
    def __init__(self, names: Names, patched: Patches) -> None:
        self.names, self.patched = names, patched
        self.found = Table()
        self.states: dict[str, int] = {}

    def table(self) -> Table:
        self.definitions()
        self.attributes_of_trainer()
        self.patched_members()
        self.subjects_of_messages()
        for module in self.names.scopes:
            if _public(module):
                self.add_module(module)
        for new, old in self.patched.modules.items():
            self.add_alias(new, old)
        for (module, name), target in self.patched.names.items():
            if module in self.found.modules:
                self.add_path(module, name, target)
        self.stub_modules()
        self.drop_what_nothing_reaches()
        return self.found

    def definitions(self) -> None:
        for module, scope in self.names.scopes.items():
            for name, binding in scope.names.items():
                own = f"{module}.{name}"
                if isinstance(binding, ast.ClassDef):
                    self.found.classes[own] = class_of(self.names, module, binding)
                    self.states[own] = states.of_class(binding)
                elif isinstance(binding, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    member = member_of(binding, bound=False)
                    self.found.functions[own] = member
                    self.states[own] = member.state
        for own, (made, state) in self.patched.classes.items():
            self.found.classes[own] = made
            self.states[own] = state
        for own in self.found.classes:
            if self.inherits_what_raises(own):
                self.states[own] = states.RAISES

    def inherits_what_raises(self, own: str) -> bool:
        found = self.found.classes.get(own)
        if found is None or self.states[own] is not states.PRESENT or "__init__" in found.members:
            return self.states.get(own) == states.RAISES
        return any(self.inherits_what_raises(base) for base in found.bases[:1])

    def attributes_of_trainer(self) -> None:
        # Much of the trainer's state is set by its connectors, as `trainer.name = …`.
        trainer = self.found.classes.get(TRAINER)
        if trainer is None:
            return
        for module in self.names.scopes.values():
            for owner in ("trainer", "self.trainer"):
                for name in set_on(module.module.tree, owner):
                    trainer.members.setdefault(name, Member(ATTRIBUTE))

    def patched_members(self) -> None:
        for (owner, name), member in self.patched.members.items():
            if owner in self.found.classes:
                self.found.classes[owner].members[name] = member

    def subjects_of_messages(self) -> None:
        for owner, name, is_argument in sorted(subjects(self.names)):
            for own, found in self.found.classes.items():
                if own.rpartition(".")[2] != owner:
                    continue
                key = "__init__" if is_argument else name
                # An inherited member is deprecated for this class alone.
                member = self.member(own, key)
                if member is None or member.state:
                    continue
                if is_argument:
                    warned = tuple(sorted({*member.warned, name}))
                    found.members[key] = replace(member, warned=warned)
                else:
                    found.members[key] = replace(member, state=states.DEPRECATED)

    def member(self, own: str, name: str) -> Member | None:
        found = self.found.classes.get(own)
        if found is None or name in found.members:
            return found.members[name] if found else None
        inherited = (self.member(base, name) for base in found.bases)
        return next((member for member in inherited if member is not None), None)

    def add_module(self, module: str) -> None:
        self.found.modules[module] = states.of_module(self.names.scopes[module].module.tree)
        for name in self.names.bound_in(module):
            target = self.names.lookup(module, name)
            if target is not None and self.told(module, name, target):
                self.add_path(module, name, target)

    def add_alias(self, new: str, old: str) -> None:
        own: dict[str, Target] = {}
        for name in self.names.bound_in(old):
            target = self.names.lookup(old, name)
            if target is not None and self.told(old, name, target):
                own[name] = target
        for (module, name), target in self.patched.names.items():
            if module == old:
                own[name] = target
        self.found.modules.setdefault(new, states.PRESENT)
        for name, target in own.items():
            if "_graveyard" not in old or not name.startswith("_"):
                self.add_path(new, name, target)

    def stub_modules(self) -> None:
        """A module that defines nothing but what is deprecated or raises is as good as that."""
        for module, paths in self.found.paths.items():
            home = self.patched.modules.get(module, module)
            if "_graveyard" not in home:
                home = module
            own = [
                path.state
                for name, path in paths.items()
                if path.kind in {CLASS, FUNCTION}
                and not name.startswith("_")
                and (path.target or f"{module}.").startswith(f"{home}.")
            ]
            state = min(own, default=states.PRESENT)
            if state > self.found.modules[module]:
                self.found.modules[module] = state
                for name, path in paths.items():
                    if path.kind == CONSTANT and not path.target:
                        paths[name] = replace(path, state=state)

    def told(self, module: str, name: str, target: Target) -> bool:
        """Whether a name is worth keeping; aliases of modules and other packages mostly are not."""
        if name.startswith("__"):
            return name == "__version__"
        if target.kind == FOREIGN:
            return target.name.startswith(_OFFERED) and not name.startswith("_")
        own, package = f"{module}.{name}", self.names.scopes[module].module.package
        if target.kind == MODULE:
            return package and name[0] != "_" and target.name not in {own, "lightning.pytorch"}
        # Protected names stay known where they were when their definition moves to Fabric.
        moved = target.name.startswith("lightning.fabric.") and not module.startswith(
            "lightning.fabric."
        )
        return name[0] != "_" or target.name == own or package or moved

    def add_path(self, module: str, name: str, target: Target) -> None:
        state = max(self.states.get(target.name, 0), self.found.modules.get(module, 0))
        own = f"{module}.{name}"
        path = Path(target.kind, "" if target.name == own else target.name, state)
        self.found.paths.setdefault(module, {})[name] = path

    def drop_what_nothing_reaches(self) -> None:
        reached = set()
        waiting = [
            path.target or f"{module}.{name}"
            for module, paths in self.found.paths.items()
            for name, path in paths.items()
        ]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                found = self.found.classes.get(name)
                waiting.extend(found.bases if found is not None else ())
        self.found.classes = {
            own: _trimmed(own, found) for own, found in self.found.classes.items() if own in reached
        }
        functions = self.found.functions.items()
        self.found.functions = {own: found for own, found in functions if own in reached}


def _trimmed(own: str, found: Class) -> Class:
    everything = own.startswith(_OPEN_TO_ALL)

    def kept(name: str) -> bool:
        if name.startswith("__"):
            return name in {"__init__", "__new__"}
        return everything or not name.startswith("_")

    return Class(found.bases, {name: m for name, m in found.members.items() if kept(name)})


def _public(module: str) -> bool:
    return not any(part.startswith("_") for part in module.split("."))
