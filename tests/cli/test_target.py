"""``--to`` and ``--compat``: what counts as gone, and which fixes are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..laws.process import Lfix

_SHARDED = "from pytorch_lightning.accelerators import HPUAccelerator\n\nprint(HPUAccelerator)\n"
_TRAINER = "import pytorch_lightning as pl\n\ntrainer = pl.Trainer(precision='mixed')\n"
_PLUGIN = (
    "from pytorch_lightning.plugins import MixedPrecisionPlugin\n\nprint(MixedPrecisionPlugin)\n"
)
_SAMPLER = "import pytorch_lightning as pl\n\ntrainer = pl.Trainer(replace_sampler_ddp=False)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def _left(lfix: Lfix, project: Path, text: str, *words: str) -> list[dict[str, object]]:
    (project / "a.py").write_text(text)
    left: list[dict[str, object]] = lfix("check", "--format", "json", *words, cwd=project).json[
        "left"
    ]
    return left


def test_the_target_decides_what_is_gone(lfix: Lfix, project: Path) -> None:
    assert _left(lfix, project, _SHARDED, "--to", "2.0") == []
    assert [f["code"] for f in _left(lfix, project, _SHARDED, "--to", "2.1")] == ["LF502"]


def test_deprecated_at_the_target_is_a_warning_and_before_that_nothing(
    lfix: Lfix, project: Path
) -> None:
    assert _left(lfix, project, _PLUGIN, "--to", "2.1") == []
    (finding,) = _left(lfix, project, _PLUGIN, "--to", "2.2")
    assert (finding["code"], finding["severity"]) == ("LF501", "warning")


def test_a_pin_is_the_target_and_is_said_aloud(lfix: Lfix, project: Path) -> None:
    (project / "requirements.txt").write_text("pytorch-lightning==2.0.9\n")
    (project / "a.py").write_text(_SHARDED)
    done = lfix("check", cwd=project)
    assert done.code == 0
    assert "target 2.0: the newest that pytorch-lightning==2.0.9 in requirements.txt" in done.err
    assert lfix("check", "--to", "2.6", cwd=project).code == 1


def test_compat_takes_a_fix_only_if_all_releases_know_what_it_writes(
    lfix: Lfix, project: Path
) -> None:
    (free,) = _left(lfix, project, _SAMPLER)
    assert free["safety"] == "safe"
    (bound,) = _left(lfix, project, _SAMPLER, "--compat", "1.9,2.6")
    assert bound["safety"] == "manual"
    assert "which Lightning 1.9 does not have" in str(bound["reason"])
    (value,) = _left(lfix, project, _TRAINER, "--compat", "1.9")
    assert "precision='16-mixed'" in str(value["reason"])


@pytest.mark.parametrize(
    "words", [("--to", "1.9"), ("--to", "3.0"), ("--compat", "0.5"), ("--namespace", "torch")]
)
def test_releases_and_namespaces_that_are_not_known(
    lfix: Lfix, project: Path, words: tuple[str, str]
) -> None:
    done = lfix("check", *words, cwd=project)
    assert done.code == 2
    assert words[0] in done.err
    assert words[1] in done.err


def test_the_configuration_says_all_three(lfix: Lfix, project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.lfix]\ntarget = "2.0"\ncompat = ["1.9"]\nnamespace = "pytorch_lightning"\n'
    )
    assert _left(lfix, project, _SHARDED) == []
    (bound,) = [f for f in _left(lfix, project, _SAMPLER) if f["code"] == "LF303"]
    assert bound["safety"] == "manual"
