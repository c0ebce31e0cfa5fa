"""A training step of a module without a script."""

from __future__ import annotations

import ast
import importlib
from typing import Any, Dict

from .synthetic import SpecError

_SEED = 1


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


def train(target: str, init: str) -> None:
    """Fit the module that ``package.module:Class`` names, on the data that ``fit`` is given.

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
    lightning.Trainer(max_epochs=1).fit(module)


def _namespace(cls: type) -> str:
    if cls.__name__ != "LightningModule":
        return ""
    if cls.__module__.startswith("lightning.pytorch"):
        return "lightning.pytorch"
    return "pytorch_lightning" if cls.__module__.startswith("pytorch_lightning") else ""
