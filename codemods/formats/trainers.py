"""Which mappings of a config file are a Trainer's arguments, and which make Lightning's objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..lightning.trainer import GONE_ARGUMENTS, RENAMED_ARGUMENTS, TRAINER_PARAMETERS
from .format import GROUPS
from .nodes import Kind, Node
from .objects import Shape, is_lightning, made_by
from .virtual import Call, call_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .evidence import Evidence

OLD_NAMES = (GONE_ARGUMENTS | frozenset(RENAMED_ARGUMENTS) | {"early_stop_callback", "use_amp"}) - {
    "gradient_clip",
    "show_progress_bar",
}
NAMES = TRAINER_PARAMETERS | OLD_NAMES
#: Names that no other trainer has: one of them is enough.
_SURE = (OLD_NAMES - {"use_amp"}) | {
    "accumulate_grad_batches", "max_epochs", "num_sanity_val_steps", "limit_train_batches",
    "limit_val_batches", "check_val_every_n_epoch", "log_every_n_steps", "val_check_interval",
    "enable_checkpointing", "enable_progress_bar", "fast_dev_run",
}  # fmt: skip
_BLOCK = re.compile(r"((pl|lightning|pytorch_lightning)[_-]?)?trainer([_-]\w+)?", re.IGNORECASE)
#: What the arguments stand behind in a block that has more to say of the Trainer.
_INNER = frozenset({"kwargs", "args", "params", "arguments"})
_BESIDE = frozenset(
    {"model", "data", "seed_everything", "optimizer", "lr_scheduler", "ckpt_path", "fit"}
)
_CLI = Shape("class_path", "init_args")
_HYDRA = Shape("_target_", "")
#: Keys of services and jobs that may be called trainer, too.
_ELSEWHERE = frozenset(
    {
        "image", "build", "container_name", "runs-on", "steps", "command", "entrypoint",
        "volumes", "containers", "deploy", "script",
    }
)  # fmt: skip
_CHECKPOINT = "ModelCheckpoint"
#: Arguments that it had, and has no more.
_OF_CHECKPOINT = frozenset({"period", "filepath", "prefix", "every_n_val_epochs"})
#: How deep a block is looked for.
_DEPTH = 6


@dataclass(frozen=True)
class Found:
    """One thing to look at; ``doubt`` says why its fixes are not safe, ``bar`` why there are none.

    ``block`` is the key that it stands behind, where it is a block; ``is_base`` says that no other
    file shows under this one.
    """

    root: Call | Node
    shape: Shape | None = None
    doubt: str | None = None
    bar: str | None = None
    block: str = ""
    is_base: bool = False


class Search:
    """Goes through the documents of one file; ``folder`` is the name of the file's own."""

    def __init__(self, evidence: Evidence, folder: str) -> None:
        self._evidence = evidence
        self._folder = folder
        self._taken: set[int] = set()
        self._namespace = evidence.namespace
        self._laid_over = False
        self._blocks: set[int] = set()

    def found(self, root: Node) -> Iterator[Found]:
        """What there is in a document, Trainers first."""
        paths = [node.text for node in root.walk() if is_lightning(node)]
        standalone = sum(path.startswith("pytorch_lightning.") for path in paths)
        if paths:
            more = standalone * 2 > len(paths)
            self._namespace = "pytorch_lightning" if more else "lightning.pytorch"
        self._laid_over = "defaults" in root.names()
        found = list(self._trainers(root, None, None, 0))
        yield from found
        for one in found:
            node = one.root.node if isinstance(one.root, Call) else one.root
            inner = one.root.arguments if isinstance(one.root, Call) else None
            self._take(node if inner is None or one.root.made is not None else inner)  # type: ignore[union-attr]
        yield from self._objects(root)

    def _take(self, node: Node) -> None:
        """Leave out what a program has already; unknown values may hold objects of their own."""
        self._taken.add(id(node))
        made = made_by(node)
        if made is not None:
            self._taken.add(id(made.path))
        if made is None and {"_target_", "class_path", "target"} & set(node.names()):
            return
        for below in [*node.items, *(value for _, value in node.entries)]:
            self._take(below)

    def _objects(self, root: Node) -> Iterator[Found]:
        for node in root.walk():
            if id(node) in self._taken:
                continue
            made = made_by(node)
            if made is not None:
                self._take(node)
                yield Found(call_of(made, node), made.shape)
            elif is_lightning(node):
                yield Found(node)
            else:
                yield from self._checkpoints(node)

    def _checkpoints(self, node: Node) -> Iterator[Found]:
        """The blocks of a mapping that code splats into a ``ModelCheckpoint``."""
        for key, value in node.entries if self._evidence.lightning else ():
            free = value.kind is Kind.MAPPING and id(value) not in self._taken
            names = set(value.names()) if free else set()
            if not names & _OF_CHECKPOINT or not self._evidence.fills(_CHECKPOINT, key.text):
                continue
            self._take(value)
            call = Call(f"{self._namespace}.callbacks.{_CHECKPOINT}", key, value, None)
            yield Found(call, block=key.text)

    def _trainers(
        self, node: Node, key: Node | None, parent: Node | None, depth: int
    ) -> Iterator[Found]:
        if node.kind is Kind.SEQUENCE:
            for item in node.items:
                yield from self._trainers(item, None, node, depth + 1)
            return
        if node.kind is not Kind.MAPPING or depth > _DEPTH:
            return
        if key is None and parent is None and self._folder in GROUPS:
            self._blocks.add(id(node))
        if key is not None and _BLOCK.fullmatch(key.text):
            self._blocks.add(id(node))
        found = self._trainer(node, key, parent)
        if found is not None:
            yield found
            return
        for name, value in node.entries:
            yield from self._trainers(value, name, node, depth + 1)

    def _trainer(self, node: Node, key: Node | None, parent: Node | None) -> Found | None:
        made = made_by(node)
        names = node.names()
        if len(set(names)) < len(names):
            return None
        if made is not None:
            is_trainer = made.path.text.endswith((".Trainer", ".Fabric"))
            return self._made(node, key) if is_trainer else None
        if key is not None and key.text == "parameters" and parent and parent.get("method"):
            return self._sweep(node, key)
        if {"_target_", "class_path", "target"} & set(names):
            return None
        if key is None and parent is None:
            return self._group(node)
        if key is not None and key.text in _INNER and id(parent) in self._blocks:
            return self._plain(node, key)
        if key is None or not _BLOCK.fullmatch(key.text):
            return None
        if parent and key.text == "trainer" and self._is_cli(parent):
            return Found(self._call(key, node, None), _CLI)
        return self._plain(node, key)

    def _made(self, node: Node, key: Node | None) -> Found:
        made = made_by(node)
        assert made is not None
        shape = None if self._evidence.hands("callbacks") else made.shape
        grouped = self._folder if self._folder in GROUPS else ""
        block = key.text if key is not None else grouped
        return Found(call_of(made, node), shape, block=block, is_base=not self._laid_over)

    def _call(self, node: Node, arguments: Node, names: frozenset[str] | None) -> Call:
        return Call(f"{self._namespace}.Trainer", node, arguments, None, names)

    def _is_cli(self, parent: Node) -> bool:
        paths = any(k.text == "class_path" for n in parent.walk() for k, _ in n.entries)
        beside = bool(_BESIDE & set(parent.names()))
        return (paths and beside) or (self._evidence.cli and not self._evidence.hydra)

    def _group(self, node: Node) -> Found | None:
        if self._folder not in GROUPS:
            return None
        if len(NAMES & set(node.names())) < 2 and not _SURE & set(node.names()):  # noqa: PLR2004
            return None
        if not self._evidence.lightning:
            return None
        doubt = None if self._evidence.splats("trainer") else _UNSEEN
        shape = _HYDRA if self._evidence.hydra and not self._evidence.hands("callbacks") else None
        call = self._call(node.entries[0][0], node, NAMES)
        return Found(call, shape, doubt, block=self._folder)

    def _plain(self, node: Node, key: Node) -> Found | None:
        names = set(node.names())
        if len(NAMES & names) < 2 and not _SURE & names:  # noqa: PLR2004  two words are no chance
            return None
        if _ELSEWHERE & names:
            return None
        if not self._evidence.lightning and (self._evidence.python or not OLD_NAMES & names):
            return None
        doubt = None if self._evidence.splats(key.text) else _UNSEEN
        return Found(self._call(key, node, NAMES), None, doubt, None, key.text)

    def _sweep(self, node: Node, key: Node) -> Found | None:
        names = set(node.names()) if self._evidence.lightning else set()
        if OLD_NAMES & names:
            return Found(self._call(key, node, OLD_NAMES), None, None, _SWEEP)
        if any(f"{_PREFIX}{name}" in names for name in OLD_NAMES):
            call = replace(self._call(key, node, OLD_NAMES), prefix=_PREFIX)
            return Found(call, None, None, _SWEEP)
        return None


_UNSEEN = "no code in sight hands this block to a Trainer; look who reads it"
#: What LightningCLI and Hydra have in front of an argument of the Trainer.
_PREFIX = "trainer."
_SWEEP = "a sweep hands its parameters to a program; rename it there and here together"
