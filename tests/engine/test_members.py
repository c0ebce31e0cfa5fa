"""Which files of a run hold a word."""

from __future__ import annotations

from pathlib import Path

from lfix.codemods.engine.members import Members
from lfix.codemods.engine.project import Project


def test_a_word_that_a_fix_brought_is_found_after_it_was_asked_for_in_vain(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "sub" / "two.py"
    two.parent.mkdir()
    one.write_text("x = 1\n")
    two.write_text("y = 2\n")
    members = Members([one, two])
    assert Project({}, members).holding(b"callbacks", one) == []
    later = Project({two: b"callbacks = 2\n"}, members)
    assert [file.path for file in later.holding(b"callbacks", one)] == [two]
    assert [file.path for file in Project({}, members).holding(b"y", one)] == [two]


def test_a_newer_file_that_is_none_of_the_run_holds_nothing(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("x = 1\n")
    project = Project({other: b"word = 1\n"}, Members([one]))
    assert project.holding(b"word", one) == []
