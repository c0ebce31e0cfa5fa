"""Names that a message says are missing, as the smallest program that uses them.

What the rules find in that program is the answer; so it is what they would find in the user's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PATHS = (
    re.compile(
        r"cannot import name '(?P<name>\w+)' from "
        r"(?:partially initialized module )?'(?P<home>[\w.]+)'"
    ),
    re.compile(r"module '(?P<home>[\w.]+)' has no attribute '(?P<name>\w+)'"),
    re.compile(r"No module named '(?P<home>[\w.]+)'"),
)
_ARGUMENT = re.compile(
    r"(?:(?P<owner>\w+)\.)?(?P<called>\w+)\(\) got an unexpected keyword argument '(?P<name>\w+)'"
)
_MEMBERS = (
    re.compile(r"(?:type object )?'(?P<owner>\w+)'(?: object)? has no attribute '(?P<name>\w+)'"),
    re.compile(r"property '(?P<name>\w+)' of '(?P<owner>\w+)' object has no (?P<set>setter)"),
    re.compile(r"(?P<set>can't set attribute) '(?P<name>\w+)'(?P<owner>)"),
)
_LIGHTNING = ("pytorch_lightning", "lightning", "lightning_fabric", "lightning_lite")
#: Values with which an argument means something.
_VALUES = {"gpus": "1", "num_processes": "2", "tpu_cores": "8", "ipus": "1"}

_TRAINER = "from pytorch_lightning import Trainer\n\ntrainer = Trainer()\ntrainer."
_PARSER = "from pytorch_lightning import Trainer\n\n\ndef main(parser):\n    Trainer."
_DERIVED = "from {0} import {1}\n\n\nclass Own({1}):\n    def method(self):\n        self."
#: What a class of the user's own may be derived from, the likeliest first.
_BASES = (
    ("pytorch_lightning", "LightningModule"),
    ("pytorch_lightning", "LightningDataModule"),
    ("pytorch_lightning.callbacks", "TQDMProgressBar"),
    ("pytorch_lightning.callbacks", "ModelCheckpoint"),
    ("pytorch_lightning.loggers", "Logger"),
)
_HOMES = ("callbacks", "loggers", "profilers", "strategies", "plugins", "cli")

#: What constructors of parents set: it is missing where they were not called.
_OF_PARENTS = ("prepare_data_per_node", "_parameters", "_modules")

#: The rules for each kind of name; a program shows one, the user's code may need another.
OF_PATHS = ("LF501", "LF502", "LF504", "LF507", "LF301", "LF813", "LF814")
OF_ARGUMENTS = (
    "LF303", "LF301", "LF302", "LF304", "LF307", "LF103", "LF701", "LF702", "LF706", "LF811",
)  # fmt: skip
OF_MEMBERS = ("LF601", "LF602", "LF605", "LF613", "LF813", "LF208", "LF202")


@dataclass(frozen=True)
class Missing:
    """What a message says is missing: programs that use it, and the rules for such names."""

    programs: tuple[str, ...]
    codes: tuple[str, ...]


def missing(message: str) -> Missing | None:
    """What is missing by a message; None where it does not speak of names."""
    for form in _PATHS:
        path = form.search(message)
        if path is not None and path["home"].partition(".")[0] in _LIGHTNING:
            return Missing(_of_path(path["home"], path.groupdict().get("name")), OF_PATHS)
    argument = _ARGUMENT.search(message)
    if argument is not None:
        owner, called, name = argument["owner"], argument["called"], argument["name"]
        return Missing(_of_argument(owner, called, name), OF_ARGUMENTS)
    for form in _MEMBERS:
        member = form.search(message)
        if member is not None and member["name"] not in _OF_PARENTS:
            name = member["name"] + (" = 1" if member.groupdict().get("set") else "")
            return Missing(_of_member(member["owner"], name), OF_MEMBERS)
    return None


def _of_path(home: str, name: str | None) -> tuple[str, ...]:
    if name is not None:
        return (f"from {home} import {name}\n\n{name}\n",)
    owner, _, last = home.rpartition(".")
    return (f"import {home}\n\n{home}.x\n", f"from {owner} import {last}\n\n{last}.x\n")


def _of_argument(owner: str | None, called: str, name: str) -> tuple[str, ...]:
    given = f"{name}={_VALUES.get(name, 'None')}"
    if called in ("fit", "validate", "test", "predict"):
        return (f"{_TRAINER}{called}(model, {name}=loader)\n",)
    if called not in ("__init__", "insert_env_defaults"):
        return (_DERIVED.format(*_BASES[0]) + f"{called}('name', 0, {given})\n",)
    if owner in (None, "Trainer"):
        return (f"from pytorch_lightning import Trainer\n\nTrainer({given})\n",)
    return tuple(
        f"from pytorch_lightning.{home} import {owner}\n\n{owner}({given})\n" for home in _HOMES
    )


def _of_member(owner: str, name: str) -> tuple[str, ...]:
    if owner == "Trainer":
        return (f"{_TRAINER}{name}\n", f"{_PARSER}{name}(parser)\n")
    derived = tuple(_DERIVED.format(*base) + f"{name}\n" for base in _BASES)
    return (*derived, f"{_TRAINER}{name}\n", f"{_PARSER}{name}(parser)\n")
