"""An environment variable is set that Lightning does not read any more.

What it does
    Finds `os.environ[…] = …`, `setdefault`, `putenv` and dict entries for variables that Lightning
    read once: `PL_TORCH_DISTRIBUTED_BACKEND`, `PL_FAULT_TOLERANT_TRAINING` and others, and
    `PL_TRAINER_…` for arguments that the Trainer does not have any more.

Why
    Nothing says that the variable is ignored: the training runs with the default.

Example
    ```python
    os.environ["PL_TORCH_DISTRIBUTED_BACKEND"] = "gloo"
    trainer = Trainer(strategy="ddp")
    ```
    becomes
    ```python
    trainer = Trainer(strategy=DDPStrategy(process_group_backend="gloo"))
    ```

Fix safety
    Safe where what the variable switched is gone or always on. Unsafe for the backend, which goes
    to the strategies of the Trainers in the same file. Told where something else reads the
    variable, and where nothing takes its place.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/11745
    https://github.com/Lightning-AI/pytorch-lightning/pull/16355
    https://github.com/Lightning-AI/pytorch-lightning/pull/16516
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.imports import spell
from ..engine.rule import rule
from ..engine.statements import remove
from ..lightning.changes.row import minor
from ..lightning.environment import BACKEND, TRAINER_PREFIX, VARIABLES
from ..lightning.trainer import GONE_ARGUMENTS
from ..model import Fix, Safety
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..lightning.environment import Variable
    from ..model import Edit, Finding, Need

_OWNERS = ("setdefault", "pop", "__setitem__", "__delitem__")
#: What the names of strategies stood for, as arguments of DDPStrategy.
_DDP = {
    "ddp": "",
    "ddp_find_unused_parameters_false": "find_unused_parameters=False, ",
    "ddp_find_unused_parameters_true": "find_unused_parameters=True, ",
    "ddp_spawn": 'start_method="spawn", ',
    "ddp_fork": 'start_method="fork", ',
}
_IMPORT = "lightning.pytorch.strategies.DDPStrategy"


@dataclass(frozen=True, eq=False)
class _Set:
    """A variable that is set: the string, the value, and the statement if it does just that."""

    name: ast.Constant
    value: ast.expr | None
    statement: ast.stmt | None = None


@rule("LF801", triggers=(*VARIABLES, TRAINER_PREFIX))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the variables' names."""
    for found in _settings(file):
        name = str(found.name.value)
        variable = VARIABLES.get(name)
        if variable is not None and minor(variable.removed) <= minor(settings.target):
            yield _finding(rule, file, found, variable)
        argument = name.removeprefix(TRAINER_PREFIX).lower()
        if name.startswith(TRAINER_PREFIX) and argument in GONE_ARGUMENTS:
            yield file.finding(
                rule,
                found.name,
                f"{name} is ignored: the Trainer has no argument {argument}",
                reason=f"write what {argument} became into the call of the Trainer",
            )


def _settings(file: File) -> Iterator[_Set]:
    for node in file.tree.all(ast.Constant):
        assert isinstance(node, ast.Constant)
        if not isinstance(node.value, str) or not node.value.startswith("PL_"):
            continue
        parent = file.tree.parents[node]
        if isinstance(parent, ast.Subscript) and _is_environ(file, parent.value):
            statement = file.tree.parents[parent]
            if isinstance(statement, ast.Assign) and statement.targets == [parent]:
                yield _Set(node, statement.value, statement)
            elif isinstance(statement, ast.Delete) and len(statement.targets) == 1:
                yield _Set(node, None, statement)
        elif isinstance(parent, ast.Call) and parent.args and parent.args[0] is node:
            yield from _of_call(file, node, parent)
        elif isinstance(parent, ast.Dict):
            at = [k is node for k in parent.keys]
            if any(at):
                yield _Set(node, parent.values[at.index(True)])


def _of_call(file: File, node: ast.Constant, call: ast.Call) -> Iterator[_Set]:
    func = call.func
    sets = isinstance(func, ast.Attribute) and func.attr in _OWNERS
    if isinstance(func, ast.Attribute) and sets and _is_environ(file, func.value):
        pass
    elif file.canonical(func) not in ("os.putenv", "os.unsetenv"):
        return
    statement = file.tree.parents[call]
    value = call.args[1] if len(call.args) > 1 else None
    yield _Set(node, value, statement if isinstance(statement, ast.Expr) else None)


def _is_environ(file: File, node: ast.expr) -> bool:
    return file.canonical(node) == "os.environ"


def _finding(rule: Rule, file: File, found: _Set, variable: Variable) -> Finding:
    message = f"{variable.name} is ignored since Lightning {variable.removed}"
    way_out = variable.way_out or "nothing has to take its place: remove it"
    if found.statement is None:
        return file.finding(rule, found.name, message, reason=way_out)
    if _is_read(file, variable.name):
        reason = f"something else here reads the variable; {way_out}"
        return file.finding(rule, found.name, message, reason=reason)
    removal = remove(file, [found.statement])
    if not variable.way_out:
        fix = Fix("remove it", removal, drops=("os",))
        return file.finding(rule, found.name, message, fix=fix)
    moved = _into_strategies(file, found) if variable.name == BACKEND else None
    if moved is None:
        return file.finding(rule, found.name, message, reason=way_out)
    edits, needs = moved
    fix = Fix("hand it to DDPStrategy", (*removal, *edits), Safety.UNSAFE, needs, drops=("os",))
    reason = "Trainers of other files would be without it"
    return file.finding(rule, found.name, message, fix=fix, reason=reason)


def _is_read(file: File, name: str) -> bool:
    """Whether a variable is named anywhere but where it is set."""
    known = {id(found.name) for found in _settings(file)}
    for node in file.tree.all(ast.Constant):
        if isinstance(node, ast.Constant) and node.value == name and id(node) not in known:
            return True
    others = file.project.holding(name.encode(), file.path)
    return any(other is not file for other in others)


def _into_strategies(file: File, found: _Set) -> tuple[tuple[Edit, ...], tuple[Need, ...]] | None:
    """The edits that hand a backend to the strategies of a file's Trainers."""
    if not isinstance(literal(found.value), str) or found.value is None:
        return None
    edits: list[Edit] = []
    needs: set[Need] = set()
    for call in trainer_calls(file):
        strategy = value_of(call, "strategy")
        if call.kind != "Trainer" or not isinstance(strategy, str) or strategy not in _DDP:
            return None
        if call.home("strategy") is not file:
            return None
        spelled = spell(file, call.node, _IMPORT)
        text = f"{spelled.text}({_DDP[strategy]}process_group_backend={file.text(found.value)})"
        edits += call.change({"strategy": [("strategy", text)]})
        needs.update(spelled.needs)
    return (tuple(edits), tuple(sorted(needs, key=lambda n: n.module))) if edits else None
