"""Examples in Markdown: told of, and with ``--docs`` repaired; no byte beside them moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lfix.codemods.engine.settings import Settings
from lfix.codemods.formats.fences import fences
from lfix.codemods.formats.run import run
from lfix.codemods.model import Report

from ..laws.process import Lfix, snapshot

README = """# Übung

Use `Trainer(gpus=1)`:

```python
import pytorch_lightning as pl

model = ...  # yours
```

1. Train it

   ~~~~{.python title="train.py"}
   trainer = pl.Trainer(
       gpus=2,  # é
   )

   trainer.fit(model)
   ~~~~

```console
$ python -m pip install 'pytorch-lightning==1.5'
```

```python
>>> pl.Trainer(gpus=1)
```

```
pl.Trainer(gpus=1)
```

```yaml
trainer:
  gpus: 1
```

> ```python
> pl.Trainer(gpus=1)
> ```

```python
pl.Trainer(gpus=3)
"""
AFTER = README.replace("gpus=2,  # é", 'accelerator="gpu",\n       devices=2,  # é')


def _repaired(folder: Path, raw: bytes, *, docs: bool = True) -> tuple[bytes, Report]:
    path = folder / "README.md"
    path.write_bytes(raw)
    report = run([path], Settings(root=folder, docs=docs, jobs=1), fix=True)
    assert not report.all_problems
    changed = {file.path: file.after for file in report.files if file.changed}
    return changed.get(path, raw), report


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_examples_are_one_program(tmp_path: Path, end: str) -> None:
    raw = README.replace("\n", end).encode()
    after, report = _repaired(tmp_path, raw)
    assert after.decode() == AFTER.replace("\n", end)
    assert [f.code for f in report.fixed] == ["LF301"]
    assert _repaired(tmp_path, after)[0] == after


def test_without_the_option_they_are_told(tmp_path: Path, lfix: Lfix) -> None:
    after, report = _repaired(tmp_path, README.encode(), docs=False)
    assert after == README.encode()
    (finding,) = [f for f in report.left if f.code == "LF301"]
    assert finding.fix is None
    assert finding.reason is not None
    assert "`lfix apply --docs`" in finding.reason
    assert README.splitlines()[finding.line - 1][finding.column - 1 :].startswith("gpus=2")
    before = snapshot(tmp_path)
    words = ("apply", ".", "--select", "LF301")
    ran = lfix(*words, cwd=tmp_path)
    assert (ran.code, ran.out.count("LF301")) == (1, 1)
    assert snapshot(tmp_path) == before
    assert "+   " in lfix(*words, "--docs", "--dry-run", cwd=tmp_path).out
    assert snapshot(tmp_path) == before
    ran = lfix(*words, "--docs", cwd=tmp_path)
    assert (ran.code, ran.out.startswith("fixed README.md:")) == (0, True)
    assert (tmp_path / "README.md").read_text() == AFTER
    assert lfix("undo", ".", cwd=tmp_path).code == 0
    assert snapshot(tmp_path) == before


def test_an_import_goes_where_an_example_imports(tmp_path: Path) -> None:
    before = (
        "A\n```python\nfrom pytorch_lightning import Trainer\n```\nB\n```py\n"
        "Trainer(weights_summary='full')\n```\n"
    )
    after, _ = _repaired(tmp_path, before.encode())
    text = after.decode()
    assert text.startswith("A\n```python\nfrom pytorch_lightning import Trainer\n")
    assert "ModelSummary(max_depth=-1)" in text.partition("B\n")[2]
    assert "ModelSummary\n" in text.partition("B\n")[0]
    assert text.count("```") == 4


