"""Checkpoints that a project names: told which release wrote them, and never unpickled."""

from __future__ import annotations

import collections
import contextlib
import io
import pickle
import pickletools
import shutil
import sys
import zipfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lfix.codemods.engine import checkpoint, pickled
from lfix.codemods.engine.settings import Settings
from lfix.codemods.formats.run import run
from lfix.codemods.lightning.checkpoints import VERSION
from lfix.codemods.model import Finding

from ..laws.process import Lfix

OLD = Path(__file__).parents[1] / "checkpoints"


def _found(folder: Path, target: str = "2.6") -> list[Finding]:
    report = run([folder], Settings(root=folder, target=target, jobs=1))
    assert not report.all_problems
    return [finding for finding in report.left if finding.code == "LF805"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path in OLD.glob("*.ckpt"):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def test_what_real_files_say() -> None:
    said = {p.name: checkpoint.read(p) for p in sorted(OLD.glob("*.ckpt"))}
    assert [c.version for c in said.values()] == ["1.4.9", "1.5.10", "1.9.5"]
    assert all(c.is_old for c in said.values())
    callbacks = "pytorch_lightning.callbacks"
    assert said["1.4.9.ckpt"].refused == {
        "argparse.Namespace": "hyper_parameters",
        f"{callbacks}.early_stopping.EarlyStopping": "callbacks",
        f"{callbacks}.model_checkpoint.ModelCheckpoint": "callbacks",
    }
    assert said["1.5.10.ckpt"].refused == {}
    assert said["1.9.5.ckpt"].refused == {"argparse.Namespace": "hyper_parameters"}
    assert not any(c.gone("2.6") for c in said.values())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("train.py", 'net = Net.load_from_checkpoint("1.5.10.ckpt")\n'),
        ("sub/run.sh", "python train.py fit --ckpt_path=1.5.10.ckpt --x 1\n"),
        ("Makefile", "all:\n\tpython train.py fit --ckpt_path ./1.5.10.ckpt\n"),
        ("conf/a.yaml", "trainer:\n  gpus: 1\nckpt_path: 1.5.10.ckpt\n"),
        ("a.json", '{"ckpt_path": "1.5.10.ckpt"}'),
        ("a.toml", "[model]\nckpt = '1.5.10.ckpt'\n"),
        ("README.md", "# \u00dcbung\n\n```python\nx\n```\n\n```bash\n$ a --ckpt 1.5.10.ckpt\n```\n"),
        ("a.ipynb", '{"cells": [{"cell_type": "code", "source": ["x = \'1.5.10.ckpt\'"], '
         '"metadata": {}, "outputs": [], "execution_count": null}], "metadata": {}, '
         '"nbformat": 4, "nbformat_minor": 4}'),
    ],
)  # fmt: skip
def test_every_file_that_names_one(project: Path, name: str, text: str) -> None:
    (project / "pyproject.toml").write_text("")
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text(text)
    (finding,) = _found(project)
    assert "1.5.10.ckpt was written by Lightning 1.5.10" in finding.message
    assert finding.reason is not None
    assert "`lfix checkpoint 1.5.10.ckpt`" in finding.reason
    assert "1.5.10.ckpt" in text.splitlines()[finding.line - 1]
    shutil.copy(OLD / "1.9.5.ckpt", project / "1.5.10.ckpt")
    (finding,) = _found(project)
    assert "holds argparse.Namespace (in hyper_parameters)" in finding.message
    (finding,) = _found(project, "2.5")
    assert "argparse" not in finding.message


def test_a_class_that_is_gone(tmp_path: Path) -> None:
    # As a pickle of a release that had it; nothing here can make one.
    held = pickle.dumps({VERSION: "1.1.0", "callbacks": {Namespace: 1}}, 2)
    path = b"pytorch_lightning.metrics.metric\nMetric\n"
    (tmp_path / "x.ckpt").write_bytes(held.replace(b"argparse\nNamespace\n", path))
    (tmp_path / "train.py").write_text("PATH = 'x.ckpt'\n")
    (finding,) = _found(tmp_path)
    assert "holds pytorch_lightning.metrics.metric.Metric, which is gone" in finding.message
    assert finding.severity.value == "error"


