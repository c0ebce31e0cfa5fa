"""A batch sampler cannot be made anew for several processes.

What it does
    Finds a `DataLoader` with a `batch_sampler` of a class of the project whose constructor does not
    take a sampler, in projects whose Trainer has a ddp strategy and is not told to leave samplers
    alone.

Why
    Under ddp Lightning makes the batch sampler anew, around a sampler that gives each process its
    share: `TypeError: Lightning can't inject a (distributed) sampler into your batch sampler`.

Example
    ```python
    loader = DataLoader(data, batch_sampler=Pairs(data))
    trainer = Trainer(strategy="ddp", devices=2)     # told
    ```

Fix safety
    Told: with `use_distributed_sampler=False` each process sees all data, unless the sampler itself
    takes its share.

References
    lightning/pytorch/utilities/data.py (2.6.6), `_dataloader_init_kwargs_resolve_sampler`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Severity
from ._construction import class_of
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF925", triggers=("batch_sampler",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``batch_sampler=``."""
    del settings
    for call in file.tree.calls:
        given = next((k for k in call.keywords if k.arg == "batch_sampler"), None)
        if given is None or file.canonical(call.func) != "torch.utils.data.DataLoader":
            continue
        cls = class_of(file, given.value)
        init = cls.method("__init__") if cls is not None else None
        if cls is None or init is None or cls.unknown_bases:
            continue
        arguments = init[1].args
        names = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)}
        if "sampler" in names or arguments.kwarg or arguments.vararg or not _is_shared(file):
            continue
        yield file.finding(
            rule,
            given,
            f"{cls.name} takes no sampler, so that Lightning cannot share its data under ddp",
            reason="let the constructor take sampler, batch_size and drop_last, or say "
            "use_distributed_sampler=False to the Trainer and take each process's share in it",
            severity=Severity.WARNING,
        )


def _is_shared(file: File) -> bool:
    """Whether a Trainer of the project runs under ddp and puts in samplers."""
    homes = dict.fromkeys([file, *file.project.holding(b"strategy", file.path)])
    found = False
    for call in (c for home in homes for c in trainer_calls(home) if c.kind == "Trainer"):
        if call.get("use_distributed_sampler") or call.get("replace_sampler_ddp"):
            return False
        strategy = value_of(call, "strategy")
        found = found or (isinstance(strategy, str) and strategy.startswith("ddp"))
    return found
