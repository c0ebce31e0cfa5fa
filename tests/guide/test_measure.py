from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from guide.foreign import judge, program
from guide.measure import Status, measure
from guide.page import count, page
from guide.rows import Fact, Row

HEAD = "import pytorch_lightning as pl\n\n"
SAFE = Row(
    "a", "kind", "mechanical", "2.0",
    before=HEAD + "trainer = pl.Trainer(gpus=2)\n",
    code="LF301",
    at="gpus=2",
    afters=(HEAD + 'trainer = pl.Trainer(devices=2, accelerator="gpu")\n',),
)  # fmt: skip
UNSAFE = replace(
    SAFE,
    before=HEAD + 'trainer = pl.Trainer(strategy="dp")\n',
    at="dp",
    afters=(HEAD + 'trainer = pl.Trainer(strategy="ddp")\n',),
)


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (SAFE, Status.SAFE),
        (UNSAFE, Status.UNSAFE),
        (replace(SAFE, afters=("pass\n", *SAFE.afters)), Status.SAFE),
        (replace(SAFE, afters=()), Status.TOLD),
        (
            replace(SAFE, afters=(HEAD + 'trainer = pl.Trainer(devices=3, accelerator="gpu")\n',)),
            Status.TOLD,
        ),
        (replace(SAFE, code="LF302"), Status.MISSED),
        (replace(SAFE, at="import"), Status.MISSED),
        (replace(SAFE, code=""), Status.MISSED),
        (replace(SAFE, code="", corrects="it is still there"), Status.NONE),
        (replace(SAFE, corrects="it went earlier"), Status.SAFE),
    ],
)
def test_status(row: Row, status: Status) -> None:
    assert measure(row).status is status


def test_a_result_with_what_2_6_does_not_have_is_not_fixed() -> None:
    before = SAFE.before.replace("gpus=2", "gpus=2, unheard_of=1")
    after = SAFE.afters[0].replace("devices=2", "devices=2, unheard_of=1")
    outcome = measure(replace(SAFE, before=before, afters=(after,)))
    assert outcome.status is Status.TOLD
    assert "unheard_of" in outcome.why


def test_what_has_no_row_counts_as_not_recognized() -> None:
    facts = {"a": Fact("kind", "mechanical", "2.0"), "b": Fact("kind", "mechanical", "")}
    outcomes = {"a": measure(SAFE)}
    assert str(count(facts, outcomes)) == "recognized 1/2, fixed 1/2"
    text = page(facts, outcomes)
    assert "| a | mechanical | 2.0 | LF301 | fixed safe |" in text
    assert "| b | mechanical | works |  | not recognized |" in text


def test_a_fragment_becomes_a_program() -> None:
    assert program("pl.Trainer()") == "import pytorch_lightning as pl\npl.Trainer()\n"
    wrapped = program('self.log("a", 1)')
    assert wrapped.splitlines()[-1] == '        self.log("a", 1)'
    assert "class Example(pl.LightningModule):" in wrapped


def test_another_table(tmp_path: Path) -> None:
    fragment = "trainer = pl.Trainer(gpus=2)"
    after = 'trainer = pl.Trainer(accelerator="gpu", devices=2)'
    entries = [
        {"id": "a", "example_before": fragment, "example_after": after},
        {"id": "b", "example_before": fragment, "example_after": fragment},
        {"id": "c", "example_before": after, "example_after": after},
    ]
    (tmp_path / "table.json").write_text(
        json.dumps([{"kind": "k", "fixability": "f", **e} for e in entries])
    )
    judged = judge(tmp_path / "table.json")
    assert [(j.recognized, j.fixed, j.exact) for j in judged] == [
        (True, True, True),
        (True, True, False),
        (False, False, False),
    ]
