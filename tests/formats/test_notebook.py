"""Notebooks: code flows from cell to cell, and no byte beside the changed source lines moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lfix.codemods.engine.settings import Settings
from lfix.codemods.formats.cells import divided, plain, program
from lfix.codemods.formats.jsontext import texts
from lfix.codemods.formats.run import run
from lfix.codemods.model import Report

_IMPORT = "from pytorch_lightning import Trainer"
_OUTPUT = {
    "output_type": "stream",
    "name": "stdout",
    "text": ["Trainer(gpus=1)\n", "\u00e9\u2713\n"],
}


def _notebook(cells: list[str], *, listed: bool = True, **more: Any) -> dict[str, Any]:
    made = [
        {
            "cell_type": "code",
            "execution_count": 3,
            "metadata": {"tags": ["\u00fc"]},
            "outputs": [_OUTPUT],
            "source": cell.splitlines(keepends=True) if listed else cell,
        }
        for cell in cells
    ]
    text = {"cell_type": "markdown", "metadata": {}, "source": ["`Trainer(gpus=1)`"]}
    return {"cells": [text, *made], "metadata": {}, "nbformat": 4, "nbformat_minor": 4, **more}


def _repaired(folder: Path, raw: bytes, *, unsafe: bool = False) -> tuple[bytes, Report]:
    path = folder / "train.ipynb"
    path.write_bytes(raw)
    report = run([folder], Settings(root=folder, unsafe=unsafe), fix=True)
    changed = {file.path: file.after for file in report.files if file.changed}
    return changed.get(path, raw), report


def _sources(raw: bytes) -> list[str]:
    cells = [c for c in json.loads(raw)["cells"] if c["cell_type"] == "code"]
    return ["".join(cell["source"]) for cell in cells]


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "style",
    [
        {"indent": 1},
        {"indent": 2, "ensure_ascii": False},
        {"indent": "\t"},
        {"separators": (",", ":")},
    ],
)
def test_names_flow_across_cells(tmp_path: Path, listed: bool, style: dict[str, Any]) -> None:
    cells = [_IMPORT, "%matplotlib inline\nn = 2", "t = Trainer(gpus=n)  # \u00e9\nt.fit(m)"]
    raw = json.dumps(_notebook(cells, listed=listed), **style).encode() + b"\n"
    after, report = _repaired(tmp_path, raw)
    assert _sources(after) == [
        _IMPORT,
        "%matplotlib inline\nn = 2",
        't = Trainer(accelerator="gpu", devices=n)  # \u00e9\nt.fit(m)',
    ]
    before, now = json.loads(raw), json.loads(after)
    before["cells"][3]["source"] = now["cells"][3]["source"]
    assert before == now
    assert after == raw.replace(b"gpus=n", b'accelerator=\\"gpu\\", devices=n')
    (finding,) = report.fixed
    assert finding.message.endswith("(cell 3, line 1)")
    assert b"gpus" in raw.splitlines()[finding.line - 1]
    assert _repaired(tmp_path, after)[0] == after


def test_an_import_goes_where_the_notebook_imports(tmp_path: Path) -> None:
    cells = ["import torch\n" + _IMPORT, "", "t = Trainer(progress_bar_refresh_rate=20)"]
    after, _ = _repaired(tmp_path, json.dumps(_notebook(cells), indent=1).encode())
    first, empty, last = _sources(after)
    assert first.splitlines() == [
        "import torch",
        _IMPORT,
        "from pytorch_lightning.callbacks import TQDMProgressBar",
    ]
    assert empty == ""
    assert last == "t = Trainer(callbacks=[TQDMProgressBar(refresh_rate=20)])"


@pytest.mark.parametrize(
    "cell",
    [
        "!pip install pytorch-lightning",
        "%%bash\nfor x in *; do echo $x; done",
        "x = !ls\ny = %time 1 + 1",
        "Trainer?",
        "if True:\n    !ls",
        "%%time\nt = Trainer()",
        "this is no python (",
        "",
    ],
)
def test_what_only_jupyter_reads_stays(tmp_path: Path, cell: str) -> None:
    raw = json.dumps(_notebook([_IMPORT, cell, "t = Trainer(gpus=0)"]), indent=1).encode()
    after, _ = _repaired(tmp_path, raw)
    assert _sources(after) == [_IMPORT, cell, 't = Trainer(accelerator="cpu")']


def test_the_third_format(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "input": [_IMPORT + "\n", "Trainer(gpus=0)"], "outputs": []}
    old = {"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [cell]}]}
    after, _ = _repaired(tmp_path, json.dumps(old, indent=1).encode())
    (sheet,) = json.loads(after)["worksheets"]
    assert sheet["cells"][0]["input"][1] == 'Trainer(accelerator="cpu")'


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"Trainer(gpus=1)", "is no notebook"),
        (b'{"cells": [{"Lightning": ', "is no notebook"),
        (b"\xff\xfeTrainer", "is not valid UTF-8"),
    ],
)
def test_broken_ones_are_told_and_left(tmp_path: Path, raw: bytes, said: str) -> None:
    after, report = _repaired(tmp_path, raw)
    assert after == raw
    assert said in report.all_problems[0].message


def test_other_languages_and_other_notebooks_are_left(tmp_path: Path) -> None:
    kernel = {"kernelspec": {"language": "R", "name": "ir"}}
    for raw in (
        json.dumps(_notebook([_IMPORT, "Trainer(gpus=1)"], metadata=kernel)).encode(),
        json.dumps(_notebook(["Trainer(gpus=1)"])).encode(),
        json.dumps(_notebook([_IMPORT, "Trainer(gpus=1)  # lfix: ignore"])).encode(),
    ):
        after, report = _repaired(tmp_path, raw)
        assert after == raw
        assert not report.all_problems


_LINES = st.sampled_from(
    [
        "x = 1",
        "t = Trainer(gpus=0)",
        "t = Trainer(gpus=0, precision='mixed')  # \u00fc\u2603",
        "%matplotlib inline",
        "!ls *.py",
        "print('\\n\\t\"')",
        "\u00e9 = '\U0001f600'",
        "if x:\n    t = Trainer(weights_summary=None)",
        "# Trainer(gpus=0)",
        "",
    ]
)
_CELLS = st.lists(st.lists(_LINES, max_size=4).map("\n".join), min_size=1, max_size=5)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(_CELLS, st.booleans(), st.booleans(), st.sampled_from([None, 1, 4]))
def test_only_the_changed_lines_change(
    tmp_path: Path, cells: list[str], listed: bool, escaped: bool, indent: int | None
) -> None:
    notebook = _notebook([_IMPORT, *cells], listed=listed)
    raw = json.dumps(notebook, indent=indent, ensure_ascii=escaped).encode()
    after, report = _repaired(tmp_path, raw)
    assert not report.all_problems
    now = json.loads(after)
    for old, new in zip(notebook["cells"], now["cells"], strict=True):
        assert {**old, "source": 0} == {**new, "source": 0}
        assert isinstance(new["source"], type(old["source"]))
    gone = {t.token for t in texts(raw)} - {t.token for t in texts(after)}
    assert all(b"Trainer(" in token for token in gone)
    assert b"gpus" not in b"".join(s.encode() for s in _sources(after) if "#" not in s)
    assert _repaired(tmp_path, after)[0] == after


@given(_CELLS)
def test_cells_survive_the_program(cells: list[str]) -> None:
    assert divided(program(cells), cells) == cells
    for cell in cells:
        assert [len(x) for x in plain(cell).split("\n")] == [len(x) for x in cell.split("\n")]


@pytest.mark.parametrize("listed", [True, False])
def test_what_a_notebook_installs(tmp_path: Path, listed: bool) -> None:
    cells = [
        "!pip install -q pytorch-lightning==1.5.10 'torch==1.9' # \u00e9\n# then\nx = 1",
        "%%bash\npip install pytorch-lightning==1.4",
        f"%pip install numpy\n{_IMPORT}\nTrainer(gpus=1)",
        "print('!pip install pytorch-lightning==1.3')",
        "!echo pip; conda install pytorch-lightning=1.2",
    ]
    (tmp_path / "a.py").write_text("import pytorch_lightning as pl\n")
    raw = json.dumps(_notebook(cells, listed=listed), indent=1).encode()
    after, report = _repaired(tmp_path, raw)
    assert _sources(after) == [
        "!pip install -q \"pytorch-lightning>=2.6,<3\" 'torch>=2.1' # \u00e9\n# then\nx = 1",
        '%%bash\npip install "pytorch-lightning>=2.6,<3"',
        f"%pip install numpy\n{_IMPORT}\nTrainer(accelerator='gpu', devices=1)",
        cells[3],
        '!echo pip; conda install "pytorch-lightning>=2.6,<3"',
    ]
    assert [f.code for f in report.fixed] == ["LF301", "LF931", "LF922", "LF931", "LF931"]
    assert "(cell 1, line 1)" in report.fixed[1].message
    assert _repaired(tmp_path, after)[0] == after


def test_what_a_notebook_runs(tmp_path: Path) -> None:
    cells = [
        "!python train.py fit --trainer.gpus 2 && echo done\nx = 1",
        "%%bash\necho --trainer.gpus 2\npython train.py fit --trainer.gpus 0",
        "print('!python train.py fit --trainer.gpus 2')",
        "!python train.py fit --trainer.gpus {x} --trainer.max_epochs 3",
        "!python other.py fit --trainer.gpus 2",
    ]
    cli = "from lightning.pytorch.cli import LightningCLI\n\nLightningCLI()\n"
    (tmp_path / "train.py").write_text(cli)
    raw = json.dumps(_notebook(cells)).encode()
    after, report = _repaired(tmp_path, raw)
    assert _sources(after) == [
        "!python train.py fit --trainer.accelerator gpu --trainer.devices 2 && echo done\nx = 1",
        "%%bash\necho --trainer.gpus 2\npython train.py fit --trainer.accelerator cpu",
        *cells[2:],
    ]
    (told,) = report.left
    assert (told.code, told.fix) == ("LF301", None)
    assert "(cell 4, line 1)" in told.message
    assert _repaired(tmp_path, after)[0] == after


def test_code_that_needs_the_old_release_keeps_what_is_installed(tmp_path: Path) -> None:
    cells = [
        "!pip install pytorch-lightning==1.5.10  # lfix: ignore",
        "!pip install lightning==1.9",
    ]
    (tmp_path / "a.py").write_text("import lightning as L\nL.Trainer(gpus=find())\n")
    raw = json.dumps(_notebook(cells)).encode()
    after, report = _repaired(tmp_path, raw)
    assert after == raw
    (finding,) = [f for f in report.left if f.code == "LF931"]
    assert "cell 2" in finding.message
    assert "the code may need the old release" in str(finding.reason)
    after, _ = _repaired(tmp_path, raw, unsafe=True)
    assert _sources(after) == [cells[0], '!pip install "lightning>=2.6,<3"']
