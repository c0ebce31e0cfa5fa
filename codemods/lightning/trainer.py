"""What ``Trainer`` and ``Fabric`` accept at 2.6.6, and what became of what they accepted before.

Read off the signatures and the connectors of lightning 2.6.6, and those of pytorch-lightning
1.4.9 to 1.9.5 for the old side; each value was tried on the installed release.
"""

from __future__ import annotations

from dataclasses import dataclass

TRAINER_PARAMETERS = frozenset(
    {
        "accelerator", "strategy", "devices", "num_nodes", "precision", "logger", "callbacks",
        "fast_dev_run", "max_epochs", "min_epochs", "max_steps", "min_steps", "max_time",
        "limit_train_batches", "limit_val_batches", "limit_test_batches",
        "limit_predict_batches", "overfit_batches", "val_check_interval",
        "check_val_every_n_epoch", "num_sanity_val_steps", "log_every_n_steps",
        "enable_checkpointing", "enable_progress_bar", "enable_model_summary",
        "accumulate_grad_batches", "gradient_clip_val", "gradient_clip_algorithm",
        "deterministic", "benchmark", "inference_mode", "use_distributed_sampler", "profiler",
        "detect_anomaly", "barebones", "plugins", "sync_batchnorm",
        "reload_dataloaders_every_n_epochs", "default_root_dir", "enable_autolog_hparams",
        "model_registry",
    }
)  # fmt: skip
FABRIC_PARAMETERS = frozenset(
    {
        "accelerator", "strategy", "devices", "num_nodes", "precision", "plugins", "callbacks",
        "loggers",
    }
)  # fmt: skip

#: Arguments that a release from 1.0 to 1.9 had and 2.x has not.
GONE_ARGUMENTS = frozenset(
    {
        "amp_backend", "amp_level", "auto_lr_find", "auto_scale_batch_size", "auto_select_gpus",
        "automatic_optimization", "checkpoint_callback", "distributed_backend",
        "enable_pl_optimizer", "flush_logs_every_n_steps", "gpus", "ipus", "log_gpu_memory",
        "move_metrics_to_cpu", "multiple_trainloader_mode", "num_processes",
        "prepare_data_per_node", "process_position", "progress_bar_refresh_rate",
        "reload_dataloaders_every_epoch", "replace_sampler_ddp", "resume_from_checkpoint",
        "stochastic_weight_avg", "terminate_on_nan", "tpu_cores", "track_grad_norm",
        "truncated_bptt_steps", "weights_save_path", "weights_summary",
    }
)  # fmt: skip

#: Removed arguments that say where to train; they are replaced together.
OLD_DEVICE_ARGUMENTS = frozenset(
    {"gpus", "num_processes", "tpu_cores", "ipus", "auto_select_gpus", "distributed_backend"}
)
DEVICE_ARGUMENTS = OLD_DEVICE_ARGUMENTS | {"accelerator", "devices", "strategy", "plugins"}
OLD_PRECISION_ARGUMENTS = frozenset({"amp_backend", "amp_level"})

_NEVER_IN_1_5 = frozenset(
    {
        "max_nb_epochs", "min_nb_epochs", "train_percent_check", "val_percent_check",
        "test_percent_check", "overfit_pct", "row_log_interval", "early_stop_callback",
    }
)  # fmt: skip
#: Arguments that only came with 1.5: code with one of them means ``gpus="2"`` as a number.
SINCE_1_5 = frozenset(
    {
        "strategy", "enable_checkpointing", "enable_progress_bar", "enable_model_summary",
        "detect_anomaly", "inference_mode",
    }
)  # fmt: skip

#: Arguments that were gone in 1.5: code with one of them means ``gpus="2"`` as the index.
UNTIL_1_4 = frozenset(
    {"distributed_backend", "truncated_bptt_steps", "automatic_optimization"} | _NEVER_IN_1_5
)

#: ``AcceleratorRegistry.available_accelerators()``, with the two names that the connector adds.
ACCELERATORS = frozenset({"auto", "cpu", "gpu", "cuda", "mps", "tpu"})
#: Accelerators of 1.x whose support ended, with what is left.
REMOVED_ACCELERATORS = {
    "ipu": "Lightning dropped IPUs in 2.3; choose another accelerator",
    "hpu": "Lightning has no HPU support any more; choose another accelerator",
}

#: Names that 2.0 still took, by itself or through a package beside it, with the release that
#: stopped (PR 19405 for IPUs, PR 19445 for Bagua; HPUs ended with 2.5.6).
LEFT_LATER = {
    "ipu": "2.3", "ipu_strategy": "2.3", "bagua": "2.3",
    "hpu": "2.5", "hpu_parallel": "2.5", "hpu_single": "2.5",
}  # fmt: skip

