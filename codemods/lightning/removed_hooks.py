"""The hooks of Lightning 1.x that 2.6.6 never calls, and what took their place.

Sources: ``trainer/trainer.py``, ``trainer/callback_hook.py`` and ``loops/*`` of 1.3.8 to 1.9.5 for
the moments at which they ran; that they do not run was tried on 2.6.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .hooks import CALLBACK, DATAMODULE, MODULE


@dataclass(frozen=True)
class Removed:
    """A hook that was taken away: Lightning 2.x never calls it, and says nothing about it.

    ``parameters`` is how many the old hook had (without ``self``), ``becomes`` the hook that runs
    at the same moment, ``exact`` whether it runs then and only then, ``way_out`` what to do by
    hand.
    """

    name: str
    owners: tuple[str, ...]
    parameters: tuple[int, ...]
    way_out: str
    becomes: str | None = None
    exact: bool = False


_STEP_END = "call it where {step} returns: `return self.{name}(output)`"
_LOADER = "put its body at the start of {loader}()"
_EPOCH = (
    "it ran around training, validation and test epochs: put the body into on_train_epoch_{0}, "
    "and into on_validation_epoch_{0} and on_test_epoch_{0} if it is meant for those too"
)
_PREHISTORIC = "log in the step with self.log(...), or collect and log in on_{0}_epoch_end"
_TBPTT = (
    "truncated backpropagation is gone: with manual optimization, loop over chunks of the sequence "
    "in training_step"
)
_REMOVED = (
    *(
        Removed(
            f"{stage}_step_end", (MODULE,), (1,),
            _STEP_END.format(step=f"{stage}_step", name=f"{stage}_step_end"),
        )
        for stage in ("training", "validation", "test")
    ),
    *(
        Removed(
            f"on_epoch_{end}", (MODULE, CALLBACK), (0, 2), _EPOCH.format(end),
            f"on_train_epoch_{end}",
        )
        for end in ("start", "end")
    ),
    *(
        Removed(
            f"on_batch_{end}", (MODULE, CALLBACK), (0, 2),
            f"move it into on_train_batch_{end}", f"on_train_batch_{end}", exact=True,
        )
        for end in ("start", "end")
    ),
    *(
        Removed(
            f"on_pretrain_routine_{end}", (MODULE, CALLBACK), (0, 2), "move it into on_fit_start",
            "on_fit_start", exact=True,
        )
        for end in ("start", "end")
    ),
    *(
        Removed(
            f"on_hpc_{what}", (MODULE,), (1,), f"move it into on_{what}_checkpoint, which runs for "
            "every checkpoint", f"on_{what}_checkpoint",
        )
        for what in ("save", "load")
    ),
    *(
        Removed(
            f"on_{stage}_dataloader", (MODULE, DATAMODULE), (0,),
            _LOADER.format(loader=f"{stage}_dataloader"),
        )
        for stage in ("train", "val", "test", "predict")
    ),
    Removed(
        "on_post_move_to_device", (MODULE,), (0,),
        "tied weights stay tied by themselves; move anything else into on_fit_start",
    ),
    Removed("tbptt_split_batch", (MODULE,), (2,), _TBPTT),
    Removed(
        "log_grad_norm", (MODULE,), (1,),
        "log self.trainer.lightning_module's norms in on_before_optimizer_step with "
        "lightning.pytorch.utilities.grad_norm",
    ),
    Removed(
        "get_progress_bar_dict", (MODULE,), (0,),
        "override get_metrics(self, trainer, pl_module) in a subclass of TQDMProgressBar or "
        "RichProgressBar",
    ),
    Removed(
        "add_to_queue", (MODULE,), (1,), "keep the values in trainer.callback_metrics or in a file"
    ),
    Removed(
        "get_from_queue", (MODULE,), (1,),
        "read the values from trainer.callback_metrics or a file",
    ),
    Removed("training_end", (MODULE,), (1,), _PREHISTORIC.format("train")),
    Removed("validation_end", (MODULE,), (1,), _PREHISTORIC.format("validation")),
    Removed("test_end", (MODULE,), (1,), _PREHISTORIC.format("test")),
    *(
        Removed(
            f"on_init_{end}", (CALLBACK,), (1,),
            "move it into setup(self, trainer, pl_module, stage), which runs for every stage, or "
            "into the callback's own __init__", "setup",
        )
        for end in ("start", "end")
    ),
    Removed(
        "on_keyboard_interrupt", (CALLBACK,), (2,),
        "move it into on_exception, under `if isinstance(exception, KeyboardInterrupt)`",
        "on_exception", exact=True,
    ),
    Removed(
        "on_configure_sharded_model", (CALLBACK,), (2,), "move it into setup", "setup", exact=True
    ),
    Removed(
        "on_before_accelerator_backend_setup", (CALLBACK,), (2,), "move it into setup", "setup",
        exact=True,
    ),
    *(
        Removed(
            f"on_{what}_checkpoint", (DATAMODULE,), (1,),
            "keep the state with state_dict(self), which returns a dict, and "
            "load_state_dict(self, state_dict)",
        )
        for what in ("save", "load")
    ),
)  # fmt: skip


@lru_cache(maxsize=1)
def removed_hooks() -> dict[tuple[str, str], Removed]:
    """The hooks that 2.6.6 never calls, by owner and name."""
    return {(owner, row.name): row for row in _REMOVED for owner in row.owners}
