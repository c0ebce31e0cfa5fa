"""The wheel, built from the sdist, is complete, has one top-level name and runs without torch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
ROOMS = ("codemods", "cli")
FAULTY = """\
import pytorch_lightning as pl

trainer = pl.Trainer(max_epochs=1, accelerator="my_cpu")
"""

pytestmark = pytest.mark.xdist_group("packaging")


@dataclass(frozen=True)
class Built:
    """What one run of the build front end made: the sdist, and the wheel made from that sdist."""

    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Both archives; the front end builds the wheel from the unpacked sdist by default."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (sdist,) = out.glob("*.tar.gz")
    (wheel,) = out.glob("*.whl")
    return Built(sdist, wheel)


@pytest.fixture(scope="module")
def bare(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel and its declared requirements only."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, with_pip=True, symlinks=True)
    python = home / "bin" / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.check_output([python, "-c", where], text=True).strip())
    for name in requirements("lfix"):
        copy_installed(name, site)
    install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(built.wheel)]
    subprocess.run([python, *install], check=True)
    return home / "bin"


def requirements(name: str) -> set[str]:
    """Everything ``name`` needs without extras, directly or not; ``name`` itself left out."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for line in metadata.requires(waiting.pop()) or []:
            requirement = Requirement(line)
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            if requirement.name not in found:
                found.add(requirement.name)
                waiting.append(requirement.name)
    return found


def copy_installed(name: str, site: Path) -> None:
    """Copy an installed distribution into ``site``, so that no test needs the network."""
    distribution = metadata.distribution(name)
    for file in distribution.files or []:
        if ".." in file.parts or file.suffix == ".pyc":
            continue
        target = site / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(str(distribution.locate_file(file)), target)


def shipped() -> dict[str, bytes]:
    """What the wheel must hold of lfix: name in the wheel to contents in this tree."""
    files = {"lfix/__main__.py": (ROOT / ".namespace/lfix/__main__.py").read_bytes()}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                files[f"lfix/{path.relative_to(ROOT).as_posix()}"] = path.read_bytes()
    return files


def run(command: list[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run in ``cwd`` with nothing of this environment, and with folders of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    own = {f"XDG_{kind}_HOME": str(cwd / f".{kind.lower()}") for kind in ("CACHE", "STATE")}
    return subprocess.run(
        command, cwd=cwd, env={**kept, **own}, check=False, capture_output=True, text=True
    )


def test_the_wheel_has_one_top_level_name(built: Built) -> None:
    names = zipfile.ZipFile(built.wheel).namelist()

    tops = {name.split("/")[0] for name in names}

    assert tops == {"lfix", f"lfix-{metadata.version('lfix')}.dist-info"}


def test_the_wheel_holds_every_file_unchanged(built: Built) -> None:
    archive = zipfile.ZipFile(built.wheel)
    inside = {n: archive.read(n) for n in archive.namelist() if n.startswith("lfix/")}
    expected = shipped()

    assert sorted(inside) == sorted(expected)
    assert {name for name in expected if inside[name] != expected[name]} == set()
    assert {"lfix/codemods/model.py", "lfix/cli/__init__.py"} <= set(inside)


def test_the_wheel_names_its_command_and_licence(built: Built) -> None:
    archive = zipfile.ZipFile(built.wheel)
    texts = {name.split("/", 1)[1]: name for name in archive.namelist() if ".dist-info/" in name}

    assert b"lfix = lfix.cli.app:main" in archive.read(texts["entry_points.txt"])
    assert archive.read(texts["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()


def test_the_sdist_holds_tests_and_golden_cases(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}

    assert {"tests/packaging/test_wheel.py", "pyproject.toml", "README.md", "LICENSE"} <= names
    for path in (ROOT / "golden").rglob("*.md"):
        assert path.relative_to(ROOT).as_posix() in names


def test_nothing_of_torch_or_lightning_is_required() -> None:
    assert {"libcst", "typer"} <= requirements("lfix")
    assert not {"torch", "lightning", "pytorch-lightning", "torchmetrics"} & requirements("lfix")


@pytest.mark.parametrize("how", [["lfix"], ["python", "-m", "lfix"]], ids=["command", "module"])
def test_help_runs_in_a_bare_environment(bare: Path, tmp_path: Path, how: list[str]) -> None:
    answer = run([bare / how[0], *how[1:], "--help"], tmp_path)

    assert answer.returncode == 0, answer.stderr
    assert "verify" in answer.stdout


def test_check_and_apply_run_without_torch_beside_modules_of_the_same_name(
    bare: Path, tmp_path: Path
) -> None:
    for name in ("cli.py", "codemods.py"):
        (tmp_path / name).write_text("raise RuntimeError('a user module was imported')\n")
    script = tmp_path / "train.py"
    script.write_text(FAULTY)

    torch = run([bare / "python", "-c", "import torch"], tmp_path)
    check = run([bare / "lfix", "check", "train.py"], tmp_path)
    untouched = script.read_text()
    apply = run([bare / "lfix", "apply", "train.py"], tmp_path)

    assert "ModuleNotFoundError" in torch.stderr
    assert check.returncode == 1, check.stderr
    assert "train.py:3" in check.stdout
    assert untouched == FAULTY
    assert apply.returncode == 0, apply.stderr
    assert script.read_text() == FAULTY.replace("my_cpu", "cpu")
