from __future__ import annotations

import ast
import gzip
import importlib.metadata
import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from lfix.codemods.lightning import mined

from releases import pack, states, wheels
from releases.table import Table, mine

DATA = Path(mined.__file__).parent / "data"


def table(**sources: str) -> Table:
    """The table of made-up modules below `lightning.pytorch`; `__` stands for a dot."""
    names = {f"lightning.pytorch.{key.replace('__', '.')}": text for key, text in sources.items()}
    names = {"lightning.pytorch": names.pop("lightning.pytorch.init", ""), **names}
    return mine(
        {
            name: wheels.Module(
                name,
                package=any(other.startswith(f"{name}.") for other in names),
                tree=ast.parse(dedent(text)),
            )
            for name, text in names.items()
        }
    )


@pytest.fixture(scope="module")
def installed() -> Table:
    site = Path(str(importlib.metadata.distribution("lightning").locate_file("")))
    packages = ("lightning", "pytorch_lightning", "lightning_fabric")
    return mine(wheels.modules_of_folder(site, packages))


def _committed(file: str) -> Any:
    return json.loads(gzip.decompress((DATA / file).read_bytes()))


def test_the_releases_are_those_of_the_data() -> None:
    assert tuple(wheels.RELEASES) == mined.RELEASES == tuple(_committed(pack.PATHS)["releases"])


def _newest(tree: Any) -> Any:
    """The facts of the newest release, without their spans and without names that have none."""
    last = len(mined.RELEASES) - 1
    if isinstance(tree, list):
        return next((span[2:] for span in tree if span[0] <= last <= span[1]), None)
    inner = {name: _newest(value) for name, value in tree.items() if name != "releases"}
    return {name: value for name, value in inner.items() if value not in (None, {})}


def test_mining_the_installed_release_gives_the_committed_data(installed: Table) -> None:
    tables = {r: Table() for r in mined.RELEASES[:-1]} | {mined.RELEASES[-1]: installed}
    for file, data in pack.pack(tables).items():
        fresh, there = (_newest(t) for t in (json.loads(gzip.decompress(data)), _committed(file)))
        for section, held in fresh.items():
            assert {n: f for n, f in held.items() if there[section].get(n) != f} == {}, section
            assert held.keys() == there[section].keys(), section


def test_the_same_tables_are_the_same_bytes(installed: Table) -> None:
    one = pack.pack({"2.5": installed, "2.6": installed})
    # Names come in another order when the wheels list their files in another.
    turned = Table(
        dict(reversed(installed.modules.items())),
        {m: dict(reversed(n.items())) for m, n in reversed(installed.paths.items())},
        dict(reversed(installed.classes.items())),
        dict(reversed(installed.functions.items())),
    )
    assert pack.pack({"2.5": turned, "2.6": turned}) == one
    assert gzip.compress(gzip.decompress(one[pack.PATHS]), 9, mtime=0) == one[pack.PATHS]


def test_facts_are_spans_of_releases() -> None:
    here, gone = table(m="class A: ..."), table(m="")
    warned = table(m="class A:\n    '.. deprecated:: v1.5'")
    tables = {"1.0": here, "1.1": here, "1.2": gone, "1.3": here, "1.4": warned}
    paths = json.loads(gzip.decompress(pack.pack(tables)[pack.PATHS]))["paths"]
    assert paths[".pytorch.m"]["A"] == [[0, 1, "c"], [3, 3, "c"], [4, 4, "c", "", 1]]


def test_the_committed_files_hold_no_time() -> None:
    for file in (pack.PATHS, pack.MEMBERS):
        assert (DATA / file).read_bytes()[4:8] == bytes(4)


def test_a_name_is_followed_to_its_definition() -> None:
    found = table(
        init="from pytorch_lightning.core import Model as LightningModule",
        core="from .inner import *",
        core__inner="__all__ = ['Model']\nclass Model: ...\nclass Hidden: ...",
    )
    assert found.paths["lightning.pytorch"]["LightningModule"].target == (
        "lightning.pytorch.core.inner.Model"
    )
    assert set(found.paths["lightning.pytorch.core"]) == {"Model"}


