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
    far might be something else. Told where the dict is not written out where it is returned, or
    filled key by key, where both keys may hold the same name, or where code that imports lead to
    reads `["log"]` of the outputs.

References
    https://lightning.ai/docs/pytorch/2.6.1/extensions/logging.html
    pytorch_lightning/trainer/logging.py (0.9.0), `process_dict_result`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..engine.statements import indent, insert_before, stands_alone
from ..engine.values import own_nodes
from ..model import Edit, Fix, Safety
from ._hook_owner import is_plain_method, owners_of
from ._returned_logs import KEYS, Returned, filled, logged_keys, returned
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

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
_LEFT_OUT = "log the values with self.log_dict(…), and leave them out of the dict"
_DOUBT = "log_dict takes only numbers and tensors of one element"


@rule(
    "LF206",
    triggers=('"log"', "'log'", '"progress_bar"', "'progress_bar'", "log=", "progress_bar="),
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
                for found in returned(function):
                    yield from _finding(rule, file, function, found)
                for key, node in filled(function):
                    message = f'Lightning ignores "{key}" in what {function.name} returns'
                    yield file.finding(rule, node, message, reason=_LEFT_OUT)
        for helper, hook in _helpers(cls).items():
            for found in returned(helper):
                yield from _handed_on(rule, file, helper, hook, found)


def _helpers(cls: Class) -> dict[Function, str]:
    """The methods of a class whose results its hooks return, each with such a hook."""
    helpers: dict[Function, str] = {}
    for hook in cls.methods.values():
        if hook.name not in _ENDS and hook.name not in _STEPS:
            continue
        for node in own_nodes(hook):
            value = node.value if isinstance(node, ast.Return) else None
            func = value.func if isinstance(value, ast.Call) else None
            if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name):
                continue
            helper = cls.methods.get(func.attr) if func.value.id == self_name(hook) else None
            if helper is not None and helper.name not in _ENDS and helper.name not in _STEPS:
                helpers.setdefault(helper, hook.name)
    return helpers


def _handed_on(
    rule: Rule, file: File, helper: Function, hook: str, found: Returned
) -> Iterator[Finding]:
    keys = logged_keys(file, found)
    if keys:
        named = " and ".join(f'"{key}"' for key in keys)
        yield file.finding(
            rule,
            Arguments(file, found.literal).named[keys[0]].node,
            f"Lightning ignores {named} in what {helper.name} returns, which {hook} hands on",
            reason=f"log them in {hook} with self.log_dict(…), and leave them out of the dict",
        )


def _finding(rule: Rule, file: File, function: Function, found: Returned) -> Iterator[Finding]:
    keys = logged_keys(file, found)
    if not keys:
        return
    given = Arguments(file, found.literal)
    node = given.named[keys[0]].node
    named = " and ".join(f'"{key}"' for key in keys)
    message = f"Lightning ignores {named} in what {function.name} returns"
    edits = _edits(file, function, found, given, keys)
    if isinstance(edits, str):
        yield file.finding(rule, node, message, reason=edits)
    else:
        fix = Fix("log it with self.log_dict", tuple(edits), Safety.UNSAFE)
        yield file.finding(rule, node, message, fix=fix, reason=_DOUBT)


def _edits(
    file: File, function: Function, found: Returned, given: Arguments, keys: list[str]
) -> list[Edit] | str:
    own = self_name(function)
    if given.splat:
        return _LEFT_OUT
    if _is_read(file):
        return "the project reads the outputs by these keys: log them with self.log_dict beside"
    held = {key: _held(file, function, given.named[key].value) for key in keys}
    known = {key: _names(file, function, given.named[key].value) for key in keys}
    twice = next((n for d in held.values() if d for n in d.named if n in _logged(function)), None)
    if twice is not None:
        return (
            f"{function.name} logs {twice} itself, and no name may be logged twice: leave it away"
        )
    calls = _calls(file, given, held, known, f"{own}.log_dict")
    ends = function.name in _ENDS
    others = [name for name in given.named if name not in KEYS] if ends else []
    logged = [d.named for d in held.values() if d is not None]
    if calls is None or (others and len(logged) < len(keys)):
        return (
            "log them with self.log_dict(…) and self.log_dict(…, prog_bar=True), "
            "each name only once"
        )
    for name in others:
        if not any(name in names for names in logged):
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
    rest = [name for name in given.named if name not in KEYS]
    if rest == ["loss"] and found.statement.value is found.literal:
        loss = file.text(given.named["loss"].value)
        return [before, file.replace(found.literal, loss)]
    return [before, *given.change({key: [] for key in keys})]


def _logged(function: Function) -> set[object]:
    """The names that a method hands to ``self.log`` itself."""
    own = self_name(function)
    return {
        literal(call.args[0])
        for call in own_nodes(function)
        if isinstance(call, ast.Call) and call.args and ast.unparse(call.func) == f"{own}.log"
    }


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


def _names(file: File, function: Function, value: ast.expr) -> frozenset[str] | None:
    """The keys that a dict may have, also those put into a variable; None where one is not seen."""
    texts: list[ast.expr | None] = []
    if isinstance(value, ast.Name):
        for use in (n for n in ast.walk(function) if isinstance(n, ast.Name)):
            if use.id != value.id or use is value:
                continue
            around = file.tree.parents[use]
            if isinstance(around, ast.Subscript) and around.value is use:
                texts.append(around.slice)
            elif isinstance(around, ast.Assign) and isinstance(around.value, ast.Dict):
                texts += around.value.keys
            elif isinstance(use.ctx, ast.Store) or not isinstance(around, ast.Dict):
                return None
    elif isinstance(value, ast.Dict):
        texts += value.keys
    keys = [t.value if isinstance(t, ast.Constant) else None for t in texts]
    names = frozenset(key for key in keys if isinstance(key, str))
    return names if names and all(isinstance(key, str) for key in keys) else None


def _may_change(around: ast.AST | None) -> bool:
    """Whether what is done to a dict may put something else into it: a method, an assignment."""
    if isinstance(around, ast.Subscript):
        return not isinstance(around.ctx, ast.Load)
    return isinstance(around, ast.Attribute)


def _calls(
    file: File,
    given: Arguments,
    held: dict[str, Arguments | None],
    known: dict[str, frozenset[str] | None],
    log: str,
) -> list[str] | None:
    """The calls that log what the keys hold; None where a name may be logged twice."""
    if len(held) == 1:
        key = next(iter(held))
        return [f"{log}({given.text(key)}{', prog_bar=True' * (key == 'progress_bar')})"]
    logged, shown = given.named["log"].value, given.named["progress_bar"].value
    if ast.dump(logged) == ast.dump(shown):
        return [f"{log}({given.text('log')}, prog_bar=True)"]
    shown_call = f"{log}({given.text('progress_bar')}, prog_bar=True)"
    names = known["log"], known["progress_bar"]
    if names[0] is not None and names[1] is not None and not names[0] & names[1]:
        return [f"{log}({given.text('log')})", shown_call]
    first, second = held["log"], held["progress_bar"]
    if first is None or second is None:
        return None
    both = first.named.keys() & second.named.keys()
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
    words = [f"[{quote}{key}{quote}]" for key in KEYS for quote in "\"'"]
    if any(word in file.source.text for word in words):
        return True
    links = file.project.members.links
    return any(
        links.connect(file.project, file.path, other.path)
        for word in words
        for other in file.project.holding(word.encode(), file.path)
    )
