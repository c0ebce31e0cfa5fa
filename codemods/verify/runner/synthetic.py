"""Batches that are made up by a text such as ``float32[4,10], int64[4] < 2``."""

from __future__ import annotations

import re
from typing import Any, List, Tuple

#: ``name=float32[4,3,32,32]`` or ``int64[4] < 10``; the name and the bound may be missing.
_TENSOR = re.compile(
    r"\s*(?:(?P<name>\w+)\s*=\s*)?(?P<kind>[a-z]+\d*)\s*\[(?P<shape>[\d\s,]*)\]\s*(?:<\s*(?P<below>\d+))?\s*"
)
_BETWEEN = re.compile(r",(?![^\[]*\])")
_BELOW = 2
_SEED = 1


class SpecError(ValueError):
    """A batch or an argument that cannot be made; the message says why."""


def tensors(spec: str) -> List[Tuple[str, str, Tuple[int, ...], int]]:
    """Name (empty where none), kind, shape and bound of each tensor of a batch.

    Raises:
        SpecError: the text is no such list.
    """
    found = []
    for part in _BETWEEN.split(spec):
        match = _TENSOR.fullmatch(part)
        if match is None:
            raise SpecError(
                f"{part.strip()!r} is no tensor; write float32[4,3,32,32], or y=int64[4] < 10"
            )
        shape = tuple(int(size) for size in match["shape"].split(",") if size.strip())
        found.append((match["name"] or "", match["kind"], shape, int(match["below"] or _BELOW)))
    if len({bool(name) for name, _, _, _ in found}) > 1:
        raise SpecError("name all tensors of the batch, which makes it a dict, or none of them")
    return found


def check_spec(spec: Any) -> None:
    """Refuse what :func:`batch_of` cannot read: texts, and lists and mappings of them.

    Raises:
        SpecError: with a sentence that says what to write.
    """
    if isinstance(spec, str):
        tensors(spec)
        return
    if not isinstance(spec, (list, dict)) or not spec:
        raise SpecError(
            f"{spec!r} is no batch; write a text such as 'float32[4,10]', or a list or a table of"
            " them"
        )
    for part in spec.values() if isinstance(spec, dict) else spec:
        check_spec(part)


def batch_of(torch: Any, spec: Any) -> Any:
    """A batch by its text: a dict where the tensors have names, a list of several, or the one.

    A list or a dict of such texts becomes a list or a dict of what each of them means.
    """
    return _made(torch, spec, torch.Generator().manual_seed(_SEED))


def _made(torch: Any, spec: Any, generator: Any) -> Any:
    if isinstance(spec, dict):
        return {name: _made(torch, part, generator) for name, part in spec.items()}
    if isinstance(spec, list):
        return [_made(torch, part, generator) for part in spec]
    made = []
    for name, kind, shape, below in tensors(spec):
        dtype: Any = getattr(torch, kind, None)
        if not isinstance(dtype, torch.dtype):
            raise SpecError(f"torch has no type {kind}; write float32, int64 or bool, say")
        if dtype.is_floating_point:
            value = torch.randn(shape, generator=generator).to(dtype)
        else:
            value = torch.randint(0, below, shape, generator=generator).to(dtype)
        made.append((name, value))
    if made[0][0]:
        return dict(made)
    return made[0][1] if len(made) == 1 else [value for _, value in made]
