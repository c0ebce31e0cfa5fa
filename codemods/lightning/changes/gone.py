"""Public names without a successor of the same kind, and the way out of each."""

from __future__ import annotations

from .row import Gone

_PYTORCH = "lightning.pytorch"

_PREDICT = (
    "call trainer.predict(model, loader); for a plain call move the batch with .to(model.device)"
)
_DECOR = "remove the decorator: Lightning ties shared parameters by itself"
_STRAT = "use self.trainer.strategy: its broadcast, reduce and barrier"
_LOGGERS = (
    "hand over a list: Trainer(logger=[a, b]); trainer.loggers is the list, trainer.logger its "
    "first"
)
_NEPTUNE = (
    "Lightning's Neptune logger is dead since 2.6.4: use another logger, or log with neptune "
    "yourself"
)
_DIST = "ask isinstance(trainer.strategy, DDPStrategy) and the like"
_DEV = "ask isinstance(trainer.accelerator, CUDAAccelerator) and the like"
_META = (
    "create the model under trainer.init_module(empty_init=True), or its layers in configure_model"
)
_IPU = "IPU support is gone: use another accelerator"
_HPU = (
    "Habana support is gone from Lightning: use the package that Intel offers, or another "
    "accelerator"
)
_MIXIN = "the Trainer's mixins are gone: subclass Trainer, or use a callback"
_HOOKS = "use pl.utilities.model_helpers.is_overridden, or pl.utilities.signature_utils"
_DEEPS = 'use Trainer(strategy="deepspeed") or DeepSpeedStrategy'
_QUANT = "use torch.ao.quantization directly"
_PAR = "it went with data parallel: use DDP, which needs no wrapper"
_WRAP = "the strategy wraps the LightningModule itself: leave the wrapper away"
_APEX = 'apex is gone: Trainer(precision="16-mixed"), or MixedPrecision("16-mixed", device="cuda")'
_NATIVE = (
    'Trainer(precision="16-mixed"), or MixedPrecision(precision="16-mixed", device="cuda", '
    "scaler=...)"
)
_XLA = "use pl.accelerators.XLAAccelerator.is_available()"
_MIXDEV = (
    "it is protected: lightning.fabric.utilities.device_dtype_mixin._DeviceDtypeModuleMixin; "
    "self.device and self.dtype of a LightningModule need no mixin"
)
_FINITE = (
    "look at the parameters yourself: any(not torch.isfinite(p).all() for p in model.parameters())"
)
_SIZE = "use ModelSummary(model).model_size, in megabytes"
_COLAB = 'look for yourself: "google.colab" in sys.modules or "KAGGLE_URL_BASE" in os.environ'
_GATHER = (
    "use torch.distributed.nn.functional.all_gather(tensor) and torch.stack what it returns, or "
    "self.all_gather"
)
_MODELIO = "use LightningModule.load_from_checkpoint"
_LOOP = (
    "the loops are protected and custom ones are not called: override hooks, or write the loop "
    "with Fabric"
)
_FETCH = "data fetchers are protected: hand loaders over to the Trainer"
_COMBIT = "hand the loaders over as a list or dict, or as a CombinedLoader"
_DBL = "use trainer.precision_plugin.convert_input"
_EPOCH = "annotate with list[STEP_OUTPUT], or leave the annotation away"
_AMP = 'compare with the string: "16-mixed", "bf16-mixed"'
_SUPP = "it was internal and is gone; torchmetrics.RunningMean does what TensorRunningAccum did"
_TUNER = "Tuner(trainer).lr_find(model) and Tuner(trainer).scale_batch_size(model)"
_WRAPPER = "it was internal and is gone: DDP wraps the LightningModule directly"
_RESULT = "log in the step with self.log and return the loss"
_RESTART = "it was internal and is gone; the state of an epoch is in the checkpoint"
_GRADS = "use pl.utilities.grads.grad_norm(module, norm_type)"
_PICK = "use pl.accelerators.find_usable_cuda_devices(1)[0]"
_PICKS = "use pl.accelerators.find_usable_cuda_devices(number)"
_REGS = "Lightning's CLI finds all subclasses by itself: leave the registration away"
_MEMO = "look at torch.cuda.memory_summary(), or use DeviceStatsMonitor"
_DISTAVAIL = "use torch.distributed.is_available() and torch.distributed.is_initialized()"
_HOROVOD = "Horovod is gone: use DDPStrategy"
_BAGUA = "use the package lightning-bagua, or DDPStrategy"
_HIVE = "use the package lightning-hivemind"
_COLOSS = "use FSDPStrategy or DeepSpeedStrategy"


def _each(
    module: str, names: str, removed: str, deprecated: str, pull: int | None, way_out: str
) -> tuple[Gone, ...]:
    home = f"{_PYTORCH}.{module}" if module else _PYTORCH
    return tuple(
        Gone(f"{home}.{name}", removed, deprecated, pull, way_out) for name in names.split()
    )


