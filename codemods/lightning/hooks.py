"""The hooks of Lightning 2.6.6: what each is called with, and what older releases passed.

Lightning hands arguments over by position, so a parameter is its place; the few that go by name
are listed. Sources: ``core/hooks.py``, ``core/module.py``, ``core/datamodule.py``,
``callbacks/callback.py``, and the calls in ``trainer/call.py``, ``loops/*`` and
``plugins/precision/precision.py`` of 2.6.6; the same files of 1.0.8 to 1.9.5 for the older forms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from .overrides import FINETUNING, PRECISION, STRATEGY

MODULE = "LightningModule"
DATAMODULE = "LightningDataModule"
CALLBACK = "Callback"

#: Last parameters that Lightning hands over only sometimes, with the value they have else.
SOMETIMES = {"dataloader_idx": "0", "model": "None"}

#: What a parameter that is gone was worth, where that is one value for every program:
#: training batches always came from "dataloader 0"; ``unused`` and its kin were placeholders. What
#: a callback is given, a module has: ``{own}`` is its object.
GONE = {
    "dataloader_idx": "0",
    "unused": "0",
    "trainer": "{own}.trainer",
    "pl_module": "{own}",
}

#: Names that people give to a parameter, other than the signature's own.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "trainer": ("pl_trainer",),
    "pl_module": (
        "module",
        "model",
        "lightning_module",
        "plmodule",
        "pl_model",
        "litmodel",
        "lit_model",
        "network",
    ),
    "outputs": (
        "output",
        "outs",
        "out",
        "step_output",
        "step_outputs",
        "batch_output",
        "batch_outputs",
    ),
    "batch": ("batch_data", "train_batch", "val_batch", "test_batch"),
    "batch_idx": (
        "batch_nb",
        "batch_id",
        "batch_index",
        "batch_i",
        "batch_num",
        "batch_number",
        "idx",
        "nb_batch",
        "batch_ix",
        "index",
        "bidx",
    ),
    "dataloader_idx": (
        "dataloader_i",
        "dataloader_nb",
        "dataloader_index",
        "dataloader_id",
        "dataloader_ix",
        "dataloader_num",
        "data_loader_idx",
        "data_loader_index",
        "dl_idx",
        "dl_index",
        "loader_idx",
        "loader_index",
        "dataset_idx",
        "dataset_index",
        "val_loader_idx",
    ),
    "epoch": ("current_epoch", "epoch_nb", "epoch_idx", "cur_epoch", "epoch_i"),
    "optimizer": ("opt", "optim"),
    "optimizer_idx": (
        "opt_idx",
        "optim_idx",
        "optimizer_i",
        "optimizer_index",
        "opt_index",
        "optimizer_id",
        "opt_id",
        "optim_index",
        "optimiser_idx",
    ),
    "optimizer_closure": ("closure", "second_order_closure", "opt_closure", "lambda_closure"),
    "on_tpu": ("using_tpu",),
    "using_native_amp": ("native_amp",),
    "using_lbfgs": ("lbfgs",),
    "loss": ("closure_loss",),
    "tensor": ("closure_loss", "loss"),
    "closure": ("optimizer_closure",),
    "model": ("module", "pl_module", "lightning_module"),
    "new_format": (),
    "scheduler": ("lr_scheduler", "sched"),
    "metric": ("metrics", "monitor", "monitor_val"),
    "checkpoint": ("ckpt", "checkpointed_state"),
    "callback_state": ("callback_states", "cb_state"),
    "stage": ("step", "stage_name", "step_name"),
    "exception": ("exc", "err", "error"),
    "device": (),
    "hiddens": ("hidden", "hidden_state", "hidden_states"),
    "unused": ("_unused",),
}


@dataclass(frozen=True)
class Hook:
    """A hook: its parameters without ``self``, as names separated by blanks.

    ``sometimes`` is how many of the last parameters are not always handed over, ``optional`` how
    many of the last a method may leave out, ``defaulted`` how many of the last have a default in
    Lightning's own method, ``keywords`` those that go by name, ``older`` the parameter lists of
    earlier releases, newest first, and ``copied`` the list of the callbacks' hook of that name.
    """

    name: str
    owners: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    sometimes: int = 0
    optional: int = 0
    defaulted: int = 0
    keywords: frozenset[str] = frozenset()
    older: tuple[tuple[str, ...], ...] = ()
    copied: tuple[str, ...] = ()

    @property
    def always(self) -> tuple[str, ...]:
        """The parameters that every call hands over."""
        return self.parameters[: len(self.parameters) - self.sometimes]

    @property
    def vocabulary(self) -> frozenset[str]:
        """All parameters that the hook has or had."""
        return frozenset(self.parameters).union(self.copied, *self.older)

    def meaning(self, name: str) -> str | None:
        """Which parameter of this hook a name stands for; None where it says nothing."""
        plain = name.strip("_").lower()
        if not plain:
            return None
        for word in self.vocabulary:
            if plain == word or plain in SYNONYMS.get(word, ()):
                return word
        return None


def _hook(  # noqa: PLR0913
    name: str,
    parameters: str = "",
    older: tuple[str, ...] = (),
    *,
    owners: tuple[str, ...] = (MODULE,),
    sometimes: int = 0,
    optional: int = 0,
    defaulted: int = 0,
    keywords: str = "",
) -> Hook:
    forms = tuple(tuple(form.split()) for form in older)
    names = tuple(parameters.split())
    return Hook(
        name, owners, names, sometimes, optional, defaulted, frozenset(keywords.split()), forms
    )


_LEAD = ("trainer", "pl_module")


def _in_callback(hook: Hook) -> Hook:
    """The same hook of a callback, which is handed the trainer and the module first."""
    older = tuple((*_LEAD, *form) for form in hook.older)
    return replace(hook, owners=(CALLBACK,), parameters=(*_LEAD, *hook.parameters), older=older)


_BOTH = (
    *(
        _hook(f"on_{event}")
        for event in (
            "fit_start",
            "fit_end",
            "train_start",
            "train_end",
            "train_epoch_start",
            "validation_start",
            "validation_end",
            "validation_epoch_start",
            "test_start",
            "test_end",
            "test_epoch_start",
            "predict_start",
            "predict_end",
            "predict_epoch_start",
            "after_backward",
        )
    ),
    _hook(
        "on_train_batch_start",
        "batch batch_idx",
        ("batch batch_idx unused", "batch batch_idx dataloader_idx"),
    ),
    _hook(
        "on_train_batch_end",
        "outputs batch batch_idx",
        (
            "outputs batch batch_idx unused",
            "outputs batch batch_idx dataloader_idx",
            "outputs batch batch_idx new_format",
        ),
    ),
    *(
        _hook(f"on_{stage}_batch_start", "batch batch_idx dataloader_idx", sometimes=1, defaulted=1)
        for stage in ("validation", "test", "predict")
    ),
    *(
        _hook(
            f"on_{stage}_batch_end",
            "outputs batch batch_idx dataloader_idx",
            sometimes=1,
            defaulted=1,
        )
        for stage in ("validation", "test", "predict")
    ),
    _hook("on_train_epoch_end", "", ("outputs", "unused")),
    *(
        _hook(f"on_{stage}_epoch_end", "", ("outputs",))
        for stage in ("validation", "test", "predict")
    ),
    _hook("on_before_backward", "loss"),
    _hook("on_before_optimizer_step", "optimizer", ("optimizer optimizer_idx",)),
    _hook("on_before_zero_grad", "optimizer"),
)

_SHARED = (MODULE, DATAMODULE)
_HOOKS = (
    *(replace(hook, copied=(*_LEAD, *hook.parameters)) for hook in _BOTH),
    *(_in_callback(hook) for hook in _BOTH),
    # Modules only.
    _hook("training_step", "batch batch_idx", (
        "batch batch_idx optimizer_idx", "batch batch_idx hiddens",
        "batch batch_idx optimizer_idx hiddens",
        "batch batch_idx dataloader_idx",
    ), optional=1),
    *(
        _hook(f"{stage}_step", "batch batch_idx dataloader_idx", sometimes=1, optional=2)
        for stage in ("validation", "test", "predict")
    ),
    _hook("backward", "loss", ("loss optimizer optimizer_idx",)),
    _hook("optimizer_step", "epoch batch_idx optimizer optimizer_closure", (
        "epoch batch_idx optimizer optimizer_idx optimizer_closure on_tpu using_lbfgs",
        (
            "epoch batch_idx optimizer optimizer_idx optimizer_closure on_tpu using_native_amp "
            "using_lbfgs"
        ),
        "epoch batch_idx optimizer optimizer_idx optimizer_closure on_tpu using_native_amp",
        "epoch batch_idx optimizer optimizer_idx optimizer_closure on_tpu",
        "epoch batch_idx optimizer optimizer_idx optimizer_closure",
    ), defaulted=1),
    _hook(
        "optimizer_zero_grad",
        "epoch batch_idx optimizer",
        ("epoch batch_idx optimizer optimizer_idx",),
    ),
    _hook("lr_scheduler_step", "scheduler metric", ("scheduler optimizer_idx metric",)),
    _hook(
        "configure_gradient_clipping",
        "optimizer gradient_clip_val gradient_clip_algorithm",
        ("optimizer optimizer_idx gradient_clip_val gradient_clip_algorithm",),
        defaulted=2,
        keywords="gradient_clip_val gradient_clip_algorithm",
    ),
    _hook("configure_optimizers"),
    _hook("configure_callbacks"),
    _hook("configure_model"),
    *(
        _hook(name)
        for name in (
            "on_validation_model_zero_grad", "on_validation_model_eval",
            "on_validation_model_train", "on_test_model_eval", "on_test_model_train",
            "on_predict_model_eval",
        )
    ),
    _hook("on_save_checkpoint", "checkpoint"),
    _hook("on_load_checkpoint", "checkpoint"),
    # Modules and datamodules.
    *(
        _hook(name, owners=_SHARED)
        for name in (
            "prepare_data", "train_dataloader", "val_dataloader", "test_dataloader",
            "predict_dataloader",
        )
    ),
    _hook("setup", "stage", owners=_SHARED, keywords="stage"),
    _hook("teardown", "stage", owners=_SHARED, keywords="stage"),
    _hook(
        "transfer_batch_to_device",
        "batch device dataloader_idx",
        ("batch device",),
        owners=_SHARED,
    ),
    _hook("on_before_batch_transfer", "batch dataloader_idx", ("batch",), owners=_SHARED),
    _hook("on_after_batch_transfer", "batch dataloader_idx", ("batch",), owners=_SHARED),
    # Datamodules only.
    _hook("on_exception", "exception", owners=(DATAMODULE,)),
    # Callbacks only.
    *(
        _hook(name, "trainer pl_module", owners=(CALLBACK,))
        for name in ("on_sanity_check_start", "on_sanity_check_end")
    ),
    _hook("setup", "trainer pl_module stage", owners=(CALLBACK,), keywords="stage"),
    _hook("teardown", "trainer pl_module stage", owners=(CALLBACK,), keywords="stage"),
    _hook("on_exception", "trainer pl_module exception", owners=(CALLBACK,)),
    _hook(
        "on_save_checkpoint",
        "trainer pl_module checkpoint",
        ("trainer pl_module",),
        owners=(CALLBACK,),
    ),
    _hook("on_load_checkpoint", "trainer pl_module checkpoint", (
        "trainer pl_module callback_state", "callback_state",
    ), owners=(CALLBACK,)),
    # Precision plugins, strategies and callbacks of finetuning.
    _hook("backward", "tensor model optimizer", (
        "tensor model optimizer optimizer_idx", "model tensor optimizer optimizer_idx",
        "model tensor optimizer",
    ), owners=(PRECISION,)),
    _hook("optimizer_step", "optimizer model closure", (
        "optimizer model optimizer_idx closure", "model optimizer optimizer_idx closure",
    ), owners=(PRECISION,), keywords="model closure"),
    _hook("backward", "closure_loss optimizer", (
        "closure_loss optimizer optimizer_idx",
    ), owners=(STRATEGY,)),
    _hook("optimizer_step", "optimizer closure model", (
        "optimizer optimizer_idx closure model", "optimizer optimizer_idx closure",
    ), owners=(STRATEGY,), sometimes=1, optional=1, defaulted=1),
    _hook("finetune_function", "pl_module epoch optimizer", (
        "pl_module epoch optimizer optimizer_idx",
    ), owners=(FINETUNING,)),
    # Modules and callbacks that keep a state.
    _hook("state_dict", owners=(DATAMODULE, CALLBACK)),
    _hook("load_state_dict", "state_dict", owners=(DATAMODULE, CALLBACK)),
)  # fmt: skip


@lru_cache(maxsize=1)
def hooks() -> dict[tuple[str, str], Hook]:
    """All hooks of 2.6.6 by owner (``LightningModule``, …) and name."""
    return {(owner, hook.name): hook for hook in _HOOKS for owner in hook.owners}


@lru_cache(maxsize=1)
def hook_names() -> frozenset[str]:
    """The names of all hooks."""
    return frozenset(hook.name for hook in _HOOKS)
