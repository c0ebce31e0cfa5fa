"""Canonical names: one spelling for what Lightning offers under many.

``pytorch_lightning.Trainer``, ``lightning.Trainer``, ``lightning.pytorch.trainer.Trainer`` and
``pytorch_lightning.trainer.trainer.Trainer`` are one class, which rules see as
``lightning.pytorch.Trainer``.
"""

from __future__ import annotations

from functools import cache

PYTORCH = "lightning.pytorch"
FABRIC = "lightning.fabric"

#: Top-level names of the distributions, with what each is a spelling of.
ROOTS = {
    "pytorch_lightning": PYTORCH,
    "lightning.pytorch": PYTORCH,
    "lightning_fabric": FABRIC,
    "lightning.fabric": FABRIC,
    "lightning_lite": FABRIC,
    "lightning.lite": FABRIC,
}

#: Names that ``import lightning as L`` re-exports from ``lightning.fabric``.
_FABRIC_AT_TOP = frozenset({"Fabric", "is_overridden"})

#: Classes whose home moved, or that are reachable through several modules, by their last name.
_HOMES = {
    "Trainer": "lightning.pytorch.Trainer",
    "LightningModule": "lightning.pytorch.LightningModule",
    "LightningDataModule": "lightning.pytorch.LightningDataModule",
    "Callback": "lightning.pytorch.Callback",
    "seed_everything": "lightning.pytorch.seed_everything",
    "ModelHooks": "lightning.pytorch.core.hooks.ModelHooks",
    "DataHooks": "lightning.pytorch.core.hooks.DataHooks",
    "CheckpointHooks": "lightning.pytorch.core.hooks.CheckpointHooks",
    "CombinedLoader": "lightning.pytorch.utilities.CombinedLoader",
    "LightningCLI": "lightning.pytorch.cli.LightningCLI",
    "rank_zero_only": "lightning.pytorch.utilities.rank_zero_only",
    "BoringModel": "lightning.pytorch.demos.boring_classes.BoringModel",
    "BoringDataModule": "lightning.pytorch.demos.boring_classes.BoringDataModule",
}
_FLAT_PACKAGES = ("callbacks", "loggers", "strategies", "accelerators", "plugins", "profilers")
#: What the package around it does not offer.
_ENVIRONMENTS = "plugins.environments."

#: Modules of torch that re-export what lives below them.
_TORCH_FLAT = ("torch.utils.data",)


@cache
def canonical(name: str) -> str:
    """The spelling that rules use for a dotted name; a foreign name comes back as it is."""
    for package in _TORCH_FLAT:
        if name.startswith(package + "."):
            return f"{package}.{name.rpartition('.')[2]}" if _is_class(name) else name
    lightning = _unroot(name)
    if lightning is None:
        return name
    root, _, rest = lightning.partition("|")
    if not rest:
        return root
    last = rest.rpartition(".")[2]
    if rest in _FABRIC_AT_TOP:
        return f"{FABRIC}.{rest}"
    if root == PYTORCH and last in _HOMES:
        return _HOMES[last]
    if root == FABRIC and last == "Fabric":
        return "lightning.fabric.Fabric"
    head = rest.partition(".")[0]
    if rest.startswith(_ENVIRONMENTS) and _is_class(rest):
        return f"{root}.{_ENVIRONMENTS}{last}"
    if head in _FLAT_PACKAGES and _is_class(rest):
        return f"{root}.{head}.{last}"
    return f"{root}.{rest}"


@cache
def absolute(name: str) -> str:
    """A dotted name as it is written, but for the distribution: ``lightning.pytorch.metrics.F1``.

    Unlike ``canonical`` it tells a module of today from one that is gone. What ``import lightning``
    re-exports is spelled as in ``lightning.pytorch``.
    """
    lightning = _unroot(name)
    return name if lightning is None else lightning.replace("|", ".")


def respelled(name: str, written: str) -> str:
    """An absolute name in the distribution that ``written``, a name in the file, is of."""
    if written.partition(".")[0] not in ("pytorch_lightning", "lightning_fabric", "lightning_lite"):
        return name
    for root, standalone in ((PYTORCH, "pytorch_lightning"), (FABRIC, "lightning_fabric")):
        if name == root or name.startswith(root + "."):
            return standalone + name[len(root) :]
    return name


#: What ``import lightning.pytorch`` imports along, so that ``pl.callbacks.Timer`` works after it.
#: Source: ``lightning/pytorch/__init__.py`` of 2.0 to 2.6.6, tried on 2.6.6.
_LOADED = (
    "accelerators",
    "callbacks",
    "core",
    "loggers",
    "loops",
    "overrides",
    "plugins",
    "profilers",
    "strategies",
    "trainer",
    "tuner",
    "utilities",
    "utilities.rank_zero",
)


def is_loaded(module: str) -> bool:
    """Whether a module of ``lightning.pytorch`` can be reached once that is imported."""
    return module.startswith(PYTORCH + ".") and module.removeprefix(PYTORCH + ".") in _LOADED


def is_lightning(name: str) -> bool:
    """Whether a canonical name belongs to Lightning (PyTorch or Fabric side)."""
    return name.startswith((PYTORCH + ".", FABRIC + ".")) or name in (PYTORCH, FABRIC)


def public_star_names() -> frozenset[str]:
    """Names that ``from pytorch_lightning import *`` gives and rules care for."""
    return frozenset(
        {"Trainer", "LightningModule", "LightningDataModule", "Callback", "seed_everything"}
    )


def in_one_namespace(name: str) -> str:
    """A dotted name under the root that its own is a spelling of; others come back as they are."""
    for spelling, root in ROOTS.items():
        if name == spelling or name.startswith(spelling + "."):
            return root + name[len(spelling) :]
    return name


def _is_class(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last[:1].isupper() or last in ("random_split", "default_collate")


def _unroot(name: str) -> str | None:
    """``root|rest`` for a Lightning name, None for a foreign one."""
    for spelling, root in ROOTS.items():
        if name == spelling:
            return root
        if name.startswith(spelling + "."):
            return f"{root}|{name[len(spelling) + 1 :]}"
    if name == "lightning":
        return PYTORCH
    if name.startswith("lightning."):
        rest = name[len("lightning.") :]
        return f"{FABRIC if rest in _FABRIC_AT_TOP else PYTORCH}|{rest}"
    return None