# fmt: off
GONE = (
    *_each("core.decorators", "auto_move_data", "1.5", "1.3", 6993, _PREDICT),
    *_each("core.decorators", "parameter_validation", "1.7", "1.5", 9525, _DECOR),
    *_each("distributed", "LightningDistributed", "1.7", "1.5", 9691, _STRAT),
    *_each("distributed.dist", "LightningDistributed", "1.7", "1.5", 9691, _STRAT),
    *_each("loggers", "LoggerCollection", "1.8", "1.6", 12147, _LOGGERS),
    *_each("loggers.base", "LoggerCollection", "1.8", "1.6", 12147, _LOGGERS),
    *_each("loggers", "NeptuneLogger", "2.6", "", 21572, _NEPTUNE),
    *_each("loggers.neptune", "NeptuneLogger", "2.6", "", 21572, _NEPTUNE),
    *_each("utilities", "DistributedType", "1.8", "1.6", 10505, _DIST),
    *_each("utilities.enums", "DistributedType", "1.8", "1.6", 10505, _DIST),
    *_each("utilities", "DeviceType", "1.6", "", 10503, _DEV),
    *_each("utilities.enums", "DeviceType", "1.8", "1.6", 10503, _DEV),
    *_each("utilities.meta", "init_meta_context materialize_module is_meta_init is_on_meta_device",
          "1.9", "1.8", 13868, _META),
    *_each("strategies.ipu", "LightningIPUModule", "1.8", "1.7", 14830, _IPU),
    *_each("strategies.ipu", "IPUStrategy", "2.1", "1.7", 14830, _IPU),
    *_each("strategies", "IPUStrategy", "2.1", "", 19405, _IPU),
    *_each("accelerators", "IPUAccelerator", "2.1", "", 19405, _IPU),
    *_each("accelerators.ipu", "IPUAccelerator", "2.1", "", 19405, _IPU),
    *_each("plugins", "IPUPrecisionPlugin", "2.1", "", 19405, _IPU),
    *_each("plugins", "IPUPlugin", "1.8", "", 19405, _IPU),
    *_each("accelerators", "HPUAccelerator", "2.1", "", 21327, _HPU),
    *_each("accelerators.hpu", "HPUAccelerator", "2.1", "", 21327, _HPU),
    *_each("strategies", "HPUParallelStrategy SingleHPUStrategy", "2.1", "", 21327, _HPU),
    *_each("strategies.hpu_parallel", "HPUParallelStrategy", "2.1", "", 21327, _HPU),
    *_each("strategies.single_hpu", "SingleHPUStrategy", "2.1", "", 21327, _HPU),
    *_each("plugins", "HPUCheckpointIO HPUPrecisionPlugin", "2.1", "", 21327, _HPU),
    *_each("plugins.io", "HPUCheckpointIO", "2.1", "", 21327, _HPU),
    *_each("plugins.precision", "HPUPrecisionPlugin", "2.1", "", 21327, _HPU),
    *_each("plugins.io.hpu_plugin", "HPUCheckpointIO", "2.1", "", 21327, _HPU),
    *_each("plugins.precision.hpu", "HPUPrecisionPlugin", "2.1", "", 21327, _HPU),
    *_each("trainer.callback_hook", "TrainerCallbackHookMixin", "1.8", "1.6", 14401, _MIXIN),
    *_each("trainer.optimizers", "TrainerOptimizersMixin", "1.8", "1.6", 11155, _MIXIN),
    *_each("trainer.data_loading", "TrainerDataLoadingMixin", "1.8", "1.6", 11282, _MIXIN),
    *_each("trainer.model_hooks", "TrainerModelHooksMixin", "1.6", "1.4", 7422, _HOOKS),
    *_each("strategies.deepspeed", "LightningDeepSpeedModule", "1.9", "1.8", None, _DEEPS),
    *_each("plugins.training_type.deepspeed", "LightningDeepSpeedModule", "1.6", "", None, _DEEPS),
    *_each("callbacks", "QuantizationAwareTraining", "2.0", "", 16750, _QUANT),
    *_each("callbacks.quantization", "QuantizationAwareTraining", "2.0", "", 16750, _QUANT),
    *_each("overrides.data_parallel", "LightningParallelModule", "2.0", "", 16748, _PAR),
    *_each("overrides", "LightningParallelModule", "2.0", "", 16748, _PAR),
    *_each("overrides", "LightningDistributedModule", "2.0", "", 16386, _WRAP),
    *_each("overrides.distributed", "LightningDistributedModule", "2.0", "", 16386, _WRAP),
    *_each("overrides.fairscale", "LightningShardedDataParallel", "2.0", "1.9", 16400, _WRAP),
    *_each("plugins", "ApexMixedPrecisionPlugin", "2.0", "1.9", 16039, _APEX),
    *_each("plugins.precision", "ApexMixedPrecisionPlugin", "2.0", "1.9", 16039, _APEX),
    *_each("plugins.precision.apex_amp", "ApexMixedPrecisionPlugin", "2.0", "1.9", 16039, _APEX),
    *_each("plugins", "NativeMixedPrecisionPlugin", "2.0", "1.9", 16039, _NATIVE),
    *_each("plugins.precision", "NativeMixedPrecisionPlugin", "2.0", "1.9", 16039, _NATIVE),
    *_each("plugins.precision.native_amp", "NativeMixedPrecisionPlugin",
          "2.0", "1.9", 16039, _NATIVE),
    *_each("utilities.xla_device", "XLADeviceUtils", "2.0", "1.8", 14514, _XLA),
    *_each("utilities.xla_device_utils", "XLADeviceUtils", "1.4", "", None, _XLA),
    *_each("core.mixins", "DeviceDtypeModuleMixin", "1.8", "", 16424, _MIXDEV),
    *_each("core.mixins.device_dtype_mixin", "DeviceDtypeModuleMixin",
          "2.0", "1.8", 16424, _MIXDEV),
    *_each("utilities.finite_checks", "print_nan_gradients detect_nan_parameters",
          "2.0", "", 16682, _FINITE),
    *_each("utilities.memory", "get_model_size_mb", "2.0", "", 17001, _SIZE),
    *_each("strategies.utils", "on_colab_kaggle", "2.0", "1.8", 16437, _COLAB),
    *_each("utilities.distributed", "AllGatherGrad", "2.0", "1.8", 15364, _GATHER),
    *_each("utilities.distributed", "distributed_available", "2.0", "1.8", 16390, _DISTAVAIL),
    *_each("core.saving", "ModelIO", "2.0", "", 16999, _MODELIO),
    *_each("loops", "DataLoaderLoop EvaluationEpochLoop PredictionEpochLoop",
          "2.0", "", 16726, _LOOP),
    *_each("loops", "OptimizerLoop ManualOptimization TrainingBatchLoop", "2.0", "", 16445, _LOOP),
    *_each(
        "utilities.fetching",
        "AbstractDataFetcher DataFetcher DataLoaderIterDataFetcher "
        "InterBatchParallelDataFetcher",
        "2.0", "", 16664, _FETCH,
    ),
    *_each("trainer.supporters", "CombinedLoaderIterator CombinedDataset",
          "2.0", "", 16714, _COMBIT),
    *_each("overrides.base", "unwrap_lightning_module", "2.0", "", 17531, _WRAPPER),
    *_each("utilities.types", "EPOCH_OUTPUT", "2.0", "", None, _EPOCH),
    *_each("utilities", "AMPType", "1.9", "", 16149, _AMP),
    *_each("utilities.enums", "AMPType PrecisionType", "2.0", "1.9", 16149, _AMP),
    *_each("utilities.enums", "ModelSummaryMode", "1.7", "", 16149, _AMP),
    *_each("trainer.supporters", "TensorRunningAccum CycleIterator SharedCycleIteratorState",
          "2.0", "", None, _SUPP),
    *_each("trainer.supporters", "PredictionCollection", "1.5", "", None, _SUPP),
    *_each("tuner.lr_finder", "lr_find", "2.0", "", None, _TUNER),
    *_each("tuner.batch_size_scaling", "scale_batch_size", "2.0", "", None, _TUNER),
    *_each("core.step_result", "Result", "1.4", "", None, _RESULT),
    *_each("core.step_result", "TrainResult EvalResult", "1.2", "", None, _RESULT),
    *_each("utilities.auto_restart", "CaptureIterableDataset CaptureMapDataset FastForwardSampler",
          "2.0", "", 16516, _RESTART),
    *_each("core.grads", "GradInformation", "1.5", "", 8831, _GRADS),
    *_each("tuner.auto_gpu_select", "pick_single_gpu", "2.0", "1.9", 16184, _PICK),
    *_each("tuner.auto_gpu_select", "pick_multiple_gpus", "2.0", "1.9", 16184, _PICKS),
    *_each(
        "utilities.cli",
        "MODEL_REGISTRY DATAMODULE_REGISTRY CALLBACK_REGISTRY OPTIMIZER_REGISTRY "
        "LR_SCHEDULER_REGISTRY LOGGER_REGISTRY",
        "1.9", "1.7", 13767, _REGS,
    ),
    *_each("core.memory", "get_memory_profile", "1.7", "1.5", 12593, _MEMO),
    *_each("utilities.memory", "get_memory_profile", "1.7", "1.5", 12593, _MEMO),
    *_each("strategies", "HorovodStrategy", "2.0", "1.9", None, _HOROVOD),
    *_each("plugins", "HorovodPlugin", "1.8", "1.6", None, _HOROVOD),
    *_each("strategies", "BaguaStrategy", "2.0", "1.9", None, _BAGUA),
    *_each("strategies", "HivemindStrategy", "2.0", "1.9", None, _HIVE),
    *_each("strategies", "ColossalAIStrategy", "2.0", "1.9", None, _COLOSS),
    *_each("plugins.precision.double", "LightningDoublePrecisionModule", "", "2.1", 18209, _DBL),
    # Older than the first release that was mined.
    *_each("", "TrainResult EvalResult", "1.0", "", 5633, _RESULT),
)
# fmt: on
