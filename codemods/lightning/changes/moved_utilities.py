"""Callbacks, loggers, profilers and utilities that live elsewhere today."""

from __future__ import annotations

from .each import each

_LOOPS = "custom loops are not called any more; the class is protected"
_PROTECTED_LOOPS = "the loops are protected since 2.0, and their methods changed"

# fmt: off
ROWS = (
    *each("core.lightning", "", "LightningModule", "1.9", "1.7", 12740),
    *each("callbacks.base", "callbacks", "Callback", "1.9", "1.7", 13031),
    *each("callbacks.swa", "callbacks", "StochasticWeightAveraging", "1.3"),
    *each(
        "callbacks", "callbacks",
        "GPUStatsMonitor>DeviceStatsMonitor XLAStatsMonitor>DeviceStatsMonitor",
        "1.7", "1.5", 9924,
    ),
    *each("callbacks.gpu_stats_monitor", "callbacks", "GPUStatsMonitor>DeviceStatsMonitor",
          "1.7", "1.5", 9924),
    *each("callbacks.xla_stats_monitor", "callbacks", "XLAStatsMonitor>DeviceStatsMonitor",
          "1.7", "1.5", 9924),
    *each("callbacks", "callbacks", "ProgressBarBase>ProgressBar", "2.0", "", 17058),
    *each("callbacks.progress", "callbacks", "ProgressBarBase>ProgressBar", "2.0", "", 17058),
    *each(
        "callbacks.progress.base", "callbacks.progress.progress_bar",
        "ProgressBarBase>ProgressBar get_standard_metrics",
        "2.0", "", 17058,
    ),
    *each("callbacks.progress.progress", "callbacks", "ProgressBar>TQDMProgressBar",
          "1.7", "1.5", 10134),
    *each(
        "callbacks.device_stats_monitor", "callbacks.device_stats_monitor",
        "prefix_metric_keys>_prefix_metric_keys",
        "1.8", "1.6", 11254,
    ),
    *each("core.memory", "utilities.model_summary", "ModelSummary LayerSummary",
          "1.7", "1.5", 12593),
    *each(
        "core.memory", "utilities.model_summary",
        "get_formatted_model_size get_human_readable_count parse_batch_shape",
        "1.5", "", 12593,
    ),
    *each("loggers", "loggers", "LightningLoggerBase>Logger", "1.9", "1.7", 12014),
    *each("loggers", "loggers", "TestTubeLogger>TensorBoardLogger", "1.7", "1.5", 9065),
    *each("loggers.test_tube", "loggers", "TestTubeLogger>TensorBoardLogger", "1.7", "1.5", 9065),
    *each("loggers.base", "loggers", "LightningLoggerBase>Logger", "1.9", "1.7", 12014),
    *each(
        "loggers.base", "loggers.logger",
        "DummyExperiment DummyLogger merge_dicts rank_zero_experiment",
        "1.9", "1.7", 12014,
    ),
    *each(
        "logging", "loggers",
        "LightningLoggerBase>Logger TensorBoardLogger CometLogger MLFlowLogger WandbLogger "
        "TestTubeLogger>TensorBoardLogger",
        "1.0",
    ),
    *each("logging.base", "loggers", "LightningLoggerBase>Logger", "1.0"),
    *each("logging.comet", "loggers", "CometLogger", "1.0"),
    *each("logging.comet_logger", "loggers", "CometLogger", "1.0"),
    *each("logging.mlflow", "loggers", "MLFlowLogger", "1.0"),
    *each("logging.mlflow_logger", "loggers", "MLFlowLogger", "1.0"),
    *each("logging.tensorboard", "loggers", "TensorBoardLogger", "1.0"),
    *each("logging.wandb", "loggers", "WandbLogger", "1.0"),
    *each("logging.test_tube", "loggers", "TestTubeLogger>TensorBoardLogger", "1.0"),
    *each("logging.test_tube_logger", "loggers", "TestTubeLogger>TensorBoardLogger", "1.0"),
    *each("loggers", "utilities", "rank_zero_only", "1.0"),
    *each("loggers.base", "utilities", "rank_zero_only", "1.7"),
    *each("loggers.logger", "utilities", "rank_zero_only", "1.9"),
    *each("logging", "utilities", "rank_zero_only", "1.0"),
    *each("logging.base", "utilities", "rank_zero_only", "1.0"),
    *each("callbacks", "callbacks", "LearningRateLogger>LearningRateMonitor", "1.0"),
    *each("callbacks.lr_logger", "callbacks", "LearningRateLogger>LearningRateMonitor", "1.0"),
    *each(
        "profiler", "profilers",
        "AdvancedProfiler PassThroughProfiler Profiler PyTorchProfiler SimpleProfiler "
        "XLAProfiler",
        "2.0", "1.9", 16359,
    ),
    *each("profiler", "profilers", "BaseProfiler>Profiler AbstractProfiler>Profiler",
          "1.9", "1.6", 12150),
    *each("profiler.base", "profilers", "BaseProfiler>Profiler AbstractProfiler>Profiler",
          "1.9", "1.6", 12150),
    *each("profiler.base", "profilers", "PassThroughProfiler", "1.9", "1.7", 12308),
    *each("profiler.profiler", "profilers", "Profiler", "1.9", "1.7", 12308),
    *each(
        "profiler.profilers", "profilers",
        "AbstractProfiler>Profiler AdvancedProfiler BaseProfiler>Profiler PassThroughProfiler "
        "SimpleProfiler",
        "1.6",
    ),
    *each("profiler.advanced", "profilers", "AdvancedProfiler", "1.9", "1.7", 12308),
    *each("profiler.simple", "profilers", "SimpleProfiler", "1.9", "1.7", 12308),
    *each("profiler.pytorch", "profilers", "PyTorchProfiler", "1.9", "1.7", 12308),
    *each("profiler.pytorch", "profilers.pytorch", "RegisterRecordFunction ScheduleWrapper",
          "1.9", "1.7", 12308),
    *each("profiler.xla", "profilers", "XLAProfiler", "1.9", "1.7", 12308),
    *each("profilers", "profilers", "BaseProfiler>Profiler AbstractProfiler>Profiler",
          "1.8", "1.7", 12150),
    *each("profilers.base", "profilers", "BaseProfiler>Profiler AbstractProfiler>Profiler",
          "1.8", "1.7", 12150),
    *each(
        "utilities.distributed", "utilities.rank_zero",
        "rank_zero_only rank_zero_debug rank_zero_info rank_zero_deprecation",
        "2.0", "1.6", 11747,
    ),
    *each("utilities.distributed", "utilities.rank_zero", "rank_zero_warn", "1.6", "1.4"),
    *each(
        "utilities.warnings", "utilities.rank_zero",
        "rank_zero_warn rank_zero_deprecation LightningDeprecationWarning WarningCache",
        "1.8", "1.6", 11747,
    ),
    *each("utilities.warning_utils", "utilities.rank_zero", "WarningCache", "1.4"),
    *each("utilities.distributed", "=torchmetrics.utilities.distributed", "gather_all_tensors",
          "2.0", "1.8", 16390),
    *each(
        "utilities.distributed", "=lightning.fabric.utilities.distributed",
        "sync_ddp>_sync_ddp sync_ddp_if_available>_sync_ddp_if_available "
        "all_gather_ddp_if_available>_all_gather_ddp_if_available "
        "init_dist_connection>_init_dist_connection "
        "get_default_process_group_backend_for_device>_get_default_process_group_backend_for_device",
        "2.0", "1.8", 16390,
    ),
    *each(
        "utilities.distributed", "overrides.distributed",
        "register_ddp_comm_hook>_register_ddp_comm_hook",
        "2.0", "1.8", 16390,
    ),
    *each(
        "utilities.cli", "cli",
        "LightningCLI LightningArgumentParser SaveConfigCallback instantiate_class",
        "1.9", "1.7", 13767,
    ),
    *each("utilities.seed", "", "seed_everything", "2.0", "1.8", 16422),
    *each(
        "utilities.seed", "=lightning.fabric.utilities.seed",
        "pl_worker_init_function reset_seed",
        "2.0", "1.8", 16422,
    ),
    *each(
        "utilities.apply_func", "=lightning_utilities.core.apply_func",
        "apply_to_collection apply_to_collections",
        "2.0", "1.8", 14516,
    ),
    *each(
        "utilities.apply_func", "=lightning.fabric.utilities.apply_func",
        "move_data_to_device convert_to_tensors",
        "2.0", "1.8", 14516,
    ),
    *each(
        "utilities.cloud_io", "=lightning.fabric.utilities.cloud_io",
        "get_filesystem load>_load atomic_save>_atomic_save",
        "2.0", "1.8", 14515,
    ),
    *each("utilities.data", "=lightning.fabric.utilities.data", "has_len get_len>sized_len",
          "2.0", "1.8", 16440),
    *each(
        "utilities.device_parser", "=lightning.fabric.accelerators.cuda",
        "is_cuda_available num_cuda_devices",
        "2.0", "1.8", 14492,
    ),
    *each(
        "utilities.device_parser", "=lightning.fabric.utilities.device_parser",
        "parse_gpu_ids>_parse_gpu_ids determine_root_gpu_device>_determine_root_gpu_device",
        "2.0", "1.8", 14492,
    ),
    *each(
        "utilities.optimizer", "=lightning.fabric.utilities.optimizer",
        "optimizer_to_device>_optimizer_to_device optimizers_to_device>_optimizers_to_device",
        "2.0", "1.8", 16439,
    ),
    *each(
        "utilities.device_dtype_mixin", "=lightning.fabric.utilities.device_dtype_mixin",
        "DeviceDtypeModuleMixin>_DeviceDtypeModuleMixin",
        "1.6", "", 10442,
    ),
    *each(
        "utilities.metrics", "=lightning.fabric.utilities.apply_func",
        "metrics_to_scalars>convert_tensors_to_scalars",
        "2.0", "", 16681,
    ),
    *each("utilities.parsing", "=lightning.fabric.utilities.logger", "flatten_dict>_flatten_dict",
          "2.0", "", 16744),
    *each("utilities.model_utils", "utilities.model_helpers", "is_overridden", "1.4"),
    *each(
        "utilities.exceptions", "utilities.exceptions",
        "ExitGracefullyException>SIGTERMException",
        "2.0", "", 16501,
    ),
    *each("utilities.meta", "=lightning_utilities.core.inheritance", "get_all_subclasses", "1.9"),
    *each("utilities.types", "=lightning.fabric.utilities.types", "_PATH _PARAMETERS", "1.8"),
    *each("utilities.types", "=torch.optim.lr_scheduler", "_LRScheduler>LRScheduler", "2.0"),
    *each("utilities.cli", "cli", "ReduceLROnPlateau", "1.7"),
    *each("trainer.supporters", "utilities.combined_loader", "CombinedLoader", "2.0", "", 16819),
    *each(
        "trainer.progress", "loops.progress",
        "BaseProgress>_BaseProgress ProcessedTracker>_ProcessedTracker "
        "ReadyCompletedTracker>_ReadyCompletedTracker StartedTracker>_StartedTracker "
        "Progress>_Progress BatchProgress>_BatchProgress SchedulerProgress>_SchedulerProgress "
        "OptimizerProgress>_OptimizerProgress OptimizationProgress>_OptimizationProgress",
        "2.0", "", 17009,
    ),
    *each("loops.base", "loops.loop", "Loop>_Loop", "1.9", "1.7", 13043, _LOOPS),
    *each(
        "loops", "loops",
        "Loop>_Loop FitLoop>_FitLoop EvaluationLoop>_EvaluationLoop "
        "PredictionLoop>_PredictionLoop TrainingEpochLoop>_TrainingEpochLoop",
        "2.0", "", 16445, _PROTECTED_LOOPS,
    ),
    *each("utilities.distributed", "=torch.distributed", "ReduceOp", "1.8"),
    *each("utilities", "=lightning_utilities.core.imports",
          "_module_available>module_available", "1.8"),
    *each(
        "utilities.imports", "=lightning_utilities.core.imports",
        "_module_available>module_available _package_available>package_available "
        "_compare_version>compare_version",
        "1.8",
    ),
    *each("loops.optimization.optimizer_loop", "loops.optimization.automatic",
          "Closure ClosureResult", "2.0", "", 16445),
    *each("trainer.connectors.checkpoint_connector", "trainer.connectors.checkpoint_connector",
          "CheckpointConnector>_CheckpointConnector", "2.0"),
)
# fmt: on
