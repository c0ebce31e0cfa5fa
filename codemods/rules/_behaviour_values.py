"""Values that another release would give: what is read, why it differs, and what to do."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.values import infer
from ..lightning.lineage import inherits
from ..lightning.objects import CLASSES, MODULE, TRAINER
from ._behaviour_uses import stage_calls
from ._members import uses
from ._trainer_calls import trainer_calls
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File

#: The place, what is different, and the way out.
Told = tuple[ast.AST, str, str]

_WANDB = "lightning.pytorch.loggers.WandbLogger"
_CHECKPOINT = "lightning.pytorch.callbacks.ModelCheckpoint"
_FIRST_STEP = re.compile(r"(^|[-/])step=0\.ckpt$")
_OLD_FOLDER = re.compile(r"(^|/)default/version_")
_ENDS = ("on_train_end", "on_fit_end")
_WRITERS = re.compile(r"add_(scalar|scalars|image|images|figure|histogram|text|graph|video|audio)")
_TQDM = frozenset(
    {"set_postfix", "set_postfix_str", "set_description", "refresh", "update", "write"}
)
_BOARD = (b"tensorboard", b"TensorBoardLogger")


def counters(file: File) -> Iterator[Told]:
    """``current_epoch`` at the end of training, and counters after a test."""
    for use in uses(file, ("current_epoch",)):
        node, parent = use.node, file.tree.parents[use.node]
        if not any(inherits(o, CLASSES[k]) for o in use.owners for k in (MODULE, TRAINER)):
            continue
        function = file.tree.enclosing_function(node)
        if node.attr == "current_epoch" and isinstance(parent, ast.BinOp):
            ends = function is not None and function.name in _ENDS
            if ends and isinstance(parent.op, ast.Add) and literal(parent.right) == 1:
                yield (
                    parent,
                    "current_epoch is one more in on_train_end since 1.6: it counts what is done",
                    "leave the + 1 away",
                )
    yield from _after_test(file)


def _after_test(file: File) -> Iterator[Told]:
    calls = list(stage_calls(file))
    for use in uses(file, ("global_step", "current_epoch")):
        owner = file.text(use.node.value)
        home = file.tree.enclosing_function(use.node)
        ahead = [
            c
            for c in calls
            if file.tree.enclosing_function(c) is home
            and isinstance(c.func, ast.Attribute)
            and file.text(c.func.value) == owner
            and c.lineno < use.node.lineno
        ]
        loaded = any(
            k.arg == "ckpt_path" and literal(k.value) is not None for c in ahead for k in c.keywords
        )
        if loaded and not any(
            isinstance(c.func, ast.Attribute) and c.func.attr == "fit" for c in ahead
        ):
            yield (
                use.node,
                f"{use.name} is not read from the checkpoint since 1.9, but by fit",
                'read it from the file: torch.load(path)["epoch"] or ["global_step"]',
            )


def names(file: File) -> Iterator[Told]:
    """Names of loggers and files that changed."""
    for node in file.tree.all(ast.Constant):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if _FIRST_STEP.search(node.value) and any(stage_calls(file, frozenset({"fit"}))):
            yield (
                node,
                "the step in the names of checkpoints counts from one since 1.6",
                "the file of the first step is called step=1.ckpt",
            )
        elif _OLD_FOLDER.search(node.value) and b"TensorBoardLogger" in file.source.data:
            yield (
                node,
                'a TensorBoardLogger without a name writes into "lightning_logs" since 1.6',
                'look there, or say TensorBoardLogger(…, name="default")',
            )
    for node in file.tree.all(ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "name" and _is_wandb(file, node.value):
            yield (
                node,
                "the name of a WandbLogger is the project's since 1.7.2, not the run's",
                "the run's name is logger.experiment.name",
            )
    yield from _runs(file)


def _is_wandb(file: File, node: ast.expr) -> bool:
    value = file.assigned(node) if isinstance(node, ast.Name) else None
    if not isinstance(value, ast.Call) or file.canonical(value.func) != _WANDB:
        return False
    return any(k.arg == "name" for k in value.keywords)


def _runs(file: File) -> Iterator[Told]:
    """``wandb.run`` and the like before the logger has made the run."""
    made = [c for c in file.tree.calls if file.canonical(c.func) == _WANDB]
    if not made or b"wandb.init" in file.source.data or b".experiment" in file.source.data:
        return
    used = [
        n
        for n in file.tree.all(ast.Attribute)
        if file.canonical(n if isinstance(n, ast.Attribute) else None)
        in ("wandb.run", "wandb.config")
    ]
    for node in used:
        home = file.tree.enclosing_function(node)
        if any(file.tree.enclosing_function(c) is home and c.lineno < node.lineno for c in made):  # type: ignore[attr-defined]
            yield (
                node,
                "a WandbLogger makes its run when it is first used since 2.1, not when it is made",
                "read logger.experiment first, which makes the run",
            )


def checkpoints(file: File) -> Iterator[Told]:
    """What a ModelCheckpoint does without being told."""
    for call in file.tree.calls:
        if file.canonical(call.func) != _CHECKPOINT:
            continue
        given = {k.arg: k.value for k in call.keywords}
        if None in given or call.args[2:]:
            continue
        filename = literal(given.get("filename"))
        hints = "mode" in given or (isinstance(filename, str) and "{val_loss" in filename)
        if "monitor" in given and literal(given["monitor"]) is not None:
            hints = False
        if hints:
            yield (
                call,
                "without monitor a ModelCheckpoint keeps the last checkpoint since 1.4, no best",
                'say which metric is meant: monitor="val_loss"',
            )
        links = b"os.readlink" in file.source.data or b"os.path.islink" in file.source.data
        if literal(given.get("save_last")) is True and links:
            yield (
                call,
                "last.ckpt is a copy; it was a link in 2.1 alone",
                'save_last="link" makes it a link',
            )


def boards(file: File) -> Iterator[Told]:
    """Methods of TensorBoard on the default logger."""
    written = [node for node in file.tree.all(ast.Attribute) if _writes(file, node)]
    if written and _is_default(file):
        for node in written:
            assert isinstance(node, ast.Attribute)
            yield (
                node,
                f"without tensorboard the default logger is a CSVLogger, which has no {node.attr}",
                "install tensorboard, and say logger=TensorBoardLogger(…)",
            )


def _writes(file: File, node: ast.AST) -> bool:
    """Whether an attribute is a method of a logger's experiment that TensorBoard's alone has."""
    if not isinstance(node, ast.Attribute) or not _WRITERS.fullmatch(node.attr):
        return False
    owner = node.value
    return (
        isinstance(owner, ast.Attribute) and owner.attr == "experiment" and _is_logger(file, owner)
    )


def _is_default(file: File) -> bool:
    """Whether the Trainers around a file are left to their default logger."""
    homes = dict.fromkeys([file, *file.project.holding(b"rainer(", file.path)])
    trainers = [c for h in homes for c in trainer_calls(h) if c.kind == "Trainer"]
    if not trainers or any(
        c.hidden or (c.get("logger") and literal(c.value("logger")) is not True) for c in trainers
    ):
        return False
    if any(word in home.source.data for word in _BOARD for home in homes):
        return False
    return not any(file.project.holding(word, file.path) for word in _BOARD)


def _is_logger(file: File, node: ast.Attribute) -> bool:
    inner = node.value
    if not isinstance(inner, ast.Attribute) or inner.attr != "logger":
        return False
    types = infer(file, inner.value)
    return is_surely(types, Role.MODULE.value) or is_surely(types, Role.TRAINER.value)


def losses(file: File) -> Iterator[Told]:
    """A loss that the bar shows no more, and nobody logged."""
    for node in file.tree.all(ast.Subscript):
        if not isinstance(node, ast.Subscript) or literal(node.slice) != "loss":
            continue
        owner = node.value
        named = isinstance(owner, ast.Attribute) and owner.attr == "progress_bar_metrics"
        called = (
            isinstance(owner, ast.Call)
            and isinstance(owner.func, ast.Attribute)
            and owner.func.attr == "get_metrics"
        )
        logged = [b'log("loss"', b"log('loss'"]
        if (named or called) and not any(file.project.holding(w, file.path) for w in logged):
            yield (
                node,
                "the progress bar has no loss of its own since 2.0",
                'log it in the step: self.log("loss", loss, prog_bar=True)',
            )


def bars(file: File) -> Iterator[Told]:
    """Methods of tqdm on the bar that is shown by default."""
    if b"TQDMProgressBar" in file.source.data:
        return
    for node in file.tree.all(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        owner = node.value
        if node.attr not in _TQDM or not isinstance(owner, ast.Attribute):
            continue
        inner = owner.value
        if owner.attr != "train_progress_bar" or not isinstance(inner, ast.Attribute):
            continue
        if inner.attr == "progress_bar_callback":
            yield (
                node,
                "the default bar is rich's where rich is installed, since 2.6",
                "pass TQDMProgressBar() in callbacks= to keep tqdm's",
            )


CHECKS = (counters, names, checkpoints, losses, bars)
