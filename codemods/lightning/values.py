"""Values of Trainer arguments that some releases of Lightning do not know yet.

Source: ``trainer/connectors/accelerator_connector.py`` of 1.8.6 to 2.1.4, tried on 1.9.5 and 2.0.9.
"""

from __future__ import annotations

#: The first release that takes a string, by argument.
SINCE: dict[str, dict[str, str]] = {
    "precision": {
        "16-mixed": "2.0",
        "bf16-mixed": "2.0",
        "32-true": "2.0",
        "64-true": "2.0",
        "16-true": "2.1",
        "bf16-true": "2.1",
        "transformer-engine": "2.1",
        "transformer-engine-float16": "2.1",
    },
    "strategy": {
        "auto": "2.0",
        "ddp_find_unused_parameters_true": "2.0",
        "ddp_notebook": "1.7",
        "ddp_fork": "1.7",
        "fsdp": "1.6",
        "xla": "2.0",
        "single_xla": "2.0",
    },
    "accelerator": {"cuda": "1.7", "mps": "1.7", "auto": "1.5", "gpu": "1.5"},
}
