"""Values to be logged are returned under `log` or `progress_bar`, where nobody reads them.

What it does
    Finds `training_step` and hooks at the end of an epoch that return a dict with `log` or
    `progress_bar`, the protocol of 0.x, and logs the values with `self.log_dict` instead.

Why
    Lightning 1.0 replaced that protocol by `self.log`. The keys are ignored without a word: the
    loggers stay empty, and a checkpoint that monitors such a value is not found.

Example
    ```python
    return {"loss": loss, "log": {"train_loss": loss}}
    ```
    becomes
    ```python
    self.log_dict({"train_loss": loss})
    return loss
    ```

Fix safety
    Unsafe: `self.log_dict` takes numbers and tensors of one element only, and what was ignored so
    far might be something else. Told where the dict is not written out where it is returned, where
    both keys may hold the same name, or where code that imports lead to reads `["log"]` of the
    outputs.

References
    https://lightning.ai/docs/pytorch/2.6.1/extensions/logging.html
    pytorch_lightning/trainer/logging.py (0.9.0), `process_dict_result`
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..engine.statements import indent, insert_before, stands_alone
from ..engine.values import own_nodes
from ..model import Edit, Fix, Safety
from ._hook_owner import is_plain_method, owners_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_KEYS = ("log", "progress_bar")
_STAGES = ("train", "validation", "test")
_ENDS = frozenset(
    {
        *(f"on_{stage}_epoch_end" for stage in _STAGES),
        "training_epoch_end",
        "validation_epoch_end",
        "test_epoch_end",
    }
)
_STEPS = ("training_step", "training_step_end")
_DOUBT = "log_dict takes only numbers and tensors of one element"


@dataclass(frozen=True)
class _Returned:
    """A dict that a method returns, literally or through a variable that is only returned."""

    statement: ast.Return
    literal: ast.Dict


@rule(
    "LF206",
    triggers=('"log"', "'log'", '"progress_bar"', "'progress_bar'"),
    context=("training_step", "_epoch_end"),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the keys."""
    del settings
    for cls in file.classes:
        if owners_of(cls) != [Role.MODULE]:
            continue
        for function in cls.methods.values():
            if function.name not in _ENDS and function.name not in _STEPS:
                continue
            if is_plain_method(function) and self_name(function) is not None:
                for returned in _returned(function):
                    yield from _finding(rule, file, function, returned)


def _returned(function: Function) -> Iterator[_Returned]:
    for node in own_nodes(function):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        value: ast.expr | None = node.value
        if isinstance(value, ast.Name):
            value = _only_value(function, value)
        if isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
            ordered = isinstance(value.func, (ast.Name, ast.Attribute)) and ast.unparse(
                value.func
            ).endswith("OrderedDict")
            value = value.args[0] if ordered else None
        if isinstance(value, ast.Dict):
            yield _Returned(node, value)


def _only_value(function: Function, name: ast.Name) -> ast.expr | None:
    """What a variable holds that is assigned once and used in one return only."""
    uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name.id]
    assigned = [
        n
        for n in own_nodes(function)
        if isinstance(n, ast.Assign) and len(n.targets) == 1 and n.targets[0] in uses
    ]
    return assigned[0].value if len(assigned) == 1 and len(uses) == 2 else None  # noqa: PLR2004


def _finding(rule: Rule, file: File, function: Function, found: _Returned) -> Iterator[Finding]:
    given = Arguments(file, found.literal)
    keys = [key for key in _KEYS if key in given]
    if not keys or not _looks_like_logging(file, given, keys):
        return
    node = given.named[keys[0]].node
    named = " and ".join(f'"{key}"' for key in keys)
    message = f"Lightning ignores {named} in what {function.name} returns"
    edits = _edits(file, function, found, given, keys)
    if isinstance(edits, str):
        yield file.finding(rule, node, message, reason=edits)
    else:
        fix = Fix("log it with self.log_dict", tuple(edits), Safety.UNSAFE)
        yield file.finding(rule, node, message, fix=fix, reason=_DOUBT)


def _looks_like_logging(file: File, given: Arguments, keys: list[str]) -> bool:
    """Whether the values may be dicts of values to be logged."""
    del file
    plain = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Compare, ast.BinOp)
    return not any(isinstance(given.value(key), plain) for key in keys)