def test_of_alternatives_the_first_counts_and_types_do_not() -> None:
    found = table(
        one="class First: ...",
        two="""
            from typing import TYPE_CHECKING
            try:
                from pytorch_lightning.one import First as Name
            except ImportError:
                Name = object
            if TYPE_CHECKING:
                from pytorch_lightning.one import First
            if __name__ == "__main__":
                result = 1
        """,
    )
    assert {n: p.target for n, p in found.paths["lightning.pytorch.two"].items()} == {
        "Name": "lightning.pytorch.one.First"
    }


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("return 1", states.PRESENT),
        ("rank_zero_deprecation('gone soon')", states.DEPRECATED),
        ("if x: rank_zero_deprecation('gone soon')", states.PRESENT),
        ("rank_zero_warn('is slow')", states.PRESENT),
        ("rank_zero_warn('is over', category=DeprecationWarning)", states.DEPRECATED),
        ("rank_zero_warn('`f` is deprecated')", states.DEPRECATED),
        ("raise NotImplementedError('`f` is no longer supported as of v1.8')", states.RAISES),
        ("raise NotImplementedError", states.PRESENT),
        ("raise ValueError('give a number')", states.PRESENT),
    ],
)
def test_states(body: str, state: int) -> None:
    found = table(m=f"def f(x):\n    '''A docstring.'''\n    {body}\n")
    assert found.paths["lightning.pytorch.m"]["f"].state == state


def test_a_class_is_what_its_own_constructor_is() -> None:
    found = table(
        m="""
            class Old:
                def __init__(self, *args, **kwargs):
                    rank_zero_deprecation("`Old` is deprecated")
            class Other(Old):
                def __init__(self): ...
        """
    )
    assert found.paths["lightning.pytorch.m"]["Old"].state == states.DEPRECATED
    assert found.paths["lightning.pytorch.m"]["Other"].state == states.PRESENT


def test_a_class_that_inherits_a_raising_constructor_raises() -> None:
    found = table(
        m="""
            class Gone:
                def __init__(self):
                    raise TypeError("`Gone` is no longer supported")
            class Heir(Gone): ...
            class Own(Gone):
                def __init__(self): ...
        """
    )
    states_ = {name: path.state for name, path in found.paths["lightning.pytorch.m"].items()}
    assert states_ == {"Gone": states.RAISES, "Heir": states.RAISES, "Own": states.PRESENT}


def test_what_the_documentation_calls_deprecated() -> None:
    found = table(
        m="""
            def gone():
                '''Do it.

                .. deprecated:: v1.5
                    Use another.
                '''
            def fine(a):
                '''Do it.

                Args:
                    a: it.

                        .. deprecated:: v1.5
                            ``a`` has been deprecated.
                '''
            class Kind(_DeprecatedEnum): ...
        """
    )
    states_ = {name: path.state for name, path in found.paths["lightning.pytorch.m"].items()}
    assert states_ == {"gone": 1, "fine": 0, "Kind": 1}
    assert found.functions["lightning.pytorch.m.fine"].warned == ("a",)


def test_a_module_of_stubs_is_a_stub() -> None:
    found = table(
        old="""
            from pytorch_lightning.new import Thing as New
            class Thing(New):
                def __init__(self):
                    rank_zero_deprecation("`old.Thing` is deprecated")
            REGISTRY = {}
        """,
        new="class Thing: ...",
    )
    assert found.modules["lightning.pytorch.old"] == states.DEPRECATED
    assert found.modules["lightning.pytorch.new"] == states.PRESENT
    assert {n: p.state for n, p in found.paths["lightning.pytorch.old"].items()} == {
        "New": 0,
        "Thing": 1,
        "REGISTRY": 1,
    }


def test_members_and_their_parameters() -> None:
    found = table(
        m="""
            import torch
            class Thing(torch.nn.Module, Base):
                kind: str = "x"
                def __init__(self, a, /, b=1, *rest, c, d=None, **more):
                    self.seen = self._private = 0
                    if d is not None:
                        rank_zero_deprecation("Argument `d` in `Thing` is deprecated")
                @classmethod
                def make(cls, n): ...
                @staticmethod
                def help(n): ...
                @property
                def size(self):
                    warn_once.deprecation("`Thing.size` is deprecated")
                @size.setter
                def size(self, value): ...
                def _hidden(self): ...
        """
    )
    thing = found.classes["lightning.pytorch.m.Thing"]
    assert thing.bases == ("torch.nn.Module", "?")
    assert {n: (m.kind, m.parameters, m.state, m.warned) for n, m in thing.members.items()} == {
        "__init__": ("m", "a, /, b=1, *rest, c, d=None, **more", 0, ("d",)),
        "kind": ("a", None, 0, ()),
        "make": ("c", "n", 0, ()),
        "help": ("s", "n", 0, ()),
        "size": ("w", None, states.DEPRECATED, ()),
        "seen": ("a", None, 0, ()),
    }


