"""``global_step`` of modules with several optimizers, which counted batches until 1.5."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Class, Role
from ..lightning.lineage import inherits
from ..lightning.objects import CLASSES, MODULE, TRAINER
from ..model import Fix, Safety
from ._asked import is_older, is_settled
from ._behaviour_uses import reached
from ._members import uses
from ._optimizers import count
from ._trainer_calls import trainer_calls
from ._trainer_module import module_of
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.settings import Settings

#: From here on the steps of all optimizers count; code that is pinned below counts batches.
_LATER = "1.6"
_STEPS = ("training_step", "_training_step")
#: Run between two batches or after all of them, where a batch has taken all of its steps.
_EVALUATIONS = ("validation_step", "test_step", "predict_step")


def counts(file: File, settings: Settings) -> Iterator[tuple[ast.Attribute, int, Fix | None]]:
    """Reads on which more than a record depends: the steps of a batch, and the division if sure.

    None where the project requires releases that count as today: then it counts with them.
    """
    if is_settled(file.project, file.path, settings.root, _LATER):
        return
    for use in uses(file, ("global_step",)):
        node, cls = use.node, file.class_of(use.node)
        if cls is None or not cls.has(Role.MODULE):
            continue
        kind = TRAINER if _is_of_trainer(node) else MODULE
        if not any(inherits(owner, CLASSES[kind]) for owner in use.owners):
            continue
        number = count(cls) or 0
        if number < 2 or not _decides(file, node, number):  # noqa: PLR2004 - several
            continue
        if _is_in_step(file, cls, node) and is_older(
            file.project, file.path, settings.root, _LATER
        ):
            yield node, number, _divided(file, node, number)
        elif not _is_with_zero(file, node):
            yield node, number, None


def limits(file: File, settings: Settings) -> Iterator[tuple[ast.expr, int]]:
    """Numbers of steps after which a Trainer is to end, and how many steps a batch takes there."""
    if is_settled(file.project, file.path, settings.root, _LATER):
        return
    for call in trainer_calls(file):
        node = call.value("max_steps")
        cls = module_of(call) if node is not None and call.home("max_steps") is file else None
        if node is None or cls is None or literal(node) in (None, -1) or _takes_turns(cls):
            continue
        number = count(cls) or 0
        if number > 1 and not _is_multiplied(node, number):
            yield node, number


def _is_multiplied(node: ast.expr, number: int) -> bool:
    sides = (node.left, node.right) if isinstance(node, ast.BinOp) else ()
    return any(literal(side) == number for side in sides)


def _is_of_trainer(node: ast.Attribute) -> bool:
    """Whether a read asks the Trainer of an object, as in ``self.trainer.global_step``."""
    owner = node.value
    return (
        isinstance(owner, ast.Attribute)
        and owner.attr == "trainer"
        and isinstance(owner.value, ast.Name)
    )


def _decides(file: File, node: ast.Attribute, number: int) -> bool:
    """Whether a count that is not divided yet is compared, divided, or given to a method."""
    parent = file.tree.parents[node]
    if isinstance(parent, ast.BinOp):
        divided = isinstance(parent.op, ast.FloorDiv) and literal(parent.right) == number
        return isinstance(parent.op, (ast.Mod, ast.FloorDiv)) and not divided
    if isinstance(parent, ast.Compare):
        return True
    if isinstance(parent, ast.keyword):
        parent = file.tree.parents[parent]
    func = parent.func if isinstance(parent, ast.Call) else None
    owner = func.value if isinstance(func, ast.Attribute) else None
    if not isinstance(func, ast.Attribute) or not isinstance(owner, ast.Name):
        return False
    return owner.id == "self" and func.attr not in ("log", "log_dict", "print")


def _is_with_zero(file: File, node: ast.Attribute) -> bool:
    """Whether a read only asks for the first step, which differs for the second optimizer alone."""
    parent = file.tree.parents[node]
    sides = (parent.left, *parent.comparators) if isinstance(parent, ast.Compare) else ()
    return any(literal(side) == 0 for side in sides)


def _divided(file: File, node: ast.Attribute, number: int) -> Fix:
    text = f"{file.text(node)} // {number}"
    if isinstance(file.tree.parents[node], ast.BinOp):
        text = f"({text})"
    home = file.tree.enclosing_function(node)
    inside = getattr(home, "name", "") in _STEPS
    safety = Safety.SAFE if inside else Safety.UNSAFE
    return Fix(f"divide it by {number}", (file.replace(node, text),), safety)


def _is_in_step(file: File, cls: Class, node: ast.Attribute) -> bool:
    """Whether a read stands in a step, or in what one calls, and each training pass has a loss."""
    around = file.tree.enclosing_function(node)
    steps = [found for name in (*_STEPS, *_EVALUATIONS) for found in reached(cls, name)]
    if not any(function is around for _, function in steps) or _takes_turns(cls):
        return False
    return all(
        not isinstance(n, ast.Return) or literal(n.value) is not None
        for name in _STEPS
        for found in [cls.methods.get(name)]
        if found is not None
        for n in ast.walk(found)
    )


def _takes_turns(cls: Class) -> bool:
    """Whether an optimizer has a frequency, and with it batches of its own."""
    found = cls.method("configure_optimizers")
    dicts = [n for n in ast.walk(found[1]) if isinstance(n, ast.Dict)] if found else []
    keys = [{literal(key) for key in node.keys if isinstance(key, ast.Constant)} for node in dicts]
    return any({"optimizer", "frequency"} <= held for held in keys)