def _edits(
    file: File, function: Function, found: _Returned, given: Arguments, keys: list[str]
) -> list[Edit] | str:
    own = self_name(function)
    if given.splat:
        return "log the values with self.log_dict(…), and leave them out of the dict"
    if _is_read(file):
        return "the project reads the outputs by these keys: log them with self.log_dict beside"
    held = {key: _held(file, function, given.named[key].value) for key in keys}
    calls = _calls(file, given, held, f"{own}.log_dict")
    ends = function.name in _ENDS
    others = [name for name in given.named if name not in _KEYS] if ends else []
    known = [d.named for d in held.values() if d is not None]
    if calls is None or (others and len(known) < len(keys)):
        return (
            "log them with self.log_dict(…) and self.log_dict(…, prog_bar=True), "
            "each name only once"
        )
    for name in others:
        if not any(name in names for names in known):
            calls.append(f'{own}.log("{name}", {given.text(name)})')
    if not stands_alone(file, found.statement):
        return "put the return on a line of its own first"
    if ends and found.statement.value is found.literal:
        prefix = indent(file, found.statement)
        last = found.statement is function.body[-1]
        lines = [*calls] if last else [*calls, "return"]
        return [file.replace(found.statement, f"\n{prefix}".join(lines))]
    before = insert_before(file, found.statement, "\n".join(calls))
    assert before is not None
    rest = [name for name in given.named if name not in _KEYS]
    if rest == ["loss"] and found.statement.value is found.literal:
        loss = file.text(given.named["loss"].value)
        return [before, file.replace(found.literal, loss)]
    return [before, *given.change({key: [] for key in keys})]


def _held(file: File, function: Function, value: ast.expr) -> Arguments | None:
    """The dict literal that a value is, itself or through a variable that nothing changes."""
    if isinstance(value, ast.Name):
        uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == value.id]
        outer = [file.tree.parents.get(n) for n in uses]
        stored = [n for n in uses if isinstance(n.ctx, ast.Store)]
        if len(stored) != 1 or any(_may_change(o) for o in outer):
            return None
        statement = file.tree.statement(stored[0])
        if not isinstance(statement, ast.Assign) or statement.targets != [stored[0]]:
            return None
        value = statement.value
    made = Arguments(file, value) if isinstance(value, ast.Dict) else None
    return made if made is not None and not made.splat and made.named else None


def _may_change(around: ast.AST | None) -> bool:
    """Whether what is done to a dict may put something else into it: a method, an assignment."""
    if isinstance(around, ast.Subscript):
        return not isinstance(around.ctx, ast.Load)
    return isinstance(around, ast.Attribute)


def _calls(
    file: File, given: Arguments, held: dict[str, Arguments | None], log: str
) -> list[str] | None:
    """The calls that log what the keys hold; None where a name may be logged twice."""
    if len(held) == 1:
        key = next(iter(held))
        return [f"{log}({given.text(key)}{', prog_bar=True' * (key == 'progress_bar')})"]
    logged, shown = given.named["log"].value, given.named["progress_bar"].value
    if ast.dump(logged) == ast.dump(shown):
        return [f"{log}({given.text('log')}, prog_bar=True)"]
    first, second = held["log"], held["progress_bar"]
    if first is None or second is None:
        return None
    shown_call = f"{log}({given.text('progress_bar')}, prog_bar=True)"
    both = first.named.keys() & second.named.keys()
    if not both:
        return [f"{log}({given.text('log')})", shown_call]
    same = all(ast.dump(first.named[k].value) == ast.dump(second.named[k].value) for k in both)
    if not same or not isinstance(logged, ast.Dict):
        return None
    rest = [
        f"{file.text(argument.node)}: {file.text(argument.value)}"
        for name, argument in first.named.items()
        if name not in both
    ]
    return [f"{log}({{{', '.join(rest)}}})", shown_call] if rest else [shown_call]


def _is_read(file: File) -> bool:
    """Whether code that may get the outputs reads one of the keys of some dict."""
    words = [f"[{quote}{key}{quote}]" for key in _KEYS for quote in "\"'"]
    if any(word in file.source.text for word in words):
        return True
    links = file.project.members.links
    return any(
        links.connect(file.project, file.path, other.path)
        for word in words
        for other in file.project.holding(word.encode(), file.path)
    )
