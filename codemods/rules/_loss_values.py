"""What is recognizable as a loss by itself: names, logged values, results of loss functions."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.values import infer

if TYPE_CHECKING:
    from ._steps import Step

_FUNCTIONAL = "torch.nn.functional."
_FUNCTIONS = frozenset(
    {"cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div"}
)
_TOKENS = re.compile(r"[a-z]+|[A-Z][a-z]*|\d+")
#: Words that turn a name with "loss" in it into something else than a loss.
OTHER = frozenset({
    "fn", "fns", "func", "funcs", "function", "functions", "fct", "weight", "weights",
    "ratio", "scale", "scaler", "coef", "coeff", "factor", "name", "names", "type", "key",
    "keys", "dict", "dicts", "list", "log", "logs", "logger", "str", "meter", "metric",
    "metrics", "history", "module", "config", "cfg", "args", "kwargs", "lambda", "idx",
    "index", "plot", "threshold", "losses", "tracker", "criterion",
})  # fmt: skip


def is_loss_name(name: str) -> bool:
    """Whether a name, or a key of a log, says that it is a loss."""
    last = re.split(r"[./]", name)[-1]
    label = last if "loss" in last.lower() else name
    return "loss" in label.lower() and not words(label) & OTHER


def words(name: str) -> set[str]:
    """The words of a name, in small letters."""
    return {t.lower() for t in _TOKENS.findall(name)}


def logged(call: ast.Call) -> tuple[ast.expr, ast.expr] | None:
    """Key and value of ``self.log(key, value)`` and ``add_scalar(key, value)``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("log", "add_scalar"):
        return None
    named = {k.arg: k.value for k in call.keywords}
    key = call.args[0] if call.args else named.get("name") or named.get("tag")
    value = call.args[1] if len(call.args) > 1 else named.get("value") or named.get("scalar_value")
    return (key, value) if key is not None and value is not None else None


def literal_text(node: ast.expr) -> str:
    """The fixed text in a string, an f-string or a concatenation."""
    return "".join(
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    )


def is_logged_loss(call: ast.Call) -> ast.expr | None:
    """The value that a call logs under a loss's name."""
    pair = logged(call)
    return pair[1] if pair is not None and is_loss_name(literal_text(pair[0])) else None


def is_loss_value(step: Step, node: ast.expr) -> bool:
    """Whether an expression is the result of a loss function, or arithmetic on such results."""
    if isinstance(node, ast.BinOp):
        return is_loss_value(step, node.left) or is_loss_value(step, node.right)
    if isinstance(node, ast.UnaryOp):
        return is_loss_value(step, node.operand)
    if isinstance(node, ast.IfExp):
        return is_loss_value(step, node.body) and is_loss_value(step, node.orelse)
    if not isinstance(node, ast.Call):
        return False
    func = node.func
    if isinstance(func, ast.Attribute) and func.attr in ("mean", "sum"):
        return is_loss_value(step, func.value)
    return _is_loss_function(step, func)


def _is_loss_function(step: Step, func: ast.expr) -> bool:
    name = step.file.canonical(func) or ""
    if name.startswith(_FUNCTIONAL):
        last = name[len(_FUNCTIONAL) :]
        return last in _FUNCTIONS or last.endswith("_loss")
    if isinstance(func, ast.Call):
        made = step.file.canonical(func.func) or ""
        return made.startswith("torch.nn.") and made.endswith("Loss")
    last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    if is_super_step(func):
        return True
    if not re.search(r"loss|criterion", last, re.IGNORECASE):
        return False
    types = infer(step.file, func)
    if any((t.name or "").startswith("torchmetrics") for t in types):
        return False
    return last[:1].islower() or last.startswith("_")


def is_super_step(func: ast.expr) -> bool:
    """``super().training_step``."""
    return (
        isinstance(func, ast.Attribute)
        and func.attr == "training_step"
        and isinstance(func.value, ast.Call)
        and isinstance(func.value.func, ast.Name)
        and func.value.func.id == "super"
    )
