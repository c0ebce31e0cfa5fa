from __future__ import annotations

import pytest

from guide.same import normal

ONE = "import pytorch_lightning as pl\n\ntrainer = pl.Trainer(max_epochs=1, logger=False)\n"


@pytest.mark.parametrize(
    "other",
    [
        "from lightning.pytorch import Trainer\ntrainer = Trainer(logger=False, max_epochs=1)",
        "import lightning as L  # a comment\nimport os\n\n\ntrainer = L.Trainer(\n    max_epochs=1, logger=False,\n)\n",
    ],
)
def test_imports_layout_and_keyword_order_do_not_matter(other: str) -> None:
    assert normal(other) == normal(ONE)


@pytest.mark.parametrize(
    "other",
    [
        ONE.replace("False", "True"),
        ONE.replace("False", "0"),
        ONE.replace("=1", "=1.0"),
        ONE.replace(", logger=False", ""),
        ONE.replace("trainer =", "other ="),
        ONE.replace("pytorch_lightning as pl", "mylib as pl"),
        ONE + "trainer.fit(model)\n",
    ],
)
def test_values_names_and_statements_do(other: str) -> None:
    assert normal(other) != normal(ONE)
