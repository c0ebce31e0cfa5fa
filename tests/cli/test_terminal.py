"""Colour and progress: on a terminal only."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pexpect
import pytest

from ..laws.process import Lfix
from ..laws.programs import FAULTY, FIXED

ON = ("--select", "LF101")
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
RED, GREEN, RESET = "\x1b[31m", "\x1b[32m", "\x1b[0m"
REMOVED, ADDED = "\x1b[31;7m", "\x1b[32;7m"


def _on_terminal(lfix: Lfix, *words: str, cwd: Path, **env: str) -> str:
    """Everything that a terminal was given, its line ends as in a file."""
    command, *first = lfix.command
    text, code = pexpect.run(
        " ".join([command, *first, *words]),
        cwd=str(cwd),
        env=lfix.environment | {"TERM": "xterm"} | env,
        timeout=120,
        withexitstatus=True,
    )
    assert code in (0, 1), text
    return str(text.decode()).replace("\r\n", "\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(FAULTY)
    return tmp_path


def test_the_diff_is_coloured_and_the_changed_words_are_marked(project: Path, lfix: Lfix) -> None:
    shown = _on_terminal(lfix, "apply", "--dry-run", "--quiet", *ON, cwd=project)
    assert f"\x1b[1m--- a/train.py{RESET}\n" in shown
    assert "\x1b[36m@@" in shown
    last = next(line for line in shown.splitlines() if "batch_size" in line)
    marked = re.findall(rf"{re.escape(ADDED)}(.*?){re.escape(RESET)}", last)
    assert re.findall(r"\w+", "".join(marked)) == ["DataLoader", "batch_size", "32"]
    assert last.startswith(f"{GREEN}+{RESET}{GREEN}trainer")
    assert REMOVED not in shown
    plain = lfix("apply", "--dry-run", "--quiet", *ON, cwd=project).out
    assert "\x1b" not in plain
    assert _ESCAPE.sub("", shown) == plain


def test_a_replaced_word_is_marked_on_both_sides(project: Path, lfix: Lfix) -> None:
    (project / "train.py").write_text(FAULTY.replace("\n", "\r\n"))
    shown = _on_terminal(lfix, "apply", "--dry-run", "--quiet", *ON, cwd=project)
    plain = lfix("apply", "--dry-run", "--quiet", *ON, cwd=project).out
    assert _ESCAPE.sub("", shown).replace("\r", "") == plain.replace("\r", "")


def test_findings_are_coloured(project: Path, lfix: Lfix) -> None:
    shown = _on_terminal(lfix, "check", *ON, cwd=project)
    assert f"\x1b[1mtrain.py:15:20{RESET} {RED}LF101{RESET}" in shown


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(project: Path, lfix: Lfix, env: dict[str, str]) -> None:
    for words in (("check",), ("apply", "--dry-run")):
        assert "\x1b" not in _on_terminal(lfix, *words, *ON, cwd=project, **env)


@pytest.fixture
def large(tmp_path: Path, lfix: Lfix) -> Path:
    """Enough work for a few seconds, however fast the machine is.

    Measured by the processor: on a busy machine little work takes long, and later it may not.
    """
    lines = "".join(f"v{n} = trainer.fit(model, loader)\n" for n in range(400))
    count, spent = 30, 0.0
    while spent < 4:
        count *= 2
        for number in range(count):
            # Fixing a file and showing the diff takes some times as long as looking at it.
            (tmp_path / f"many{number}.py").write_text((FIXED if number else FAULTY) + lines)
        before = os.times()
        lfix("check", *ON, cwd=tmp_path)
        after = os.times()
        spent = sum(after[2:4]) - sum(before[2:4])
    (tmp_path / "new.py").touch()
    return tmp_path


@pytest.mark.parametrize("words", [("check",), ("apply", "--dry-run")])
def test_progress_is_shown_on_a_terminal_and_wiped(
    large: Path, lfix: Lfix, words: tuple[str, ...]
) -> None:
    total = len(list(large.iterdir()))
    shown = _on_terminal(lfix, *words, *ON, cwd=large)
    steps = [int(n) for n in re.findall(rf"\r\x1b\[Klfix: (\d+) of {total} files", shown)]
    assert len(set(steps)) > 2
    assert steps == sorted(steps)
    # Wiped before anything else is printed.
    after = shown.rpartition(f" of {total} files")[2]
    assert after.startswith("\r\x1b[K")


def test_progress_never_goes_into_a_pipe_and_quiet_switches_it_off(large: Path, lfix: Lfix) -> None:
    ran = lfix("check", *ON, cwd=large)
    assert "\x1b" not in ran.out + ran.err
    assert not re.search(r" of \d+ files", ran.err)
    (large / "one-more.py").touch()
    shown = _on_terminal(lfix, "check", "--quiet", *ON, cwd=large)
    assert not re.search(r" of \d+ files", shown)
