"""Edits that make a file name foreign things by other paths: imports, chains and strings."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lightning.names import absolute, canonical, respelled
from ..model import Edit, Fix, Span
from .imports import spell
from .rewrite import rewrite_import
from .statements import insert_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .file import File
    from .references import Reference
    from .scopes import Binding, Scope

_FROM = re.compile(rb"from\s+([\w.]+)\s")


@dataclass(frozen=True)
class _Name:
    """One entry of a rewritten import: where it comes from, its name there and its name here."""

    module: str
    name: str
    local: str

    @property
    def text(self) -> str:
        """The entry as ``from module import`` has it."""
        return self.name if self.name == self.local else f"{self.name} as {self.local}"


def relocated_chain(file: File, reference: Reference, old: str, new: str) -> Fix:
    """The fix that puts ``new`` in the place of the part of a chain that is ``old``."""
    node: ast.expr = reference.node  # type: ignore[assignment]
    for _ in range(reference.path.count(".") - old.count(".")):
        assert isinstance(node, ast.Attribute)
        node = node.value
    spelled = spell(file, node, canonical(new))
    title = f"write {spelled.text}"
    return Fix(title, (file.replace(node, spelled.text),), needs=spelled.needs)


def relocated_string(file: File, reference: Reference, old: str, new: str) -> Fix | None:
    """The fix for a path in a string; None where the string is not written plainly."""
    written = reference.written
    text = respelled(new, written) + reference.path[len(old) :]
    span = file.span(reference.node)
    source = file.source.slice(span)
    if source.count(written) != 1:
        return None
    start = span.start + len(source[: source.index(written)].encode())
    return Fix(f"write {text}", (Edit(Span(start, start + len(written.encode())), text),))


def relocated_import(
    file: File, statement: ast.ImportFrom, moves: Mapping[ast.alias, str]
) -> Fix | None:
    """The fix that imports each of some names of a ``from`` line from its new path.

    Names that share a new home share a line; the first line takes the place of the old one where
    nothing stays behind. Where the last part of a path changes, the uses in the file are renamed,
    or the old name is kept with ``as`` where somebody else may use it.
    """
    entries: dict[ast.alias, _Name] = {}
    edits: list[Edit] = []
    for alias, path in moves.items():
        new = respelled(path, statement.module or "")
        module, _, name = new.rpartition(".")
        local = alias.asname or alias.name
        if alias.asname is None and name != alias.name:
            renamed = renamed_uses(file, statement, alias.name, name, path)
            if renamed is not None:
                edits += renamed
                local = name
        entries[alias] = _Name(module, name, local)
    homes: dict[str, list[ast.alias]] = {}
    for alias in statement.names:
        if alias in entries:
            homes.setdefault(entries[alias].module, []).append(alias)
    stay = [a for a in statement.names if a not in entries]
    first = None if stay and not _keeps_its_line(statement, homes, entries) else next(iter(homes))
    lines = [
        _line(module, [entries[a] for a in aliases])
        for module, aliases in homes.items()
        if module != first
    ]
    if lines:
        kept = [
            i for i, a in enumerate(statement.names) if a in stay or a in homes.get(first or "", ())
        ]
        edits += _kept(file, statement, kept, first, entries)
        edits.append(_behind(file, statement, lines))
    else:
        assert first is not None
        edits += _in_place(file, statement, first, entries)
    where = ", ".join(module or "its own package" for module in homes)
    return Fix(f"import from {where}", tuple(edits))


def _keeps_its_line(
    statement: ast.ImportFrom,
    homes: Mapping[str, list[ast.alias]],
    entries: Mapping[ast.alias, _Name],
) -> bool:
    """Whether the names are only called otherwise, in the module that the line imports from."""
    there = {a.asname or a.name for a in statement.names if a not in entries}
    return homes.keys() == {statement.module} and there.isdisjoint(
        e.local for e in entries.values()
    )


def _line(module: str, names: Iterable[_Name]) -> str:
    if not module:
        return "\n".join(
            f"import {n.name}" if n.name == n.local else f"import {n.name} as {n.local}"
            for n in names
        )
    return f"from {module} import {', '.join(n.text for n in names)}"


def _in_place(
    file: File, statement: ast.ImportFrom, module: str, entries: Mapping[ast.alias, _Name]
) -> list[Edit]:
    """The edits of a line all of whose names move to one module."""
    if not module:
        return [file.replace(statement, _line("", entries.values()).replace("\n", "; "))]
    edits = [_module_edit(file, statement, module)]
    edits += [
        file.replace(alias, entry.text)
        for alias, entry in entries.items()
        if file.text(alias) != entry.text
    ]
    return edits


def _kept(
    file: File,
    statement: ast.ImportFrom,
    kept: list[int],
    module: str | None,
    entries: Mapping[ast.alias, _Name],
) -> list[Edit]:
    """The edits of a line that keeps some of its names, in its own module or a new one."""
    edits = list(rewrite_import(file, statement, lambda _: list(kept)))
    if module is None:
        return edits
    for index in kept:
        alias = statement.names[index]
        if file.text(alias) != entries[alias].text:
            # Two edits of one place cannot both be made: write the whole line anew.
            names = [entries[statement.names[i]] for i in kept]
            return [file.replace(statement, _line(module, names))]
    if not module:
        return [file.replace(statement, _line("", [entries[statement.names[i]] for i in kept]))]
    return [_module_edit(file, statement, module), *edits]


def _module_edit(file: File, statement: ast.ImportFrom, module: str) -> Edit:
    span = file.span(statement)
    match = _FROM.match(file.source.data, span.start)
    if match is None:
        return file.replace(
            statement, f"from {module} import {', '.join(file.text(a) for a in statement.names)}"
        )
    return Edit(Span(match.start(1), match.end(1)), module)


def _behind(file: File, statement: ast.stmt, lines: list[str]) -> Edit:
    text = "\n".join(lines)
    edit = insert_after(file, statement, text)
    if edit is not None:
        return edit
    end = file.span(statement).end
    return Edit(Span(end, end), "; " + text.replace("\n", "; "))


def renamed_uses(
    file: File, statement: ast.stmt, old: str, new: str, path: str
) -> tuple[Edit, ...] | None:
    """Edits that rename every use of an imported name; None where ``old`` has to stay.

    It stays where the file is a package's face, where the name is bound more than once, quoted, or
    imported by another file, and where ``new`` means something else.
    """
    scope = file.tree.scope_of(statement)
    bound = scope.bindings.get(old, [])
    if len(bound) != 1 or file.path.name == "__init__.py":
        return None
    if not _may_take(file, scope, new, path) or _is_quoted(file, old) or _is_exported(file, old):
        return None
    return tuple(file.replace(node, new) for node in uses(file, statement, old))


def uses(file: File, statement: ast.stmt, local: str) -> list[ast.Name]:
    """The names that read what an import statement bound."""
    bound = file.tree.scope_of(statement).bindings.get(local, [])
    names = [n for n in file.tree.all(ast.Name) if isinstance(n, ast.Name) and n.id == local]
    return [
        name
        for name in names
        if (found := file.tree.scope_of(name).find(local)) is not None and found[1] == bound
    ]


def _may_take(file: File, scope: Scope, new: str, path: str) -> bool:
    def same(binding: Binding) -> bool:
        return binding.kind == "import" and file.imported(binding.target or "") == [canonical(path)]

    for other in file.tree.scopes.values():
        bindings = other.bindings.get(new, [])
        if bindings and (other is not scope or not all(same(b) for b in bindings)):
            return False
    return scope.bindings.get(new) is not None or not any(
        isinstance(n, ast.Name) and n.id == new for n in file.tree.all(ast.Name)
    )


def _is_quoted(file: File, name: str) -> bool:
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, str) and word.fullmatch(n.value.strip())
        for n in file.tree.all(ast.Constant)
    )


def _is_exported(file: File, name: str) -> bool:
    for other in file.project.holding(name.encode(), file.path):
        if other is file:
            continue
        for node in other.tree.all(ast.ImportFrom):
            assert isinstance(node, ast.ImportFrom)
            names = {a.name for a in node.names}
            module = "." * node.level + (node.module or "")
            if not names & {name, "*"}:
                continue
            if other.project.module_path(other.path, module) == file.path:
                return True
    return False


def module_import(file: File, alias: ast.alias, old: str, new: str) -> Fix:
    """The fix for ``import old.module``: the alias, and without ``as`` every chain through it."""
    written = alias.name
    target = respelled(new, written) + _rest(written, old)
    if alias.asname is not None or target.partition(".")[0] == written.partition(".")[0]:
        start = file.span(alias).start
        edits = [Edit(Span(start, start + len(written.encode())), target)]
        if alias.asname is not None:
            return Fix(f"import {target}", tuple(edits))
    else:
        top = written.partition(".")[0]
        needs_top = any(
            isinstance(n, ast.Name)
            and n.id == top
            and not file.text(_chain(file, n)).startswith(written)
            for n in file.tree.all(ast.Name)
        )
        edits = [file.replace(alias, f"{top}, {target}" if needs_top else target)]
    for node in file.tree.all(ast.Attribute):
        if file.text(node) == written:
            edits.append(file.replace(node, target))
    return Fix(f"import {target}", tuple(edits))


def _rest(written: str, old: str) -> str:
    """What an import names below the part that moved."""
    return absolute(written)[len(old) :]


def _chain(file: File, name: ast.Name) -> ast.expr:
    node: ast.expr = name
    while isinstance(above := file.tree.parents.get(node), ast.Attribute):
        node = above
    return node