_DDP = ("ddp", "ddp_spawn", "ddp_fork", "ddp_notebook")
_SHARED_STRATEGIES = frozenset(
    {
        *_DDP, "ddp_find_unused_parameters_true", "deepspeed", "deepspeed_stage_1",
        "deepspeed_stage_2", "deepspeed_stage_2_offload", "deepspeed_stage_3",
        "deepspeed_stage_3_offload", "deepspeed_stage_3_offload_nvme", "fsdp",
        "fsdp_cpu_offload", "xla", "auto",
    }
)  # fmt: skip
#: ``StrategyRegistry.available_strategies()`` without those that raise when given by name.
STRATEGIES = _SHARED_STRATEGIES | {
    *(f"{name}_find_unused_parameters_{flag}" for name in _DDP for flag in ("true", "false")),
    "single_device", "xla_debug",
}  # fmt: skip
FABRIC_STRATEGIES = _SHARED_STRATEGIES | {"dp", "deepspeed_stage_1_offload", "xla_fsdp"}


@dataclass(frozen=True)
class Successor:
    """What replaces a value that is gone.

    ``doubt`` says what differs, where something does; ``new`` is None where nothing replaces it.
    """

    new: str | None
    doubt: str | None = None


_FAIRSCALE = (
    "FairScale's sharding is gone; FSDP shards more (parameters too), saves other checkpoints "
    "and needs GPUs"
)
#: Strategy names of 1.x that the registry has no more.
OLD_STRATEGIES: dict[str, Successor] = {
    "ddp_cpu": Successor("ddp_spawn"),
    "fsdp_native": Successor("fsdp"),
    "fsdp_native_full_shard_offload": Successor("fsdp_cpu_offload"),
    "tpu_spawn": Successor("xla"),
    "tpu_spawn_debug": Successor("xla_debug"),
    "dp": Successor(
        "ddp",
        "the Trainer has no DataParallel any more; under DDP every device runs the script and "
        "batch_size counts per device",
    ),
    "ddp2": Successor("ddp", "DDP2 is gone; under DDP every device gets a batch of its own"),
    "ddp_fully_sharded": Successor("fsdp", _FAIRSCALE),
    "ddp_sharded": Successor("fsdp", _FAIRSCALE),
    "ddp_sharded_spawn": Successor("fsdp", _FAIRSCALE),
    "ddp_sharded_find_unused_parameters_false": Successor("fsdp", _FAIRSCALE),
    "ddp_sharded_spawn_find_unused_parameters_false": Successor("fsdp", _FAIRSCALE),
    "single_tpu": Successor(
        "auto", "given by name it raises for want of a device; one TPU core is chosen by itself"
    ),
    "single_xla": Successor(
        "auto", "given by name it raises for want of a device; one TPU core is chosen by itself"
    ),
    "horovod": Successor(
        None, 'Horovod support is gone; use strategy="ddp" and start the script with torchrun'
    ),
    "bagua": Successor(None, 'Bagua support left Lightning; "ddp" is the nearest strategy'),
    "hivemind": Successor(None, 'Hivemind support left Lightning; "ddp" is the nearest strategy'),
    "colossalai": Successor(
        None, 'Colossal-AI support left Lightning; "deepspeed_stage_3" and "fsdp" are the nearest'
    ),
    "ipu_strategy": Successor(None, "Lightning dropped IPUs in 2.3"),
    "hpu_parallel": Successor(None, "Lightning has no HPU support any more"),
    "hpu_single": Successor(None, "Lightning has no HPU support any more"),
    "deepspeed_stage_1_offload": Successor(
        None, "only Fabric knows it; pass DeepSpeedStrategy(stage=1, offload_optimizer=True)"
    ),
}
#: Old strategies that chose the accelerator too.
STRATEGY_ACCELERATORS = {"ddp_cpu": "cpu", "tpu_spawn": "tpu", "tpu_spawn_debug": "tpu"}


@dataclass(frozen=True)
class OldPlugin:
    """A training-type plugin of 1.x and its strategy class; ``extra`` are arguments to add."""

    strategy: str
    extra: tuple[tuple[str, str], ...] = ()
    doubt: str | None = None


#: Classes of ``pytorch_lightning.plugins`` that became strategies in 1.6.
OLD_PLUGINS: dict[str, OldPlugin] = {
    "DDPPlugin": OldPlugin("DDPStrategy"),
    "DDPSpawnPlugin": OldPlugin("DDPStrategy", (("start_method", '"spawn"'),)),
    "DeepSpeedPlugin": OldPlugin("DeepSpeedStrategy"),
    "DDPFullyShardedNativePlugin": OldPlugin("FSDPStrategy"),
    "DDPFullyShardedPlugin": OldPlugin("FSDPStrategy", doubt=_FAIRSCALE),
    "DDPShardedPlugin": OldPlugin("FSDPStrategy", doubt=_FAIRSCALE),
    "DDPSpawnShardedPlugin": OldPlugin("FSDPStrategy", doubt=_FAIRSCALE),
    "SingleDevicePlugin": OldPlugin("SingleDeviceStrategy"),
    "TPUSpawnPlugin": OldPlugin("XLAStrategy"),
    "SingleTPUPlugin": OldPlugin("SingleDeviceXLAStrategy"),
}
#: Those that nothing replaces.
REMOVED_PLUGINS = {
    "DataParallelPlugin": "dp",
    "DDP2Plugin": "ddp2",
    "HorovodPlugin": "horovod",
}

