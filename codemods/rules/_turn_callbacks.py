"""What callbacks of a project hear where a module takes its turns by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.classes import Role
from ._hook_planner import is_read
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File

_ZERO, _BATCH_END = "on_before_zero_grad", "on_train_batch_end"
_OUTPUTS = 2


def unheard(file: File) -> Iterator[str]:
    """Why the callbacks that may go with the modules of a file do something else afterwards."""
    for name, reason in (
        (_ZERO, f"{_ZERO} of a callback is not called where a module optimizes by hand"),
        (_BATCH_END, f"{_BATCH_END} of a callback is given no outputs of such a module"),
    ):
        if is_heard(file, name):
            yield reason


def is_heard(file: File, name: str) -> bool:
    """Whether a callback that may go with the modules of a file has a hook, and makes use of it."""
    near = [file, *file.project.holding(name.encode(), file.path)]
    return any(_hears(cls, name) for f in dict.fromkeys(near) for cls in f.classes)


def _hears(cls: Class, name: str) -> bool:
    """Whether a class is a callback with the hook, and reads the outputs if it is given some."""
    function = cls.methods.get(name)
    if function is None or not cls.plays(Role.CALLBACK):
        return False
    if name != _BATCH_END:
        return True
    shape = shape_of(function)
    if shape is None or len(shape.names) <= _OUTPUTS:
        return False
    return is_read(cls.file, function, shape.names[_OUTPUTS], set())
