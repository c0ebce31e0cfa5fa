"""The requirements in calls of ``setup`` and in a ``noxfile.py``, and the findings at them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import Fix, Span
from ._pin_verdicts import verdicts
from ._requirement import Place, Requirement, Style, of_pip
from ._standing import standing
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

#: Words that a file with such a call has.
WORDS = ("python_requires", "install_requires", "extras_require", "import nox")
NOX = "noxfile.py"
_SETUPS = ("setuptools.setup", "distutils.core.setup")
#: Said of every fix here; whoever knows the whole run may take it back.
DOUBT = "what the code itself still needs is not known here: apply it when nothing else is found"


def findings(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """The findings of one rule at the requirements of a ``setup.py`` or a ``noxfile.py``."""
    read = _of_session if file.path.name == NOX else _of_call
    found = [r for call in file.tree.calls for r in read(file, call)]
    if not found:
        return
    known = standing(file.project, file.path, settings, DOUBT)
    for verdict in verdicts(file.source, found, known, settings):
        if verdict.code != rule.code:
            continue
        fix = Fix(verdict.title, verdict.edits, verdict.safety) if verdict.edits else None
        yield file.finding(
            rule,
            verdict.span,
            verdict.message,
            fix=fix,
            reason=verdict.reason,
            severity=verdict.severity,
        )


def _of_call(file: File, call: ast.Call) -> Iterator[Requirement]:
    if file.canonical(call.func) not in _SETUPS:
        return
    given = {k.arg: k.value for k in call.keywords}
    for name in ("install_requires", "extras_require"):
        for text in _texts(file, given.get(name)):
            found = _of_string(file, text)
            if found is not None:
                yield found
    python = given.get("python_requires")
    python = file.assigned(python) if isinstance(python, ast.Name) else python
    wanted = literal(python)
    if python is not None and isinstance(wanted, str):
        at = _content(file, python, wanted)
        yield Requirement(
            "python",
            Span(at or 0, at or 0),
            frozenset(),
            Span(at or 0, (at or 0) + len(wanted.encode())),
            wanted.strip(),
            Style.PIP,
            file.span(python),
            wanted,
            file.span(python).start,
            obstacle="" if at is not None else "it is put together from parts",
            floor=True,
        )


def _of_session(file: File, call: ast.Call) -> Iterator[Requirement]:
    """What ``session.install`` of nox is given; another one beside it is for its author."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "install":
        return
    for node in call.args:
        found = _of_string(file, node) if isinstance(literal(node), str) else None
        if found is not None:
            yield replace(found, place=Place.NOWHERE)


def _texts(file: File, node: ast.expr | None) -> list[ast.expr]:
    """The single requirements of a list, also in a variable, and those of a dict of lists."""
    node = file.assigned(node) if isinstance(node, ast.Name) else node
    if isinstance(node, ast.Dict):
        return [t for value in node.values for t in _texts(file, value)]
    if isinstance(node, (ast.List, ast.Tuple)):
        return [e for e in node.elts if isinstance(literal(e), str)]
    return []


def _of_string(file: File, node: ast.expr) -> Requirement | None:
    text = str(literal(node))
    at = _content(file, node, text)
    found = of_pip(text, at or 0)
    if found is None:
        return None
    obstacle = "" if at is not None else "it is put together from parts"
    return replace(
        found,
        whole=file.span(node),
        first=file.span(node).start,
        place=Place.ITEM if at is not None else Place.NOWHERE,
        obstacle=found.obstacle or obstacle,
    )


def _content(file: File, node: ast.expr, text: str) -> int | None:
    """The byte where the text of a string begins; None where it stands there in another way."""
    span = file.span(node)
    written = file.text(node)
    if written[:1] in "\"'" and written[1:-1] == text:
        return span.start + 1
    return None
