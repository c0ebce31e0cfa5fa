"""Attributes and methods of callbacks, strategies, loggers, profilers, connectors and Fabric."""

from __future__ import annotations

from .row import Member, told

_PL = "lightning.pytorch."
_CHECKPOINT = _PL + "callbacks.ModelCheckpoint"
_TQDM = _PL + "callbacks.TQDMProgressBar"
_DDP = _PL + "strategies.DDPStrategy"
_STRATEGY = _PL + "strategies.Strategy"
_SINGLE_TPU = _PL + "strategies.SingleTPUStrategy"
_XLA = _PL + "strategies.XLAStrategy"
_LOGGER = _PL + "loggers.Logger"
_ACCELERATOR = _PL + "accelerators.Accelerator"
_CONNECTORS = _PL + "trainer.connectors."
_ACCELERATORS = _CONNECTORS + "accelerator_connector.AcceleratorConnector"
_CHECKPOINTS = _CONNECTORS + "checkpoint_connector.CheckpointConnector"
_FIT_LOOP = _PL + "loops.FitLoop"
_ENVIRONMENTS = _PL + "plugins.environments."
_SLURM = "<lightning.fabric.plugins.environments.SLURMEnvironment>.detect()"

_HELPERS = "lightning.fabric.utilities.logger."

_HIDDEN = "the function is protected: it may change in any release"
_PROTECTED = "the loop is protected: it may change in any release"
_MANUALLY = (
    "it timed each next() of the iterable: put that between profiler.start(name) and stop(name)"
)
_BY_TRAINER = "the Trainer writes it, whatever the callback keeps"

OTHER_MEMBERS: tuple[Member, ...] = (
    # callbacks
    Member(
        "lr_sch_names",
        "1.7",
        "1.5",
        10066,
        _PL + "callbacks.LearningRateMonitor",
        "list({0}.lrs.keys())",
    ),
    Member("main_progress_bar", "2.0", "", 16695, _TQDM, "{0}.train_progress_bar"),
    Member(
        "period",
        "1.5",
        "1.3",
        6146,
        _CHECKPOINT,
        "{0}._every_n_epochs",
        doubt="_every_n_epochs is protected",
    ),
    Member(
        "save_function()",
        "1.5",
        "1.3",
        7201,
        _CHECKPOINT,
        "{1}.save_checkpoint({args})",
        doubt=_BY_TRAINER,
    ),
    *told(
        _CHECKPOINT, "save_checkpoint", "1.8", "1.6", 12456, "call trainer.save_checkpoint(path)"
    ),
    # strategies, loggers, environments
    Member("task_idx", "1.6", "1.4", 8203, _DDP, "{0}.local_rank"),
    Member("torch_distributed_backend", "1.8", "1.6", 11745, _DDP, "{0}.process_group_backend"),
    Member("tpu_local_core_rank", "1.7", "", 11163, _XLA, "{0}.local_rank"),
    Member("tpu_global_core_rank", "1.7", "", 11163, _XLA, "{0}.global_rank"),
    Member(
        "update_agg_funcs",
        "1.8",
        "1.6",
        14840,
        _LOGGER,
        way_out="loggers do not aggregate any more: leave the call away",
        idle=True,
    ),
    *(
        Member(
            f"{name}()", "1.6", "", None, _LOGGER, f"<{_HELPERS}{name}>({{args}})", doubt=_HIDDEN
        )
        for name in ("_convert_params", "_sanitize_callable_params", "_flatten_dict")
    ),
    Member(
        "_sanitize_params()",
        "1.6",
        "",
        None,
        _LOGGER,
        f"<{_HELPERS}_sanitize_params>({{args}})",
        doubt=_HIDDEN,
        kept=(_PL + "loggers.TensorBoardLogger",),
    ),
    Member(
        "_add_prefix()",
        "1.6",
        "",
        None,
        _LOGGER,
        f"<{_HELPERS}_add_prefix>({{args}}, {{0}}._prefix, {{0}}.LOGGER_JOIN_CHAR)",
        doubt=_HIDDEN,
    ),
    Member("agg_and_log_metrics()", "1.8", "1.6", 14840, _LOGGER, "{0}.log_metrics({args})"),
    Member("loaders", "2.0", "", 16743, _PL + "utilities.CombinedLoader", "{0}.iterables"),
    Member("is_distributed", "", "2.1", 17381, _DDP, "True"),
    Member("is_distributed", "2.1", "", 17381, _SINGLE_TPU, "False"),
    *(
        Member(f"{name}()", "1.6", "1.5", 9677, _ACCELERATOR, f"{{1}}.strategy.{name}({{args}})")
        for name in ("barrier", "broadcast", "all_gather")
    ),
    Member(
        "master_params()",
        "1.6",
        "1.5",
        10105,
        _PL + "plugins.PrecisionPlugin",
        "{0}.main_params({args})",
    ),
    *(
        Member(
            f"is_using_{name}()",
            "1.6",
            "",
            13458,
            f"{_ENVIRONMENTS}{environment}Environment",
            "{0}.detect({args})",
        )
        for name, environment in (
            ("torchelastic", "TorchElastic"),
            ("lsf", "LSF"),
            ("kubeflow", "Kubeflow"),
        )
    ),
    # profilers
    *told(_PL + "profilers.Profiler", "profile_iterable", "1.8", "1.6", 12102, _MANUALLY),
    # what the Trainer keeps to itself
    Member("is_slurm_managing_tasks", "1.6", "", 10101, _ACCELERATORS, _SLURM),
    *told(_ACCELERATORS, "configure_slurm_ddp", "1.6", "1.5", 10101, "it is done by itself"),
    *told(
        _CHECKPOINTS,
        "hpc_load hpc_save",
        "1.6",
        "1.4",
        7652,
        'call trainer.fit(model, ckpt_path="hpc"), or with the path',
    ),
    *(
        Member(
            name,
            "2.0",
            "",
            16803,
            _FIT_LOOP,
            f"{{0}}.epoch_loop.{name}",
            doubt=_PROTECTED,
            only_set=True,
        )
        for name in ("min_steps", "max_steps")
    ),
    *told(
        _FIT_LOOP,
        "running_loss",
        "2.0",
        "",
        None,
        'there is no running loss: log it in the step, self.log("loss", loss, prog_bar=True)',
    ),
    *told(
        _CHECKPOINTS,
        "restore_weights",
        "1.4",
        "",
        None,
        "hand ckpt_path= to fit, validate, test or predict, which restore the weights",
    ),
    *told(
        _STRATEGY,
        "on_save",
        "1.5",
        "",
        None,
        "leave the call away: it gave back the checkpoint that it was handed",
    ),
    # Fabric
    Member(
        "sharded_model()",
        "",
        "2.1",
        17832,
        "lightning.fabric.Fabric",
        "{0}.init_module({args})",
    ),
)
