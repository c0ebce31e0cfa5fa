"""Real shapes of projects: packages, modules, subfolders, LightningCLI, other interpreters."""

from __future__ import annotations

import re
import site
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lfix.codemods.verify import Outcome, RequestError, Stage, Status

Run = Callable[..., Outcome]
Program = Callable[..., str]

LOADER = "DataLoader(Rows(), batch_size=8)"
DATAMODULE = """
class Data(pl.LightningDataModule):
    def setup(self, stage):
        self.rows = Rows()

    def train_dataloader(self):
        return DataLoader(self.rows, batch_size=8)
"""
TRAIN = """\
import sys
from pathlib import Path
import lightning as L
from pkg.model import Net, {loader_import}

def main():
    L.Trainer(max_epochs=int(sys.argv[1])).fit({arguments})
    raise SystemExit("ran on after fit")

if __name__ == "__main__":
    main()
"""


def package(make_program: Program) -> dict[str, str]:
    """A package whose training module imports its neighbour."""
    return {
        "pkg/__init__.py": "",
        "pkg/model.py": make_program(extra=DATAMODULE, main=""),
        "pkg/train.py": TRAIN.format(loader_import="Data", arguments="Net(), datamodule=Data()"),
    }


def test_a_module_of_a_package(run: Run, make_program: Program) -> None:
    outcome = run(package(make_program), script=None, module="pkg.train", args=("2",))
    assert outcome.summary() == "verified: one training step on cpu", outcome.output


def test_a_script_in_a_subfolder_run_from_the_root(
    run: Run, make_program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "project"))
    files = package(make_program)
    files["scripts/train.py"] = files.pop("pkg/train.py").replace(
        "def main():", "def main():\n    assert Path('conf/rows.txt').read_text() == '8'"
    )
    files["conf/rows.txt"] = "8"
    outcome = run(files, script=Path("scripts/train.py"), args=("2",))
    assert outcome.summary() == "verified: one training step on cpu", outcome.output


def test_a_module_that_is_not_there(run: Run) -> None:
    with pytest.raises(RequestError, match=r"no module named pkg\.train"):
        run({"pkg/__init__.py": ""}, script=None, module="pkg.train")


def test_lightning_cli_with_its_own_arguments(run: Run, make_program: Program) -> None:
    source = make_program(
        step="""
            def __init__(self, width: int = 2):
                super().__init__()
                self.layer = nn.Linear(10, width)

            def training_step(self, batch, batch_idx):
                loss = self.loss_of(batch)
                self.log("width", float(self.layer.out_features))
                return loss
            """,
        extra=DATAMODULE,
        main="""
from lightning.pytorch.cli import LightningCLI
LightningCLI(Net, Data)
""",
    )
    outcome = run(
        source, args=("fit", "--model.width=3", "--trainer.max_epochs=7", "--trainer.devices=4")
    )
    assert outcome.summary() == "verified: one training step on cpu", outcome.output
    assert outcome.logged == ("width",)


def test_nothing_appears_in_the_project(run: Run, make_program: Program, tmp_path: Path) -> None:
    root = (tmp_path / "project").resolve()
    outcome = run(
        {
            "train.py": make_program(
                main=f"""
import os, sys
from pathlib import Path
import helper
Path("by-cwd").touch()
Path(__file__).with_name("by-file").touch()
(Path(sys.argv[1]) / "by-argument").touch()
for change in (
    lambda: open({str(root / "by-path")!r}, "w"),
    lambda: os.remove({str(root / "data.txt")!r}),
    lambda: os.mkdir({str(root / "folder")!r}),
):
    try:
        change()
    except PermissionError:
        print("refused")
trainer = pl.Trainer(max_epochs=1, default_root_dir={str(root)!r})
trainer.fit(Net(), {LOADER})
"""
            ),
            "helper.py": "",
            "data.txt": "1",
        },
        args=(str(root),),
    )
    assert outcome.status is Status.VERIFIED, outcome.summary()
    assert outcome.changes == ()
    assert [Path(place.what).name for place in outcome.writes] == ["by-path", "data.txt", "folder"]
    assert all(re.fullmatch(r"train\.py:\d+", place.at or "") for place in outcome.writes)
    assert sorted(path.name for path in root.iterdir()) == ["data.txt", "helper.py", "train.py"]


def test_a_write_by_the_real_path_is_told(run: Run, tmp_path: Path) -> None:
    target = tmp_path.resolve() / "project" / "log.txt"
    outcome = run(f"open({str(target)!r}, 'a')")
    assert outcome.status is Status.NOT_VERIFIABLE
    assert outcome.reason.startswith(
        "the script writes into the project by its real path at train.py:1"
    )
    assert not target.exists()


