"""Files that say which releases are installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..engine.source import byte_span
from ..model import Finding, Fix, Severity, Span
from .config import CONFIG
from .format import Format
from .locks import LOCKS, of_compiled, of_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..engine.source import Source
    from ..rules._pin_verdicts import Verdict
    from ..rules._requirement import Requirement
    from .format import Context

LIGHTNING = ("pytorch-lightning", "lightning")
_WORDS = (b"lightning", b"Lightning", b"test-tube", b"test_tube")
_LISTS = re.compile(r"(?:[\w.-]*requirements?[\w.-]*|constraints?)\.(?:txt|in)", re.IGNORECASE)
#: Names of files of pip's where the folder says what they are.
_PARTS = re.compile(
    r"(?:base|common|core|install|main|min|minimal|all|prod|production|dev|devel|develop|tests?"
    r"|docs?|extras?|examples?|envs?|environment|deps|dependencies|cpu|gpu|cuda|local|runtime"
    r"|pip|notebooks?|constraints?|reqs?)[\w-]*\.(?:txt|in)",
    re.IGNORECASE,
)
_FOLDERS = re.compile(
    r"(?:.*require.*|reqs?|deps?|dependencies|envs?|environments?)", re.IGNORECASE
)
_DOCKER = re.compile(r"(?:[\w-]+\.)?(?:docker|container)file(?:\.[\w.-]+)?", re.IGNORECASE)
_YAML = (".yml", ".yaml")
_ENVIRONMENT = re.compile(r"^dependencies:\s*(?:#.*)?$", re.MULTILINE)
_RECIPES = ("meta.yaml", "recipe.yaml")
_CI = (".github", ".circleci", ".gitlab", ".azure-pipelines", "azure-pipelines", ".azure")
_CI_NAMES = re.compile(r"(?:\.gitlab-ci|\.travis|appveyor|azure-pipelines|bitbucket-pipelines).*")
#: An old release in a file that is only told.
_OLD = re.compile(
    r"(?<![\w/.-])(?P<name>(?:pytorch[-_])?lightning)(?:\[[^\]\s]*\])?\s*"
    r"(?P<versions>(?:[=<>~!]=?=?|\s)\s*[01]\.\d[\w.*]*(?:\s*,\s*[<>=!~]+\s*[\w.*]+)*)",
    re.IGNORECASE,
)


def _finds(
    read: Callable[[Source], Sequence[Requirement] | None],
) -> Callable[[Context, Source], Iterator[Finding]]:
    """The ``find`` of a format whose requirements ``read`` gives; None for no such file."""

    def find(context: Context, source: Source) -> Iterator[Finding]:
        found = read(source)
        if found:
            yield from judged(context, source, found)

    return find


def judged(
    context: Context,
    source: Source,
    found: Sequence[Requirement],
    beside: Sequence[Requirement] = (),
) -> Iterator[Finding]:
    """The findings at the requirements of a file; others are installed together with them."""
    from ..rules._pin_verdicts import NEEDING_OLD, verdicts
    from ..rules._standing import standing

    if not any(r.name in LIGHTNING or r.name in NEEDING_OLD for r in (*found, *beside)):
        return
    known = standing(context.project, source.path, context.settings, context.needs_old)
    for verdict in verdicts(source, found, known, context.settings, beside):
        yield _finding(source, verdict)


def _finding(source: Source, verdict: Verdict) -> Finding:
    from ..engine.rule import registry

    fix = Fix(verdict.title, verdict.edits, verdict.safety) if verdict.edits else None
    return source.finding(
        registry()[verdict.code],
        verdict.span,
        verdict.message,
        fix=fix,
        reason=verdict.reason,
        severity=verdict.severity,
    )


def _told(source: Source, code: str, span: Span, message: str, reason: str) -> Finding:
    from ..rules._pin_verdicts import Verdict

    return _finding(source, Verdict(code, span, message, reason=reason, severity=Severity.ERROR))


def _of_pip(context: Context, source: Source) -> Iterator[Finding]:
    """The findings of a file of pip's, or of what a tool made of one."""
    from .linepins import of_requirements
    from .linked import beside

    locked = list(of_compiled(source))
    if locked:
        yield from _of_locked(context, source)
        return
    if not _LISTS.fullmatch(source.path.name) and not _FOLDERS.fullmatch(source.path.parent.name):
        return
    found = of_requirements(source)
    if found:
        yield from judged(context, source, found, beside(context, source.path))


