"""What the user asked for: ``[tool.lfix]`` of pyproject.toml, overruled by the command line."""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from .trials import Trials

#: The newest Lightning release that the rules know.
NEWEST = "2.6.6"


class Own(NamedTuple):
    """Code and name of a finding of lfix's own."""

    code: str
    name: str


#: No rule module stands for it.
UNUSED_SUPPRESSION = Own("LF001", "unused-suppression")


class SettingsError(Exception):
    """A setting that cannot be used; the message names the file and what to write instead."""


@dataclass(frozen=True)
class Settings:
    """Choices of one run.

    ``select`` and ``ignore`` hold codes, their prefixes, or rule names; ``jobs`` of 0 lets the
    number of files decide. ``target`` is the release that the code is meant for, ``why`` says who
    chose it. ``compat`` are releases that the code has to run on besides. ``namespace`` is the
    distribution that the imports shall name, empty where the project's own habit decides.
    ``cli`` is ``lightning`` where scripts that use argparse shall become LightningCLIs.
    ``trials`` is what there is to verify, None where nothing is said of it. ``docs`` is whether
    examples in documents are repaired, not only told of.
    """

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, frozenset[str]] = field(default_factory=dict)
    target: str = NEWEST
    why: str = ""
    compat: tuple[str, ...] = ()
    namespace: str = ""
    cli: str = ""
    batch_size: int = 32
    unsafe: bool = False
    jobs: int = 0
    root: Path | None = None
    trials: Trials | None = None
    docs: bool = False

    @property
    def minor(self) -> str:
        """The minor of the target: ``2.6``."""
        return _minor(self.target)

    @property
    def asked(self) -> tuple[str, ...]:
        """The minors that a fix has to be valid on, the newest release left out."""
        minors = {self.minor, *self.compat} - {_minor(NEWEST)}
        return tuple(sorted(minors, key=lambda m: [int(part) for part in m.split(".")]))

    def wants(self, code: str, name: str, path: Path) -> bool:
        """Whether findings of a rule in a file are asked for."""
        if self.select and not _matches(self.select, code, name):
            return False
        if _matches(self.ignore, code, name):
            return False
        return not any(
            _matches(codes, code, name) and _is_under(path, pattern, self.root)
            for pattern, codes in self.per_file_ignores.items()
        )

    def wants_rule(self, code: str, name: str) -> bool:
        """Whether a rule can matter in any file."""
        chosen = not self.select or _matches(self.select, code, name)
        return chosen and not _matches(self.ignore, code, name)


def _matches(wanted: frozenset[str], code: str, name: str) -> bool:
    return any(code.startswith(w) or w in (name, "ALL") for w in wanted)


def _is_under(path: Path, pattern: str, root: Path | None) -> bool:
    try:
        relative = path.relative_to(root) if root else path
    except ValueError:
        relative = path
    return fnmatch.fnmatch(relative.as_posix(), pattern) or fnmatch.fnmatch(path.name, pattern)


def find_pyproject(start: Path) -> Path | None:
    """The nearest pyproject.toml with a ``[tool.lfix]`` table, at or above a file or folder."""
    # Not pathlib's own tests: they raise where a name is too long or may not be looked up.
    folder = start if os.path.isdir(start) else start.parent
    for candidate in (folder, *folder.parents):
        path = candidate / "pyproject.toml"
        if os.path.isfile(path) and "lfix" in _tools(path):
            return path
        if os.path.exists(candidate / ".git"):
            return None
    return None


def _table(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}") from error
    return table


def _tools(path: Path) -> dict[str, Any]:
    tools = _table(path).get("tool", {})
    return tools if isinstance(tools, dict) else {}


def load(path: Path) -> Settings:
    """Settings from a pyproject.toml; raises SettingsError for unknown keys and wrong types."""
    table = _tools(path).get("lfix", {})
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: [tool.lfix] must be a table")
    settings = Settings(root=path.parent)
    for key, value in table.items():
        settings = replace(settings, **_setting(path, key, value))
    return settings


