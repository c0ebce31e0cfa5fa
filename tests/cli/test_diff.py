"""The diff that people look at: it applies, and it shows what changed and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from lfix.cli.report.diff import unified
from lfix.cli.report.style import Style
from lfix.codemods.model import FileReport

_LINES = st.lists(
    st.sampled_from(["a\n", "b\n", "\n", "    return x\n", "def f():\n"]), max_size=40
)


def _diff(before: str, after: str) -> str:
    report = FileReport(Path("case.py"), before.encode(), after.encode())
    return unified(report, Path("case.py"), Style(colour=False))


@given(_LINES, _LINES)
@settings(max_examples=60, deadline=None)
def test_patch_makes_the_one_of_the_other(
    tmp_path_factory: object, before: list[str], after: list[str]
) -> None:
    folder: Path = tmp_path_factory.mktemp("diff")  # type: ignore[attr-defined]
    (folder / "case.py").write_text("".join(before))
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    text = _diff("".join(before), "".join(after))
    if before == after:
        assert text == ""
        return
    subprocess.run(
        ["git", "apply", "--unidiff-zero", "-"], cwd=folder, input=text, text=True, check=True
    )
    assert (folder / "case.py").read_text() == "".join(after)


def test_methods_that_stay_are_not_shown_as_moved() -> None:
    methods = [f"    def m{n}(self):\n        x = {n}\n        return x\n\n" for n in range(80)]
    moved = "    def hook(self):\n        y = 1\n        return y\n\n"
    before = "class A:\n" + "".join([*methods, moved])
    after = "class A:\n" + "".join([*methods[:5], moved, *methods[5:]])
    changed = [line for line in _diff(before, after).splitlines()[2:] if line[:1] in "+-"]
    assert len(changed) == 2 * moved.count("\n")
