"""What a checkpoint may hold and which releases wrote it differently.

Sources: ``lightning/pytorch/utilities/migration`` (2.6.6) for the releases, and
``torch/_weights_only_unpickler.py`` (2.13) for what torch reads by default.
"""

from __future__ import annotations

from . import api
from .lookup import State

#: The key under which Lightning writes its own release, since 0.7.
VERSION = "pytorch-lightning_version"
#: Checkpoints of older releases are changed by Lightning when it loads them.
MIGRATED_BEFORE = (2, 0, 0)
#: The first minor that leaves it to torch what is read, and torch refuses objects.
REFUSING = (2, 6)

_PLAIN = frozenset(
    {
        *("collections.OrderedDict", "collections.Counter", "_codecs.encode"),
        *(f"{m}.{n}" for m in ("builtins", "__builtin__") for n in ("bytearray", "set", "complex")),
        *("torch.nn.parameter.Parameter", "torch.serialization._get_layout"),
        *("torch.storage.TypedStorage", "torch.storage.UntypedStorage"),
        "torch._tensor._rebuild_from_type_v2",
    }
)
_REBUILT = "torch._utils._rebuild_"
#: The protocol of pickles that torch writes, and the newest one that it reads by default.
PROTOCOL = 2
_ROOTS = ("pytorch_lightning.", "lightning.pytorch.")
#: Lightning puts these in place while it loads a checkpoint.
_PATCHED = (
    "utilities.argparse._gpus_arg_default",
    "utilities.argparse_utils._gpus_arg_default",
    "utilities.enums._FaultTolerantMode",
)


def is_plain(path: str) -> bool:
    """Whether torch reads a class or function of this path with ``weights_only=True``."""
    module, _, name = path.rpartition(".")
    return path in _PLAIN or path.startswith(_REBUILT) or (module == "torch" and name != "load")


def is_gone(path: str, release: str) -> bool:
    """Whether a class of Lightning's cannot be found any more when a checkpoint is read."""
    root = next((r for r in _ROOTS if path.startswith(r)), None)
    if root is None or path.removeprefix(root) in _PATCHED:
        return False
    minor = ".".join(release.split(".")[:2])
    return api.state(path, minor) is State.ABSENT and api.since(path) is not None
