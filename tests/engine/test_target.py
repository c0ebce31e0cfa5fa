"""Which release a project is meant for, by its pins."""

from __future__ import annotations

from pathlib import Path

import pytest
from lfix.codemods.engine.settings import NEWEST
from lfix.codemods.engine.target import of_project


@pytest.mark.parametrize(
    ("name", "text", "release"),
    [
        ("requirements.txt", "torch>=2\npytorch-lightning==1.5.10\n", NEWEST),
        ("requirements.txt", "pytorch_lightning>=1.7.0\n", NEWEST),
        ("requirements.txt", "lightning==2.1.3  # why\n", "2.1"),
        ("requirements.txt", "lightning[extra]>=2.0,<2.3\n", "2.2"),
        ("requirements.txt", "lightning [extra] >= 2.0, < 2.3\n", "2.2"),
        ("requirements.txt", "lightning>=2.0, <2.3; python_version > '3.8'\n", "2.2"),
        ("requirements-dev.txt", "pytorch-lightning~=2.0.4\n", "2.0"),
        ("requirements/base.txt", "lightning<2.5\n", "2.4"),
        ("requirements.txt", "# lightning==2.1\nlightning-bolts==0.5\nlightning-utilities>=0.8\n", NEWEST),
        ("pyproject.toml", '[project]\ndependencies = ["lightning>=2.2,<2.4"]\n', "2.3"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npytorch-lightning = "^1.3.8"\n', NEWEST),
        ("pyproject.toml", '[tool.poetry.dependencies]\nlightning = "~2.3.0"\n', "2.3"),
        ("setup.py", "setup(install_requires=['pytorch-lightning>=2.0,<=2.1.9'])\n", "2.1"),
        ("environment.yml", "dependencies:\n  - pytorch-lightning=2.2\n", "2.2"),
        ("environment.yaml", "dependencies:\n  - pip:\n    - lightning==2.4.0\n", "2.4"),
        ("requirements.yaml", "dependencies:\n  - pip:\n    - lightning==2.2.1\n", "2.2"),
        ("requirements.txt", "lightning==2.5.0.post0\n", "2.5"),
        ("pyproject.toml", '[project]\ndependencies = ["lightning (~=2.5.0)"]\n', "2.5"),
        ("Pipfile", '[packages]\nlightning = "==2.0.9"\n', "2.0"),
        ("README.md", "pip install lightning==2.1\n", NEWEST),
    ],
)  # fmt: skip
def test_the_newest_release_that_the_pins_admit(
    name: str, text: str, release: str, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    (tmp_path / "src").mkdir()
    target = of_project([tmp_path / "src"])
    assert target.release == release
    assert target.reason.startswith("target 2.")


def test_a_pin_below_2_is_named_in_the_reason(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pytorch-lightning==1.5.10\n")
    (tmp_path / ".git").mkdir()
    reason = of_project([tmp_path]).reason
    assert "pytorch-lightning==1.5.10 in requirements.txt admits no 2.x" in reason


def test_all_pins_have_to_admit_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements.txt").write_text("lightning>=2.0\n")
    (tmp_path / "setup.py").write_text("setup(install_requires=['lightning<2.3'])\n")
    assert of_project([tmp_path]).release == "2.2"


def test_of_pins_that_contradict_each_other_the_newest_counts(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "environment.yml").write_text("dependencies:\n  - lightning>=2.0,<2.6\n")
    (tmp_path / "requirements").mkdir()
    for release in ("1.9.5", "2.2.3", "2.4.0"):
        (tmp_path / "requirements" / f"{release}.txt").write_text(f"lightning=={release}\n")
    target = of_project([tmp_path])
    assert target.release == "2.5"
    assert "lightning>=2.0,<2.6 in environment.yml" in target.reason
