"""A classification metric of torchmetrics is made without its task.

What it does
    Finds `Accuracy`, `F1Score` and the other classification metrics of torchmetrics, as classes and
    as functions, that are called without `task=`, and writes the task that their own arguments, or
    the loss of the module, tell.

Why
    torchmetrics 0.11 made `task` an argument that has to be given: without it the call raises
    `TypeError`. Until then the kind of data was guessed from the shapes of each batch.

Example
    ```python
    self.accuracy = torchmetrics.Accuracy(num_classes=10)
    ```
    becomes
    ```python
    self.accuracy = torchmetrics.Accuracy(num_classes=10, task="multiclass")
    ```

Fix safety
    Safe where `num_classes` or `num_labels` tells the task. Unsafe where only the loss of the class
    does, or where the number of classes is taken from the scope, or from the last linear layer of
    the module. Told where none of these is there, and where arguments are given that the new form
    does not have.

References
    https://github.com/Lightning-AI/torchmetrics/pull/1195
    https://lightning.ai/docs/torchmetrics/stable/classification/accuracy.html
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.rule import rule
from ..engine.values import own_nodes
from ..model import Fix, Safety
from ._construction import class_of
from ._offered import named, of_holder, of_self
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

#: What the first parameter was before ``task`` took its place, by the metric.
_FIRST = {
    **dict.fromkeys(("Accuracy", "HammingDistance"), "threshold"),
    **dict.fromkeys(
        (
            *("AUROC", "AveragePrecision", "CohenKappa", "ConfusionMatrix", "F1Score"),
            *("FBetaScore", "JaccardIndex", "MatthewsCorrCoef", "Precision", "ROC"),
            *("PrecisionRecallCurve", "Recall", "Specificity"),
        ),
        "num_classes",
    ),
    **dict.fromkeys(("CalibrationError", "HingeLoss", "StatScores"), ""),
}
_FUNCTIONS = frozenset(
    {
        *("accuracy", "auroc", "average_precision", "calibration_error", "cohen_kappa"),
        *("confusion_matrix", "f1_score", "fbeta_score", "hamming_distance", "hinge_loss"),
        *("jaccard_index", "matthews_corrcoef", "precision", "precision_recall_curve", "recall"),
        *("roc", "specificity", "stat_scores"),
    }
)
_CLASS_HOMES = ("torchmetrics.", "torchmetrics.classification.")
_FUNCTION_HOMES = ("torchmetrics.functional.", "torchmetrics.functional.classification.")
#: Arguments that the form with a task does not take.
_GONE = frozenset(
    {
        *("absent_score", "class_reduction", "is_multiclass", "mdmc_average", "mdmc_reduce"),
        *("multiclass", "multilabel", "pos_label", "reduce", "reduction", "subset_accuracy"),
    }
)
_IGNORED = frozenset({"compute_on_step"})
_MANY = frozenset({"cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss"})
_TWO = frozenset(
    {
        *("binary_cross_entropy", "binary_cross_entropy_with_logits"),
        *("BCELoss", "BCEWithLogitsLoss"),
    }
)
_NAMES = ("num_classes", "n_classes", "NUM_CLASSES", "num_class", "n_class")


@dataclass(frozen=True)
class _Task:
    """The arguments to add, and why they are only probably right."""

    added: tuple[tuple[str, str], ...]
    doubt: str = ""


@rule(
    "LF505",
    triggers=tuple(sorted({*_FIRST, *_FUNCTIONS})),
    context=("torchmetrics", "lightning.metrics"),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at calls."""
    del settings
    for call in file.tree.calls:
        metric = _metric(file.canonical(call.func) or "")
        if metric is None:
            continue
        arguments = Arguments(file, call)
        task_by_place = _is_task(call.args[0]) if call.args and metric in _FIRST else False
        if "task" in arguments or arguments.splat or task_by_place:
            continue
        message = f"{metric} needs a task since torchmetrics 0.11"
        gone = sorted(_GONE & set(arguments.named))
        places = len(call.args) > (1 if metric in _FIRST else 2) or (
            _FIRST.get(metric) == "threshold" and any(map(_is_number_of_classes, call.args))
        )
        if gone or places:
            what = f"{', '.join(gone)} is" if gone else "arguments by position are"
            yield file.finding(
                rule, call, message, reason=f"{what} not what it was: write task= and see its docs"
            )
            continue
        yield _finding(rule, file, call, metric, arguments, message)


def _metric(name: str) -> str | None:
    head, _, last = name.rpartition(".")
    if last in _FIRST and head + "." in _CLASS_HOMES:
        return last
    return last if last in _FUNCTIONS and head + "." in _FUNCTION_HOMES else None


