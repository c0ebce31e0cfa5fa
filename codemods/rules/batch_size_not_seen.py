"""`self.log` cannot tell how many samples a batch of graphs has.

What it does
    Finds `self.log` for an epoch, without `batch_size=`, in steps whose batch is one of
    torch_geometric, and adds `batch_size=batch.num_graphs`.

Why
    Lightning weighs the values of an epoch by the size of each batch, and takes the first tensor's
    for it. Of a batch of graphs that is the number of nodes: the mean is silently another one.

Example
    ```python
    def validation_step(self, batch, batch_idx):
        self.log("val_loss", self.loss(batch))
    ```
    becomes
    ```python
    def validation_step(self, batch, batch_idx):
        self.log("val_loss", self.loss(batch), batch_size=batch.num_graphs)
    ```

Fix safety
    Unsafe: the logged mean changes. Only batches that are annotated as one of torch_geometric, or
    asked for `num_graphs`, are looked at, and not where neighbours of nodes are drawn.

References
    lightning/pytorch/utilities/data.py (2.6.6), `extract_batch_size`
    https://github.com/Lightning-AI/pytorch-lightning/pull/10541
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..model import Fix, Safety, Severity
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_STEPS = ("training_step", "validation_step", "test_step")
#: What makes batches of parts of one graph, which have no num_graphs, whatever is annotated.
_SAMPLERS = (b"LightningNodeData", b"LightningLinkData", b"Neighbor")


@rule("LF616", triggers=("torch_geometric", "num_graphs"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    del settings
    if any(word in file.source.data for word in _SAMPLERS):
        return
    for owner, function in file.tree.methods(*_STEPS):
        name = self_name(function)
        if name is None:
            continue
        batch = _graphs(file, function)
        if not batch or not file.cls(owner).has(Role.MODULE):
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or not _is_unsized(file, function, node, name):
                continue
            text = f"{batch}.num_graphs"
            edits = Arguments(file, node).change({"": [("batch_size", text)]})
            yield file.finding(
                rule,
                node,
                "the size of a batch of graphs is not seen: the mean of the epoch is weighed by "
                "nodes",
                fix=Fix(f"write batch_size={text}", edits, Safety.UNSAFE),
                reason="the logged mean changes",
                severity=Severity.WARNING,
            )


def _graphs(file: File, function: Function) -> str:
    """The name of a step's batch of graphs; empty where it is not known to be one."""
    parameters = [*function.args.posonlyargs, *function.args.args][1:2]
    if not parameters:
        return ""
    name, annotation = parameters[0].arg, parameters[0].annotation
    annotated = annotation is not None and (file.canonical(annotation) or "")
    if annotated and annotated.startswith("torch_geometric."):
        return name
    asked = any(
        isinstance(n, ast.Attribute)
        and n.attr == "num_graphs"
        and isinstance(n.value, ast.Name)
        and n.value.id == name
        for n in ast.walk(function)
    )
    return name if asked else ""


def _is_unsized(file: File, function: Function, call: ast.Call, name: str) -> bool:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in ("log", "log_dict"):
        return False
    arguments = Arguments(file, call)
    if not isinstance(func.value, ast.Name) or func.value.id != name or arguments.splat:
        return False
    for_epoch = literal(arguments.value("on_epoch")) if "on_epoch" in arguments else None
    if for_epoch is None:
        for_epoch = function.name != "training_step"
    return "batch_size" not in arguments and for_epoch is True
