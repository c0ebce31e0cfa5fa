"""A LightningCLI is given an argument that it does not take any more, or reads differently.

What it does
    Finds arguments of `LightningCLI` and `LightningArgumentParser` that are gone, in calls, in
    `super().__init__(…)` of subclasses and in dicts behind `**`, and writes today's:
    `save_config_overwrite`, `save_config_multifile` and `save_config_filename` are entries of
    `save_config_kwargs`, `description`, `env_prefix` and `env_parse` of `parser_kwargs`;
    `auto_registry` and `parse_as_dict` can go, and `seed_everything_default=None` is `False`.

Why
    `TypeError: LightningCLI.__init__() got an unexpected keyword argument`. A seed of None is
    silent: until 1.6 it was no seed, and 2.x takes it for 0.

Example
    ```python
    LightningCLI(Net, save_config_overwrite=True, env_parse=True)
    ```
    becomes
    ```python
    LightningCLI(Net, save_config_kwargs={"overwrite": True}, parser_kwargs={"default_env": True})
    ```

Fix safety
    Safe, but for `parse_as_dict=True`: `parse_args` gives a namespace today, which can be indexed
    as well. Told where the dict that the entries belong into is built elsewhere.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/14998
    https://github.com/Lightning-AI/pytorch-lightning/pull/16380
    https://github.com/Lightning-AI/pytorch-lightning/pull/12804
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.rule import rule
from ..model import Fix, Safety
from ._keyword_calls import handed
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding
    from ._keyword_calls import Handed, Part

_CLI = "lightning.pytorch.cli.LightningCLI"
_PARSER = "lightning.pytorch.cli.LightningArgumentParser"
#: Where an argument went: the dict, and the entry in it.
_INTO = {
    "save_config_overwrite": ("save_config_kwargs", "overwrite"),
    "save_config_multifile": ("save_config_kwargs", "multifile"),
    "save_config_filename": ("save_config_kwargs", "config_filename"),
    "description": ("parser_kwargs", "description"),
    "env_prefix": ("parser_kwargs", "env_prefix"),
    "env_parse": ("parser_kwargs", "default_env"),
}
_SEED = "seed_everything_default"
_TRIGGERS = (*_INTO, "auto_registry", "parse_as_dict", _SEED)


@rule("LF811", triggers=_TRIGGERS, context=("Lightning", "CLI"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at arguments."""
    del settings
    for call in handed(file, frozenset()):
        if call.is_of(_CLI):
            yield from _of_cli(rule, file, call)
        elif call.is_of(_PARSER):
            yield from _of_parser(rule, file, call)


def _of_cli(rule: Rule, file: File, call: Handed) -> Iterator[Finding]:
    for part in call.parts:
        for name, argument in part.arguments.named.items():
            if name in call.own:
                continue
            if name in _INTO:
                yield _entry(rule, file, call, part, name)
            elif name == "auto_registry":
                message = (
                    "LightningCLI has no argument auto_registry; it finds subclasses by itself"
                )
                edits = part.arguments.change({name: []})
                yield _fixed(rule, file, argument.node, message, f"leave {name} away", edits, part)
            elif name == _SEED and literal(argument.value) is None:
                message = f"{_SEED}=None was no seed, and is the seed 0 today"
                edits = part.arguments.change({name: [(name, "False")]})
                title = f"write {_SEED}=False"
                yield _fixed(rule, file, argument.node, message, title, edits, part)


def _of_parser(rule: Rule, file: File, call: Handed) -> Iterator[Finding]:
    for part in call.parts:
        argument = part.arguments.get("parse_as_dict")
        if argument is None:
            continue
        doubt = "" if literal(argument.value) is False else "parse_args gives a Namespace, no dict"
        edits = part.arguments.change({argument.name: []})
        title = "leave parse_as_dict away"
        message = "LightningArgumentParser has no argument parse_as_dict since Lightning 1.6"
        yield _fixed(rule, file, argument.node, message, title, edits, part, doubt)


def _entry(rule: Rule, file: File, call: Handed, part: Part, name: str) -> Finding:
    """The finding for an argument that is an entry of a dict today.

    The fix moves all arguments that belong into the dict, so that they come into one.
    """
    into, key = _INTO[name]
    moved = [n for n in part.arguments.named if _INTO.get(n, ("",))[0] == into]
    message = f'LightningCLI has no argument {name}; it is {into}={{"{key}": …}}'
    node = part.arguments.named[name].node
    pairs = [(_INTO[n][1], part.arguments.text(n)) for n in moved]
    changes: dict[str, list[tuple[str, str]]] = {n: [] for n in moved}
    home = call.part(into)
    given = call.value(into)
    if home is None:
        text = ", ".join(f'"{k}": {v}' for k, v in pairs)
        changes[moved[0]] = [(into, f"{{{text}}}")]
        edits = part.arguments.change(changes)
    elif home is part and isinstance(given, (ast.Dict, ast.Call)):
        inner = Arguments(file, given)
        if isinstance(given, ast.Call) and file.canonical(given.func) != "dict":
            return file.finding(rule, node, message, reason=f"write it into what {into} is given")
        if inner.splat or any(k in inner for k, _ in pairs):
            return file.finding(rule, node, message, reason=f"{into} may hold {key} already")
        edits = part.arguments.change({**changes, into: [(into, _merged(file, given, pairs))]})
    else:
        return file.finding(rule, node, message, reason=f"write it into what {into} is given")
    return _fixed(rule, file, node, message, f"write it into {into}", edits, part)


def _merged(file: File, given: ast.Dict | ast.Call, pairs: list[tuple[str, str]]) -> str:
    """The text of a dict with further entries at its end."""
    span = file.span(given)
    data = file.source.data[span.start : span.end]
    edits = Arguments(file, given).change({"": pairs})
    for edit in sorted(edits, key=lambda e: e.span, reverse=True):
        start, end = edit.span.start - span.start, edit.span.end - span.start
        data = data[:start] + edit.text.encode() + data[end:]
    return data.decode()


def _fixed(  # noqa: PLR0913, PLR0917  one for each part of a finding
    rule: Rule,
    file: File,
    node: ast.AST,
    message: str,
    title: str,
    edits: tuple[Edit, ...],
    part: Part,
    doubt: str = "",
) -> Finding:
    why = "; ".join(d for d in (doubt, part.doubt) if d)
    fix = Fix(title, edits, Safety.UNSAFE if why else Safety.SAFE)
    return file.finding(rule, node, message, fix=fix, reason=why or None)
