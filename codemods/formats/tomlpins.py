"""The requirements in ``pyproject.toml`` and in a ``Pipfile``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import Span
from ..rules._requirement import Place, Requirement, Style, canonical, of_pip
from .pins import LIGHTNING
from .tomltext import TomlString, strings

if TYPE_CHECKING:
    from ..engine.source import Source

_POETRY = ("tool", "poetry")
_ESCAPED = "it is written with escapes"


def of_pyproject(source: Source) -> list[Requirement]:
    """The requirements of PEP 621, dependency groups, poetry, pdm, uv and hatch."""
    text = source.text
    found = strings(text)
    pairs = [(s, r) for s in found if (r := _of_string(text, s)) is not None]
    is_main = any(_is_main(s.path) and r.name in LIGHTNING for s, r in pairs)
    requirements = [replace(r, floor=r.floor and is_main) for _, r in pairs]
    return [_with_extras(r, s, found) for (s, _), r in zip(pairs, requirements, strict=True)]


def of_pipfile(source: Source) -> list[Requirement]:
    """The requirements of a ``Pipfile``."""
    text = source.text
    found = strings(text)
    made = []
    for string in found:
        path = string.path
        if path[:1] in (("packages",), ("dev-packages",)) and _is_version(path[1:]):
            entry = _of_entry(text, string, path[1], Style.PIP)
            made.append(_with_extras(entry, string, found))
        elif path == ("requires", "python_version"):
            entry = _of_entry(text, string, "python", Style.PIP)
            obstacle = "a Pipfile names one Python: name a newer one"
            made.append(replace(entry, written=f"=={string.text}.*", obstacle=obstacle))
    return made


def _of_string(text: str, string: TomlString) -> Requirement | None:
    path = string.path
    if string.item and _is_list(path):
        return _of_item(text, string)
    if path == ("project", "requires-python"):
        return replace(_of_entry(text, string, "python", Style.PIP), floor=True)
    entry = _poetry_entry(path)
    if entry is None or not _is_version(entry):
        return None
    made = _of_entry(text, string, entry[0], Style.POETRY)
    return replace(made, floor=made.name == "python")


def _is_list(path: tuple[str, ...]) -> bool:
    """Whether an array holds requirements of PEP 508."""
    if path == ("project", "dependencies") or path[:1] == ("dependency-groups",):
        return True
    if path[:2] in (("project", "optional-dependencies"), ("tool", "pdm")):
        return path[1] == "optional-dependencies" or path[2:3] == ("dev-dependencies",)
    if path[:2] == ("tool", "uv"):
        return path[-1].endswith("dependencies")
    is_hatch = path[:3] == ("tool", "hatch", "envs")
    return is_hatch and path[-1] in ("dependencies", "extra-dependencies")


def _is_main(path: tuple[str, ...]) -> bool:
    return path == ("project", "dependencies") or path[:3] == (*_POETRY, "dependencies")


def _poetry_entry(path: tuple[str, ...]) -> tuple[str, ...] | None:
    """What is below a table of poetry's requirements: the name, and perhaps ``version``."""
    if path[:2] != _POETRY:
        return None
    rest = path[2:]
    if rest[:1] in (("dependencies",), ("dev-dependencies",)):
        return rest[1:]
    return rest[3:] if rest[:1] == ("group",) and rest[2:3] == ("dependencies",) else None


def _is_version(entry: tuple[str, ...]) -> bool:
    return len(entry) == 1 or (len(entry) == 2 and entry[1] == "version")  # noqa: PLR2004


def _bytes(text: str, end: int) -> int:
    return len(text[:end].encode())


def _of_item(text: str, string: TomlString) -> Requirement | None:
    at = _bytes(text, string.start)
    found = of_pip(string.text, at)
    if found is None:
        return None
    return replace(
        found,
        whole=Span(at - 1, at + len(string.text.encode()) + 1),
        first=at - 1,
        place=Place.ITEM,
        obstacle=found.obstacle or ("" if string.is_plain else _ESCAPED),
    )


def _of_entry(text: str, string: TomlString, name: str, style: Style) -> Requirement:
    """A requirement whose name is a key."""
    at = _bytes(text, string.start)
    versions = Span(at, at + len(string.text.encode()))
    is_inside = string.path[-1] == "version"
    start, end = string.key
    line = text.rfind("\n", 0, start) + 1
    if is_inside:
        start = max(text.find(name, line), line)
        end = start + len(name)
    is_found = text[start:end] == name and not string.item
    named = Span(_bytes(text, start), _bytes(text, end))
    first = _bytes(text, len(text[:start]) - len(text[line:start].lstrip()))
    return Requirement(
        canonical(name),
        named if is_found else Span(versions.start, versions.start),
        frozenset(),
        versions,
        string.text.strip(),
        style,
        Span(named.start, versions.end + 1) if is_found else versions,
        f'{name} = "{string.text}"',
        first,
        place=Place.TABLE if is_found else Place.NOWHERE,
        obstacle="" if string.is_plain else _ESCAPED,
    )


def _with_extras(
    requirement: Requirement, string: TomlString, found: list[TomlString]
) -> Requirement:
    """With the extras that stand beside a version in a table."""
    if string.path[-1] != "version":
        return requirement
    home = (*string.path[:-1], "extras")
    extras = frozenset(_extras(found, home))
    return replace(requirement, extras=extras) if extras else requirement


def _extras(found: list[TomlString], home: tuple[str, ...]) -> Iterator[str]:
    yield from (s.text for s in found if s.path == home and s.item)
