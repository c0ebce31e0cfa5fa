"""Flags by which Lightning told what is installed; a project asks for itself today."""

from __future__ import annotations

from .row import Replaced

_PL = "lightning.pytorch."
_ASKED = "<lightning_utilities.core.imports.package_available>"

#: Packages that a flag stood for, by the module that held it and the release that dropped it.
_PACKAGES = {
    ("utilities", "1.2"): {
        "OMEGACONF_AVAILABLE": "omegaconf",
        "HYDRA_AVAILABLE": "hydra",
        "APEX_AVAILABLE": "apex",
        "BOLTS_AVAILABLE": "pl_bolts",
        "FAIRSCALE_AVAILABLE": "fairscale",
        "HOROVOD_AVAILABLE": "horovod",
        "XLA_AVAILABLE": "torch_xla",
    },
    ("utilities", "1.5"): {"_BOLTS_AVAILABLE": "pl_bolts"},
    ("utilities", "1.6"): {"_RICH_AVAILABLE": "rich", "_FAIRSCALE_AVAILABLE": "fairscale"},
    ("utilities", "1.7"): {
        "_JSONARGPARSE_AVAILABLE": "jsonargparse",
        "_DEEPSPEED_AVAILABLE": "deepspeed",
    },
    ("utilities", "1.8"): {
        "_HYDRA_AVAILABLE": "hydra",
        "_TORCHTEXT_AVAILABLE": "torchtext",
        "_XLA_AVAILABLE": "torch_xla",
    },
    ("utilities", "1.9"): {"_APEX_AVAILABLE": "apex", "_HOROVOD_AVAILABLE": "horovod"},
    ("utilities", "2.2"): {
        "_OMEGACONF_AVAILABLE": "omegaconf",
        "_TORCHVISION_AVAILABLE": "torchvision",
    },
    ("utilities.imports", "1.5"): {"_BOLTS_AVAILABLE": "pl_bolts"},
    ("utilities.imports", "1.7"): {
        "_JSONARGPARSE_AVAILABLE": "jsonargparse",
        "_DEEPSPEED_AVAILABLE": "deepspeed",
        "_WANDB_AVAILABLE": "wandb",
        "_NEPTUNE_AVAILABLE": "neptune",
    },
    ("utilities.imports", "1.8"): {
        "_HYDRA_AVAILABLE": "hydra",
        "_TORCHTEXT_AVAILABLE": "torchtext",
        "_FAIRSCALE_AVAILABLE": "fairscale",
        "_XLA_AVAILABLE": "torch_xla",
    },
    ("utilities.imports", "1.9"): {
        "_APEX_AVAILABLE": "apex",
        "_HOROVOD_AVAILABLE": "horovod",
        "_PSUTIL_AVAILABLE": "psutil",
    },
    ("utilities.imports", "2.0"): {"_ONNX_AVAILABLE": "onnx"},
}
#: Versions of torch, and of what is in it, that every release of Lightning 2 has.
_ALWAYS = {
    ("utilities", "1.4"): "_TORCH_GREATER_EQUAL_1_6",
    ("utilities", "1.5"): "_NATIVE_AMP_AVAILABLE",
    ("utilities", "1.6"): "_TORCH_GREATER_EQUAL_1_7 _TORCH_GREATER_EQUAL_1_8",
    ("utilities", "1.7"): "_TORCH_GREATER_EQUAL_1_9",
    (
        "utilities",
        "1.9",
    ): "_TORCH_GREATER_EQUAL_1_10 _TORCH_GREATER_EQUAL_1_11 _TORCH_GREATER_EQUAL_1_12",
    ("utilities.imports", "1.4"): "_TORCH_GREATER_EQUAL_1_6",
    ("utilities.imports", "1.5"): "_NATIVE_AMP_AVAILABLE",
    ("utilities.imports", "1.6"): "_TORCH_GREATER_EQUAL_1_7 _TORCH_GREATER_EQUAL_1_8",
    ("utilities.imports", "1.7"): "_TORCH_GREATER_EQUAL_1_8_1 _TORCH_GREATER_EQUAL_1_9",
    (
        "utilities.imports",
        "1.9",
    ): (
        "_TORCH_GREATER_EQUAL_1_9_1 _TORCH_GREATER_EQUAL_1_10 _TORCH_GREATER_EQUAL_1_11 "
        "_TORCH_GREATER_EQUAL_1_12"
    ),
    ("utilities.imports", "2.0"): "_TORCH_GREATER_EQUAL_1_13 _TORCH_GREATER_EQUAL_2_0",
}

FLAGS: tuple[Replaced, ...] = (
    *(
        Replaced(f"{_PL}{home}.{flag}", removed, new=f'{_ASKED}("{package}")', called=False)
        for (home, removed), packages in _PACKAGES.items()
        for flag, package in packages.items()
    ),
    *(
        Replaced(f"{_PL}{home}.{flag}", removed, new="True", called=False)
        for (home, removed), flags in _ALWAYS.items()
        for flag in flags.split()
    ),
)
