"""Requirements are lifted in place: nothing but the versions changes, and the result is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lfix.codemods.engine.settings import Settings
from lfix.codemods.engine.source import Source
from lfix.codemods.formats.installs import of_script
from lfix.codemods.formats.linepins import of_environment, of_requirements
from lfix.codemods.formats.run import run
from lfix.codemods.formats.tomlpins import of_pyproject
from lfix.codemods.formats.tomltext import strings
from lfix.codemods.model import Safety
from lfix.codemods.rules._pin_verdicts import Verdict, verdicts
from lfix.codemods.rules._requirement import Requirement, Style, of_conda, of_pip
from lfix.codemods.rules._standing import Standing
from packaging.requirements import Requirement as Parsed

SURE = Standing("", "", cli=False, logs=False, stats=False)
SETTINGS = Settings()

_names = st.sampled_from(
    ["pytorch-lightning", "pytorch_lightning", "PyTorch.Lightning", "lightning"]
)
_versions = st.builds(
    lambda major, minor, patch: f"{major}.{minor}" + ("" if patch is None else f".{patch}"),
    st.integers(0, 1),
    st.integers(0, 9),
    st.none() | st.integers(0, 12),
)
_blanks = st.sampled_from(["", " "])
_old = st.builds(
    lambda blank, operator, version, more: f"{blank}{operator}{blank}{version}{more}",
    _blanks,
    st.sampled_from(["==", "~=", "<=", "<"]),
    _versions,
    st.sampled_from(["", ",!=0.5", ", !=0.5", " , >=0.1"]),
).filter(lambda text: not re.search(r"(~=|<) ?\d\.\d,|~= ?\d\.\d$|< ?0\.0", text))
_extras = st.sampled_from(["", "[extra]", "[extra, test]", " [all]"])
_markers = st.sampled_from(["", "; python_version >= '3.8'", ' ; sys_platform == "linux"'])
_comments = st.sampled_from(["", "  # why", " # pytorch-lightning==1.0"])
_ends = st.sampled_from(["\n", "\r\n"])
_others = st.lists(
    st.sampled_from(["numpy==1.21", "# a comment", "", "-r base.txt", "tqdm>=4 # ä", "--pre"]),
    max_size=4,
)


def _lifted(source: Source, found: Sequence[Requirement]) -> tuple[list[Verdict], Source]:
    """The verdicts on requirements, and the file with all their edits."""
    made = list(verdicts(source, found, SURE, SETTINGS))
    edits = [edit for verdict in made for edit in verdict.edits]
    return made, Source.of(source.path, source.apply(edits))


@given(_names, _extras, _old, _markers, _comments, _ends, st.tuples(_others, _others))
def test_a_line_keeps_all_but_its_versions(
    name: str,
    extras: str,
    old: str,
    marker: str,
    comment: str,
    end: str,
    around: tuple[list[str], list[str]],
) -> None:
    above, below = around
    line = f"{name}{extras}{old}{marker}"
    text = end.join([*above, line + comment, *below]) + end
    source = Source.of(Path("requirements.txt"), text.encode())
    found = of_requirements(source)
    assert found is not None
    made, after = _lifted(source, found)
    assert [v.code for v in made] == ["LF931"]
    lines = after.text.split(end)
    assert lines[: len(above)] == above
    assert lines[len(above) + 1 : -1] == below
    new = lines[len(above)]
    head, tail = line.partition(old)[0], marker + comment
    assert new.startswith(head)
    assert new.endswith(tail)
    was, now = Parsed(line), Parsed(new.removesuffix(comment))
    assert (now.name, now.extras, now.marker) == (was.name, was.extras, was.marker)
    assert now.specifier.contains("2.6.6")
    assert not now.specifier.contains("2.5.9")
    assert not now.specifier.contains("3.0")
    again = of_requirements(after)
    assert again is not None
    assert not list(verdicts(after, again, SURE, SETTINGS))


@given(_names, _versions, st.sampled_from(["", "'", '"']), _comments, _ends)
def test_an_environment_keeps_its_lines(
    name: str, version: str, quote: str, comment: str, end: str
) -> None:
    lines = [
        "name: nets",
        "dependencies:",
        "  - numpy=1.21",
        f"  - {quote}{name}={version}{quote}{comment}",
        "  - pip:",
        f"      - {quote}{name}=={version}{quote}{comment}",
    ]
    source = Source.of(Path("environment.yml"), (end.join(lines) + end).encode())
    made, after = _lifted(source, of_environment(source))
    assert len(made) == 2
    new = after.text.split(end)
    assert new[:3] == lines[:3]
    assert new[3] == lines[3].replace(f"={version}{quote}{comment}", f">=2.6,<3{quote}{comment}")
    assert new[5] == lines[5].replace(f"=={version}{quote}{comment}", f">=2.6,<3{quote}{comment}")
    assert not list(verdicts(after, of_environment(after), SURE, SETTINGS))


@given(st.sampled_from(["^", "~", "==", ""]), _versions, _comments)
def test_poetry_keeps_its_table(operator: str, version: str, comment: str) -> None:
    text = (
        f'[tool.poetry.dependencies]{comment}\nlightning = "{operator}{version}"{comment}\n'
        f'a.b = {{ version = "1", extras = [\'x\', "lightning==1.5"] }}\n'
    )
    source = Source.of(Path("pyproject.toml"), text.encode())
    made, after = _lifted(source, of_pyproject(source))
    assert [v.code for v in made] == ["LF931"]
    assert after.text == text.replace(f'"{operator}{version}"', '"^2.6"', 1)


@pytest.mark.parametrize(
    ("written", "style", "inside", "outside"),
    [
        ("^1.5.8", Style.POETRY, "1.9", "2.0"),
        ("^0.5.1", Style.POETRY, "0.5.9", "0.6"),
        ("~1.5", Style.POETRY, "1.9", "2.0"),
        ("1.5.10", Style.POETRY, "1.5.10", "1.5.11"),
        ("=1.5", Style.CONDA, "1.5.10", "1.6"),
        ("=1.*", Style.CONDA, "1.9", "2.0"),
        ("=1.5.10=pyhd8_0", Style.CONDA, "1.5.10", "1.5.9"),
        (">=1.5,<2", Style.CONDA, "1.9", "2.0"),
    ],
)
def test_versions_of_other_tools_are_understood(
    written: str, style: Style, inside: str, outside: str
) -> None:
    made = of_conda(f"lightning{written}", 0) if style is Style.CONDA else None
    if made is None:
        plain = of_pip("lightning", 0)
        assert plain is not None
        made = Requirement(**{**vars(plain), "written": written, "style": style})
    assert made.admitted is not None
    assert made.admitted.contains(inside)
    assert not made.admitted.contains(outside)


def test_a_word_of_a_shell_gets_quotes() -> None:
    text = "RUN pip install lightning==1.8 'pytorch-lightning[extra]==1.8' && echo lightning==1.8\n"
    source = Source.of(Path("Dockerfile"), text.encode())
    _, after = _lifted(source, of_script(source))
    assert after.text == (
        "RUN pip install \"lightning>=2.6,<3\" 'pytorch-lightning[extra]>=2.6,<3'"
        " && echo lightning==1.8\n"
    )


def test_a_part_of_a_project_lifts_nothing(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    pinned = tmp_path / "requirements.txt"
    pinned.write_text("pytorch-lightning==1.5.10\n")
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("import pytorch_lightning as pl\n")
    settings = Settings(root=tmp_path)
    whole = run([tmp_path], settings)
    part = run([pinned, tmp_path / "a.py"], settings)
    assert [f.safety for f in whole.left] == [Safety.SAFE]
    assert [f.safety for f in part.left] == [Safety.UNSAFE]
    assert "b.py was not looked at" in str(part.left[0].reason)


@pytest.mark.parametrize(
    ("text", "select", "ignore"),
    [
        ("pl.Trainer(gpus=find())", "LF931", "LF999"),
        ("pl.Trainer(gpus=find())", "LF", "LF3"),
        ("print 'two'", "LF", "LF999"),
    ],
)
def test_what_is_not_asked_for_is_there_all_the_same(
    tmp_path: Path, text: str, select: str, ignore: str
) -> None:
    (tmp_path / "requirements.txt").write_text("pytorch-lightning==1.5.10\n")
    (tmp_path / "a.py").write_text("import pytorch_lightning as pl\n")
    (tmp_path / "b.py").write_text(f"import pytorch_lightning as pl\n{text}\n")
    chosen = Settings(root=tmp_path, select=frozenset({select}), ignore=frozenset({ignore}))
    left = [f for f in run([tmp_path], chosen, fix=True).left if f.code == "LF931"]
    assert [f.safety for f in left] == [Safety.UNSAFE]


def test_each_string_of_a_toml_file_is_where_it_stands() -> None:
    text = (
        'top = "a"\n[t."q r".x] # "no"\nk = [\n  "ä", # "no"\n  [\'b\', {c = "d", e.f = "g"}],\n]\n'
        'm = """\n"no"\n"""\n[[u]]\nn = 1979-05-27\nv = { version = "1" }\n'
    )
    found = strings(text)
    assert [(s.path, s.text) for s in found] == [
        (("top",), "a"),
        (("t", "q r", "x", "k"), "ä"),
        (("t", "q r", "x", "k"), "b"),
        (("t", "q r", "x", "k", "c"), "d"),
        (("t", "q r", "x", "k", "e", "f"), "g"),
        (("u", "v", "version"), "1"),
    ]
    assert all(text[s.start : s.start + len(s.text)] == s.text for s in found)


def _applied(folder: Path, name: str, text: str) -> tuple[str, list[str]]:
    """A file after the safe fixes beside code that fits, and what is left to say of it."""
    (folder / "a.py").write_text("import pytorch_lightning as pl\n")
    (folder / name).write_text(text)
    report = run([folder], Settings(root=folder), fix=True)
    assert not report.all_problems
    after = {f.path.name: f.after.decode() for f in report.files if f.changed}
    return after.get(name, text), [f"{f.line} {f.code} {f.reason}" for f in report.left]


def test_lists_of_words_in_a_dockerfile(tmp_path: Path) -> None:
    text = (
        'RUN ["pip", "install", "-q", "pytorch-lightning==1.5", \\\n  "torch==1.9"]\n'
        'RUN echo ["pip", "install", "pytorch-lightning==1.5"]\n'
        'CMD ["lightning", "run", "model", "a.py"]\n'
    )
    after, left = _applied(tmp_path, "Dockerfile", text)
    wanted = text.replace('"pytorch-lightning==1.5"', '"pytorch-lightning>=2.6,<3"', 1)
    assert after == wanted.replace('"torch==1.9"', '"torch>=2.1"')
    (left_over,) = left
    assert left_over.startswith("4 LF935 each word of a list has quotes of its own")


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("python:3.8-slim", "3.10"),
        ("docker.io/library/python:3.9", "3.10"),
        ("--platform=linux/amd64 pytorch/pytorch:1.9.0-cuda11.1", "torch 2.1"),
        ("python:3.10 AS base", ""),
        ("python:3", ""),
        ("python:3.12-alpine", ""),
        ("other/python:3.8", ""),
        ("pytorch/pytorch:2.4.0-cuda12", ""),
    ],
)
def test_images_that_are_too_old(tmp_path: Path, image: str, told: str) -> None:
    text = f"# FROM python:3.6\nFROM {image}\nCOPY . .\n"
    after, left = _applied(tmp_path, "Dockerfile", text)
    assert after == text
    assert [line[:7] for line in left] == (["2 LF922"] if told else [])
    assert all(told in line for line in left)
    (tmp_path / "a.py").write_text("import torch\n")
    assert not run([tmp_path], Settings(root=tmp_path)).left


def test_tox(tmp_path: Path) -> None:
    text = (
        "[tox]\nenvlist = py\n[testenv]\ndeps =\n    pytest\n    pytorch-lightning==1.5  # c\n"
        "    -r x.txt\n    py38: torch==1.9\ncommands = pytest pytorch-lightning==1.5\n"
    )
    after, left = _applied(tmp_path, "tox.ini", text)
    assert after == text.replace("==1.5  #", ">=2.6,<3  #")
    assert [line[:7] for line in left] == ["8 LF922"]
    matrix = "[testenv:old]\ndeps = pytorch-lightning==1.5\n[testenv:new]\ndeps = lightning==1.9\n"
    after, left = _applied(tmp_path, "tox.ini", matrix)
    assert after == matrix
    assert ["others may be for other releases" in line for line in left] == [True, True]


def test_nox(tmp_path: Path) -> None:
    text = (
        "import nox\n\n\n@nox.session\ndef tests(session):\n"
        "    session.install('pytest', 'pytorch-lightning==1.5', '-r', 'x.txt', silent=True)\n"
        "    session.run('pip', 'install', 'pytorch-lightning==1.5')\n"
    )
    after, left = _applied(tmp_path, "noxfile.py", text)
    assert after == text.replace("==1.5', '-r'", ">=2.6,<3', '-r'")
    assert not left
    (tmp_path / "b.py").write_text("import pytorch_lightning as pl\npl.Trainer(gpus=find())\n")
    after, left = _applied(tmp_path, "noxfile.py", text)
    assert after == text
    assert any("what the code itself still needs is not known here" in line for line in left)