def _of_locked(context: Context, source: Source) -> Iterator[Finding]:
    """Findings at releases that are locked."""
    is_lock = source.path.name in LOCKS
    minor = context.settings.minor
    for locked in of_lock(source) if is_lock else of_compiled(source):
        if locked.version.startswith(("0.", "1.")):
            message = f"{locked.name} {locked.version} is locked, and the code is for {minor}"
            reason = f"once the requirement admits {minor}, run `{locked.command}`"
            yield _told(source, "LF933", locked.span, message, reason)


def _of_yaml(context: Context, source: Source) -> Iterator[Finding]:
    """The findings of an environment of conda's, of what is only told, and of a config file."""
    from .linepins import of_environment

    path = source.path
    if path.name in LOCKS:
        yield from _of_locked(context, source)
    elif path.name in _RECIPES:
        yield from _of_told(context, source, "conda-build has a language of its own")
    elif _CI_NAMES.fullmatch(path.name) or any(part in _CI for part in path.parts):
        yield from _of_told(context, source, "what a CI installs is decided in more than one place")
    elif _ENVIRONMENT.search(source.text):
        yield from _finds(of_environment)(context, source)
    elif CONFIG.find is not None:
        yield from CONFIG.find(context, source)


def _of_told(context: Context, source: Source, why: str) -> Iterator[Finding]:
    """Old releases in a file that is not rewritten."""
    minor = context.settings.minor
    text = source.text
    for match in _OLD.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if "#" in line:
            continue
        shown = " ".join(match[0].split())
        message = f"{shown} is required, and the code is for {minor}"
        yield _told(
            source,
            "LF931",
            byte_span(text, *match.span()),
            message,
            f"{why}: require {minor} by hand",
        )


def _reader(name: str) -> Callable[[Source], Sequence[Requirement] | None]:
    """A reader of requirements by the name of the function, whose module is loaded late."""

    def read(source: Source) -> Sequence[Requirement] | None:
        from . import installs, linepins, tomlpins

        module = next(m for m in (tomlpins, linepins, installs) if hasattr(m, name))
        made: Sequence[Requirement] | None = getattr(module, name)(source)
        return made

    return read


#: Any file of pip's: what it requires may be installed together with Lightning of another one.
PIP = Format(
    "requirements", lambda n: bool(_LISTS.fullmatch(n) or _PARTS.fullmatch(n)), (b"",), _of_pip
)
PYPROJECT = Format(
    "pyproject", lambda n: n == "pyproject.toml", _WORDS, _finds(_reader("of_pyproject"))
)
PIPFILE = Format("pipfile", lambda n: n == "Pipfile", _WORDS, _finds(_reader("of_pipfile")))
SETUP_CFG = Format("setup.cfg", lambda n: n == "setup.cfg", _WORDS, _finds(_reader("of_setup_cfg")))
DOCKERFILE = Format(
    "dockerfile", lambda n: bool(_DOCKER.fullmatch(n)), _WORDS, _finds(_reader("of_script"))
)
LOCK = Format("lock", lambda n: n in LOCKS and not n.endswith(_YAML), _WORDS, _of_locked)
YAML = Format(
    "yaml", lambda n: n.endswith(_YAML), (*_WORDS, *CONFIG.words), _of_yaml, folders=CONFIG.folders
)

TOX = Format("tox.ini", lambda n: n == "tox.ini", _WORDS, _finds(_reader("of_tox")))

FORMATS = (PIP, PYPROJECT, PIPFILE, SETUP_CFG, TOX, LOCK, YAML)