PRECISIONS = frozenset(
    {
        "16-mixed", "bf16-mixed", "16-true", "bf16-true", "32-true", "64-true",
        "transformer-engine", "transformer-engine-float16", "32", "64",
    }
)  # fmt: skip
#: Accepted with a warning: "supported for historical reasons but its usage is discouraged".
HISTORICAL_PRECISIONS = {"16": "16-mixed", "bf16": "bf16-mixed"}
#: Spellings of other libraries and of 1.x internals, all rejected.
FOREIGN_PRECISIONS = {
    "mixed": "16-mixed", "mixed-16": "16-mixed", "mixed16": "16-mixed", "amp": "16-mixed",
    "native": "16-mixed", "fp16": "16-mixed", "fp16-mixed": "16-mixed", "f16-mixed": "16-mixed",
    "16-amp": "16-mixed", "float16-mixed": "16-mixed",
    "bf16-amp": "bf16-mixed", "bfloat16": "bf16-mixed", "bfloat16-mixed": "bf16-mixed",
    "fp16-true": "16-true", "float16-true": "16-true", "bfloat16-true": "bf16-true",
    "fp32": "32-true", "float32": "32-true", "float": "32-true", "full": "32-true",
    "fp64": "64-true", "float64": "64-true", "double": "64-true",
}  # fmt: skip
#: Half precision that may mean mixed or true.
DOUBTFUL_PRECISIONS = {"float16": "16-mixed", "half": "16-mixed", "f16": "16-mixed"}
#: ``torch`` types given as precision.
TORCH_PRECISIONS = {
    "torch.float32": "32-true", "torch.float": "32-true",
    "torch.float64": "64-true", "torch.double": "64-true",
}  # fmt: skip
DOUBTFUL_TORCH_PRECISIONS = {
    "torch.float16": "16-mixed", "torch.half": "16-mixed", "torch.bfloat16": "bf16-mixed",
}  # fmt: skip

# arguments that are no device arguments ------------------------------------------------------

#: Same meaning and same values under a new name.
RENAMED_ARGUMENTS = {
    "replace_sampler_ddp": "use_distributed_sampler",
    "max_nb_epochs": "max_epochs",
    "min_nb_epochs": "min_epochs",
    "nb_sanity_val_steps": "num_sanity_val_steps",
    "nb_gpu_nodes": "num_nodes",
    "num_gpu_nodes": "num_nodes",
    "gradient_clip": "gradient_clip_val",
    "train_percent_check": "limit_train_batches",
    "val_percent_check": "limit_val_batches",
    "test_percent_check": "limit_test_batches",
    "overfit_pct": "overfit_batches",
    "row_log_interval": "log_every_n_steps",
    "add_row_log_interval": "log_every_n_steps",
    "default_save_path": "default_root_dir",
    "show_progress_bar": "enable_progress_bar",
}


@dataclass(frozen=True)
class RemovedArgument:
    """An argument that nothing replaces one to one.

    ``idle`` are the values with which it did nothing, so that it is simply left away; the other
    values need ``instead``. ``doubt`` allows to leave it away with any value, at that price; the
    empty string says that nothing but a convenience is lost.
    """

    idle: tuple[object, ...]
    instead: str
    doubt: str | None = None


REMOVED_ARGUMENTS: dict[str, RemovedArgument] = {
    "auto_lr_find": RemovedArgument(
        (False, None), "call Tuner(trainer).lr_find(model), from lightning.pytorch.tuner"
    ),
    "auto_scale_batch_size": RemovedArgument(
        (False, None), "call Tuner(trainer).scale_batch_size(model), from lightning.pytorch.tuner"
    ),
    "automatic_optimization": RemovedArgument(
        (True, None), "set self.automatic_optimization = False in the LightningModule's __init__"
    ),
    "enable_pl_optimizer": RemovedArgument((True, False, None), "leave it away", doubt=""),
    "flush_logs_every_n_steps": RemovedArgument(
        (None,), "loggers that buffer take flush_logs_every_n_steps themselves", doubt=""
    ),
    "log_save_interval": RemovedArgument(
        (None,), "loggers that buffer take flush_logs_every_n_steps themselves", doubt=""
    ),
    "move_metrics_to_cpu": RemovedArgument(
        (False, None),
        "move what training_step returns to the CPU yourself",
        doubt="metrics stay on the device, which costs its memory",
    ),
    "multiple_trainloader_mode": RemovedArgument(
        ("max_size_cycle", None),
        "pass CombinedLoader(loaders, mode=…) to fit, from lightning.pytorch.utilities",
    ),
    "prepare_data_per_node": RemovedArgument(
        (True, None),
        "set prepare_data_per_node = False on the LightningModule or LightningDataModule",
    ),
    "print_nan_grads": RemovedArgument((False, None), "pass detect_anomaly=True"),
    "track_grad_norm": RemovedArgument(
        (-1, None),
        "log grad_norm(self, norm_type=…), from lightning.pytorch.utilities, in "
        "on_before_optimizer_step",
    ),
    "truncated_bptt_steps": RemovedArgument(
        (None, 0), "split the batch in training_step under manual optimization"
    ),
}