def test_constructors_that_a_dataclass_writes() -> None:
    found = table(
        m="""
            from dataclasses import dataclass, field
            @dataclass
            class One:
                a: int
                b: list = field(default_factory=list)
                c: int = field(init=False)
            @dataclass
            class Two(One):
                d: int = 3
        """
    )
    two = found.classes["lightning.pytorch.m.Two"].members["__init__"]
    assert two.parameters == "a, b=list, d=3"


def test_messages_name_what_they_are_about() -> None:
    found = table(
        m="""
            class Callback:
                def on_start(self): ...
                def on_stop(self): ...
                def on_step(self): ...
            class Trainer:
                def __init__(self, gpus=None, accelerator=None): ...
                def old(self): ...
                def new(self): ...
            class LightningModule(Callback): ...
            def check(trainer, name):
                for hook, other in (("on_start", "a"), ["on_stop", "b"]):
                    rank_zero_deprecation(f"The `Callback.{hook}` hook was deprecated in v1.6")
                rank_zero_deprecation("`LightningModule.on_step` was deprecated, use `x`")
                rank_zero_deprecation("`Trainer.old` has been renamed to `Trainer.new`")
                rank_zero_deprecation(f"Setting `Trainer(gpus={name!r})` is deprecated")
                rank_zero_deprecation(f"Passing `Trainer(accelerator={name!r})` is deprecated")
                rank_zero_deprecation("`Callback.on_step` signature has changed")
        """
    )
    classes = {name.rpartition(".")[2]: held.members for name, held in found.classes.items()}
    fading = {
        f"{owner}.{name}"
        for owner, members in classes.items()
        for name, member in members.items()
        if member.state
    }
    assert fading == {
        "Callback.on_start",
        "Callback.on_stop",
        "LightningModule.on_step",
        "Trainer.old",
    }
    assert classes["Trainer"]["__init__"].warned == ("gpus",)


def test_what_a_graveyard_puts_in_place() -> None:
    found = table(
        init="from pytorch_lightning.trainer import Trainer",
        trainer="class Trainer:\n    def fit(self): ...",
        plugins="",
        strategies="class DDPStrategy: ...",
        _graveyard__old="""
            import sys
            import pytorch_lightning as pl
            from pytorch_lightning.strategies import DDPStrategy
            def _patch_sys_modules():
                self = sys.modules[__name__]
                sys.modules["pytorch_lightning.plugins.ddp"] = self
            class Stub:
                def __init__(self):
                    raise NotImplementedError("`Stub` was deprecated and removed")
            def _make(name, base):
                def init(self):
                    rank_zero_deprecation(f"`{name}` is deprecated")
                return type(name, (base,), {"__init__": init})
            def _patch_classes():
                table = (("plugins", "DDPPlugin", DDPStrategy),)
                for module, name, base in table:
                    setattr(getattr(pl, module), name, _make(name, base))
                for part in ("A", "B"):
                    setattr(pl.plugins, part + "Plugin", type(part + "Plugin", (), {"__init__": _no}))
            def _no(self):
                raise NotImplementedError("no longer supported")
            def _gpus(_):
                raise AttributeError("`Trainer.gpus` is no longer accessible as of v1.8")
            _patch_sys_modules()
            _patch_classes()
            pl.Trainer.gpus = property(_gpus)
        """,
    )
    assert {n: p.state for n, p in found.paths["lightning.pytorch.plugins"].items()} == {
        "DDPPlugin": states.DEPRECATED,
        "APlugin": states.RAISES,
        "BPlugin": states.RAISES,
    }
    made = found.classes["lightning.pytorch._graveyard.old.DDPPlugin"]
    assert made.bases == ("lightning.pytorch.strategies.DDPStrategy",)
    assert found.modules["lightning.pytorch.plugins.ddp"] == states.RAISES
    assert found.paths["lightning.pytorch.plugins.ddp"]["Stub"].state == states.RAISES
    gpus = found.classes["lightning.pytorch.trainer.Trainer"].members["gpus"]
    assert (gpus.kind, gpus.state) == ("p", states.RAISES)


def test_attributes_that_others_set_on_the_trainer() -> None:
    found = table(
        trainer__trainer="class Trainer: ...",
        trainer__connectors="def attach(trainer, n):\n    trainer.limit_val_batches = n",
    )
    trainer = found.classes["lightning.pytorch.trainer.trainer.Trainer"]
    assert trainer.members["limit_val_batches"].kind == "a"
