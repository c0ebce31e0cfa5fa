"""What callbacks watch: how 1.x guessed the direction, and what the project's modules log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engine.file import File

#: Callbacks that watch a metric, and where it stands among what is given by position.
PLACES = {
    "lightning.pytorch.callbacks.EarlyStopping": 0,
    "lightning.pytorch.callbacks.ModelCheckpoint": 2,
}
_MAXIMUM = re.compile(r"auc|auroc|(?:^|[_/-])(?:f1|precision|recall|map|iou|dice|psnr|ssim|bleu)")
_LOGGED = re.compile(r"""\.log\(\s*["'](val(?:id|idation)?[_/-]loss)["']""")


def best(monitor: str) -> str:
    """What ``mode="auto"`` was for a metric. Source: ``callbacks/early_stopping.py`` of 1.2."""
    return "max" if "acc" in monitor or monitor.startswith("fmeasure") else "min"


def looks_like_maximum(monitor: str) -> bool:
    """Whether more of a metric is better, by its name."""
    return _MAXIMUM.search(monitor.lower()) is not None


def logged_losses(file: File) -> frozenset[str]:
    """The validation losses that the files of the project log."""
    files = [file, *file.project.holding(b"loss", file.path)]
    return frozenset(name for one in files for name in _LOGGED.findall(one.source.text))
