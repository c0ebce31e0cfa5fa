"""Environment variables that Lightning read in an old release and does not read any more.

Sources: ``os.environ`` in pytorch-lightning 1.4.9 to lightning 2.6.6, and the pull requests.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """A variable by its name; ``removed`` is the first release that ignores it.

    Without a ``way_out`` nothing has to take its place.
    """

    name: str
    removed: str
    pull: int
    way_out: str = ""


BACKEND = "PL_TORCH_DISTRIBUTED_BACKEND"

VARIABLES = {
    v.name: v
    for v in (
        Variable(
            BACKEND,
            "1.8",
            11745,
            "hand it to the strategy: Trainer(strategy=DDPStrategy(process_group_backend=…))",
        ),
        Variable("PL_INTER_BATCH_PARALLELISM", "2.0", 16355),
        Variable("PL_RECONCILE_PROCESS", "2.0", 16204),
        Variable("PL_DISABLE_FORK", "1.8", 14631),
        Variable(
            "PL_FAULT_TOLERANT_TRAINING",
            "2.0",
            16516,
            "there is no fault-tolerant mode any more: pass OnExceptionCheckpoint(…) in "
            "callbacks=, and give a state_dict to loaders that are to go on within an epoch",
        ),
    )
}

#: The Trainer takes defaults from variables of this prefix, for the arguments that it has.
TRAINER_PREFIX = "PL_TRAINER_"
