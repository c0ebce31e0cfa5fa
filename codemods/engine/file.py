"""What one file says: what its names mean, here and in the files that it imports from."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..lightning.names import canonical, is_lightning, public_star_names
from ..model import Edit, Finding, Fix, Severity, Span
from .flow import reaching
from .memo import Memo
from .project import is_type_checking
from .scopes import FUNCTIONS, Binding, Scope
from .tree import Tree

if TYPE_CHECKING:
    from .classes import Class
    from .kinds import Types
    from .project import Project
    from .source import Named, Source


@dataclass(frozen=True)
class Defined:
    """A name that a file of the project defines: the file and the binding."""

    file: File
    binding: Binding

    @property
    def node(self) -> ast.AST:
        """The defining node."""
        return self.binding.node


#: What a name may mean: a canonical foreign name, or something that the project defines.
Meaning = str | Defined


class File:
    """A parsed file within its project. Nothing here changes after construction."""

    def __init__(self, project: Project, source: Source) -> None:
        self.project = project
        self.source = source
        self.tree = Tree(source)
        self.types: Memo[Types] = Memo(frozenset())
        self._meanings: Memo[list[Meaning]] = Memo([])
        self._classes: dict[ast.ClassDef, Class] = {}

    def close(self) -> None:
        """Let the tree and all that was found out about it go; the file is of no use afterwards."""
        self.tree.close()
        self.types.clear()
        self._meanings.clear()
        for cls in self._classes.values():
            # What was worked out of a class, such as its order of bases, holds the class itself.
            vars(cls).clear()
        self._classes.clear()

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.source.path

    def text(self, node: ast.AST) -> str:
        """The source text of a node."""
        return self.tree.text(node)

    def span(self, node: ast.AST) -> Span:
        """The byte span of a node."""
        return self.tree.span(node)

    def replace(self, node: ast.AST, text: str) -> Edit:
        """The edit that puts ``text`` in the place of a node."""
        return Edit(self.span(node), text)

    # names ----------------------------------------------------------------------------------

    def canonical(self, node: ast.expr | None) -> str | None:
        """The canonical foreign name that an expression denotes: ``lightning.pytorch.Trainer``.

        Aliases, assignments of a name to a name, and re-exports through project files are followed.
        None where it denotes something else, or different things on different paths.
        """
        meanings = self.meanings(node)
        names = {m for m in meanings if isinstance(m, str)}
        return names.pop() if len(names) == 1 and len(meanings) == 1 else None

    def meanings(self, node: ast.expr | None) -> list[Meaning]:
        """Everything that a name or dotted name may denote; empty where unknown."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self._quoted(node)
        if isinstance(node, ast.Name):
            name = node
            return self._meanings.get(
                name, lambda: self.name_meanings(name.id, self.tree.scope_of(name), name)
            )
        if isinstance(node, ast.Attribute):
            attribute = node
            return self._meanings.get(attribute, lambda: self._attribute_meanings(attribute))
        return []

    def _attribute_meanings(self, node: ast.Attribute) -> list[Meaning]:
        owners = self.meanings(node.value)
        return _unique([m for owner in owners for m in self._member(owner, node.attr)])

    def _quoted(self, node: ast.Constant) -> list[Meaning]:
        """A forward reference such as ``"Dataset"`` in an annotation."""
        try:
            inner = ast.parse(str(node.value).strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return []
        return self._dotted(inner, self.tree.scope_of(node))

    def _dotted(self, node: ast.expr, scope: Scope) -> list[Meaning]:
        if isinstance(node, ast.Name):
            return self.name_meanings(node.id, scope, None)
        if isinstance(node, ast.Attribute):
            owners = self._dotted(node.value, scope)
            return [m for owner in owners for m in self._member(owner, node.attr)]
        return []

    def name_meanings(self, name: str, scope: Scope, use: ast.Name | None = None) -> list[Meaning]:
        """What ``name`` may denote when read in ``scope`` (at ``use``, where that is known)."""
        found = scope.find(name)
        if found is None:
            return self._starred(name) or ([name] if hasattr(builtins, name) else [])
        bindings = reaching(self.tree, use, found) if use is not None else found[1]
        meanings: list[Meaning] = []
        for binding in bindings:
            meanings += self.binding_meanings(binding)
        return _unique(meanings)

    def binding_meanings(self, binding: Binding) -> list[Meaning]:
        """What one binding of this file makes a name denote."""
        if binding.kind == "import" and binding.target:
            return self.imported(binding.target)
        value = binding.value
        if binding.kind == "assign" and value is not None and not binding.path:
            if isinstance(value, ast.Constant) and value.value is None:
                # ``Trainer = None`` in an ``except ImportError`` says nothing about the name.
                handlers = self.tree.ancestors(binding.node)
                if any(isinstance(a, ast.ExceptHandler) for a in handlers):
                    return []
            if isinstance(value, (ast.Name, ast.Attribute)):
                followed = self.meanings(value)
                if followed:
                    return followed
        return [Defined(self, binding)]

    def imported(self, target: str) -> list[Meaning]:
        """What an import target (``a.b.c``, dots in front if relative) leads to."""
        head = target.lstrip(".")
        if not target.startswith(".") and not self.project.is_local(self.path, target):
            return [canonical(target)]
        parts = head.split(".") if head else []
        dots = target[: len(target) - len(head)]
        for cut in range(len(parts), -1 if dots else 0, -1):
            module = self.project.module(self.path, dots + ".".join(parts[:cut]))
            if module is None or (module is self and cut == len(parts)):
                continue
            if cut == len(parts):
                return [f"{module.path}|"]
            return module.exported(parts[cut:])
        return [] if dots else [canonical(target)]

    def exported(self, parts: list[str]) -> list[Meaning]:
        """What ``parts`` (a name, then attributes) denote, read at the top of this file."""
        return self._meanings.get(tuple(parts), lambda: self._exported(parts))

    def _exported(self, parts: list[str]) -> list[Meaning]:
        meanings = self.name_meanings(parts[0], self.tree.root, None)
        for part in parts[1:]:
            meanings = [m for owner in meanings for m in self._member(owner, part)]
        return _unique(meanings)

    def _member(self, owner: Meaning, name: str) -> list[Meaning]:
        if isinstance(owner, Defined):
            node = owner.binding.node
            if isinstance(node, ast.ClassDef):
                scope = owner.file.tree.scopes[node]
                bindings = scope.bindings.get(name, [])
                return [m for b in bindings for m in owner.file.binding_meanings(b)]
            return []
        if "|" in owner:
            return self._of_module(owner, name)
        return self.imported(f"{owner}.{name}") or [canonical(f"{owner}.{name}")]

    def _of_module(self, owner: str, name: str) -> list[Meaning]:
        module = self.project.file(Path(owner.rstrip("|")))
        return module.exported([name]) if module else []

    def _starred(self, name: str) -> list[Meaning]:
        for star in self.tree.root.stars:
            target = "." * star.level + (star.module or "")
            module = self.project.module(self.path, target)
            if module is not None and module is not self:
                found = module.exported([name])
                if found:
                    return found
            elif is_lightning(canonical(target)) and name in public_star_names():
                return [canonical(f"{target}.{name}")]
        return []

    # classes --------------------------------------------------------------------------------

    def cls(self, node: ast.ClassDef) -> Class:
        """The class that a definition makes, with its bases and roles."""
        from .classes import Class

        if node not in self._classes:
            self._classes[node] = Class(self, node)
        return self._classes[node]

    @cached_property
    def classes(self) -> list[Class]:
        """All classes of the file."""
        return [self.cls(node) for node in self.tree.classes]

    def class_of(self, node: ast.AST) -> Class | None:
        """The class whose method holds a node (through nested functions and lambdas)."""
        for parent in self.tree.ancestors(node):
            if isinstance(parent, FUNCTIONS):
                owner = self.tree.method_class(parent)
                if owner is not None:
                    return self.cls(owner)
        return None

    @cached_property
    def imported_files(self) -> frozenset[Path]:
        """The project files that the imports of this file lead to, packages on the way included."""
        found: set[Path] = set()
        for node in self.tree.all(ast.Import, ast.ImportFrom):
            if isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                joint = "" if module.endswith(".") else "."
                targets = [module, *(f"{module}{joint}{alias.name}" for alias in node.names)]
            else:
                assert isinstance(node, ast.Import)
                targets = [alias.name for alias in node.names]
            for target in targets:
                if target.startswith(".") or self.project.is_local(self.path, target):
                    path = self.project.module_path(self.path, target)
                    found.update({path} if path else ())
        return frozenset(found)

    def assigned(self, name: ast.Name) -> ast.expr | None:
        """The one expression that a variable is ever set to; None for parameters and several."""
        found = self.tree.scope_of(name).find(name.id)
        if found is None or len(found[1]) != 1:
            return None
        binding = found[1][0]
        return binding.value if binding.kind == "assign" and not binding.path else None

    # imports --------------------------------------------------------------------------------

    @cached_property
    def imports(self) -> list[Binding]:
        """Imports at module level that run (those for type checkers only are left out)."""
        return [
            binding
            for bindings in self.tree.root.bindings.values()
            for binding in bindings
            if binding.kind == "import"
            and not any(is_type_checking(a) for a in self.tree.ancestors(binding.node))
        ]

    def finding(
        self,
        rule: Named,
        node: ast.AST | Span,
        message: str,
        *,
        fix: Fix | None = None,
        reason: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding of ``rule`` at a node of this file; its texts are put on one line each."""
        span = node if isinstance(node, Span) else self.span(node)
        return self.source.finding(rule, span, message, fix=fix, reason=reason, severity=severity)


def _unique(meanings: list[Meaning]) -> list[Meaning]:
    seen: list[Meaning] = []
    for meaning in meanings:
        if isinstance(meaning, Defined):
            if any(isinstance(s, Defined) and s.binding is meaning.binding for s in seen):
                continue
        elif meaning in seen:
            continue
        seen.append(meaning)
    return seen
