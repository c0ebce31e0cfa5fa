"""What a plain value of a config file is in Python, and how Python's is written there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .nodes import Node

#: YAML 1.1, which PyYAML, OmegaConf and LightningCLI read.
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+")
#: Octal, sexagesimal, dates and such are numbers to one reader and text to another.
_NUMERIC = re.compile(
    r"[-+]?(0[0-9_]+|0[xXob][0-9a-fA-F_]+|[0-9]+(:[0-9.]+)+|[0-9]+_[0-9_]*|\.(inf|nan)|"
    r"[0-9]+-[0-9]+-[0-9].*)",
    re.IGNORECASE,
)
#: Interpolations of OmegaConf, and placeholders of templates.
_OPEN = re.compile(r"\$\{|\{\{|\{%|<%|^\$\w|^%\(")
_BARE = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./+-]*")


class OpaqueError(Exception):
    """A value that is only known when somebody reads the file."""


@dataclass(frozen=True)
class Style:
    """How a file writes its values; ``quote`` is empty where strings stand bare."""

    json: bool = False
    toml: bool = False
    quote: str = ""
    true: str = "true"
    false: str = "false"
    null: str = "null"
    #: How far a list stands in from the key above it.
    step: int = 2
    dash: int = 2

    def written(self, value: object, shown: str = "") -> str:
        """A scalar as the file writes it; ``shown`` is how Python has a number.

        Raises KeyError for anything else.
        """
        if value is None:
            return self.null
        if value is True or value is False:
            return self.true if value else self.false
        if isinstance(value, (int, float)):
            return shown or repr(value)
        if isinstance(value, str):
            return self.string(value)
        raise KeyError(value)

    def string(self, value: str, quote: str | None = None) -> str:
        """A string in the quotes of the file, or those of ``quote``."""
        quote = self.quote if quote is None else quote
        if self.toml and quote == "'" and "'" not in value and value.isprintable():
            return f"'{value}'"
        if (not value.isprintable() or self.toml) and not self.json:
            return f'"{"".join(map(_escaped, value))}"'
        if self.json or quote == '"':
            return json.dumps(value, ensure_ascii=False)
        if quote == "" and _BARE.fullmatch(value) and _is_text(value):
            return value
        if quote == "" and "'" in value:
            return json.dumps(value, ensure_ascii=False)
        doubled = value.replace("'", "''")
        return f"'{doubled}'"


def is_open(node: Node) -> bool:
    """Whether a scalar is an interpolation or holds one."""
    return bool(_OPEN.search(node.text))


def value_of(node: Node) -> object:
    """The Python value of a scalar; raises OpaqueError."""
    if node.marked or node.style in ("|", ">") or _OPEN.search(node.text):
        raise OpaqueError
    if node.style:
        return node.text
    return _resolved(node.text)


def _escaped(sign: str) -> str:
    if sign.isprintable():
        return "\\" + sign if sign in '"\\' else sign
    return f"\\U{ord(sign):08x}"


def _is_text(value: str) -> bool:
    """Whether a string stays one where it stands bare."""
    try:
        return _resolved(value) == value
    except OpaqueError:
        return False


def _resolved(text: str) -> object:
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NUMERIC.fullmatch(text):
        raise OpaqueError
    return text


def style_of(root: Node, suffix: str, text: str) -> Style:
    """How a file of such an ending writes its values, by what it has most of."""
    from .nodes import Kind

    if suffix == ".toml":
        return Style(toml=True, quote='"')
    if suffix == ".json":
        return Style(json=True, quote='"', step=_step(root, text))
    scalars = [n for n in root.walk() if n.kind is Kind.SCALAR]
    keys = {id(key) for n in root.walk() for key, _ in n.entries}
    strings = [n for n in scalars if id(n) not in keys and n.style not in ("|", ">")]
    texts = [n for n in strings if n.style or isinstance(_safe(n), str)]
    quoted = [n.style for n in texts if n.style]
    quote = max(dict.fromkeys(quoted), key=quoted.count) if len(quoted) * 2 > len(texts) else ""
    plain = [n.text for n in strings if not n.style]
    capital = sum(t in ("True", "False") for t in plain)
    small = sum(t in ("true", "false") for t in plain)
    return Style(
        quote=quote,
        true="True" if capital > small else "true",
        false="False" if capital > small else "false",
        null="~" if plain.count("~") > plain.count("null") else "null",
        step=_step(root, text),
        dash=_dash(root, text),
    )


def _safe(node: Node) -> object:
    try:
        return value_of(node)
    except OpaqueError:
        return None


def column(text: str, index: int) -> int:
    """How far from the start of its line a character stands."""
    return index - (max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1)


def _step(root: Node, text: str) -> int:
    """How far a mapping stands in from the key above it."""
    for node in root.walk():
        for key, value in node.entries:
            if value.entries and (not value.flow or "\n" in text[value.start : value.end]):
                step = column(text, value.entries[0][0].start) - column(text, key.start)
                if step > 0:
                    return step
    return 2


def _dash(root: Node, text: str) -> int:
    """How far the dashes of a list stand in from the key above it."""
    from .nodes import Kind

    for node in root.walk():
        for key, value in node.entries:
            if value.kind is Kind.SEQUENCE and not value.flow:
                return max(0, column(text, value.start) - column(text, key.start))
    return 2
