"""Arguments of the Trainer on command lines follow the rules for calls of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lfix.codemods.engine.settings import Settings
from lfix.codemods.formats.run import run
from lfix.codemods.formats.shell import commands
from lfix.codemods.model import Report, Safety

CLI = "from pytorch_lightning.cli import LightningCLI\n\nLightningCLI()\n"
HYDRA = (
    "import hydra\nimport pytorch_lightning as pl\n\n\n"
    "@hydra.main(config_path='conf')\ndef main(cfg):\n    pl.Trainer(**cfg.trainer)\n"
)


def _run(folder: Path, script: str, name: str, text: str, *, unsafe: bool) -> tuple[str, Report]:
    (folder / "train.py").write_text(script)
    (folder / name).write_bytes(text.encode())
    report = run([folder], Settings(root=folder, unsafe=unsafe), fix=True)
    assert not report.all_problems
    after = {f.path.name: f.after.decode() for f in report.files if f.changed}
    return after.get(name, text), report


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "python train.py fit --trainer.gpus 2 --trainer.max_epochs=3\n",
            "python train.py fit --trainer.accelerator gpu --trainer.devices 2"
            " --trainer.max_epochs=3\n",
        ),
        (
            "A=1 python ./train.py fit \\\n    --trainer.gpus=2 \\\n"
            "    --trainer.distributed_backend=ddp \\\n    --model.lr 0.1  # as before\n",
            "A=1 python ./train.py fit \\\n    --trainer.accelerator=gpu --trainer.devices=2"
            " --trainer.strategy=ddp \\\n    --model.lr 0.1  # as before\n",
        ),
        (
            "srun python train.py fit --trainer.precision=16 | tee log\n",
            "srun python train.py fit --trainer.precision=16-mixed | tee log\n",
        ),
        (
            "python train.py fit --trainer.checkpoint_callback False; python train.py\n",
            "python train.py fit --trainer.enable_checkpointing False; python train.py\n",
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_options_of_lightning_cli(tmp_path: Path, before: str, after: str, end: str) -> None:
    got, report = _run(tmp_path, CLI, "run.sh", before.replace("\n", end), unsafe=False)
    assert got == after.replace("\n", end)
    assert not report.left
    again, _ = _run(tmp_path, CLI, "run.sh", got, unsafe=True)
    assert again == got


def test_overrides_of_hydra_are_unsafe(tmp_path: Path) -> None:
    text = "python train.py -m trainer.gpus=1 +trainer.precision=16 model=x\n"
    got, report = _run(tmp_path, HYDRA, "run.sh", text, unsafe=False)
    assert got == text
    assert {f.safety for f in report.left if f.path.name == "run.sh"} == {Safety.UNSAFE}
    got, _ = _run(tmp_path, HYDRA, "run.sh", text, unsafe=True)
    assert got == (
        "python train.py -m ++trainer.accelerator=gpu ++trainer.devices=1"
        " +trainer.precision=16-mixed model=x\n"
    )


def test_a_config_file_beside_the_options_makes_them_unsafe(tmp_path: Path) -> None:
    text = "python train.py fit --config a.yaml --trainer.gpus=2\n"
    got, report = _run(tmp_path, CLI, "run.sh", text, unsafe=False)
    assert got == text
    assert [f.safety for f in report.left if f.path.name == "run.sh"] == [Safety.UNSAFE]


@pytest.mark.parametrize(
    "text",
    [
        "python other.py --trainer.gpus=2\n",
        "# python train.py --trainer.gpus=2\n",
        "python train.py fit --trainer.devices=2 --trainer.accelerator=gpu\n",
        "python train.py fit --model.gpus=2\n",
        "echo --trainer.gpus=2\n",
        "python sweep.py -m trainer.precision=16,32\n",
    ],
)
def test_what_is_no_business_of_the_trainer_stays(tmp_path: Path, text: str) -> None:
    (tmp_path / "sweep.py").write_text(HYDRA)
    got, report = _run(tmp_path, CLI, "run.sh", text, unsafe=True)
    assert got == text
    assert not [f for f in report.left if f.path.name == "run.sh"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.sh", "python train.py fit --trainer.gpus=$N\n"),
        ("Makefile", "a:\n\tpython train.py fit --trainer.gpus=$(N)\n"),
        ("README.md", "```bash\npython train.py fit --trainer.gpus=2\n```\n"),
    ],
)
def test_variables_and_documents_are_told(tmp_path: Path, name: str, text: str) -> None:
    got, report = _run(tmp_path, CLI, name, text, unsafe=True)
    assert got == text
    assert [f.safety for f in report.left if f.path.name == name] == [Safety.MANUAL]


@given(st.text(st.sampled_from("ab -=$(){}'\"\\\n\r;&|#`<>ä"), max_size=40))
def test_words_stand_where_they_say(text: str) -> None:
    at = 0
    for words in commands(text):
        assert words
        for word in words:
            assert word.start >= at
            assert text[word.start : word.end] == word.written
            at = word.end


OWN = (
    "import argparse\nimport pytorch_lightning as pl\n\n"
    "parser = argparse.ArgumentParser()\n"
    "parser.add_argument('--gpus', type=int, default=1)\n"
    "parser.add_argument('--precision', type=int, default=32)\n"
    "args = parser.parse_args()\n"
    "trainer = pl.Trainer(gpus=args.gpus, precision=args.precision)\n"
)
MADE = (
    "from argparse import ArgumentParser\nimport pytorch_lightning as pl\n\n"
    "parser = ArgumentParser()\n"
    "parser = pl.Trainer.add_argparse_args(parser)\n"
    "args = parser.parse_args()\n"
    "trainer = pl.Trainer.from_argparse_args(args)\n"
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.sh", "python train.py --gpus 2 --precision 16 && python made.py --gpus=2\n"),
        ("Makefile", "train:\n\tpython train.py --gpus 2\n\tpython made.py --gpus=2\n"),
        ("README.md", "```bash\n$ python train.py --gpus 2\n$ python made.py --gpus=2\n```\n"),
    ],
)
def test_options_of_own_parsers_stay_and_work(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "made.py").write_text(MADE)
    got, report = _run(tmp_path, OWN, name, text, unsafe=True)
    assert got == text
    assert not [f for f in report.left if f.path.name == name]
    for file in report.files:
        file.path.write_bytes(file.after)
    for program in ("train.py", "made.py"):
        code = (tmp_path / program).read_text()
        assert 'parser.add_argument("--gpus"' in code.replace("'", '"')
        assert "gpus=" not in code
        assert "devices=args.gpus" in code