def test_the_cache_knows_the_file(project: Path, lfix: Lfix) -> None:
    (project / "train.py").write_text("a, b = '1.5.10.ckpt', 'later.ckpt'\n")
    (project / "run.sh").write_text("python train.py --ckpt later.ckpt\n")
    assert lfix("check", ".", cwd=project).out.count("LF805") == 1
    shutil.copy(OLD / "1.9.5.ckpt", project / "later.ckpt")
    assert lfix("check", ".", cwd=project).out.count("LF805") == 3
    for name in ("1.5.10.ckpt", "later.ckpt"):
        (project / name).write_bytes(pickle.dumps({VERSION: "2.6.0"}, 2))
    assert "LF805" not in lfix("check", ".", cwd=project).out


def _of_torch_before_zip() -> bytes:
    header = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}]
    parts = [*header, {VERSION: "0.9.0", "state_dict": collections.OrderedDict()}, []]
    return b"".join(pickle.dumps(part, 2) for part in parts) + b"\0" * 100


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_all_protocols(tmp_path: Path, protocol: int) -> None:
    name = "1.5.10"
    # The release stands in the memo: what is written for it the second time is a reference.
    held = {"x": name, VERSION: name, "hyper_parameters": [Namespace(a=name)]}
    path = tmp_path / "x.ckpt"
    path.write_bytes(pickle.dumps(held, protocol))
    found = checkpoint.read(path)
    assert found.version == name
    assert found.refused["argparse.Namespace"] == "hyper_parameters"
    path.write_bytes(_of_torch_before_zip())
    assert checkpoint.read(path).version == "0.9.0"
    assert checkpoint.read(path).refused == {}


@pytest.mark.parametrize(
    "nested",
    [{"hyper_parameters": {VERSION: "1.0.0"}}, {"x": [VERSION, "1.0.0"]}],
)
def test_a_version_further_down_is_not_the_files(tmp_path: Path, nested: dict[str, Any]) -> None:
    (tmp_path / "x.ckpt").write_bytes(pickle.dumps(nested, 2))
    assert checkpoint.read(tmp_path / "x.ckpt").version == ""


@pytest.mark.parametrize(
    ("version", "is_old"),
    [("0.7.1", True), ("1.9.5", True), ("2.0.0", False), ("2.0.0rc1", True), ("2.6.6", False)],
)
def test_what_is_old(version: str, is_old: bool) -> None:
    assert checkpoint.Checkpoint(version, (), 2).is_old is is_old


def test_what_is_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.py").write_text("a, b, c = 'lines.ckpt', 'bomb.ckpt', 'many.ckpt'\n")
    with (tmp_path / "lines.ckpt").open("wb") as sparse:
        sparse.write(b"V")
        sparse.truncate(300_000_000)
    with zipfile.ZipFile(tmp_path / "bomb.ckpt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"(" * 70_000_000)
    monkeypatch.setattr(pickled, "_OPCODES", 1000)
    (tmp_path / "many.ckpt").write_bytes(pickle.dumps(list(range(2000)), 2))
    found = _found(tmp_path)
    assert [f.message.partition(": ")[2] for f in found] == [
        "the part of it that says what it holds is too large"
    ] * 3


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner)
        | st.builds(lambda x: Namespace(a=x), inner)
        | st.builds(lambda x: collections.OrderedDict(a=x, b=x), inner)
    ),
)


@given(st.dictionaries(st.text(), _PLAIN), st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_the_items_of_any_dict(held: dict[str, Any], protocol: int) -> None:
    made = pickled.read(io.BytesIO(pickle.dumps(held, protocol))).made
    assert list(made.entries()) == list(held)
    texts = {key: value for key, value in held.items() if isinstance(value, str)}
    assert {k: v.value for k, v in made.entries().items() if isinstance(v.value, str)} == texts
    raw = pickle.dumps(held, 2)
    named = {str(a).replace(" ", ".") for o, a, _ in pickletools.genops(raw) if o.name == "GLOBAL"}
    assert pickled.read(io.BytesIO(raw)).made.named == named


@given(st.binary() | st.binary().map(lambda raw: b"\x80\x02" + raw))
def test_no_bytes_bring_it_down(raw: bytes) -> None:
    before = set(sys.modules)
    with contextlib.suppress(pickled.NoPickleError, pickled.TooLargeError):
        pickled.read(io.BytesIO(raw))
    assert set(sys.modules) == before
