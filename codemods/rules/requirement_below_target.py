"""A `setup.py` asks for a Python or torch that Lightning cannot be installed with.

What it does
    Reads `python_requires` and the requirements in calls of `setup`, beside one of Lightning, and
    tells versions that the target of the migration does not take.

Why
    pip finds nothing that fits: Lightning 2.6 needs Python 3.10 and torch 2.1.

Example
    ```python
    setup(python_requires="<3.10", install_requires=["torch==1.11", "lightning"])    # told
    ```

Fix safety
    Told: which versions a project supports is its own decision.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/21398
    https://github.com/Lightning-AI/pytorch-lightning/pull/20009
    metadata of the wheels, 2.0.9 to 2.6.6
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.requirements import of
from ._variables import assigned, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_SETUPS = ("setuptools.setup", "distutils.core.setup")
_REQUIREMENT = re.compile(r"\s*([A-Za-z][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;@]*)")
#: The oldest torch_xla that Lightning 2.1 and newer work with.
_XLA = "1.13"
#: Minor releases that a specifier is asked about.
_PYTHONS = tuple(f"3.{n}" for n in range(6, 20))
_TORCHES = (*(f"1.{n}.0" for n in range(14)), *(f"2.{n}.0" for n in range(20)))


@rule(
    "LF922",
    triggers=("python_requires", "install_requires", "extras_require"),
    context=("lightning",),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at versions."""
    needs = of(settings.target)
    for call in file.tree.calls:
        if file.canonical(call.func) not in _SETUPS:
            continue
        given = {k.arg: k.value for k in call.keywords}
        texts = [
            t
            for name in ("install_requires", "extras_require")
            for t in _texts(file, given.get(name))
        ]
        if not any("lightning" in str(literal(t)) for t in texts):
            continue
        python = given.get("python_requires")
        python = assigned(file, python) if isinstance(python, ast.Name) else python
        wanted = literal(python)
        if isinstance(wanted, str) and not _admits(wanted, needs.python, _PYTHONS):
            yield _told(rule, file, python, settings, f"Python {needs.python}", wanted)
        for text in texts:
            match = _REQUIREMENT.match(str(literal(text)))
            name = match[1].lower().replace("_", "-") if match else ""
            if match is None or name not in ("torch", "torch-xla") or not match[2].strip():
                continue
            least = needs.torch if name == "torch" else _XLA
            if not _admits(match[2].strip(), least, _TORCHES):
                yield _told(rule, file, text, settings, f"{name} {least}", match[2].strip())


def _told(
    rule: Rule, file: File, node: ast.AST | None, settings: Settings, least: str, written: str
) -> Finding:
    assert node is not None
    message = f"Lightning {settings.target} needs {least} or newer, and {written} admits none"
    return file.finding(rule, node, message, reason=f"admit {least}: write >={least.split()[1]}")


def _texts(file: File, node: ast.expr | None) -> list[ast.expr]:
    """The single requirements of a list, also in a variable, and those of a dict of lists."""
    node = assigned(file, node) if isinstance(node, ast.Name) else node
    if isinstance(node, ast.Dict):
        return [t for value in node.values for t in _texts(file, value)]
    if isinstance(node, (ast.List, ast.Tuple)):
        return [e for e in node.elts if isinstance(literal(e), str)]
    return []


def _admits(written: str, least: str, releases: tuple[str, ...]) -> bool:
    """Whether a specifier takes any release that is new enough."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version

    try:
        specifiers = SpecifierSet(written)
    except InvalidSpecifier:
        return True
    known = [r for r in releases if Version(r) >= Version(least)]
    return any(specifiers.contains(r) or specifiers.contains(r + ".5") for r in known)
