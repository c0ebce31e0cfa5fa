"""Which hooks are heard when a training is recorded, and what became of those that went.

Some were called at another moment by earlier releases. That was tried: a program that defines every
hook was recorded on the last release of each minor from 1.0 to 2.0 and on 2.6.6, from 1.4 on with
automatic and manual optimization, a datamodule, several loaders, accumulated and clipped gradients,
LBFGS, and schedules by step and by epoch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .hooks import CALLBACK, DATAMODULE, MODULE, hooks
from .removed_hooks import removed_hooks

#: Hooks whose work another one does today; those of an epoch's end were given all its outputs.
_BECAME = {
    (MODULE, "training_epoch_end"): "on_train_epoch_end",
    (MODULE, "validation_epoch_end"): "on_validation_epoch_end",
    (MODULE, "test_epoch_end"): "on_test_epoch_end",
    (MODULE, "configure_sharded_model"): "configure_model",
}

#: What Lightning called several times for a batch: once for each optimizer, where a step was given
#: an ``optimizer_idx``, and for each piece of the batch, with ``hiddens``.
IN_PARTS = frozenset(
    {
        "training_step",
        "training_step_end",
        "toggle_optimizer",
        "untoggle_optimizer",
        "backward",
        "on_before_backward",
        "on_after_backward",
        "on_before_optimizer_step",
        "on_before_zero_grad",
        "optimizer_step",
        "optimizer_zero_grad",
        "configure_gradient_clipping",
    }
)


@dataclass(frozen=True)
class Elsewhere:
    """Hooks that releases before ``until`` called at another moment; ``how`` is a sentence."""

    names: tuple[str, ...]
    until: str
    how: str


ELSEWHERE = (
    Elsewhere(
        ("on_before_zero_grad", "optimizer_zero_grad"),
        "1.2",
        "it came after the backward pass of its batch",
    ),
    Elsewhere(("on_validation_model_train",), "1.1", "it came after on_validation_end"),
    Elsewhere(
        ("on_before_batch_transfer", "transfer_batch_to_device", "on_after_batch_transfer"),
        "1.4",
        "it came after the hooks of its batch's start, in the step itself",
    ),
    Elsewhere(("on_train_epoch_end",), "1.4", "it came before the validation of its epoch"),
    Elsewhere(
        ("on_before_optimizer_step",),
        "1.5",
        "it came before the forward and backward pass of its batch",
    ),
    Elsewhere(("configure_callbacks",), "1.5", "it came after prepare_data"),
)


@lru_cache(maxsize=1)
def watched() -> dict[str, tuple[str, ...]]:
    """The names of all hooks that any release calls, by the class of Lightning that has them."""
    found: dict[str, set[str]] = {owner: set() for owner in (MODULE, DATAMODULE, CALLBACK)}
    for owner, name in (*hooks(), *removed_hooks(), *_BECAME):
        if owner in found:
            found[owner].add(name)
    return {owner: tuple(sorted(names)) for owner, names in found.items()}


def successor(owner: str, name: str) -> str | None:
    """The hook that took the place of one that 2.x never calls; None where there is none."""
    row = removed_hooks().get((owner, name))
    return _BECAME.get((owner, name), row.becomes if row is not None else None)


def is_gone(owner: str, name: str) -> bool:
    """Whether 2.x never calls a hook that earlier releases have called."""
    return (owner, name) in removed_hooks() or (owner, name) in _BECAME


def way_out(owner: str, name: str) -> str:
    """What to do with a hook that 2.x never calls; empty where it still calls it."""
    row = removed_hooks().get((owner, name))
    if row is not None:
        return row.way_out
    became = _BECAME.get((owner, name))
    return f"it is {became} now" if became else ""


def elsewhere(name: str, release: str) -> str | None:
    """How a hook's moment on ``release`` differs from today's; None where it does not."""
    return next(
        (row.how for row in ELSEWHERE if name in row.names and _order(release) < _order(row.until)),
        None,
    )


def _order(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release)[:2])
