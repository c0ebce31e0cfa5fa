"""Attributes and methods of the Trainer that changed."""

from __future__ import annotations

from .row import NEVER, Member, told

_TRAINER = "lightning.pytorch.Trainer"

_MIXED = "<lightning.pytorch.plugins.MixedPrecision>"
_DEVICES = "trainer.num_devices is a number, trainer.device_ids the list: which one is meant?"
_FIND = "loop over named_parameters() yourself; Trainer(detect_anomaly=True) finds where NaN begins"
_PARALLEL = "<lightning.pytorch.strategies.ParallelStrategy>"
_WRITER = "<lightning.pytorch.callbacks.BasePredictionWriter>"
_CUDA = "isinstance({0}.accelerator, <lightning.pytorch.accelerators.CUDAAccelerator>)"
_SCALARS = "<lightning.fabric.utilities.apply_func.convert_tensors_to_scalars>({args})"
_OPTIMIZERS = "it is a protected attribute; in a module, self.optimizers() gives the same"
_CALL_HOOK = (
    "pytorch_lightning.trainer.call has protected functions for it; call the hook of the module or "
    "callback directly"
)


_TOTAL = "trainer.fit_loop.epoch_loop.{}.total.completed"
#: What the Trainer lets nobody set any more, with the release that began it.
_COUNTED = (
    (
        "global_step",
        "1.4",
        "Lightning counts the steps of optimizers; what it reads is "
        + _TOTAL.format("automatic_optimization.optim_progress.optimizer.step")
        + ", with manual optimization "
        + _TOTAL.format("manual_optimization.optim_step_progress"),
    ),
    (
        "current_epoch",
        "1.4",
        "Lightning counts them in trainer.fit_loop.epoch_progress.current: completed, processed",
    ),
    ("callback_metrics", "1.4", "change the dict that it gives, or log with self.log"),
    ("is_last_batch", "1.4", "Lightning finds it from the loader; trainer.should_stop ends fit"),
    (
        "train_dataloader val_dataloaders test_dataloaders",
        "2.0",
        "hand the loaders to fit, validate or test, or return them from a hook",
    ),
    (
        "num_training_batches num_val_batches num_test_batches",
        "2.0",
        "limit_train_batches=, limit_val_batches= and limit_test_batches= of the Trainer bound it",
    ),
)


def _trainer(
    old: str, new: str, removed: str, deprecated: str, pull: int | None, doubt: str = ""
) -> Member:
    return Member(old, removed, deprecated, pull, _TRAINER, new, doubt=doubt)


