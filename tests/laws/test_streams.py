"""Law 11: stdout is the result, stderr is talk; options stand anywhere; no path is this folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .process import Lfix
from .programs import FAULTY, FIXED

ON = ("--select", "LF101")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text(FAULTY)
    (tmp_path / "src" / "broken.py").write_text("(")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("check",), {"left", "problems", "looked_at"}),
        (("apply", "--dry-run"), {"left", "problems", "fixed", "changed"}),
        (("apply",), {"left", "problems", "fixed", "written"}),
    ],
)
def test_json_is_one_document_on_stdout(
    project: Path, lfix: Lfix, words: tuple[str, ...], keys: set[str]
) -> None:
    ran = lfix(*words, "src", *ON, "--format", "json", cwd=project)
    assert keys <= set(ran.json)
    assert ran.json["version"] == 1
    assert ran.json["looked_at"] == 2
    (problem,) = ran.json["problems"]
    assert (problem["path"], problem["line"]) == ("src/broken.py", 1)


def test_json_of_the_rules_is_one_document(project: Path, lfix: Lfix) -> None:
    listed = lfix("rules", "--format", "json", cwd=project).json
    assert {"LF101", "LF102"} <= {row["code"] for row in listed}


def test_the_result_alone_is_on_stdout(project: Path, lfix: Lfix) -> None:
    checked = lfix("check", "src", *ON, cwd=project)
    assert checked.out.splitlines() == [
        (
            "src/a.py:15:20 LF101 Trainer.fit is given a Dataset; Lightning needs a DataLoader to make"
            " batches"
        ),
        "    fix: wrap it in a DataLoader",
    ]
    assert "broken.py:1: error: does not parse" in checked.err
    assert "looked at 2 files" in checked.err
    applied = lfix("apply", "src", *ON, cwd=project)
    assert applied.out.startswith("fixed src/a.py:15:20 LF101")
    undone = lfix("undo", cwd=project)
    assert undone.out == "restored src/a.py\n"
    assert "took back the run of" in undone.err


def test_quiet_leaves_the_result_and_the_problems(project: Path, lfix: Lfix) -> None:
    loud = lfix("check", "src", *ON, cwd=project)
    quiet = lfix("check", "src", *ON, "--quiet", cwd=project)
    assert quiet.out == loud.out
    assert quiet.err.splitlines() == [line for line in loud.err.splitlines() if "broken" in line]


@pytest.mark.parametrize("words", [("check",), ("apply", "--dry-run")])
def test_options_stand_before_and_behind_the_paths(
    project: Path, lfix: Lfix, words: tuple[str, ...]
) -> None:
    command, *more = words
    behind = lfix(command, "src/a.py", *more, *ON, "--quiet", cwd=project)
    before = lfix(command, *more, *ON, "--quiet", "src/a.py", cwd=project)
    amid = lfix(command, *ON, "src/a.py", "--quiet", "src/a.py", *more, cwd=project)
    assert behind.code == 1
    assert behind == before == amid


def test_no_path_is_the_current_folder(project: Path, lfix: Lfix) -> None:
    ran = lfix("check", *ON, cwd=project / "src")
    assert ran == lfix("check", ".", *ON, cwd=project / "src")
    assert ran.out.startswith("a.py:15:20")


def test_paths_outside_of_the_current_folder_are_shown_in_full(project: Path, lfix: Lfix) -> None:
    ran = lfix("check", "../src", *ON, cwd=(project / "src"))
    assert ran.out.startswith("a.py:15:20")
    other = project / "other"
    other.mkdir()
    ran = lfix("check", "../src", *ON, cwd=other)
    assert ran.out.startswith(f"{project}/src/a.py:15:20")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_diff_of_a_dry_run_is_what_apply_writes(
    tmp_path: Path, lfix: Lfix, newline: str
) -> None:
    """The diff, given to patch, makes the same bytes; text in other encodings is only shown."""
    texts = {
        "plain.py": FAULTY,
        "bom.py": f"\ufeff{FAULTY}",
        "no end.py": FAULTY.rstrip("\n"),
        "wide é.py": f"# \u2028 é\x0c\n{FAULTY}",
        "lone cr.py": FAULTY.replace("def", "# a\r# b\n    def"),
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.replace("\n", newline).encode())
    before = {name: (tmp_path / name).read_bytes() for name in texts}
    diff = subprocess.run(
        [*lfix.command, "apply", "--dry-run", *ON], cwd=tmp_path, env=lfix.environment,
        capture_output=True, check=False,
    ).stdout  # fmt: skip
    assert {name: (tmp_path / name).read_bytes() for name in texts} == before
    assert lfix("apply", *ON, cwd=tmp_path).code == 0
    applied = {name: (tmp_path / name).read_bytes() for name in texts}
    assert lfix("undo", cwd=tmp_path).code == 0
    done = subprocess.run(
        ["patch", "-p1", "--binary"], cwd=tmp_path, input=diff, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert {name: (tmp_path / name).read_bytes() for name in texts} == applied
    assert applied["plain.py"] == FIXED.replace("\n", newline).encode()


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path, lfix: Lfix) -> None:
    for number in range(300):
        (tmp_path / f"{'long' * 40}{number}.py").write_text(FAULTY)
    with subprocess.Popen(
        [*lfix.command, "check", *ON], cwd=tmp_path, env=lfix.environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read().decode()
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_text_that_the_stream_cannot_show_is_escaped(tmp_path: Path, lfix: Lfix) -> None:
    (tmp_path / "é.py").write_text(f"# é\n{FAULTY}")
    ran = lfix("check", *ON, cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert ran.code == 1
    assert ran.out.startswith("\\xe9.py:16:20")
