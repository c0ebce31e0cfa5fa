"""`self.log` is called in a way that Lightning refuses.

What it does
    Finds calls of `self.log` and `self.log_dict` in modules with `on_step=False` and
    `on_epoch=False`, with `on_step=True` in hooks that see no batch, in hooks where nothing can be
    logged, and two calls of one hook with the same name and other arguments.

Why
    They raise `MisconfigurationException` when the line runs. 1.4 and older logged nothing, or
    logged under another step.

Example
    ```python
    def on_train_epoch_end(self):
        self.log("size", self.size, on_step=True)
    ```
    becomes
    ```python
    def on_train_epoch_end(self):
        self.log("size", self.size, on_step=False, on_epoch=True)
    ```

Fix safety
    Safe in hooks that see no batch: there is one value, for the epoch. Unsafe where both are off:
    1.x logged nothing then. The rest is told.

References
    lightning/pytorch/trainer/connectors/logger_connector/fx_validator.py (2.6.6)
    https://github.com/Lightning-AI/pytorch-lightning/pull/10227
    https://github.com/Lightning-AI/pytorch-lightning/pull/7874
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..model import Fix, Safety
from ._members import AROUND
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

#: Hooks in which there is only the epoch to log for.
_NO_BATCH = frozenset(
    {
        "on_train_start", "on_validation_start", "on_test_start", "on_train_epoch_start",
        "on_train_epoch_end", "on_validation_epoch_start", "on_validation_epoch_end",
        "on_test_epoch_start", "on_test_epoch_end",
    }
)  # fmt: skip
#: Hooks of a module in which nothing can be logged.
_NOTHING = frozenset(
    {
        "lr_scheduler_step", "on_fit_start", "on_fit_end", "on_train_end", "on_validation_end",
        "on_test_end", "on_predict_start", "on_predict_end", "on_predict_epoch_start",
        "on_predict_epoch_end", "on_predict_batch_start", "on_predict_batch_end", "predict_step",
        "on_before_batch_transfer", "transfer_batch_to_device", "on_after_batch_transfer",
        "on_save_checkpoint", "on_load_checkpoint", "setup", "teardown", "configure_model",
        "configure_sharded_model", "configure_optimizers", "configure_callbacks", "prepare_data",
        "train_dataloader", "val_dataloader", "test_dataloader", "on_validation_model_eval",
        "on_validation_model_train", "on_test_model_eval", "on_test_model_train",
    }
)  # fmt: skip


@rule("LF609", triggers=(".log(", ".log_dict("), context=AROUND)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    del settings
    for owner, function in file.tree.methods():
        name = self_name(function)
        if name is None or not _logs(function):
            continue
        cls = file.cls(owner)
        if not cls.has(Role.MODULE) or cls.method("log") or cls.method("log_dict"):
            continue
        calls = [c for c in _calls(file, function) if _is_log(c, name)]
        for call in calls:
            found = _refused(rule, file, function, call)
            if found is not None:
                yield found
        yield from _twice(rule, file, function, calls)


def _logs(function: Function) -> bool:
    return any(
        isinstance(n, ast.Attribute) and n.attr.startswith("log") for n in ast.walk(function)
    )


def _calls(file: File, function: Function) -> list[ast.Call]:
    found = [n for n in ast.walk(function) if isinstance(n, ast.Call)]
    return [c for c in found if file.tree.enclosing_function(c) is function]


def _is_log(call: ast.Call, name: str) -> bool:
    func = call.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr in ("log", "log_dict")
        and isinstance(func.value, ast.Name)
        and func.value.id == name
    )


def _refused(rule: Rule, file: File, function: Function, call: ast.Call) -> Finding | None:
    arguments = Arguments(file, call)
    steps, epochs = (literal(arguments.value(n)) for n in ("on_step", "on_epoch"))
    assert isinstance(call.func, ast.Attribute)
    what = f"self.{call.func.attr}"
    if function.name in _NOTHING:
        return file.finding(
            rule,
            call,
            f"{what} cannot be called in {function.name}",
            reason="call self.logger.log_metrics(values, step=...), or log in another hook",
        )
    if function.name in _NO_BATCH and steps is True:
        changes = {"on_step": [("on_step", "False")]}
        changes.update({"on_epoch": [("on_epoch", "True")]} if "on_epoch" in arguments else {})
        more = {} if "on_epoch" in arguments else {"on_step": [*changes["on_step"], _EPOCH]}
        edits = arguments.change({**changes, **more})
        return file.finding(
            rule,
            call,
            f"{function.name} sees no batch: {what} takes no on_step=True there",
            fix=Fix("log for the epoch", edits),
        )
    if steps is False and epochs is False:
        edits = arguments.change({"on_epoch": [_EPOCH]})
        return file.finding(
            rule,
            call,
            f"{what} with on_step=False and on_epoch=False logs nothing, which is refused",
            fix=Fix("log for the epoch", edits, Safety.UNSAFE),
            reason="1.4 and older logged nothing here; to keep that, remove the call",
        )
    return None


_EPOCH = ("on_epoch", "True")


def _twice(rule: Rule, file: File, function: Function, calls: list[ast.Call]) -> Iterator[Finding]:
    """Findings at calls that name something again, one after the other in one block."""
    seen: dict[object, ast.Call] = {}
    for call in calls:
        statement = file.tree.parents[call]
        name = literal(call.args[0]) if call.args else None
        assert isinstance(call.func, ast.Attribute)
        if not isinstance(statement, ast.Expr) or not isinstance(name, str):
            continue
        if not any(s is statement for s in function.body) or call.func.attr != "log":
            continue
        first = seen.setdefault(name, call)
        if first is not call and _how(file, first) != _how(file, call):
            yield file.finding(
                rule,
                call,
                f'"{name}" is logged twice in {function.name}, with other arguments',
                reason="give both the same arguments, or another name to one of them",
            )


def _how(file: File, call: ast.Call) -> dict[str, str]:
    arguments = Arguments(file, call)
    return {n: arguments.text(n) for n in sorted(arguments.named) if n not in ("name", "value")}
