"""Functions, classes and types that became an expression of something else."""

from __future__ import annotations

from .flags import FLAGS
from .row import Replaced

_PL = "lightning.pytorch."
_CUDA = "<lightning.pytorch.accelerators.find_usable_cuda_devices>"
_TUNER = "<lightning.pytorch.tuner.Tuner>({0})"
_XLA = "<lightning.pytorch.accelerators.XLAAccelerator>.is_available()"
_APEX = '<lightning.pytorch.plugins.MixedPrecision>(precision="16-mixed", device="cuda")'
_GATHER = "torch.stack(<torch.distributed.nn.functional.all_gather>({0}))"
_NATIVE = "<lightning.pytorch.plugins.MixedPrecision>({precision}, {rest})"
_STATS = '<lightning.pytorch.accelerators.cuda.get_nvidia_gpu_stats>(<torch.device>("cuda"))'
_KEYS = "it told of all devices, this one of the current one, and the keys are called otherwise"
_ACTIVE = "no optimizer has a frequency any more, so all of them are active"
_SCALED = "its levels have no successor; torch's own mixed precision casts in another way"

REPLACED: tuple[Replaced, ...] = (
    *FLAGS,
    Replaced(_PL + "tuner.auto_gpu_select.pick_single_gpu", "2.0", "1.9", 16184, _CUDA + "(1)[0]"),
    Replaced(
        _PL + "tuner.auto_gpu_select.pick_multiple_gpus", "2.0", "1.9", 16184, _CUDA + "({args})"
    ),
    Replaced(_PL + "tuner.lr_finder.lr_find", "2.0", "", 16462, _TUNER + ".lr_find({rest})"),
    Replaced(
        _PL + "tuner.batch_size_scaling.scale_batch_size",
        "2.0",
        "",
        16462,
        _TUNER + ".scale_batch_size({rest})",
    ),
    *(
        Replaced(f"{_PL}{home}.ApexMixedPrecisionPlugin", "2.0", "1.9", 16039, _APEX, doubt=_SCALED)
        for home in ("plugins", "plugins.precision", "plugins.precision.apex_amp")
    ),
    *(
        Replaced(f"{_PL}{home}.NativeMixedPrecisionPlugin", "2.0", "1.9", 16039, _NATIVE)
        for home in ("plugins", "plugins.precision", "plugins.precision.native_amp")
    ),
    *(
        Replaced(f"{_PL}{home}.get_gpu_memory_map", removed, "1.5", 9921, _STATS, doubt=_KEYS)
        for home, removed in (("utilities.memory", "1.9"), ("core.memory", "1.7"))
    ),
    *(
        Replaced(f"{_PL}{home}.XLADeviceUtils.{name}", removed, deprecated, 14514, _XLA)
        for home, removed, deprecated in (
            ("utilities.xla_device", "2.0", "1.8"),
            ("utilities.xla_device_utils", "1.4", ""),
        )
        for name in ("tpu_device_exists", "xla_available")
    ),
    Replaced(
        _PL + "loops.utilities._get_active_optimizers",
        "2.0",
        "",
        16539,
        "list(enumerate({0}))",
        doubt=_ACTIVE,
    ),
    Replaced(_PL + "utilities.distributed.AllGatherGrad.apply", "2.0", "1.8", 15364, _GATHER),
    Replaced(
        _PL + "utilities.types.EPOCH_OUTPUT",
        "2.0",
        "",
        None,
        "list[<lightning.pytorch.utilities.types.STEP_OUTPUT>]",
        called=False,
    ),
)

#: Decorators that can go: what they did happens without them.
NEEDLESS_DECORATORS = {
    _PL + "core.decorators.parameter_validation": "Lightning ties shared parameters by itself",
    **dict.fromkeys(
        (f"{_PL}{module}data_loader" for module in ("", "core.", "core.decorators.")),
        "it did nothing any more since 0.7, and went before 1.0",
    ),
    **dict.fromkeys(
        (
            f"{_PL}utilities.cli.{name}_REGISTRY"
            for name in ("MODEL", "DATAMODULE", "CALLBACK", "OPTIMIZER", "LR_SCHEDULER", "LOGGER")
        ),
        "the CLI finds all subclasses by itself",
    ),
}
