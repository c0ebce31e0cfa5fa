"""What ``Trainer.add_argparse_args`` made of the Trainer's arguments: options of a command line.

Source: ``add_argparse_args`` in ``utilities/argparse.py`` and the annotations of ``Trainer`` in
pytorch-lightning 1.4.9 to 1.9.5. Arguments of other types (callbacks, plugins) were no options.
"""

from __future__ import annotations

INTEGERS = frozenset(
    {
        *("max_epochs", "min_epochs", "max_steps", "min_steps", "num_nodes", "num_processes"),
        *("log_every_n_steps", "check_val_every_n_epoch", "num_sanity_val_steps"),
        *("reload_dataloaders_every_n_epochs", "accumulate_grad_batches", "gpus", "tpu_cores"),
        *("progress_bar_refresh_rate", "process_position", "flush_logs_every_n_steps"),
        *("row_log_interval", "truncated_bptt_steps", "log_save_interval", "ipus"),
    }
)
#: A share of the batches with a point in it, a number of them without.
NUMBERS = frozenset(
    {
        *("limit_train_batches", "limit_val_batches", "limit_test_batches"),
        *("limit_predict_batches", "overfit_batches", "val_check_interval"),
    }
)
FLOATS = frozenset({"gradient_clip_val", "track_grad_norm"})
#: Off unless they are given, by themselves or with a value.
SWITCHES = frozenset(
    {
        *("fast_dev_run", "deterministic", "benchmark", "detect_anomaly", "sync_batchnorm"),
        *("auto_select_gpus", "auto_lr_find", "auto_scale_batch_size", "stochastic_weight_avg"),
        *("terminate_on_nan", "reload_dataloaders_every_epoch", "move_metrics_to_cpu"),
    }
)
#: On unless they are given a value that says otherwise.
ON = frozenset(
    {
        *("enable_progress_bar", "enable_checkpointing", "enable_model_summary", "logger"),
        *("inference_mode", "replace_sampler_ddp", "checkpoint_callback"),
    }
)
TEXTS = frozenset(
    {
        *("accelerator", "strategy", "devices", "precision", "default_root_dir", "profiler"),
        *("gradient_clip_algorithm", "max_time", "resume_from_checkpoint", "weights_save_path"),
        *("weights_summary", "distributed_backend", "amp_backend", "amp_level"),
        *("log_gpu_memory", "multiple_trainloader_mode"),
    }
)
OPTIONS = INTEGERS | NUMBERS | FLOATS | SWITCHES | ON | TEXTS
#: What a script offers that tells nothing of the options that are used.
USUAL = ("accelerator", "devices", "max_epochs")