def test_a_write_through_a_link_out_of_the_project_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "runs").symlink_to("../results")
    outcome = run("from pathlib import Path\nPath('runs/log.txt').write_text('1')")
    assert outcome.status is Status.NOT_VERIFIABLE
    assert [place.what for place in outcome.writes] == [str(tmp_path / "results" / "log.txt")]
    assert not any((tmp_path / "results").iterdir())


def test_a_change_from_outside_is_reported(run: Run, tmp_path: Path) -> None:
    target = tmp_path.resolve() / "project" / "log.txt"
    command = f"touch {target}"
    outcome = run(f"import subprocess\nsubprocess.run({command!r}, shell=True)")
    assert outcome.changes == ("log.txt appeared",)


def test_changes_are_laid_over_the_copy(run: Run, make_program: Program, tmp_path: Path) -> None:
    broken = make_program(step="def training_step(self, batch, batch_idx):\n    pass\n")
    target = tmp_path.resolve() / "project" / "train.py"
    outcome = run(broken, changes={target: make_program().encode()})
    assert outcome.summary() == "verified: one training step on cpu", outcome.output
    assert target.read_text() == broken


def bare_interpreter(folder: Path) -> Path:
    """An interpreter that has what this one has, without lfix and what installs it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    for entry in Path(site.getsitepackages()[0]).iterdir():
        if "lfix" not in entry.name and entry.suffix != ".pth":
            (packages / entry.name).symlink_to(entry)
    return folder / "bin" / "python"


def test_an_interpreter_without_lfix(
    run: Run, make_program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    python = bare_interpreter(tmp_path / "bare")
    source = make_program(
        extra="""
import importlib.util, sys
assert importlib.util.find_spec("lfix") is None
assert importlib.util.find_spec("lfix_runner") is None or "lfix_runner" in sys.modules
print("prefix", sys.prefix)
"""
    )
    outcome = run(source, python=python)
    assert outcome.summary() == "verified: one training step on cpu", outcome.output
    assert f"prefix {tmp_path / 'bare'}" in outcome.output


def test_an_interpreter_without_lightning(run: Run, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "empty")], check=True
    )
    python = tmp_path / "empty" / "bin" / "python"
    outcome = run("import lightning", python=python)
    assert outcome.status is Status.NOT_VERIFIABLE
    assert outcome.reason.startswith("the package lightning is not installed for ")


def test_an_interpreter_that_is_not_there(run: Run, tmp_path: Path) -> None:
    outcome = run("", python=tmp_path / "no-python")
    assert outcome.status is Status.NOT_VERIFIABLE
    assert outcome.reason.endswith("can not be started: No such file or directory")
    assert outcome.stage is Stage.STARTED


def test_an_interpreter_that_is_too_old_says_so(run: Run, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho SyntaxError: too old\nexit 1\n")
    python.chmod(0o755)
    outcome = run("", python=python)
    assert outcome.status is Status.NOT_VERIFIABLE
    assert outcome.reason.endswith("can not run the check: SyntaxError: too old")


def test_an_editable_install_runs_from_the_copy(
    run: Run, make_program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finder that leads to the user's tree, as build backends install it."""
    root = tmp_path.resolve() / "project"
    finder = tmp_path / "finder"
    finder.mkdir()
    (finder / "sitecustomize.py").write_text(f"""
import sys, importlib.util
class Editable:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "pkg":
            return importlib.util.spec_from_file_location(
                name, {str(root / "src/pkg/__init__.py")!r},
                submodule_search_locations=[{str(root / "src/pkg")!r}])
sys.meta_path.append(Editable)
""")
    monkeypatch.setenv("PYTHONPATH", str(finder))
    files = {f"src/{name}": text for name, text in package(make_program).items()}
    files["train.py"] = """
        import pkg.model
        from pathlib import Path
        assert Path(pkg.model.__file__).is_relative_to(Path(__file__).parent), pkg.model.__file__
        from pkg.train import main
        main()
        """
    outcome = run(files, args=("1",))
    assert outcome.summary() == "verified: one training step on cpu", outcome.output


def test_no_process_outlives_the_run(run: Run) -> None:
    outcome = run(
        """
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(10_000)"])
        print("pid", child.pid)
        """
    )
    found = re.search(r"pid (\d+)", outcome.output)
    assert found is not None
    assert not _lives(int(found.group(1)))


def _lives(pid: int) -> bool:
    """Whether the process still runs; one that is dead and not yet reaped does not."""
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()[:1] not in ("", "Z")


def test_output_is_bounded(run: Run) -> None:
    outcome = run("print('x' * 3_000_000)\nprint('the end')")
    assert len(outcome.output) <= 200_000
    assert outcome.output.endswith("the end\n")
