"""Law 8: writes are atomic, journalled, and can be taken back."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest
from lfix.codemods.engine.run import run
from lfix.codemods.engine.write import previous, state_folder, undo, write
from lfix.codemods.model import FileReport

from .process import Lfix, git, snapshot
from .programs import FAULTY, FIXED, SETTINGS, faulty_tree, repair
from .test_bad_files import someone

APPLY = ("apply", ".", "--select", "LF101")


@pytest.mark.parametrize("with_git", [True, False])
def test_undo_restores_every_byte(tmp_path: Path, lfix: Lfix, *, with_git: bool) -> None:
    faulty_tree(tmp_path, 5)
    (tmp_path / "crlf.py").write_bytes(b"\xef\xbb\xbf" + FAULTY.replace("\n", "\r\n").encode())
    (tmp_path / "latin.py").write_bytes(f"# coding: latin-1\n# é\n{FAULTY}".encode("latin-1"))
    if with_git:
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "before")
    before = snapshot(tmp_path)
    assert lfix(*APPLY, cwd=tmp_path).code == 0
    after = snapshot(tmp_path)
    assert sum(after[name] != before[name] for name in before) == 7
    assert set(after) == set(before)
    ran = lfix("undo", cwd=tmp_path)
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 7
    assert snapshot(tmp_path) == before
    assert not lfix.journals


def test_undo_twice_takes_back_two_runs_then_says_so(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / "a.py"
    path.write_text(FAULTY)
    lfix(*APPLY, cwd=tmp_path)
    path.write_text(FIXED + "trainer.test(Net(), Rows())\n")
    between = path.read_bytes()
    lfix(*APPLY, cwd=tmp_path)
    assert path.read_bytes() != between
    assert lfix("undo", cwd=tmp_path).code == 0
    assert path.read_bytes() == between
    path.write_text(FIXED)
    assert lfix("undo", cwd=tmp_path).code == 0
    assert path.read_text() == FAULTY
    ran = lfix("undo", cwd=tmp_path)
    assert ran.code == 2
    assert "nothing" in ran.err
    assert "Traceback" not in ran.err


def test_undo_leaves_alone_what_was_edited_since_and_says_where_the_old_text_is(
    tmp_path: Path, lfix: Lfix
) -> None:
    for name in ("edited.py", "gone.py", "other.py"):
        (tmp_path / name).write_text(FAULTY)
    lfix(*APPLY, cwd=tmp_path)
    (tmp_path / "edited.py").write_text("mine = 1\n")
    (tmp_path / "gone.py").unlink()
    ran = lfix("undo", cwd=tmp_path)
    assert ran.code == 2
    assert (tmp_path / "edited.py").read_text() == "mine = 1\n"
    assert not (tmp_path / "gone.py").exists()
    assert (tmp_path / "other.py").read_text() == FAULTY
    told = next(line for line in ran.err.splitlines() if "edited.py" in line)
    assert Path(told.rpartition(" ")[2]).read_text() == FAULTY
    assert "gone.py" in ran.err


def test_undo_restores_only_below_the_folder_and_keeps_the_rest_for_later(
    tmp_path: Path, lfix: Lfix
) -> None:
    for name in ("a/x.py", "b/y.py", "c.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(FAULTY)
    lfix(*APPLY, cwd=tmp_path)
    assert lfix("undo", "a", cwd=tmp_path).code == 0
    texts = [(tmp_path / n).read_text() for n in ("a/x.py", "b/y.py", "c.py")]
    assert texts == [FAULTY, FIXED, FIXED]
    assert lfix("undo", "a", cwd=tmp_path).code == 2
    assert lfix("undo", "c.py", cwd=tmp_path).code == 0
    assert lfix("undo", cwd=tmp_path).code == 0
    assert (tmp_path / "b/y.py").read_text() == FAULTY
    assert not lfix.journals


def test_undo_knows_nothing_of_other_folders(tmp_path: Path, lfix: Lfix) -> None:
    for name in ("one", "one-more"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(FAULTY)
    lfix(*APPLY, cwd=tmp_path / "one-more")
    assert lfix("undo", cwd=tmp_path / "one").code == 2
    assert (tmp_path / "one-more" / "a.py").read_text() == FIXED


@pytest.mark.parametrize("least", [1, 150, 300])
def test_undo_after_a_kill_in_the_middle_of_writing(tmp_path: Path, lfix: Lfix, least: int) -> None:
    """A real process, killed at random when so many of 500 files are written."""
    tree = faulty_tree(tmp_path, 500)
    scripts = sorted(tree)[::50]
    for path in scripts:
        path.chmod(0o755)
    before = snapshot(tmp_path)
    process = subprocess.Popen(
        [*lfix.command, *APPLY], cwd=tmp_path, env=lfix.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    wanted = least + random.randint(0, 60)
    paths = list(tree)
    while process.poll() is None:
        written = sum(path.stat().st_size != len(tree[path]) for path in paths[::25])
        if written * 25 >= wanted:
            break
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    changed = [path for path in tree if path.read_bytes() != tree[path]]
    assert 0 < len(changed) < 500
    assert all(path.read_text().endswith(FIXED) for path in changed)
    ran = lfix("undo", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert len(ran.out.splitlines()) == len(changed)
    assert snapshot(tmp_path) == before


def test_undo_after_a_kill_between_a_temporary_file_and_its_replacement(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = faulty_tree(tmp_path, 6)
    before = snapshot(tmp_path)
    real = Path.replace

    class KilledError(BaseException):
        pass

    def replace(self: Path, target: Path) -> Path:
        if sorted(tree).index(Path(target)) == 3:
            raise KilledError
        return real(self, target)

    report = repair(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(KilledError):
            write(report.files)
    assert len(snapshot(tmp_path)) == 7
    assert str(state_folder()).startswith(str(home))
    assert len(undo(tmp_path).restored) == 3
    assert snapshot(tmp_path) == before


def test_a_kill_before_the_journal_is_complete_leaves_nothing_to_undo(
    tmp_path: Path, lfix: Lfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text(FAULTY)
    report = repair(tmp_path)

    class KilledError(BaseException):
        pass

    def rename(_self: Path, _target: Path) -> Path:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        with pytest.raises(KilledError):
            write(report.files)
    assert path.read_text() == FAULTY
    assert lfix("undo", cwd=tmp_path).code == 2


@pytest.mark.usefixtures("home")
def test_a_file_that_changed_since_the_scan_is_not_overwritten(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    for path in (first, second):
        path.write_text(FAULTY)
    report = repair(tmp_path)
    first.write_text(FAULTY + "mine = 1\n")
    written = write(report.files)
    assert written.paths == (second,)
    assert first.read_text() == FAULTY + "mine = 1\n"
    assert [p.path for p in written.problems] == [first]
    assert "changed while lfix ran" in written.problems[0].message


@pytest.mark.usefixtures("home")
def test_a_file_that_changes_during_the_run_is_not_overwritten(tmp_path: Path) -> None:
    """Between the scan and the fix: the fix was found in a text that is no more."""
    path = tmp_path / "a.py"
    path.write_text(FAULTY)
    edited = "# a line of mine\n" + FAULTY

    def progress(done: int, total: int) -> None:
        if done == total:
            path.write_text(edited)

    report = run([tmp_path], SETTINGS, fix=True, progress=progress)
    written = write(report.files)
    assert written.paths == ()
    assert path.read_text() == edited
    assert [p.path for p in report.all_problems] == [path]
    assert "changed while lfix ran" in report.all_problems[0].message


def test_permissions_and_owner_stay(tmp_path: Path, lfix: Lfix) -> None:
    modes = {"plain.py": 0o644, "script.py": 0o755, "private.py": 0o600, "group.py": 0o664}
    for name, mode in modes.items():
        path = tmp_path / name
        path.write_text(FAULTY)
        path.chmod(mode)
        if os.geteuid() == 0:
            os.chown(path, 1234, 4321)
    owner = (tmp_path / "plain.py").stat().st_uid
    for words in (APPLY, ("undo",)):
        lfix(*words, cwd=tmp_path)
        for name, mode in modes.items():
            found = (tmp_path / name).stat()
            assert (stat.S_IMODE(found.st_mode), found.st_uid) == (mode, owner)


def test_what_is_kept_for_undo_is_for_the_user_only(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / "a.py"
    path.write_text(FAULTY)
    path.chmod(0o600)
    lfix(*APPLY, cwd=tmp_path)
    (journal,) = lfix.journals
    assert stat.S_IMODE(journal.stat().st_mode) == 0o700


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path, lfix: Lfix) -> None:
    real = tmp_path / "real" / "train.py"
    real.parent.mkdir()
    real.write_text(FAULTY)
    src = tmp_path / "src"
    src.mkdir()
    (src / "train.py").symlink_to("../real/train.py")
    assert lfix(*APPLY, cwd=src).code == 0
    assert (src / "train.py").is_symlink()
    assert real.read_text() == FIXED
    assert lfix("undo", cwd=tmp_path).code == 0
    assert (src / "train.py").is_symlink()
    assert real.read_text() == FAULTY


def test_the_longest_file_name_can_be_written(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / f"{'x' * 252}.py"
    path.write_text(FAULTY)
    assert lfix(*APPLY, cwd=tmp_path).code == 0
    assert path.read_text() == FIXED


def test_names_that_are_no_text_can_be_written(tmp_path: Path, lfix: Lfix) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff \n\xc3\xa9.py"))
    path.write_text(FAULTY)
    assert lfix(*APPLY, cwd=tmp_path).code == 0
    assert path.read_text() == FIXED
    assert lfix("check", "--format", "json", "--select", "LF101", cwd=tmp_path).json["left"] == []
    assert lfix("undo", cwd=tmp_path).code == 0
    assert path.read_text() == FAULTY


def test_a_folder_that_cannot_be_written_is_told_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with someone() as folder:
        for name in ("a.py", "shut/b.py", "c.py"):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(FAULTY)
        (folder / "c.py").chmod(0o444)
        (folder / "shut").chmod(0o555)
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        before = snapshot(folder)
        written = write(repair(folder).files)
        assert [p.name for p in written.paths] == ["a.py"]
        told = {p.path.name: p.message for p in written.problems}
        assert told == {
            "b.py": "could not be written and is as it was: Permission denied",
            "c.py": "is read-only and was not written",
        }
        after = {k: v for k, v in snapshot(folder).items() if not k.startswith("state/")}
        assert {k for k in after if after[k] != before.get(k)} == {"a.py"}


def test_nothing_is_written_where_no_journal_can_be_kept(tmp_path: Path, lfix: Lfix) -> None:
    (tmp_path / "a.py").write_text(FAULTY)
    blocker = tmp_path / "blocker"
    blocker.touch()
    ran = lfix(*APPLY, cwd=tmp_path, env={"XDG_STATE_HOME": str(blocker / "state")})
    assert ran.code == 2
    assert "was not written" in ran.err
    assert "Traceback" not in ran.err
    assert (tmp_path / "a.py").read_text() == FAULTY


def test_old_journals_go(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / "a.py"
    for number in range(23):
        path.write_text(f"# {number}\n{FAULTY}")
        write(repair(tmp_path).files)
    assert len(lfix.journals) == 20
    undo(tmp_path)
    assert path.read_text().startswith("# 22\n")


@pytest.mark.usefixtures("home")
def test_the_text_before_several_runs(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    for text, later in (("a", "b"), ("b", "c")):
        one.write_text(text)
        write([FileReport(one, text.encode(), later.encode())])
    two.write_text("x")
    write([FileReport(two, b"x", b"y")])
    one.write_text("by hand")
    found, when = previous(tmp_path)
    assert found == {one.resolve(): b"a", two.resolve(): b"x"}
    assert when
    assert previous(tmp_path / "none") == ({}, "")
