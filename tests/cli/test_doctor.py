"""``lfix doctor``, on environments that are laid out as metadata."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

import pytest

from ..laws.process import Lfix

_FITS = {"lightning": "2.6.6", "torch": "2.5.1+cpu", "torchmetrics": "1.4.0"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty virtual environment."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False)
    return folder


def _install(environment: Path, versions: dict[str, str]) -> Path:
    """Leave only the metadata of some distributions in an environment; gives its interpreter."""
    (site,) = environment.glob("lib/python*/site-packages")
    for old in site.glob("*.dist-info"):
        (old / "METADATA").unlink()
        old.rmdir()
    for name, version in versions.items():
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return environment / "bin" / "python"


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        (_FITS, []),
        ({**_FITS, "pytorch-lightning": "2.6.6"}, []),
        (
            {**_FITS, "pytorch-lightning": "1.9.5"},
            ["in different versions", "pytorch-lightning 1.9.5 is older than the target 2.6"],
        ),
        ({"torch": "2.1.0"}, ["neither lightning nor pytorch-lightning is installed"]),
        ({**_FITS, "torch": "2.0.1"}, ["torch 2.0.1 is too old: Lightning 2.6 needs 2.1"]),
        ({**_FITS, "torchmetrics": "0.7.3"}, ["torchmetrics 0.7.3 is too old"]),
        ({"lightning": "2.6.6"}, ["torch is not installed"]),
        (
            {"pytorch-lightning": "2.6.6", "lightning-fabric": "2.5.0", "torch": "2.5.0"},
            ["install lightning-fabric==2.6.6"],
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(
    lfix: Lfix, tmp_path: Path, environment: Path, versions: dict[str, str], said: list[str]
) -> None:
    python = _install(environment, versions)
    done = lfix("doctor", "--python", str(python), "--format", "json", cwd=tmp_path)
    complaints = done.json["complaints"]
    assert len(complaints) == len(said)
    for complaint, part in zip(complaints, said, strict=True):
        assert part in complaint
    assert done.code == (1 if said else 0)
    assert done.json["installed"] == versions


def test_an_older_target_asks_for_less(lfix: Lfix, tmp_path: Path, environment: Path) -> None:
    python = _install(environment, {"lightning": "2.0.9", "torch": "1.13.1"})
    assert lfix("doctor", "--python", str(python), "--to", "2.0", cwd=tmp_path).code == 0
    done = lfix("doctor", "--python", str(python), cwd=tmp_path)
    assert done.code == 1
    assert "or say --to 2.0" in done.out


def test_an_interpreter_that_is_none(lfix: Lfix, tmp_path: Path) -> None:
    done = lfix("doctor", "--python", str(tmp_path / "nothing"), cwd=tmp_path)
    assert done.code == 2
    assert "cannot be asked" in done.err


def test_nothing_is_imported(lfix: Lfix, tmp_path: Path, environment: Path) -> None:
    python = _install(environment, _FITS)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "torch.py").write_text("raise SystemExit('imported')\n")
    (site / "lightning.py").write_text("raise SystemExit('imported')\n")
    assert lfix("doctor", "--python", str(python), cwd=tmp_path).code == 0
    assert Path(sys.executable) != python
