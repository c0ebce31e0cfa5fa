"""Options of a command line, written out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..lightning import api
from ..lightning.flags import FLOATS, INTEGERS, NUMBERS, ON, SWITCHES
from ..lightning.objects import CLASSES, TRAINER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..engine.classes import Class

_NUMBER = 'type=lambda text: float(text) if "." in text else int(text)'
_TRUE = 'type=lambda text: text.lower() in ("y", "yes", "t", "true", "on", "1")'
#: The types that became options, with what reads them; a text needs nothing.
_TYPES = {"int": "type=int", "float": "type=float", "str": "type=str"}


def of_trainer(name: str, target: str, values: Iterable[str]) -> str:
    """The arguments of ``add_argument`` for an argument of the Trainer.

    ``values`` are what the project's command lines give it.
    """
    parts = [f'"--{name}"']
    given = list(values)
    if name in SWITCHES and not given:
        return f'"--{name}", action="store_true"'
    if name in INTEGERS and not any("," in v for v in given):
        parts.append("type=int")
    elif name in NUMBERS:
        parts.append(_NUMBER)
    elif name in FLOATS:
        parts.append("type=float")
    elif name in ON | SWITCHES:
        parts += ['nargs="?"', "const=True", _TRUE]
    default = "True" if name in ON else _default(name, target)
    if default is not None and default != "None":
        parts.append("default=" + default.replace("'", '"'))
    return ", ".join(parts)


def _default(name: str, target: str) -> str | None:
    """What the Trainer takes without an argument, at the target or when it last had it."""
    for release in (target, *reversed(api.RELEASES)):
        signature = api.signature(CLASSES[TRAINER], release)
        parameter = signature.parameter(name) if signature else None
        if parameter is not None:
            return parameter.default
    return None


def of_class(cls: Class) -> Mapping[str, str] | None:
    """The arguments of ``add_argument`` for each argument of a class of the project that was one.

    None where a default cannot be written elsewhere.
    """
    found = cls.method("__init__")
    if found is None:
        return {}
    arguments = found[1].args
    plain = [*arguments.posonlyargs, *arguments.args][1:]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    pairs = [
        *zip(plain, [*defaults, *arguments.defaults][-len(plain) :] if plain else [], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    made: dict[str, str] = {}
    for argument, default in pairs:
        text = _of_parameter(argument, default)
        if text is None:
            return None
        if text:
            made[argument.arg] = text
    return made


def _of_parameter(argument: ast.arg, default: ast.expr | None) -> str | None:
    """The option of a parameter; empty where it was none."""
    names = {n.id for n in ast.walk(argument.annotation or ast.Pass()) if isinstance(n, ast.Name)}
    known = [t for t in ("str", "int", "float", "bool") if t in names]
    if not known:
        return ""
    try:
        value = ast.literal_eval(default) if default is not None else None
    except ValueError:
        return None
    parts = [f'"--{argument.arg}"']
    if known == ["bool"]:
        parts += ['nargs="?"', "const=True", _TRUE]
    elif "bool" in known:
        return None
    elif known == ["int", "float"]:
        parts.append(_NUMBER)
    else:
        parts.append(_TYPES[known[0]])
    if default is None:
        parts.append("required=True")
    elif value is not None:
        parts.append("default=" + _written(value))
    return ", ".join(parts)


def _written(value: object) -> str:
    text = repr(value)
    return text if '"' in text or "'" not in text else text.replace("'", '"')