RST = """Title
=====

.. code-block:: python
   :linenos:

   import pytorch_lightning as pl

   def f():
       return pl.Trainer(gpus=1)

Text ``pl.Trainer(gpus=1)``::

   pl.Trainer(gpus=1)

1. Item

   .. code:: python

      pl.Trainer(gpus=2)
   .. code:: python

      if x:
   pl.Trainer(gpus=1)

.. code-block:: bash

   $ lightning run model train.py

.. sourcecode:: python

   pl.Trainer(gpus=3)"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_directives(tmp_path: Path, end: str) -> None:
    path = tmp_path / "index.rst"
    path.write_bytes(RST.replace("\n", end).encode())
    report = run([path], Settings(root=tmp_path, docs=True, jobs=1), fix=True)
    (file,) = report.files
    after = RST.replace(
        "return pl.Trainer(gpus=1)", 'return pl.Trainer(accelerator="gpu", devices=1)'
    )
    after = after.replace("gpus=2", 'accelerator="gpu", devices=2')
    after = after.replace("gpus=3", 'accelerator="gpu", devices=3')
    assert file.after.decode() == after.replace("\n", end)
    assert [(f.code, f.line) for f in report.left] == [("LF935", 28)]


def test_the_import_that_everybody_leaves_out(tmp_path: Path) -> None:
    text = "# A\n```python\ntrainer = pl.Trainer(gpus=4, weights_summary='full')\n```\n"
    after, report = _repaired(tmp_path, text.encode())
    assert after.decode() == (
        "# A\n```python\ntrainer = pl.Trainer(accelerator='gpu', devices=4, "
        "callbacks=[pl.callbacks.ModelSummary(max_depth=-1)])\n```\n"
    )
    assert {f.line for f in report.fixed} == {3}
    other = text.replace("trainer =", "import polars as pl\ntrainer =")
    assert _repaired(tmp_path, other.encode())[0] == other.encode()


def test_what_an_example_leaves_out_is_not_missed(tmp_path: Path) -> None:
    text = "```python\nimport pytorch_lightning as pl\n\nclass Net(pl.LightningModule):\n    pass\n```\n"
    _, report = _repaired(tmp_path, text.encode())
    assert not report.left


@pytest.mark.parametrize("line", ["# %%", "# %% [markdown]", "#%% a", "# In[2]:"])
def test_cells_of_a_script_stay(tmp_path: Path, line: str) -> None:
    text = (
        f"{line}\nimport pytorch_lightning as pl\n\n{line}\nt = pl.Trainer(gpus=1)\n\n{line}\nt\n"
    )
    (tmp_path / "train.py").write_text(text)
    report = run([tmp_path], Settings(root=tmp_path, jobs=1), fix=True)
    (file,) = [f for f in report.files if f.changed]
    new = 'pl.Trainer(accelerator="gpu", devices=1)'
    assert file.after.decode() == text.replace("pl.Trainer(gpus=1)", new)


_LINES = st.lists(
    st.sampled_from(
        ["```python", "```", "~~~", "  ```py", "  ```", "````", "", "Trainer(gpus=1)",
         "import pytorch_lightning as pl", "pl.Trainer(gpus=1)", "  pl.Trainer(gpus=1)", "é`x`",
         "```x``` y", "if x:", "    pl.Trainer(gpus=1)"]
    ),
    max_size=20,
)  # fmt: skip


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(_LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_nothing_but_the_lines_of_fixes_changes(
    tmp_path: Path, lines: list[str], end: str, closed: bool
) -> None:
    raw = (end.join(lines) + (end if closed else "")).encode()
    after, report = _repaired(tmp_path, raw)
    old, new = raw.decode().split(end), after.decode().split(end)
    assert len(old) == len(new)
    changed = [
        number for number, pair in enumerate(zip(old, new, strict=True), 1) if len(set(pair)) > 1
    ]
    assert set(changed) == {f.line for f in report.fixed}
    held = {
        raw[: line.start].count(b"\n") + 1
        for block in fences(raw)
        for line in block.lines
        if block.is_python
    }
    assert set(changed) <= held
    assert _repaired(tmp_path, after)[0] == after
