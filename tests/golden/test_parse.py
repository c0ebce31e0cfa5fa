"""The parser of golden files: what it reads, and that it names the line of each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from .case import CaseFile, Kind, Proof, Said
from .parse import GoldenError, parse_text

PATH = Path("golden/data/some-rule.md")
README = Path(__file__).resolve().parents[2] / "golden" / "README.md"
HEAD = "# some-rule\n\nWhy it matters.\n\n"
FIX = "## fix: title\n```python before\na\n```\n```python after\nb\n```\n"
TOLD = "## told: title\n```python\na\n```\n```text says\ncase.py:1 LF101 manual: why\n```\n"


def test_reads_all_kinds_of_blocks() -> None:
    text = f"""{HEAD}## fix: first
Prose between.
```python before file=pkg/__init__.py
```
```python before file=pkg/model.py
old

```
````python after file=pkg/model.py
'''
```
'''
````
```toml config
[tool.lfix]
```
```text says
pkg/model.py:3 LF101: left over
```
```python proof old=1.5.10 fails="TypeError: .*\\(\\)" main=pkg/model.py
drive()
```
```python proof same
```

{TOLD.replace("title", "second")}"""
    golden = parse_text(text, PATH)
    fix, told = golden.cases
    assert (golden.family, golden.rule) == ("data", "some-rule")
    assert golden.ident(fix) == "data/some-rule::first"
    assert (fix.kind, fix.title, fix.line) == (Kind.FIX, "first", 5)
    assert fix.files == (
        CaseFile("pkg/__init__.py", ""),
        CaseFile("pkg/model.py", "old\n\n", "'''\n```\n'''\n"),
    )
    assert [file.wanted for file in fix.files] == ["", "'''\n```\n'''\n"]
    assert fix.config == "[tool.lfix]\n"
    assert fix.says == (Said("pkg/model.py", 3, "LF101", None, "left over"),)
    assert fix.proofs == (
        Proof("drive()\n", 24, "1.5.10", r"TypeError: .*\(\)", main="pkg/model.py"),
        Proof("", 27, same=True, main="pkg/model.py"),
    )
    assert [proof.title for proof in fix.proofs] == ["old=1.5.10,fails", "same"]
    assert told.says == (Said("case.py", 1, "LF101", "manual", "why"),)
    assert told.files == (CaseFile("case.py", "a\n"),)


def test_keeps_tabs_and_form_feeds_of_a_file() -> None:
    golden = parse_text(f"{HEAD}## keep: it\n```python\nif a:\n\tb  \n\x0c\nc\n```\n", PATH)
    assert golden.cases[0].files[0].before == "if a:\n\tb  \n\x0c\nc\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "no heading"),
        ("```python\n```\n", 1, "before the first heading"),
        ("## fix: title\n", 1, "the first heading must be"),
        ("# other-rule\nwhy\n", 1, "names 'other-rule', the file 'some-rule'"),
        ("# some-rule\n" + FIX, 1, "line of prose"),
        (HEAD, 1, "no case"),
        (HEAD + "```python\n```\n" + FIX, 5, "before the first `## kind: title`"),
        (HEAD + FIX + "# more\n", 12, "about one rule"),
        (HEAD + FIX + FIX, 12, "'title' is taken by line 5"),
        (HEAD + "## fixed: title\n", 5, "one of fix, unsafe, keep, told"),
        (HEAD + "## fix:\n", 5, "one of fix, unsafe, keep, told"),
        (HEAD + "## keep: title\n", 5, "no file"),
        (HEAD + "## keep: title\n```python\na\n", 6, "not closed by ```"),
        (HEAD + "## keep: title\n```python 'a\n```\n", 6, "No closing quotation"),
        (HEAD + "## keep: title\n```python befor\na\n```\n", 6, "unknown words: befor"),
        (HEAD + "## keep: title\n```pyton\na\n```\n", 6, "unknown block `pyton`"),
        (HEAD + "## keep: title\n```\na\n```\n", 6, "unknown block ``"),
        (HEAD + "## keep: title\n```python before\na\n```\n", 6, "files of a keep case"),
        (HEAD + "## fix: title\n```python\na\n```\n", 6, "files of a fix case"),
        (HEAD + "## fix: title\n```python after\na\n```\n", 6, "no before above it"),
        (HEAD + "## fix: title\n```python before\na\n```\n", 5, "nothing changes"),
        (HEAD + "## keep: t\n```python\n```\n```python\n```\n", 8, "case.py is given twice"),
        (HEAD + "## keep: t\n```python file=../a.py\n```\n", 6, "not a relative path"),
        (HEAD + "## keep: t\n```python file=a.txt\n```\n", 6, "not a relative path"),
        (HEAD + "## keep: t\n```yaml\n```\n", 6, "needs `file=` and a name without .py"),
        (HEAD + "## keep: t\n```text file=a.py\n```\n", 6, "needs `file=` and a name without"),
        (HEAD + "## keep: t\n```python\n```\n```text says\n```\n", 8, "says nothing"),
        (HEAD + "## told: t\n```python\n```\n", 5, "needs a `text says` block"),
        (HEAD + "## told: t\n```python\n```\n```text says\n```\n", 5, "needs a `text says`"),
        (HEAD + TOLD + "```text says\n```\n", 12, "second `says`"),
        (HEAD + TOLD.replace("LF101 manual", "LF101 danger"), 10, "a says line is"),
        (HEAD + TOLD.replace("case.py", "base.py"), 10, "no file base.py"),
        (HEAD + TOLD + "```toml config a=b\n```\n", 12, "unknown words: a=b"),
        (HEAD + FIX + "```python proof\n```\n", 12, "claims nothing"),
        (HEAD + FIX + "```python proof newer=1\n```\n", 12, "'newer=1' is no kind of proof"),
        (HEAD + FIX + "```python proof same=1\n```\n", 12, "'same=1' is no kind of proof"),
        (HEAD + FIX + "```python proof fails=(\n```\n", 12, "not a regular expression"),
        (HEAD + FIX + "```python proof same main=b.py\n```\n", 12, "no file b.py"),
        (HEAD + FIX + "```python proof same untrained\n```\n", 12, "say one thing"),
        (HEAD + FIX + "```python proof trains\n```\n", 12, "has to train anyway"),
        (HEAD + TOLD + "```python proof old=1.5.10\n```\n", 12, "no `after` to compare"),
        (HEAD + TOLD + "```python proof same\n```\n", 12, "no `after` to compare"),
    ],
)
def test_names_the_line_of_a_mistake(text: str, line: int, message: str) -> None:
    with pytest.raises(GoldenError) as error:
        parse_text(text, PATH)
    assert str(error.value).startswith(f"{PATH}:{line}: ")
    assert message in str(error.value)


def test_the_example_of_the_readme_is_a_golden_file() -> None:
    _, _, rest = README.read_text(encoding="utf-8").partition("`````markdown\n")
    example, fence, _ = rest.partition("`````\n")
    assert fence
    golden = parse_text(example, Path("golden/optimization/training-step-without-return.md"))
    assert [case.kind for case in golden.cases] == [Kind.FIX, Kind.KEEP, Kind.TOLD]
