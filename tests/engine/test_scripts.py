from pathlib import Path

from lfix.codemods.engine.scripts import Scripts


def test_options_of_scripts_and_documents_with_their_values(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text(
        "python train.py --gpus 2 --fast_dev_run --lr=0.1 \\\n  -n 3\n"
    )
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "other.slurm").write_text("srun python train.py --gpus '0,1'\n")
    (tmp_path / "README.md").write_text("Run `python train.py --max_epochs 3`.\n")
    (tmp_path / "train.py").write_text('parser.add_argument("--hidden", 3)\n')
    assert Scripts().options([tmp_path]) == {
        "gpus": {"2", "0,1"},
        "fast_dev_run": set(),
        "lr": {"0.1"},
        "max_epochs": {"3"},
    }


def test_no_folder_no_options(tmp_path: Path) -> None:
    assert Scripts().options([tmp_path / "none"]) == {}


def test_options_of_scripts_that_lie_deeper(tmp_path: Path) -> None:
    deep = tmp_path / "scripts" / "ner" / "again"
    deep.mkdir(parents=True)
    (deep / "first.sh").write_text("python ${HOME}/train.py --precision=${PREC} \\\n--gpus=4\n")
    other = tmp_path / "node_modules" / "some"
    other.mkdir(parents=True)
    (other / "README.md").write_text("some --devices 3\n")
    assert Scripts().options([tmp_path / "scripts", tmp_path]) == {
        "precision": {"${PREC}"},
        "gpus": {"4"},
    }


def test_a_file_is_read_once_however_many_ask(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Run `python train.py --max_epochs 3`.\n")
    (tmp_path / "inner").mkdir()
    scripts = Scripts()
    assert scripts.options([tmp_path]) == {"max_epochs": {"3"}}
    (tmp_path / "README.md").unlink()
    assert scripts.options([tmp_path / "inner", tmp_path]) == {"max_epochs": {"3"}}
    assert Scripts().options([tmp_path]) == {}
