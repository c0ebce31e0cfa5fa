"""Law 4: no comment is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lfix.codemods.engine import imports
from lfix.codemods.engine.file import File
from lfix.codemods.engine.project import Project
from lfix.codemods.engine.source import Source
from lfix.codemods.model import Safety

from .programs import FAULTY, SETTINGS, repair, repaired
from .rules import CODE, edits, register

MINE = replace(SETTINGS, select=frozenset({CODE}))


def test_comments_inside_the_wrapped_expression_are_carried(tmp_path: Path) -> None:
    call = "ConcatDataset([\n    Rows(),  # the first\n    # and\n    Rows(),  # the 'second'\n])"
    before = FAULTY.replace("import Dataset", "import Dataset, ConcatDataset").replace(
        "Rows())", f"{call})"
    )
    after = repaired(tmp_path / "train.py", before).decode()
    assert f"trainer.fit(Net(), DataLoader({call}, batch_size=32))" in after


def test_comments_in_a_list_of_imports_stay_where_they_were(tmp_path: Path) -> None:
    written = "from torch.utils.data import (  # data\n    Dataset,  # rows\n    # the end\n)"
    before = FAULTY.replace("from torch.utils.data import Dataset", written)
    after = repaired(tmp_path / "train.py", before).decode()
    for comment in ("import (  # data\n    Dataset,", ",  # rows\n", "\n    # the end\n)"):
        assert comment in after
    assert "DataLoader" in after.split("class")[0].split("import (")[1]


@pytest.mark.parametrize(
    ("text", "safety"),
    [
        ("x = 2", Safety.UNSAFE),
        ("x = (2  # why\n)", Safety.SAFE),
        ("x = '# why'", Safety.UNSAFE),
        ("x = ('#', 2)  # why", Safety.SAFE),
    ],
)
def test_a_fix_over_a_comment_carries_it_or_is_not_safe(
    tmp_path: Path, patch: pytest.MonkeyPatch, text: str, safety: Safety
) -> None:
    register(patch, edits(lambda f, n: [f.replace(n, text)] if "(1  #" in f.text(n) else []))
    path = tmp_path / "a.py"
    path.write_text("x = (1  # why\n)\n")
    report = repair(path, MINE)
    if safety is Safety.SAFE:
        assert [f.after for f in report.files] == [f"{text}\n".encode()]
        return
    assert not any(f.changed for f in report.files)
    (finding,) = report.left
    assert finding.safety is safety
    assert finding.reason
    assert "comment" in finding.reason
    unsafe = repair(path, replace(MINE, unsafe=True))
    assert [f.after for f in unsafe.files] == [f"{text}\n".encode()]


def test_an_unused_import_stays_where_a_comment_would_go_with_it(tmp_path: Path) -> None:
    def drop(file: File, name: str) -> str:
        kept = file.source.apply(imports.drop(file, [name]))
        return kept.decode()

    name = "torch.utils.data.Subset"
    for text, expected in {
        "from torch.utils.data import (\n    Dataset,\n    Subset,  # parts\n)\n": None,
        "from torch.utils.data import Subset  # parts\nimport os\n": None,
        "from torch.utils.data import (\n    Dataset,\n    Subset,\n)\n": (
            "from torch.utils.data import (\n    Dataset,\n)\n"
        ),
        "from torch.utils.data import Subset\nimport os\n": "import os\n",
        "try:\n    import a\n    from torch.utils.data import Subset\nexcept ImportError: b = 1\n": None,
    }.items():
        file = File(Project(), Source.of(tmp_path / "a.py", text.encode()))
        assert drop(file, name) == (expected or text)


def test_a_comment_behind_a_removed_statement_makes_the_removal_unsafe(
    tmp_path: Path, patch: pytest.MonkeyPatch
) -> None:
    from lfix.codemods.engine.statements import remove

    register(patch, edits(lambda f, n: list(remove(f, [n]))))
    path = tmp_path / "a.py"
    path.write_text("x = 1  # remember\ny = 2\n")
    assert not any(f.changed for f in repair(path, MINE).files)
    path.write_text("x = 1\n# remember\ny = 2\n")
    assert [f.after for f in repair(path, MINE).files] == [b"# remember\ny = 2\n"]
