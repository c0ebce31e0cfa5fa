"""A training step of a module without a script, on a batch that is made up."""

from __future__ import annotations

import ast
import importlib
import re
from typing import Any, Dict, List, Tuple

#: ``name=float32[4,3,32,32]`` or ``int64[4] < 10``; the name and the bound may be missing.
_TENSOR = re.compile(
    r"\s*(?:(?P<name>\w+)\s*=\s*)?(?P<kind>[a-z]+\d*)\s*\[(?P<shape>[\d\s,]*)\]\s*(?:<\s*(?P<below>\d+))?\s*"
)
_BETWEEN = re.compile(r",(?![^\[]*\])")
_BELOW = 2
_SEED = 1


class SpecError(ValueError):
    """A batch or an argument that cannot be made; the message says why."""


def tensors(spec: str) -> List[Tuple[str, str, Tuple[int, ...], int]]:
    """Name (empty where none), kind, shape and bound of each tensor of a batch.

    Raises:
        SpecError: the text is no such list.
    """
    found = []
    for part in _BETWEEN.split(spec):
        match = _TENSOR.fullmatch(part)
        if match is None:
            raise SpecError(
                f"{part.strip()!r} is no tensor; write float32[4,3,32,32], or y=int64[4] < 10"
            )
        shape = tuple(int(size) for size in match["shape"].split(",") if size.strip())
        found.append((match["name"] or "", match["kind"], shape, int(match["below"] or _BELOW)))
    if len({bool(name) for name, _, _, _ in found}) > 1:
        raise SpecError("name all tensors of the batch, which makes it a dict, or none of them")
    return found


def arguments(text: str) -> Dict[str, Any]:
    """The keyword arguments in ``lr=0.1, name='x'``.

    Raises:
        SpecError: the text is no list of keywords with plain values.
    """
    try:
        call: Any = ast.parse(f"f({text})", mode="eval").body
        given = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
    except (SyntaxError, ValueError, AttributeError):
        raise SpecError(f"{text!r} is no list such as lr=0.1, name='x'") from None
    if call.args or None in given:
        raise SpecError(f"{text!r}: give every argument by its name")
    return given


def batch_of(torch: Any, spec: str) -> Any:
    """A batch by its text: a dict where the tensors have names, a list of several, or the one."""
    generator = torch.Generator().manual_seed(_SEED)
    made = []
    for name, kind, shape, below in tensors(spec):
        dtype: Any = getattr(torch, kind, None)
        if not isinstance(dtype, torch.dtype):
            raise SpecError(f"torch has no type {kind}; write float32, int64 or bool, say")
        if dtype.is_floating_point:
            value = torch.randn(shape, generator=generator).to(dtype)
        else:
            value = torch.randint(0, below, shape, generator=generator).to(dtype)
        made.append((name, value))
    if made[0][0]:
        return dict(made)
    return made[0][1] if len(made) == 1 else [value for _, value in made]


def train(target: str, init: str, spec: str) -> None:
    """Fit the module that ``package.module:Class`` names on one batch.

    Raises:
        SpecError: the module cannot be made of what was given.
    """
    home, _, name = target.partition(":")
    cls: Any = getattr(importlib.import_module(home), name, None)
    if not isinstance(cls, type):
        raise SpecError(f"{home} has no class {name}")
    namespace = next((top for top in map(_namespace, cls.__mro__) if top), None)
    if namespace is None:
        raise SpecError(f"{name} is no LightningModule")
    lightning = importlib.import_module(namespace)
    torch = importlib.import_module("torch")
    torch.manual_seed(_SEED)
    module = cls(**arguments(init))
    batch = batch_of(torch, spec) if spec else getattr(module, "example_input_array", None)
    if batch is None:
        raise SpecError(
            f"{name} has no example_input_array: say what a batch is, --batch 'float32[4,10], "
            "int64[4] < 2'"
        )
    loader = torch.utils.data.DataLoader([batch, batch], batch_size=None)
    own = getattr(cls, "validation_step", None)
    validates = own is not getattr(lightning.LightningModule, "validation_step", None)
    trainer = lightning.Trainer(max_epochs=1)
    trainer.fit(module, loader, loader if validates else None)


def _namespace(cls: type) -> str:
    if cls.__name__ != "LightningModule":
        return ""
    if cls.__module__.startswith("lightning.pytorch"):
        return "lightning.pytorch"
    return "pytorch_lightning" if cls.__module__.startswith("pytorch_lightning") else ""