TRAINER_MEMBERS: tuple[Member, ...] = (
    _trainer("running_sanity_check", "{0}.sanity_checking", "1.5", "1.3", 4945),
    _trainer("disable_validation", "not {0}.enable_validation", "1.6", "1.4", 8291),
    _trainer("train_loop", "{0}.fit_loop", "1.6", "1.4", 8025),
    _trainer("get_model()", "{0}.lightning_module", "1.4", "", 7502),
    _trainer("accelerator_backend", "{0}.accelerator", "1.4", "", 7502),
    _trainer("training_type_plugin", "{0}.strategy", "1.8", "1.6", 11141),
    _trainer("progress_bar_dict", "{0}.progress_bar_metrics", "1.7", "1.5", 9118),
    _trainer("num_processes", "{0}.num_devices", "1.8", "1.6", 12388),
    _trainer("validated_ckpt_path", "{0}.ckpt_path", "1.8", "1.6", 11696),
    _trainer("tested_ckpt_path", "{0}.ckpt_path", "1.8", "1.6", 11696),
    _trainer("predicted_ckpt_path", "{0}.ckpt_path", "1.8", "1.6", 11696),
    _trainer("resume_from_checkpoint", "{0}.ckpt_path", "2.0", "", 16167),
    _trainer("data_parallel_device_ids", "{0}.device_ids", "1.8", "1.6", 12072),
    _trainer("root_gpu", "{0}.strategy.root_device.index", "1.8", "1.6", 12262),
    _trainer("use_amp", '{0}.precision in ("16-mixed", "bf16-mixed")', "1.8", "1.6", 12312),
    _trainer(
        "using_native_amp", f"isinstance({{0}}.precision_plugin, {_MIXED})", "2.0", "1.9", 16039
    ),
    _trainer(
        "data_parallel",
        f"isinstance({{0}}.strategy, {_PARALLEL})",
        "2.0",
        "",
        16703,
    ),
    _trainer(
        "lightning_optimizers",
        "{0}.strategy._lightning_optimizers",
        "1.8",
        "1.6",
        11444,
        doubt=_OPTIMIZERS,
    ),
    _trainer(
        "prediction_writer_callbacks",
        f"[cb for cb in {{0}}.callbacks if isinstance(cb, {_WRITER})]",
        "2.0",
        "",
        16759,
    ),
    _trainer(
        "metrics_to_scalars()",
        _SCALARS,
        "1.5",
        "1.3",
        7180,
    ),
    _trainer(
        "slurm_job_id",
        "<lightning.fabric.plugins.environments.SLURMEnvironment>.job_id()",
        "1.7",
        "1.6",
        13459,
    ),
    _trainer(
        "reset_train_val_dataloaders()",
        "{0}.fit_loop.setup_data()",
        "1.9",
        "1.7",
        12184,
        doubt="the loop is protected",
    ),
    _trainer(
        "reset_train_dataloader()",
        "{0}.fit_loop.setup_data()",
        "2.0",
        "",
        16726,
        doubt="the loop is protected",
    ),
    _trainer(
        "reset_val_dataloader()",
        "{0}.fit_loop.epoch_loop.val_loop.setup_data()",
        "2.0",
        "",
        16726,
        doubt="the loop is protected",
    ),
    _trainer(
        "reset_test_dataloader()",
        "{0}.test_loop.setup_data()",
        "2.0",
        "",
        16726,
        doubt="the loop is protected",
    ),
    _trainer(
        "reset_predict_dataloader()",
        "{0}.predict_loop.setup_data()",
        "2.0",
        "",
        16726,
        doubt="the loop is protected",
    ),
    _trainer(
        "weights_save_path",
        "{0}.default_root_dir",
        "1.8",
        "1.6",
        14424,
        doubt="where a path was given, that is the dirpath of a ModelCheckpoint",
    ),
    _trainer(
        "on_gpu",
        _CUDA,
        "1.4",
        "",
        7501,
    ),
    _trainer(
        "on_tpu",
        "isinstance({0}.accelerator, <lightning.pytorch.accelerators.XLAAccelerator>)",
        "1.4",
        "",
        7501,
    ),
    _trainer(
        "on_cpu",
        "isinstance({0}.accelerator, <lightning.pytorch.accelerators.CPUAccelerator>)",
        "1.4",
        "",
        7501,
    ),
    _trainer(
        "use_ddp",
        "isinstance({0}.strategy, <lightning.pytorch.strategies.DDPStrategy>)",
        "1.4",
        "",
        7501,
    ),
    _trainer(
        "use_single_gpu",
        _CUDA + " and {0}.num_devices == 1",
        "1.4",
        "",
        7501,
    ),
    _trainer(
        "use_tpu",
        "isinstance({0}.accelerator, <lightning.pytorch.accelerators.XLAAccelerator>)",
        "1.4",
        "",
        7501,
    ),
    *(
        _trainer(
            name,
            f"{{0}}._{name}",
            removed,
            "",
            11550,
            doubt=f"_{name} is protected: it may change in any release",
        )
        for name, removed in (
            ("accelerator_connector", "1.6"),
            ("checkpoint_connector", "1.6"),
            ("logger_connector", "1.6"),
            ("data_connector", "1.5"),
            ("callback_connector", "1.5"),
            ("signal_connector", "1.6"),
        )
    ),
    _trainer("use_dp", NEVER, "1.4", "", 7501),
    _trainer("use_ddp2", NEVER, "1.4", "", 7501),
    _trainer("use_horovod", NEVER, "1.4", "", 7501),
    *told(
        _TRAINER,
        "distributed_backend",
        "1.5",
        "",
        7501,
        "ask isinstance(trainer.strategy, ...); this one does not exist any more",
    ),
    *told(_TRAINER, "gpus num_gpus tpu_cores devices", "1.8", "1.6", 12436, _DEVICES),
    *told(_TRAINER, "ipus", "1.8", "1.6", 12386, "IPU support is gone"),
    *told(
        _TRAINER,
        "verbose_evaluate",
        "1.8",
        "1.6",
        10931,
        "hand verbose= to trainer.validate and trainer.test",
    ),
    *told(
        _TRAINER, "should_rank_save_checkpoint", "1.8", "1.6", 11068, "ask trainer.is_global_zero"
    ),
    *told(_TRAINER, "get_deprecated_arg_names", "1.8", "", 14415, "it was internal and is gone"),
    *told(
        _TRAINER, "run_stage", "1.8", "1.6", 11000, "call trainer.fit, validate, test or predict"
    ),
    *told(
        _TRAINER,
        "call_hook",
        "1.8",
        "1.6",
        10979,
        _CALL_HOOK,
    ),
    *told(_TRAINER, "amp_level", "1.2", "", 16039, "apex is gone, and its levels with it"),
    *told(
        _TRAINER,
        "amp_backend",
        "2.0",
        "1.9",
        16039,
        "it is always torch's own: ask isinstance(trainer.precision_plugin, MixedPrecision)",
    ),
    *told(
        _TRAINER,
        "optimizer_frequencies",
        "2.0",
        "",
        16539,
        "frequencies are gone: with manual optimization count the batches yourself",
    ),
    *told(
        _TRAINER,
        "prepare_dataloader request_dataloader",
        "1.8",
        "1.6",
        14888,
        "it is internal now: hand the loader over ready, or set use_distributed_sampler",
    ),
    *told(
        _TRAINER,
        "auto_add_sampler replace_sampler auto_add_worker_init_fn",
        "1.5",
        "",
        14888,
        "it is internal now: hand the loader over ready, or set use_distributed_sampler",
    ),
    *told(_TRAINER, "detect_nan_tensors print_nan_gradients", "1.5", "1.3", 6834, _FIND),
    _trainer("tuning", "False", "2.0", "1.8", 16379, "it is never true: tuning is fitting"),
    *(
        Member(
            name,
            "2.0",
            "",
            16384,
            _TRAINER,
            way_out="loops are protected: write the loop with Fabric, or use hooks and callbacks",
            only_set=True,
        )
        for name in ("fit_loop", "validate_loop", "test_loop", "predict_loop")
    ),
    Member(
        "model",
        "2.0",
        "",
        16462,
        _TRAINER,
        way_out="hand the module to fit, validate, test or predict",
        only_set=True,
    ),
    *(
        Member(name, "1.4", "", None, _TRAINER, f"{{0}}.fit_loop.{name}", only_set=True)
        for name in ("max_epochs", "min_epochs")
    ),
    *(
        Member(
            name,
            "1.4",
            "",
            None,
            _TRAINER,
            f"{{0}}.fit_loop.epoch_loop.{name}",
            doubt="the loop is protected: it may change in any release",
            only_set=True,
        )
        for name in ("max_steps", "min_steps")
    ),
    *(
        Member(name, removed, "", None, _TRAINER, way_out=way_out, only_set=True)
        for names, removed, way_out in _COUNTED
        for name in names.split()
    ),
)
