"""Plugins, strategies, accelerators and environments that live elsewhere today."""

from __future__ import annotations

from .each import each

_FAIRSCALE = "the fairscale strategy is gone; FSDP shards in another way and takes other arguments"
_DATA_PARALLEL = "data parallel in one process is gone; DDP starts a process for each device"
_FAIRSCALE_PLUGIN = "the fairscale plugin is gone; FSDPPrecision takes other arguments"

# fmt: off
ROWS = (
    *each("accelerators.gpu", "accelerators.cuda", "get_nvidia_gpu_stats", "1.7"),
    *each("accelerators", "accelerators", "GPUAccelerator>CUDAAccelerator", "1.9", "1.7", 13636),
    *each("accelerators.gpu", "accelerators", "GPUAccelerator>CUDAAccelerator",
          "1.9", "1.7", 13636),
    *each("accelerators.gpu_accelerator", "accelerators", "GPUAccelerator>CUDAAccelerator", "1.2"),
    *each("accelerators.cpu_accelerator", "accelerators", "CPUAccelerator", "1.2"),
    *each("accelerators", "accelerators", "TPUAccelerator>XLAAccelerator", "", "2.1", 17383),
    *each("accelerators.tpu", "accelerators", "TPUAccelerator>XLAAccelerator", "", "2.1", 17383),
    *each(
        "plugins", "strategies",
        "DDPPlugin>DDPStrategy DeepSpeedPlugin>DeepSpeedStrategy "
        "ParallelPlugin>ParallelStrategy SingleDevicePlugin>SingleDeviceStrategy "
        "TrainingTypePlugin>Strategy TPUSpawnPlugin>XLAStrategy "
        "SingleTPUPlugin>SingleDeviceXLAStrategy",
        "1.8", "1.6", 11120,
    ),
    *each(
        "plugins", "strategies",
        "DDPShardedPlugin>FSDPStrategy DDPSpawnShardedPlugin>FSDPStrategy "
        "DDPFullyShardedPlugin>FSDPStrategy",
        "1.8", "1.6", 11120, _FAIRSCALE,
    ),
    *each("plugins", "strategies", "DataParallelPlugin>DDPStrategy",
          "1.8", "1.6", 11120, _DATA_PARALLEL),
    *each("plugins", "strategies", "DDP2Plugin>DDPStrategy", "1.7", "1.6", 14026, _DATA_PARALLEL),
    *each(
        "plugins.training_type", "strategies",
        "DDPPlugin>DDPStrategy DeepSpeedPlugin>DeepSpeedStrategy "
        "ParallelPlugin>ParallelStrategy SingleDevicePlugin>SingleDeviceStrategy "
        "TrainingTypePlugin>Strategy TPUSpawnPlugin>XLAStrategy "
        "SingleTPUPlugin>SingleDeviceXLAStrategy",
        "1.8", "1.6", 11120,
    ),
    *each(
        "plugins.training_type", "strategies",
        "DDPShardedPlugin>FSDPStrategy DDPSpawnShardedPlugin>FSDPStrategy "
        "DDPFullyShardedPlugin>FSDPStrategy",
        "1.8", "1.6", 11120, _FAIRSCALE,
    ),
    *each(
        "plugins.training_type", "strategies",
        "DataParallelPlugin>DDPStrategy",
        "1.8", "1.6", 11120, _DATA_PARALLEL,
    ),
    *each("plugins.training_type", "strategies", "DDP2Plugin>DDPStrategy",
          "1.7", "1.6", 14026, _DATA_PARALLEL),
    *each("plugins", "strategies", "TrainingTypePluginsRegistry>StrategyRegistry",
          "1.6", "", 11233),
    *each("plugins", "strategies", "Strategy", "1.8"),
    *each("plugins.training_type.ddp", "strategies", "DDPPlugin>DDPStrategy", "1.8", "1.6", 11120),
    *each("plugins.training_type.deepspeed", "strategies", "DeepSpeedPlugin>DeepSpeedStrategy",
          "1.8", "1.6", 11120),
    *each("plugins.training_type.parallel", "strategies", "ParallelPlugin>ParallelStrategy",
          "1.8", "1.6", 11120),
    *each(
        "plugins.training_type.single_device", "strategies",
        "SingleDevicePlugin>SingleDeviceStrategy",
        "1.8", "1.6", 11120,
    ),
    *each("plugins.training_type.training_type_plugin", "strategies", "TrainingTypePlugin>Strategy",
          "1.8", "1.6", 11120),
    *each("plugins.training_type.tpu_spawn", "strategies", "TPUSpawnPlugin>XLAStrategy",
          "1.8", "1.6", 11120),
    *each(
        "plugins.training_type.single_tpu", "strategies",
        "SingleTPUPlugin>SingleDeviceXLAStrategy",
        "1.8", "1.6", 11120,
    ),
    *each("plugins.training_type.sharded", "strategies", "DDPShardedPlugin>FSDPStrategy",
          "1.8", "1.6", 11120, _FAIRSCALE),
    *each("plugins.training_type.sharded_spawn", "strategies", "DDPSpawnShardedPlugin>FSDPStrategy",
          "1.8", "1.6", 11120, _FAIRSCALE),
    *each("plugins.training_type.fully_sharded", "strategies", "DDPFullyShardedPlugin>FSDPStrategy",
          "1.8", "1.6", 11120, _FAIRSCALE),
    *each("plugins.training_type.dp", "strategies", "DataParallelPlugin>DDPStrategy",
          "1.8", "1.6", 11120, _DATA_PARALLEL),
    *each("plugins.training_type.ddp2", "strategies", "DDP2Plugin>DDPStrategy",
          "1.7", "1.6", 14026, _DATA_PARALLEL),
    *each("plugins.ddp_plugin", "strategies", "DDPPlugin>DDPStrategy", "1.2"),
    *each("strategies", "strategies", "TPUSpawnStrategy>XLAStrategy", "2.0", "", 16781),
    *each("strategies.tpu_spawn", "strategies", "TPUSpawnStrategy>XLAStrategy", "2.0", "", 16781),
    *each("strategies", "strategies", "DDPFullyShardedNativeStrategy>FSDPStrategy",
          "2.0", "", 16490),
    *each(
        "strategies.fully_sharded_native", "strategies",
        "DDPFullyShardedNativeStrategy>FSDPStrategy",
        "2.0", "", 16490,
    ),
    *each(
        "strategies", "strategies",
        "DDPShardedStrategy>FSDPStrategy DDPSpawnShardedStrategy>FSDPStrategy "
        "DDPFullyShardedStrategy>FSDPStrategy",
        "2.0", "1.9", 16400, _FAIRSCALE,
    ),
    *each("strategies.sharded", "strategies", "DDPShardedStrategy>FSDPStrategy",
          "2.0", "1.9", 16400, _FAIRSCALE),
    *each("strategies.sharded_spawn", "strategies", "DDPSpawnShardedStrategy>FSDPStrategy",
          "2.0", "1.9", 16400, _FAIRSCALE),
    *each("strategies.fully_sharded", "strategies", "DDPFullyShardedStrategy>FSDPStrategy",
          "2.0", "1.9", 16400, _FAIRSCALE),
    *each("overrides.fairscale", "strategies", "LightningShardedDataParallel>FSDPStrategy",
          "2.0", "1.9", 16400, _FAIRSCALE),
    *each("strategies", "strategies", "DataParallelStrategy>DDPStrategy",
          "2.0", "", 16748, _DATA_PARALLEL),
    *each("strategies.dp", "strategies", "DataParallelStrategy>DDPStrategy",
          "2.0", "", 16748, _DATA_PARALLEL),
    *each("strategies", "strategies", "DDP2Strategy>DDPStrategy",
          "1.7", "", 14026, _DATA_PARALLEL),
    *each("strategies.ddp2", "strategies", "DDP2Strategy>DDPStrategy",
          "1.7", "", 14026, _DATA_PARALLEL),
    *each("strategies", "strategies", "SingleTPUStrategy>SingleDeviceXLAStrategy",
          "", "2.1", 17383),
    *each("strategies.single_tpu", "strategies", "SingleTPUStrategy>SingleDeviceXLAStrategy",
          "", "2.1", 17383),
    *each(
        "plugins", "plugins",
        "PrecisionPlugin>Precision MixedPrecisionPlugin>MixedPrecision "
        "DoublePrecisionPlugin>DoublePrecision HalfPrecisionPlugin>HalfPrecision "
        "DeepSpeedPrecisionPlugin>DeepSpeedPrecision FSDPPrecisionPlugin>FSDPPrecision "
        "FSDPMixedPrecisionPlugin>FSDPPrecision "
        "BitsandbytesPrecisionPlugin>BitsandbytesPrecision "
        "TransformerEnginePrecisionPlugin>TransformerEnginePrecision "
        "XLAPrecisionPlugin>XLAPrecision",
        "", "2.2", 18840,
    ),
    *each(
        "plugins.precision", "plugins.precision",
        "PrecisionPlugin>Precision MixedPrecisionPlugin>MixedPrecision "
        "DoublePrecisionPlugin>DoublePrecision HalfPrecisionPlugin>HalfPrecision "
        "DeepSpeedPrecisionPlugin>DeepSpeedPrecision FSDPPrecisionPlugin>FSDPPrecision "
        "FSDPMixedPrecisionPlugin>FSDPPrecision "
        "BitsandbytesPrecisionPlugin>BitsandbytesPrecision "
        "TransformerEnginePrecisionPlugin>TransformerEnginePrecision "
        "XLAPrecisionPlugin>XLAPrecision",
        "", "2.2", 18840,
    ),
    *each(
        "plugins", "plugins",
        "FullyShardedNativeNativeMixedPrecisionPlugin>FSDPPrecision "
        "NativeSyncBatchNorm>TorchSyncBatchNorm",
        "2.0", "", 16490,
    ),
    *each(
        "plugins.precision", "plugins.precision",
        "FullyShardedNativeNativeMixedPrecisionPlugin>FSDPPrecision",
        "2.0", "", 16490,
    ),
    *each(
        "plugins.precision.fully_sharded_native_amp", "plugins",
        "FullyShardedNativeMixedPrecisionPlugin>FSDPPrecision",
        "2.0", "1.9", 16400, _FAIRSCALE_PLUGIN,
    ),
    *each(
        "plugins.precision.sharded_native_amp", "plugins",
        "ShardedNativeMixedPrecisionPlugin>FSDPPrecision",
        "2.0", "1.9", 16400, _FAIRSCALE_PLUGIN,
    ),
    *each(
        "plugins", "plugins",
        "FullyShardedNativeMixedPrecisionPlugin>FSDPPrecision "
        "ShardedNativeMixedPrecisionPlugin>FSDPPrecision",
        "2.0", "1.9", 16400, _FAIRSCALE_PLUGIN,
    ),
    *each(
        "plugins.precision", "plugins.precision",
        "FullyShardedNativeMixedPrecisionPlugin>FSDPPrecision "
        "ShardedNativeMixedPrecisionPlugin>FSDPPrecision",
        "2.0", "1.9", 16400, _FAIRSCALE_PLUGIN,
    ),
    *each("plugins.layer_sync", "plugins.layer_sync", "NativeSyncBatchNorm>TorchSyncBatchNorm",
          "2.0", "", 16490),
    *each(
        "plugins.environments.kubeflow_environment", "plugins.environments",
        "KubeflowEnvironment",
        "1.8",
    ),
    *each(
        "plugins.environments.lightning_environment", "plugins.environments",
        "LightningEnvironment",
        "1.8",
    ),
    *each("plugins.environments.lsf_environment", "plugins.environments", "LSFEnvironment", "1.8"),
    *each("plugins.environments.slurm_environment", "plugins.environments", "SLURMEnvironment",
          "1.8"),
    *each(
        "plugins.environments.torchelastic_environment", "plugins.environments",
        "TorchElasticEnvironment",
        "1.8",
    ),
    *each("plugins.environments.xla_environment", "plugins.environments", "XLAEnvironment", "1.8"),
    *each("plugins.environments.cluster_environment", "plugins.environments", "ClusterEnvironment",
          "1.8"),
    *each(
        "plugins.environments.lightning_environment",
        "=lightning.fabric.plugins.environments.lightning",
        "find_free_network_port",
        "1.8",
    ),
    *each(
        "cluster_environments", "plugins.environments",
        "ClusterEnvironment SLURMEnvironment TorchElasticEnvironment",
        "1.2",
    ),
    *each("cluster_environments.cluster_environment", "plugins.environments", "ClusterEnvironment",
          "1.2"),
    *each("cluster_environments.slurm_environment", "plugins.environments", "SLURMEnvironment",
          "1.2"),
    *each(
        "cluster_environments.torchelastic_environment", "plugins.environments",
        "TorchElasticEnvironment",
        "1.2",
    ),
    *each(
        "overrides.distributed", "overrides.distributed",
        "IndexBatchSamplerWrapper>_IndexBatchSamplerWrapper",
        "2.0", "", 16826,
    ),
    *each(
        "overrides.distributed", "=lightning.fabric.utilities.distributed",
        "DistributedSamplerWrapper",
        "1.8",
    ),
)
# fmt: on
