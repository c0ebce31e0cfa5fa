from __future__ import annotations

import ast
import gzip
import sys
from pathlib import Path

import pytest

from releases import __main__ as command
from releases import pack, wheels
from releases.table import Table


def _write(folder: Path, text: str) -> None:
    folder.mkdir()
    for file in (pack.PATHS, pack.MEMBERS):
        (folder / file).write_bytes(gzip.compress(text.encode(), 1))


def test_a_check_tells_data_that_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = pack.pack({"2.6": Table({"lightning.pytorch": 0})})
    assert command.compare(fresh, tmp_path) == 1
    assert "is not there" in capsys.readouterr().out
    _write(tmp_path / "old", "{}")
    assert command.compare(fresh, tmp_path / "old") == 1
    for file, data in fresh.items():
        (tmp_path / file).write_bytes(gzip.compress(gzip.decompress(data), 1))
    assert command.compare(fresh, tmp_path) == 0
    assert "same content" in capsys.readouterr().out


def test_a_release_says_what_it_needs_and_misses(tmp_path: Path) -> None:
    assert wheels.needed("1.5") == ["pytorch-lightning==1.5.10"]
    assert wheels.needed("2.6") == [
        *("lightning==2.6.6", "pytorch-lightning==2.6.6", "lightning-fabric==2.6.6"),
    ]
    with pytest.raises(FileNotFoundError, match="pytorch-lightning==1"):
        wheels.modules_of_release("1.5", tmp_path)


def test_the_miner_imports_nothing_of_lightning() -> None:
    for path in Path(command.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            tops = {name.partition(".")[0] for name in names}
            assert not tops & {"lightning", "pytorch_lightning", "torch"}, path
    assert "releases" in sys.modules