def _setting(path: Path, key: str, value: object) -> dict[str, Any]:
    where = f"{path}: [tool.lfix] {key}"
    if key in ("select", "ignore"):
        return {key: frozenset(_codes(where, value))}
    if key == "exclude":
        return {key: tuple(_patterns(where, value))}
    if key == "target":
        release = target_of(where, value)
        return {"target": release, "why": f"target {release}: [tool.lfix] says so"}
    if key == "compat":
        return {"compat": compat_of(where, _strings(where, value))}
    if key == "namespace":
        return {"namespace": namespace_of(where, value)}
    if key == "cli":
        return {"cli": cli_of(where, value)}
    if key == "batch-size":
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise SettingsError(f"{where} must be a whole number of at least 1, not {value!r}")
        return {"batch_size": value}
    if key == "per-file-ignores":
        if not isinstance(value, dict):
            raise SettingsError(f"{where} must be a table of file pattern = [codes]")
        ignores = {p: frozenset(_codes(f"{where}.{p}", c)) for p, c in value.items()}
        return {"per_file_ignores": ignores}
    if key == "verify":
        return {"trials": _trials(path, value)}
    known = (
        "select, ignore, exclude, target, compat, namespace, cli, batch-size, per-file-ignores, "
        "verify"
    )
    raise SettingsError(f"{where} is not a setting of lfix; known are {known}")


def _trials(path: Path, value: object) -> Trials:
    # Not at the top: most runs verify nothing.
    from .trials import TrialsError, read

    try:
        return read(path.parent, f"{path}: [tool.lfix.verify]", value)
    except TrialsError as error:
        raise SettingsError(str(error)) from error


def _strings(where: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise SettingsError(f"{where} must be a list of strings, not {value!r}")
    return value


def _patterns(where: str, value: object) -> list[str]:
    from .walk import is_pattern

    patterns = _strings(where, value)
    for pattern in patterns:
        if not is_pattern(pattern):
            raise SettingsError(f"{where}: {pattern!r} is not a pattern as .gitignore has them")
    return patterns


def _codes(where: str, value: object) -> list[str]:
    codes = _strings(where, value)
    check_codes(where, codes)
    return codes


def check_codes(where: str, codes: list[str]) -> None:
    """Raises SettingsError where an entry matches no rule."""
    if not codes:
        # The registry imports every rule, and they the parser; most runs need neither for this.
        return
    from .rule import registry

    known = [*((r.code, r.name) for r in registry().values()), UNUSED_SUPPRESSION]
    for code in codes:
        if not code or not any(_matches(frozenset({code}), *pair) for pair in known):
            raise SettingsError(f"{where}: no rule has the code or name {code!r}; see `lfix rules`")


def _minor(release: str) -> str:
    return ".".join(release.split(".")[:2])


def target_of(where: str, value: object) -> str:
    """A release of Lightning 2 that lfix knows; raises SettingsError for any other."""
    parts = value.split(".") if isinstance(value, str) else []
    known = [f"2.{number}" for number in range(int(NEWEST.split(".")[1]) + 1)]
    shaped = len(parts) in (2, 3) and all(p.isdigit() for p in parts)
    if not shaped or ".".join(parts[:2]) not in known:
        raise SettingsError(
            f"{where} must be a Lightning 2 release that lfix knows ({known[0]} to {known[-1]}), "
            f"not {value!r}"
        )
    return str(value)


def compat_of(where: str, values: list[str]) -> tuple[str, ...]:
    """Minors of Lightning that lfix has data of; raises SettingsError for any other."""
    from ..lightning.api import RELEASES

    for value in values:
        if _minor(value) not in RELEASES:
            raise SettingsError(
                f"{where} must name Lightning releases from {RELEASES[0]} to {RELEASES[-1]}, "
                f"not {value!r}"
            )
    return tuple(dict.fromkeys(_minor(value) for value in values))


def namespace_of(where: str, value: object) -> str:
    """One of the two distributions; raises SettingsError for anything else."""
    if value not in ("lightning", "pytorch_lightning"):
        raise SettingsError(f'{where} must be "lightning" or "pytorch_lightning", not {value!r}')
    return str(value)


def cli_of(where: str, value: object) -> str:
    """What reads command lines, where it is to be another; raises SettingsError for the rest."""
    if value != "lightning":
        raise SettingsError(f'{where} must be "lightning", not {value!r}')
    return str(value)
