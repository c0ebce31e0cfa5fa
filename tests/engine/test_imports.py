from __future__ import annotations

from pathlib import Path

import pytest
from lfix.codemods.engine.imports import Spelled, add, drop, spell
from lfix.codemods.model import Need

from .code import asked, edited, of_text, parsed

LOADER = "torch.utils.data.DataLoader"
NEED = Need("torch.utils.data", "DataLoader")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("from torch.utils.data import DataLoader\nask(x)", "DataLoader"),
        ("from torch.utils.data import DataLoader as DL\nask(x)", "DL"),
        ("import torch.utils.data\nask(x)", "torch.utils.data.DataLoader"),
        ("import torch.utils.data as data\nask(x)", "data.DataLoader"),
        ("from torch.utils import data\nask(x)", "data.DataLoader"),
        ("from torch import utils\nask(x)\nutils.data.Dataset", "utils.data.DataLoader"),
        ("import torch\ny = torch.utils.data.Dataset\nask(x)", "torch.utils.data.DataLoader"),
        ("def f():\n    from torch.utils.data import DataLoader\n    ask(x)", "DataLoader"),
        (
            "from torch.utils import data\nfrom torch.utils.data import DataLoader\nask(x)",
            "DataLoader",
        ),
    ],
)
def test_the_files_own_spelling(tmp_path: Path, code: str, text: str) -> None:
    file = parsed(tmp_path, code)
    found = spell(file, asked(file), LOADER)
    if code.startswith("from torch import utils"):
        assert found in (Spelled(text), Spelled("DataLoader", (NEED,)))
    else:
        assert found == Spelled(text)


@pytest.mark.parametrize(
    "code",
    [
        "import torch\nask(x)",
        "from torch.utils.data import Dataset\nask(x)",
        "def f():\n    from torch.utils.data import DataLoader\nask(x)",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch.utils import data\nask(x)",
        "from torch.utils import data\ndef f(data):\n    ask(x)",
        "try:\n    import a\nexcept ImportError:\n    from torch.utils import data\nask(x)",
    ],
)
def test_a_new_name_is_asked_for(tmp_path: Path, code: str) -> None:
    file = parsed(tmp_path, code)
    assert spell(file, asked(file), LOADER) == Spelled("DataLoader", (NEED,))


@pytest.mark.parametrize(
    "code",
    ["DataLoader = 1\nask(x)", "def f(DataLoader):\n    ask(x)", "class DataLoader: pass\nask(x)"],
)
def test_a_taken_name_is_spelled_in_full(tmp_path: Path, code: str) -> None:
    file = parsed(tmp_path, code)
    assert spell(file, asked(file), LOADER) == Spelled(LOADER, (Need("torch.utils.data"),))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from torch.utils.data import Dataset\n",
            "from torch.utils.data import Dataset, DataLoader\n",
        ),
        (
            "from torch.utils.data import (\n    Dataset,\n    Subset,\n)\n",
            "from torch.utils.data import (\n    Dataset,\n    Subset,\n    DataLoader,\n)\n",
        ),
        (
            "from torch.utils.data import Dataset, \\\n    Subset\n",
            "from torch.utils.data import Dataset, \\\n    Subset, \\\n    DataLoader\n",
        ),
        (
            "import a\nfrom torch.utils.data import *\nx = 1\n",
            "import a\nfrom torch.utils.data import *\nfrom torch.utils.data import DataLoader\nx = 1\n",
        ),
        ("import os\nimport torch\n\nx = 1\n", "import os\nimport torch\nfrom torch.utils.data import DataLoader\n\nx = 1\n"),
        ("x = 1\n", "from torch.utils.data import DataLoader\nx = 1\n"),
        ("# a\n\nx = 1\n", "# a\n\nfrom torch.utils.data import DataLoader\nx = 1\n"),
        ('"""Doc."""\nx = 1\n', '"""Doc."""\nfrom torch.utils.data import DataLoader\nx = 1\n'),
        ('"""Doc."""; x = 1\n', '"""Doc."""; from torch.utils.data import DataLoader; x = 1\n'),
        (
            "from __future__ import annotations\nx = 1\n",
            "from __future__ import annotations\nfrom torch.utils.data import DataLoader\nx = 1\n",
        ),
        (
            "from __future__ import annotations; x = 1\n",
            "from __future__ import annotations; from torch.utils.data import DataLoader; x = 1\n",
        ),
        ("import a; import b\nx = 1\n", "from torch.utils.data import DataLoader\nimport a; import b\nx = 1\n"),
        ("import a", "import a\nfrom torch.utils.data import DataLoader"),
        ("import a  # why\n", "import a  # why\nfrom torch.utils.data import DataLoader\n"),
        (
            "def f():\n    import torch\nimport a\n",
            "def f():\n    import torch\nimport a\nfrom torch.utils.data import DataLoader\n",
        ),
        (
            "try:\n    import torch\nexcept E:\n    pass\nx = 1\n",
            "from torch.utils.data import DataLoader\ntry:\n    import torch\nexcept E:\n    pass\nx = 1\n",
        ),
        (
            "from torch.utils.data import DataLoader\n",
            "from torch.utils.data import DataLoader\n",
        ),
    ],
)  # fmt: skip
def test_adding(before: str, after: str) -> None:
    file = of_text(before)
    result = edited(file, add(file, [NEED]))
    compile(result, "case", "exec")
    assert result == after


def test_several_requests_make_one_place() -> None:
    file = of_text("import torch\nx = 1\n")
    needs = [NEED, Need("torch.utils.data", "Subset"), Need("torch.optim"), NEED]
    assert edited(file, add(file, needs)) == (
        "import torch\nimport torch.optim\nfrom torch.utils.data import DataLoader, Subset\nx = 1\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from torch.utils.data import DataLoader\nx = 1\n", "x = 1\n"),
        (
            "from torch.utils.data import DataLoader, Dataset\nDataset\n",
            "from torch.utils.data import Dataset\nDataset\n",
        ),
        (
            "from torch.utils.data import Dataset, DataLoader\nDataset\n",
            "from torch.utils.data import Dataset\nDataset\n",
        ),
        ("from torch.utils.data import DataLoader as DL\nx = 1\n", "x = 1\n"),
        ("from torch.utils.data import DataLoader\nDataLoader\n", None),
        ("from torch.utils.data import DataLoader\nx: 'DataLoader'\n", None),
        ("from torch.utils.data import DataLoader\n__all__ = ['DataLoader']\n", None),
        ("from torch.utils.data import DataLoader; x = 1\n", None),
        ("from torch.utils.data import DataLoader  # noqa\nx = 1\n", None),
        (
            "try:\n    from torch.utils.data import DataLoader\n    import a\nexcept E:\n    pass\n",
            None,
        ),
        ("if a:\n    from torch.utils.data import DataLoader\n", None),
        ("from torch.utils.data import *\nx = 1\n", None),
        ("from other import DataLoader\nx = 1\n", None),
    ],
)
def test_dropping_what_nothing_uses_any_more(before: str, after: str | None) -> None:
    file = of_text(before)
    assert edited(file, drop(file, [LOADER])) == (before if after is None else after)