def _is_task(node: ast.expr) -> bool:
    """Whether a first argument may be a task; a number and a number of classes are none."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return not _is_number_of_classes(node)


def _is_number_of_classes(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr.endswith(_NAMES)
    return isinstance(node, ast.Name) and node.id.endswith(_NAMES)


def _finding(
    rule: Rule, file: File, call: ast.Call, metric: str, arguments: Arguments, message: str
) -> Finding:
    first = call.args[0] if call.args and metric in _FIRST else None
    task = _task(file, call, arguments, first, metric)
    if task is None:
        return file.finding(
            rule,
            call,
            message,
            reason='say task="binary", or task="multiclass" with num_classes, '
            'or task="multilabel" with num_labels',
        )
    changes: dict[str, list[tuple[str, str]]] = {"": list(task.added)}
    changes |= {name: [] for name in _IGNORED if name in arguments}
    edits = arguments.change(changes)
    if first is not None:
        # A second edit of the call may touch the first: both are made of the same text.
        edits = (*edits, file.replace(first, f"{_FIRST[metric]}={file.text(first)}"))
    shown = ", ".join(f"{name}={value}" for name, value in task.added)
    return file.finding(
        rule,
        call,
        message,
        fix=Fix(f"add {shown}", edits, Safety.UNSAFE if task.doubt else Safety.SAFE),
        reason=task.doubt or None,
    )


def _task(
    file: File, call: ast.Call, arguments: Arguments, first: ast.expr | None, metric: str
) -> _Task | None:
    if "num_labels" in arguments:
        return _Task((("task", '"multilabel"'),))
    classes = arguments.value("num_classes")
    if classes is None and first is not None and _FIRST.get(metric) == "num_classes":
        classes = first
    if classes is not None and not (isinstance(classes, ast.Constant) and classes.value is None):
        if isinstance(classes, ast.Constant) and classes.value == 1:
            return _Task(
                (("task", '"binary"'),), "num_classes=1 stood for two classes in one score"
            )
        return _Task((("task", '"multiclass"'),))
    if "threshold" in arguments:
        return _Task(
            (("task", '"binary"'),),
            "a threshold is for two classes; with several labels it is multilabel",
        )
    beside = _beside(file, call)
    if beside is not None:
        return _Task(
            (("task", '"multiclass"'), ("num_classes", beside)),
            f"the metric beside it has {beside} classes",
        )
    losses = _losses(file, call)
    if losses == {"two"}:
        return _Task(
            (("task", '"binary"'),),
            "the loss is a binary one; with several labels it is multilabel",
        )
    if losses != {"many"}:
        return None
    number = _number(file, call) or _outputs(file, call)
    if number is None:
        return None
    return _Task(
        (("task", '"multiclass"'), ("num_classes", number)),
        f"the loss is one for several classes; {number} is taken for their number",
    )


def _outputs(file: File, call: ast.Call) -> str | None:
    """The outputs of the last linear layer of the class around a call, or of a class it makes."""
    cls = file.class_of(call)
    if cls is None:
        return None
    own = _last_linear(cls)
    made = [own] if own else [_last_linear(part) for part in _parts(cls)]
    found = {number for number in made if number}
    return str(found.pop()) if len(found) == 1 else None


def _parts(cls: Class) -> list[Class]:
    """The classes of the project that a class makes objects of."""
    calls = [n for method in cls.methods.values() for n in own_nodes(method)]
    found = [class_of(cls.file, n) for n in calls if isinstance(n, ast.Call)]
    return [c for c in dict.fromkeys(found) if c is not None]


def _last_linear(cls: Class) -> int | None:
    """How many outputs the last linear layer has that a constructor writes."""
    init = cls.methods.get("__init__")
    sizes = [
        Arguments(cls.file, node).value("out_features") or next(iter(node.args[1:]), None)
        for node in (own_nodes(init) if init is not None else ())
        if isinstance(node, ast.Call) and cls.file.canonical(node.func) == "torch.nn.Linear"
    ]
    size = literal(sizes[-1]) if sizes else None
    return size if type(size) is int and size > 1 else None


def _losses(file: File, call: ast.Call) -> set[str]:
    """Whether the class (else the file) around a call has losses for two or for many classes."""
    home = file.tree.enclosing_class(call)
    found = set()
    for node in file.tree.all(ast.Name, ast.Attribute):
        assert isinstance(node, (ast.Name, ast.Attribute))
        last = node.id if isinstance(node, ast.Name) else node.attr
        kind = "many" if last in _MANY else "two" if last in _TWO else None
        if kind is None or not (file.canonical(node) or "").startswith("torch.nn."):
            continue
        if home is None or any(a is home for a in file.tree.ancestors(node)):
            found.add(kind)
    return found


def _branches(file: File, node: ast.AST) -> dict[ast.AST, str]:
    """The branches that a node stands in, by their statements."""
    found: dict[ast.AST, str] = {}
    for around in file.tree.ancestors(node):
        if isinstance(around, ast.If):
            taken = any(child is node for child in around.body)
            found[around] = "body" if taken else "orelse"
        node = around
    return found


def _beside(file: File, call: ast.Call) -> str | None:
    """The number of classes that all other metrics agree on which are surely made with this one."""
    function = file.tree.enclosing_function(call)
    found = set()
    for other in file.tree.calls:
        if other is call or file.tree.enclosing_function(other) is not function:
            continue
        if _branches(file, other).items() - _branches(file, call).items():
            continue
        if _metric(file.canonical(other.func) or "") is None:
            continue
        value = Arguments(file, other).value("num_classes")
        if value is not None:
            found.add(file.text(value))
    return found.pop() if function is not None and len(found) == 1 else None


def _number(file: File, call: ast.Call) -> str | None:
    offered = named(file, call, _NAMES)
    for name in _NAMES:
        offered = offered or of_self(file, call, name) or of_holder(file, call, name)
    return offered
