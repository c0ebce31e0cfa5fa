"""Law 1: bytes outside the edits never change."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .programs import FAULTY, FIXED, repaired

#: A line as it is, or as it is before and after.
Line = str | tuple[str, str]

_ENCODINGS = {
    "utf-8": ("", "utf-8"),
    "bom": ("", "utf-8-sig"),
    "bom and cookie": ("# coding: utf-8", "utf-8-sig"),
    "latin-1": ("# -*- coding: latin-1 -*-", "latin-1"),
    "cp1252": ("# vim: set fileencoding=cp1252 :", "cp1252"),
    "cookie in line 2": ("#!/usr/bin/env python\n# coding: iso-8859-15", "iso-8859-15"),
}
_NEWLINES = ("\n", "\r\n", "\r")


@dataclass(frozen=True)
class Case:
    """A file before, and what it must be after."""

    before: bytes
    after: bytes


def _program(style: str, text: str) -> list[Line]:
    """The faulty program with the places that change, in different import styles."""
    fit = (
        f'"{text}"; trainer.fit(Net(), Rows()); "{text}"  # {text}',
        f'"{text}"; trainer.fit(Net(), @DataLoader(Rows(), batch_size=32)); "{text}"  # {text}',
    )
    tail: list[Line] = [
        "class Rows(@Dataset):",
        f'\tname = "{text}"',
        "class Net(pl.LightningModule):",
        "    pass",
        "trainer = pl.Trainer()",
        fit,
    ]
    heads: dict[str, tuple[list[Line], str]] = {
        "same line": (
            [
                "import pytorch_lightning as pl",
                (
                    f"from torch.utils.data import Dataset  # {text}",
                    f"from torch.utils.data import Dataset, DataLoader  # {text}",
                ),
            ],
            "",
        ),
        "new line": (
            [
                "import pytorch_lightning as pl",
                ("import torch.utils.data as d", "import torch.utils.data as d"),
            ],
            "d.",
        ),
        "module": (["import pytorch_lightning as pl", "from torch.utils import data"], "data."),
    }
    head, prefix = heads[style]
    put = [
        tuple(part.replace("@", prefix) for part in line)
        if isinstance(line, tuple)
        else line.replace("@", prefix)
        for line in tail
    ]
    return [*head, *put]  # type: ignore[list-item]


def _noise(text: str) -> st.SearchStrategy[list[str]]:
    return st.sampled_from(
        [
            [f"# {text}"],
            [f'x = "{text}"  # {text}'],
            ["if True:", f'\ty = "{text}"'],
            ["\f"],
            ["\fx = 1"],
            ["   \t "],
            [""],
            [f'x = 1; z = f"{text}{{x!r:>{{8}}}}"'],
            [f"""z = f"{{f'{text}{{1}}'}}{{'''{text}'''}}" """],
            ["x = (1 +", "", "     2)"],
            ["x = 1 + \\", "    2"],
            [f'"""{text}', f'  {text}"""'],
            ["def f(a, *, b=1):", f"  return '{text}'  # {text}"],
        ]
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Faulty files in every dress: encodings, line ends per line, noise, no last line end."""
    name = draw(st.sampled_from(sorted(_ENCODINGS)))
    cookie, encoding = _ENCODINGS[name]
    # What str.splitlines takes for line ends, and Python does not, comes up often.
    common = st.sampled_from("aé 'ä\x0c\x1c\x85\xa0")
    wide = st.characters(codec=encoding.removesuffix("-sig"), exclude_categories=["Cc", "Cs"])
    chars = (common | wide | st.just("\u2028")).filter(
        lambda c: c not in "\"'\\{}@:=" and _encodable(c, encoding)
    )
    text = draw(st.text(chars, max_size=8))
    program = _program(draw(st.sampled_from(["same line", "new line", "module"])), text)
    lines: list[Line] = [*cookie.split("\n")] if cookie else []
    lines += draw(_noise(text))
    lines += program[:2]
    for line in program[2:]:
        if isinstance(line, tuple) or not line.startswith(("\t", " ")):
            lines += [extra for part in draw(st.lists(_noise(text), max_size=2)) for extra in part]
        lines.append(line)
    lines += draw(_noise(text))
    ends = draw(
        st.lists(st.sampled_from(_NEWLINES), min_size=len(lines), max_size=len(lines))
        | st.sampled_from([[end] * len(lines) for end in _NEWLINES])
    )
    if draw(st.booleans()):
        ends = [*ends[:-1], ""]
    before, after = (
        "".join(
            (line[i] if isinstance(line, tuple) else line) + end
            for line, end in zip(lines, ends, strict=True)
        )
        for i in (0, 1)
    )
    return Case(before.encode(encoding), after.encode(encoding))


def _encodable(char: str, encoding: str) -> bool:
    try:
        return char.encode(encoding).decode(encoding) == char
    except UnicodeError:
        return False


@settings(max_examples=250, deadline=None)
@given(cases())
def test_only_the_edited_places_differ(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.py").resolve()
        assert repaired(path, case.before) == case.after


@pytest.mark.parametrize("newline", _NEWLINES)
def test_a_new_import_line_ends_as_the_file_does(tmp_path: Path, newline: str) -> None:
    (tmp_path / "data.py").write_text(
        "from torch.utils.data import Dataset\nclass Rows(Dataset): pass\n"
    )
    before = FAULTY.replace("from torch.utils.data import Dataset", "from data import Rows")
    before = re.sub(r"class Rows.*?\n\n\n", "", before, flags=re.DOTALL)
    after = before.replace("Rows())", "DataLoader(Rows(), batch_size=32))").replace(
        "as pl\n", "as pl\nfrom torch.utils.data import DataLoader\n"
    )
    raw = before.replace("\n", newline).encode()
    assert repaired(tmp_path / "train.py", raw) == after.replace("\n", newline).encode()


def test_the_text_of_several_lines_keeps_its_mixed_line_ends(tmp_path: Path) -> None:
    before = FAULTY.replace("\n", "\r\n").replace("Rows())", "Rows(\n))").encode()
    after = repaired(tmp_path / "train.py", before)
    assert b"DataLoader(Rows(\n), batch_size=32)" in after
    assert after.replace(b"\r\n", b"").count(b"\n") == 1


def test_a_page_break_is_not_repeated_by_a_new_import(tmp_path: Path) -> None:
    (tmp_path / "data.py").write_text(
        "from torch.utils.data import Dataset\nclass Rows(Dataset): pass\n"
    )
    program = "\fimport pytorch_lightning as pl\nfrom data import Rows\n\f\nt = pl.Trainer()\n"
    after = repaired(tmp_path / "train.py", program + "t.fit(pl.LightningModule(), Rows())\n")
    assert after.startswith(
        b"\fimport pytorch_lightning as pl\nfrom torch.utils.data import DataLoader\nfrom data"
    )


def test_nothing_is_added_where_the_last_line_end_is_missing(tmp_path: Path) -> None:
    assert repaired(tmp_path / "a.py", FAULTY.rstrip()) == FIXED.rstrip().encode()
