"""A Trainer is asked for its kind by comparing with an enum that is gone.

What it does
    Finds comparisons such as `trainer._distrib_type == DistributedType.DDP`, with
    `DistributedType`, `DeviceType` and `AMPType`, and asks for the class of the strategy, the
    accelerator or the precision plugin instead.

Why
    The enums went in 1.8 and 2.0 (`ImportError`), the attributes with them. The successors that the
    upgrade guide names, `_StrategyType` and `_AcceleratorType`, are gone too.

Example
    ```python
    if trainer._distrib_type == DistributedType.DDP:
        print("one process for each device")
    ```
    becomes
    ```python
    if isinstance(trainer.strategy, DDPStrategy):
        print("one process for each device")
    ```

Fix safety
    Safe where a class of today stands for the member. Unsafe where one class stands for two members
    of old. Members without a class (horovod, dp, IPU, apex) are told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/10505
    https://github.com/Lightning-AI/pytorch-lightning/pull/10503
    https://github.com/Lightning-AI/pytorch-lightning/pull/16149
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.references import references
from ..engine.relocate import uses
from ..engine.rule import rule
from ..lightning.names import canonical
from ..model import Fix, Safety
from ._templates import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_STRATEGIES = "lightning.pytorch.strategies."
_ACCELERATORS = "lightning.pytorch.accelerators."
#: The attribute that holds the object, and the class that a member of an enum stood for.
_CLASSES: dict[str, tuple[str, dict[str, str]]] = {
    "DistributedType": (
        "strategy",
        {
            "DDP": _STRATEGIES + "DDPStrategy",
            "DDP_SPAWN": _STRATEGIES + "DDPStrategy",
            "DEEPSPEED": _STRATEGIES + "DeepSpeedStrategy",
            "DDP_FULLY_SHARDED": _STRATEGIES + "FSDPStrategy",
            "TPU_SPAWN": _STRATEGIES + "XLAStrategy",
        },
    ),
    "DeviceType": (
        "accelerator",
        {
            "CPU": _ACCELERATORS + "CPUAccelerator",
            "GPU": _ACCELERATORS + "CUDAAccelerator",
            "TPU": _ACCELERATORS + "XLAAccelerator",
        },
    ),
    "AMPType": ("precision_plugin", {"NATIVE": "lightning.pytorch.plugins.MixedPrecision"}),
}
#: What of the Trainer was compared with which enum.
_ATTRIBUTES = {
    "_distrib_type": "DistributedType",
    "_device_type": "DeviceType",
    "amp_backend": "AMPType",
}
_SHARED = {"DDP": "spawned processes are a DDPStrategy too", "DDP_SPAWN": "so is plain DDP"}
_EQUAL, _UNEQUAL = (ast.Eq, ast.Is), (ast.NotEq, ast.IsNot)


@rule("LF506", triggers=tuple(_CLASSES), context=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at comparisons."""
    del settings
    for member, enum in _members(file):
        compare = file.tree.parents.get(member)
        if not isinstance(compare, ast.Compare) or len(compare.ops) != 1:
            continue
        sides = [compare.left, compare.comparators[0]]
        other = sides[1] if sides[0] is member else sides[0]
        if not isinstance(other, ast.Attribute) or _ATTRIBUTES.get(other.attr) != enum:
            continue
        yield _finding(rule, file, compare, other, member, enum)


def _members(file: File) -> Iterator[tuple[ast.Attribute, str]]:
    """The members of enums that a file names: ``DistributedType.DDP``."""
    for reference in references(file):
        node = reference.node
        if isinstance(node, ast.Attribute):
            enum = reference.path.split(".")[-2]
            if enum in _CLASSES and not reference.root.endswith(enum):
                yield node, enum
        elif isinstance(node, ast.alias) and node.name in _CLASSES:
            statement = file.tree.parents[node]
            if not isinstance(statement, ast.ImportFrom) or "lightning" not in reference.path:
                continue
            for name in uses(file, statement, node.asname or node.name):
                parent = file.tree.parents.get(name)
                if isinstance(parent, ast.Attribute):
                    yield parent, node.name


def _finding(
    rule: Rule,
    file: File,
    compare: ast.Compare,
    asked: ast.Attribute,
    member: ast.Attribute,
    enum: str,
) -> Finding:
    holder, classes = _CLASSES[enum]
    name = classes.get(member.attr)
    message = f"{enum} is gone; ask for the class of trainer.{holder}"
    same = isinstance(compare.ops[0], _EQUAL)
    if name is None or not (same or isinstance(compare.ops[0], _UNEQUAL)):
        return file.finding(
            rule, compare, message, reason=f"nothing of today stands for {member.attr}: drop it"
        )
    filled = fill(file, compare, f"isinstance({{0}}.{holder}, <{name}>)", file.text(asked.value))
    text = filled.text if same else f"not {filled.text}"
    doubt = _SHARED.get(member.attr) if enum == "DistributedType" else None
    return file.finding(
        rule,
        compare,
        message,
        fix=Fix(
            f"write {text}",
            (file.replace(compare, text),),
            Safety.UNSAFE if doubt else Safety.SAFE,
            filled.needs,
            drops=tuple(
                canonical(f"lightning.pytorch.{home}.{enum}")
                for home in ("utilities", "utilities.enums")
            ),
        ),
        reason=doubt,
    )
