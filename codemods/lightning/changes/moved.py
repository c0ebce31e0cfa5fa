"""Public names that live elsewhere today."""

from __future__ import annotations

from . import moved_metrics, moved_strategies, moved_utilities
from .each import each, whole

_SPAWN = (("start_method", '"spawn"'),)

_MODULES = (
    whole("metrics", "=torchmetrics", removed="1.5", deprecated="1.3", pull=6540),
    whole("metrics.functional", "=torchmetrics.functional", removed="1.5", deprecated="1.3"),
    whole("profiler", "profilers", removed="2.0", deprecated="1.9", pull=16359),
    whole("core.lightning", "core.module", removed="1.9", deprecated="1.7", pull=12740),
    whole("callbacks.base", "callbacks.callback", removed="1.9", deprecated="1.7", pull=13031),
    whole("loggers.base", "loggers.logger", removed="1.9", deprecated="1.7", pull=12014),
    whole("utilities.cli", "cli", removed="1.9", deprecated="1.7", pull=13767),
    whole("plugins.training_type", "strategies", removed="1.8", pull=11120),
)

#: Classes whose work another one does when it gets a further argument.
_WITH_ARGUMENTS = (
    *each(
        "plugins",
        "strategies",
        "DDPSpawnPlugin>DDPStrategy",
        removed="1.8",
        deprecated="1.6",
        pull=11120,
        adds=_SPAWN,
    ),
    *each(
        "plugins.training_type",
        "strategies",
        "DDPSpawnPlugin>DDPStrategy",
        removed="1.8",
        deprecated="1.6",
        pull=11120,
        adds=_SPAWN,
    ),
    *each(
        "plugins.training_type.ddp_spawn",
        "strategies",
        "DDPSpawnPlugin>DDPStrategy",
        removed="1.8",
        deprecated="1.6",
        pull=11120,
        adds=_SPAWN,
    ),
    *each(
        "strategies",
        "strategies",
        "DDPSpawnStrategy>DDPStrategy",
        removed="2.0",
        pull=16809,
        adds=_SPAWN,
    ),
    *each(
        "strategies.ddp_spawn",
        "strategies",
        "DDPSpawnStrategy>DDPStrategy",
        removed="2.0",
        pull=16809,
        adds=_SPAWN,
    ),
    *each(
        "plugins",
        "plugins",
        "TPUPrecisionPlugin>XLAPrecision",
        deprecated="2.1",
        pull=17383,
        adds=(("precision", '"32-true"'),),
    ),
    *each(
        "plugins",
        "plugins",
        "TPUBf16PrecisionPlugin>XLAPrecision XLABf16PrecisionPlugin>XLAPrecision",
        deprecated="2.1",
        pull=17383,
        adds=(("precision", '"bf16-true"'),),
    ),
)

_FABRIC = (
    *each("=lightning.fabric.accelerators", "=lightning.fabric.accelerators",
          "TPUAccelerator>XLAAccelerator", deprecated="2.1", pull=17383),
    *each("=lightning.fabric.strategies", "=lightning.fabric.strategies",
          "SingleTPUStrategy>SingleDeviceXLAStrategy", deprecated="2.1", pull=17383),
    *each("=lightning.fabric.plugins", "=lightning.fabric.plugins", "TPUPrecision>XLAPrecision",
          deprecated="2.1", pull=17383, adds=(("precision", '"32-true"'),)),
    *each("=lightning.fabric.plugins", "=lightning.fabric.plugins",
          "TPUBf16Precision>XLAPrecision XLABf16Precision>XLAPrecision",
          deprecated="2.1", pull=17383, adds=(("precision", '"bf16-true"'),)),
)  # fmt: skip

#: ``Fabric`` still launches a ``run`` that a subclass has, as ``LightningLite`` did.
_LITE = (
    *each("lite", "=lightning.fabric", "LightningLite>Fabric", "2.0", "1.9", 15953),
    *each("lite.lite", "=lightning.fabric", "LightningLite>Fabric", "2.0", "1.9", 15953),
    *each("=lightning.fabric", "=lightning.fabric", "LightningLite>Fabric", "2.0", pull=16314),
    *each("=lightning.fabric.lite", "=lightning.fabric", "LightningLite>Fabric", "2.0", pull=16314),
)

MOVED = (
    *_LITE,
    *_FABRIC,
    *_MODULES,
    *_WITH_ARGUMENTS,
    *moved_metrics.ROWS,
    *moved_strategies.ROWS,
    *moved_utilities.ROWS,
)
