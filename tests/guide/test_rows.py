from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from guide.rows import FIXABILITIES, GuideError, facts, load

ROW = """\
[[row]]
id = "trainer-gpus"
kind = "trainer-arg-removed"
fixability = "mechanical"
removed = "2.0"
code = "LF301"
at = "gpus=2"
before = '''
import pytorch_lightning as pl
pl.Trainer(gpus=2)
'''
"""


def test_the_list_is_whole() -> None:
    known = facts()
    assert Counter(f.fixability for f in known.values()) == {
        "mechanical": 235,
        "needs-inference": 75,
        "local-structural": 99,
        "manual": 141,
    }
    assert {f.fixability for f in known.values()} == set(FIXABILITIES)


def test_every_row_can_be_read() -> None:
    assert load()


def test_a_row_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(ROW)
    (row,) = load(tmp_path)
    assert (row.id, row.code, row.afters) == ("trainer-gpus", "LF301", ())
    assert row.before.startswith("import")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"trainer-gpus"', '"trainer-gpu"', "not in guide/ids.toml"),
        ('"mechanical"', '"manual"', "is trainer-arg-removed, mechanical"),
        ('"2.0"', '"1.7"', "say why in corrects"),
        ('"gpus=2"', '"gpus=3"', "at must be text of the line"),
        ("before", "befour", "befour is no key"),
        ('code = "LF301"', "code = 301", "code is no key of a row, or not text"),
        ('kind = "trainer-arg-removed"\n', "", "write kind"),
        ("[[row]]", "[[row", "not valid TOML"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / "a.toml").write_text(ROW.replace(old, new))
    with pytest.raises(GuideError, match=r"a\.toml") as error:
        load(tmp_path)
    assert said in str(error.value)


def test_a_change_has_one_row(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(ROW + ROW)
    with pytest.raises(GuideError, match="keep one of them"):
        load(tmp_path)
