"""Law 5: one bad file is reported, makes exit code 2, and stops nothing else."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lfix.codemods.engine.run import run
from lfix.codemods.engine.settings import Settings

from .process import Lfix
from .programs import FAULTY, FIXED, SETTINGS, repair

_DEEP = 3000


def _text(text: str | bytes) -> Callable[[Path], object]:
    raw = text if isinstance(text, bytes) else text.encode()
    return lambda path: path.write_bytes(raw)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        # The name of a socket is short by nature, so it is made where it lies.
        before = Path.cwd()
        os.chdir(path.parent)
        try:
            made.bind(path.name)
        finally:
            os.chdir(before)


_BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "does not parse": (_text("x = (\n"), "was never closed"),
    "does not parse, with a trigger": (_text(f"{FAULTY}x = (\n"), "was never closed"),
    "python 2": (_text("print 'trainer.fit(model)'\n"), "Missing parentheses"),
    "bad indentation": (_text("if x:\n  y\n z\n"), "unindent"),
    "not utf-8": (_text(b"# trainer.fit(\nx = '\xff'\n"), "line 2"),
    "not utf-8, no trigger": (_text(b"x = '\xff'\n"), "UTF-8"),
    "unknown encoding": (_text("# coding: klingon\nx = 1\n"), "klingon"),
    "contradicting encodings": (_text(b"\xef\xbb\xbf# coding: latin-1\n"), "decoded"),
    "not in its encoding": (_text(b"# coding: ascii\nx = '\xe9'\n"), "ascii"),
    "utf-16": (_text("x = 'trainer.fit('".encode("utf-16")), "UTF-8"),
    "nul byte": (_text(b"x = 1\n\x00"), "null"),
    "nul byte, with a trigger": (_text(f"{FAULTY}\x00"), "null"),
    "deep parentheses": (_text("(" * _DEEP + ")" * _DEEP), "nested"),
    "deep unary": (_text("x.fit(" + "-" * 40000 + "1)"), "does not parse"),
    "deep attributes": (_text("x.fit(a" + ".b" * 40000 + ")"), "does not parse"),
    "deep operators": (_text("x = " + "1+" * 40000 + "1"), "does not parse"),
    "deep indentation": (
        _text("".join(" " * n + "if x:\n" for n in range(200)) + " " * 200 + "pass\n"),
        "indentation",
    ),
    "folder": (Path.mkdir, "is a folder"),
    "dangling link": (lambda p: p.symlink_to("nowhere.py"), "leads nowhere"),
    "link loop": (lambda p: p.symlink_to(p.name), "symbolic links"),
    "pipe": (os.mkfifo, "not a regular file"),
    "socket": (_socket, "not a regular file"),
}


@pytest.mark.parametrize("kind", _BAD)
def test_a_bad_file_is_told_and_stops_nothing(tmp_path: Path, lfix: Lfix, kind: str) -> None:
    make, told = _BAD[kind]
    bad = tmp_path / "m_bad.py"
    make(bad)
    good = [tmp_path / "a_good.py", tmp_path / "z_good.py"]
    for path in good:
        path.write_text(FAULTY)
    ran = lfix("apply", ".", "--select", "LF101", cwd=tmp_path, timeout=60)
    assert ran.code == 2
    assert "m_bad.py" in ran.err
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert [path.read_text() for path in good] == [FIXED, FIXED]


@pytest.mark.parametrize("kind", [k for k in _BAD if k != "folder"])
def test_a_bad_file_is_told_where_it_is_named(tmp_path: Path, lfix: Lfix, kind: str) -> None:
    make, told = _BAD[kind]
    make(tmp_path / "bad.py")
    (tmp_path / "good.py").write_text(FAULTY)
    ran = lfix("check", "bad.py", "good.py", "--select", "LF101", cwd=tmp_path, timeout=60)
    assert ran.code == 2
    assert "bad.py" in ran.err
    assert told in ran.err
    assert "good.py:15:20 LF101" in ran.out


@pytest.mark.parametrize("name", ["absent.py", "x" * 300, "absent/deeper.py"])
def test_a_path_that_is_not_there_is_told(tmp_path: Path, lfix: Lfix, name: str) -> None:
    (tmp_path / "good.py").write_text(FAULTY)
    ran = lfix("apply", name, "good.py", "--select", "LF101", cwd=tmp_path)
    assert ran.code == 2
    assert name in ran.err
    assert "Traceback" not in ran.err
    assert (tmp_path / "good.py").read_text() == FIXED


@contextmanager
def someone() -> Iterator[Path]:
    """A folder of a user whom permissions bind; root reads and writes everything."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        root = os.geteuid() == 0
        if root:
            # What is imported late must be there: someone may not read the installation.
            repair(folder)
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            for path in folder.rglob("*"):
                path.chmod(0o700)


def test_what_the_user_may_not_read_is_told() -> None:
    with someone() as folder:
        for name in ("a.py", "closed.py", "z.py"):
            (folder / name).write_text(FAULTY)
        (folder / "closed.py").chmod(0)
        (folder / "shut").mkdir(mode=0)
        report = repair(folder)
        told = {p.path.name: p.message for p in report.all_problems}
        assert told == {
            "closed.py": "cannot be read: Permission denied",
            "shut": "cannot be listed: Permission denied",
        }
        assert {f.path.name for f in report.files if f.changed} == {"a.py", "z.py"}
        (problem,) = run([folder / "shut" / "inner.py"], SETTINGS).all_problems
        assert problem.message == "cannot be read: Permission denied"


def test_a_file_that_vanishes_between_is_told(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.py" for name in "abc"]
    for path in paths:
        path.write_text(FAULTY)

    def progress(done: int, total: int) -> None:
        del done, total
        paths[1].unlink(missing_ok=True)

    report = run([tmp_path], Settings(select=frozenset({"LF101"})), fix=True, progress=progress)
    (problem,) = report.all_problems
    assert problem.path == paths[1]
    assert "No such file" in problem.message
    assert {f.path for f in report.files if f.changed} == {paths[0], paths[2]}


def test_an_empty_file_is_no_problem(tmp_path: Path, lfix: Lfix) -> None:
    (tmp_path / "empty.py").write_bytes(b"")
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbf")
    ran = lfix("check", ".", cwd=tmp_path)
    assert (ran.code, ran.out) == (0, "")
    assert "looked at 2 files" in ran.err


def test_deep_code_that_parses_is_repaired(tmp_path: Path, lfix: Lfix) -> None:
    deep = f"{FAULTY}y = {'1+' * 900}1\nz = a{'.b' * 900}\nw = {'[' * 90}{']' * 90}\n"
    (tmp_path / "deep.py").write_text(deep)
    ran = lfix("apply", ".", "--select", "LF101", cwd=tmp_path)
    assert (ran.code, "Traceback" in ran.err) == (0, False), ran.err
    assert (tmp_path / "deep.py").read_text() == deep.replace(FAULTY, FIXED)
