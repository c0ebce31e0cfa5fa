"""Imports as requests: how a file spells a name, and the one edit that adds what is missing."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ..lightning.names import PYTORCH, canonical, is_loaded
from ..model import Edit, Need, Span
from .project import is_type_checking
from .rewrite import rewrite_import
from .statements import insert_after, remove, stands_alone, whole_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .file import File
    from .scopes import Binding


@dataclass(frozen=True)
class Spelled:
    """How to write a name at a place, and the imports that it takes."""

    text: str
    needs: tuple[Need, ...] = ()


def spell(file: File, at: ast.AST, name: str) -> Spelled:
    """The file's own spelling of a canonical name at a node, else a new import's."""
    existing = _existing(file, at, name) or _either_way(file, at, name)
    if existing is not None:
        return Spelled(existing)
    home = _in_own_distribution(file, name)
    module, _, last = home.rpartition(".")
    if module and _is_free(file, at, last):
        return Spelled(last, (Need(module, last),))
    return Spelled(home, (Need(module or home),))


#: The stand-alone distributions. ``pytorch_lightning`` and ``lightning.pytorch`` have two sets of
#: classes; a file that imports from both breaks ``isinstance`` checks inside the Trainer.
_STANDALONE = {"lightning.pytorch.": "pytorch_lightning.", "lightning.fabric.": "lightning_fabric."}


_PACKAGES = frozenset(name.rstrip(".") for name in _STANDALONE)


def _in_own_distribution(file: File, name: str) -> str:
    """A Lightning name in the distribution that the file, or else its project, uses already."""
    for unified, standalone in _STANDALONE.items():
        if name.startswith(unified) and _uses_standalone(file):
            return standalone + name[len(unified) :]
    return name


def _uses_standalone(file: File) -> bool:
    own = _tops(file)
    if own & {"lightning", "pytorch_lightning", "lightning_fabric"}:
        return "lightning" not in own
    others = file.project.holding(b"pytorch_lightning", file.path)
    return any("pytorch_lightning" in _tops(other) for other in others)


def _tops(file: File) -> set[str]:
    plain = [binding.target or "" for binding in file.imports]
    starred = [star.module or "" for star in file.tree.root.stars if not star.level]
    return {target.partition(".")[0] for target in (*plain, *starred)}


def _either_way(file: File, at: ast.AST, name: str) -> str | None:
    """The spelling by a package that a ``try`` imports from one distribution or the other.

    An import of its own would have to name one of them, and fail where there is only the other.
    """
    for local, bindings in file.tree.root.bindings.items():
        if len(bindings) < 2 or any(b.kind != "import" for b in bindings):  # noqa: PLR2004
            continue
        meanings = {canonical(binding.target or "") for binding in bindings}
        package = meanings.pop()
        found = file.tree.scope_of(at).find(local)
        if meanings or found is None or found[0] is not file.tree.root:
            continue
        if package in _PACKAGES and name.startswith(package + "."):
            return local + name[len(package) :]
    return None


def _existing(file: File, at: ast.AST, name: str) -> str | None:
    """The spelling by the import that comes closest to the name."""
    candidates: list[tuple[int, str]] = []
    for local, binding in _visible_imports(file, at):
        meanings = file.imported(binding.target or "")
        if len(meanings) != 1 or not isinstance(meanings[0], str):
            continue
        meaning = meanings[0]
        reached = name.startswith(meaning + ".") and _reaches(file, local, binding, meaning, name)
        if meaning == name or reached:
            candidates.append((len(meaning), local + name[len(meaning) :]))
    return max(candidates)[1] if candidates else None


def _visible_imports(file: File, at: ast.AST) -> Iterable[tuple[str, Binding]]:
    scope = file.tree.scope_of(at)
    seen: set[str] = set()
    current = scope
    while current is not None:
        for local, bindings in current.bindings.items():
            if local in seen:
                continue
            seen.add(local)
            found = scope.find(local)
            if found is None or found[0] is not current:
                continue
            if (
                len(bindings) == 1
                and bindings[0].kind == "import"
                and _runs(file, bindings[0].node)
            ):
                yield local, bindings[0]
        if current.parent is None:
            return
        current = current.parent


def _runs(file: File, node: ast.AST) -> bool:
    return not any(
        is_type_checking(a) or isinstance(a, ast.ExceptHandler) for a in file.tree.ancestors(node)
    )


def _reaches(file: File, local: str, binding: Binding, meaning: str, name: str) -> bool:
    """Whether ``module.attribute`` works after this import: the module itself was imported."""
    module = name.rpartition(".")[0]
    if meaning == module:
        return True
    if meaning == PYTORCH and is_loaded(module) and _from_line(file, module) is None:
        return True
    if not isinstance(binding.node, ast.Import):
        return False
    written = [
        alias.name
        for node in file.tree.all(ast.Import)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.asname is None
    ]
    if any(w == module or w.startswith(module + ".") for w in written):
        return True
    return any(
        isinstance(node, ast.Attribute) and file.text(node) == local + module[len(meaning) :]
        for node in file.tree.all(ast.Attribute)
    )


def _is_free(file: File, at: ast.AST, name: str) -> bool:
    """Whether a name means nothing yet, neither at a place nor at module level."""
    if file.tree.scope_of(at).find(name) is not None:
        return False
    return name not in file.tree.root.bindings


def add(file: File, needs: Iterable[Need]) -> tuple[Edit, ...]:
    """The edits that add imports: into an existing ``from`` line, else in a line of its own."""
    wanted: dict[str, set[str | None]] = defaultdict(set)
    for need in needs:
        wanted[need.module].add(need.name)
    edits: list[Edit] = []
    lines: list[tuple[str, str]] = []
    for module in sorted(wanted):
        names = sorted(n for n in wanted[module] if n is not None)
        if None in wanted[module]:
            lines.append((module, f"import {module}"))
        if not names:
            continue
        home = _from_line(file, module)
        if home is not None:
            edits += rewrite_import(file, home, lambda old, new=names: _with_names(old, new))  # type: ignore[misc]
        else:
            lines.append((module, f"from {module} import {', '.join(names)}"))
    groups: dict[Span, list[str]] = {}
    for module, line in lines:
        edit = _new_line(file, module, line)
        groups.setdefault(edit.span, []).append(edit.text)
    edits += [Edit(span, "".join(texts)) for span, texts in groups.items()]
    return tuple(edits)


def _with_names(old: list[cst.ImportAlias], names: list[str]) -> list[cst.ImportAlias | int]:
    present = {a.evaluated_name for a in old if a.asname is None}
    new = [cst.ImportAlias(cst.Name(n)) for n in names if n not in present]
    return [*range(len(old)), *new]


def _top_level_imports(file: File) -> list[ast.Import | ast.ImportFrom]:
    return [s for s in file.tree.module.body if isinstance(s, (ast.Import, ast.ImportFrom))]


def _from_line(file: File, module: str) -> ast.ImportFrom | None:
    for statement in _top_level_imports(file):
        if not isinstance(statement, ast.ImportFrom) or statement.level:
            continue
        if statement.module == module and statement.names[0].name != "*":
            return statement
    return None


def _new_line(file: File, module: str, line: str) -> Edit:
    top = module.partition(".")[0]
    candidates = [s for s in _top_level_imports(file) if _module_of(s) != "__future__"]
    header = _header(file, candidates)
    same = [s for s in header if _module_of(s).partition(".")[0] == top]
    foreign = [s for s in header if not _is_local(file, s)]
    for anchor in reversed(same or foreign or header):
        edit = insert_after(file, anchor, line)
        if edit is not None:
            return edit
    return _before_code(file, line)


def _is_local(file: File, statement: ast.Import | ast.ImportFrom) -> bool:
    module = _module_of(statement)
    return module.startswith(".") or file.project.is_local(file.path, module)


def _header(
    file: File, imports: list[ast.Import | ast.ImportFrom]
) -> list[ast.Import | ast.ImportFrom]:
    """The imports before the first definition."""
    body = file.tree.module.body
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = next((s.lineno for s in body if isinstance(s, definitions)), None)
    return [s for s in imports if first is None or s.lineno < first] or imports[:1]


def _module_of(statement: ast.Import | ast.ImportFrom) -> str:
    if isinstance(statement, ast.ImportFrom):
        return "." * statement.level + (statement.module or "")
    return statement.names[0].name


def _before_code(file: File, line: str) -> Edit:
    """Behind the docstring and ``__future__`` imports, else above the first statement."""
    body = file.tree.module.body
    preamble = [
        s
        for s in body
        if (isinstance(s, ast.ImportFrom) and s.module == "__future__")
        or (s is body[0] and isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    if preamble:
        edit = insert_after(file, preamble[-1], line)
        if edit is not None:
            return edit
        # It shares its line with other code: stay on that line.
        end = file.span(preamble[-1]).end
        return Edit(Span(end, end), f"; {line}")
    start = file.source.line_span(file.source.line_of(file.span(body[0]).start)).start
    return Edit(Span(start, start), line + "\n")


def drop(file: File, names: Iterable[str]) -> tuple[Edit, ...]:
    """The edits that remove imports of canonical ``names`` that nothing in the file uses any more.

    An import stays where a comment would go with it, or where a ``try`` hangs on it.
    """
    if file.path.name == "__init__.py":
        return ()
    gone: dict[ast.ImportFrom | ast.Import, set[str]] = defaultdict(set)
    for name in names:
        for binding in (*file.imports, *_inside(file)):
            if file.imported(binding.target or "") == [name] and not _used(file, binding):
                assert isinstance(binding.node, (ast.Import, ast.ImportFrom))
                if any(isinstance(a, ast.Try) for a in file.tree.ancestors(binding.node)):
                    continue
                gone[binding.node].add(binding.name)
    edits: list[Edit] = []
    for statement, locals_ in gone.items():
        kept = [
            i
            for i, alias in enumerate(statement.names)
            if (alias.asname or alias.name.partition(".")[0]) not in locals_
        ]
        edits += _keeping(file, statement, kept)
    return tuple(edits)


def _inside(file: File) -> Iterable[Binding]:
    """The imports that stand in functions and classes."""
    for scope in file.tree.scopes.values():
        if scope is not file.tree.root:
            for bindings in scope.bindings.values():
                yield from (b for b in bindings if b.kind == "import")


def repeated(old: File, new: File) -> tuple[Edit, ...]:
    """The edits that remove imports at module level which the fixes of a round made twice."""
    before = Counter(key for _, _, key in _entries(old))
    seen: Counter[str] = Counter()
    kept: dict[ast.ImportFrom | ast.Import, list[int]] = {}
    extra: set[ast.ImportFrom | ast.Import] = set()
    for statement, index, key in _entries(new):
        seen[key] += 1
        if seen[key] > max(1, before[key]):
            extra.add(statement)
        else:
            kept.setdefault(statement, []).append(index)
    return tuple(
        edit for statement in extra for edit in _keeping(new, statement, kept.get(statement, []))
    )


def _entries(file: File) -> Iterable[tuple[ast.Import | ast.ImportFrom, int, str]]:
    for statement in _top_level_imports(file):
        for index, alias in enumerate(statement.names):
            module = _module_of(statement) if isinstance(statement, ast.ImportFrom) else ""
            yield statement, index, f"{module}|{alias.name}|{alias.asname}"


def _keeping(
    file: File, statement: ast.Import | ast.ImportFrom, kept: list[int]
) -> tuple[Edit, ...]:
    """The edits that leave of an import only what stands at some places."""
    if "#" in file.source.slice(whole_lines(file, statement)):
        return ()
    if kept:
        return rewrite_import(file, statement, lambda _: list(kept))
    if stands_alone(file, statement) and len(file.tree.block(statement)) > 1:
        return _without_gap(file, statement, remove(file, [statement]))
    return ()


def _without_gap(file: File, statement: ast.stmt, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Where an import began its file, the empty lines behind it go with it."""
    if len(edits) != 1 or edits[0].span.start or statement is not file.tree.module.body[0]:
        return edits
    rest = file.source.data[edits[0].span.end :]
    gap = len(rest) - len(rest.lstrip(b"\r\n"))
    return (Edit(Span(0, edits[0].span.end + gap), edits[0].text),)


def _used(file: File, binding: Binding) -> bool:
    name = binding.name
    if any(isinstance(n, ast.Name) and n.id == name for n in file.tree.all(ast.Name)):
        return True
    # Quoted annotations, ``__all__`` and the like.
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, str) and _names(n.value, name)
        for n in file.tree.all(ast.Constant)
    )


def _names(text: str, name: str) -> bool:
    """Whether a string may stand for an expression with a name; a sentence does not."""
    if name not in text:
        return False
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
