"""Config files: only what is edited changes, and the parsed result is the old one with the change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lfix.codemods.engine.settings import Settings
from lfix.codemods.engine.withheld import Place
from lfix.codemods.formats import config
from lfix.codemods.formats.nodes import Kind, documents
from lfix.codemods.formats.run import run
from lfix.codemods.formats.scalars import OpaqueError, Style, value_of
from lfix.codemods.model import Report
from ruamel.yaml import YAML

SPLAT = """
import json, sys
import yaml
from lightning.pytorch import Trainer

config = yaml.safe_load(open(sys.argv[1]))
trainer = Trainer(**config["trainer"])
"""


def _applied(folder: Path, files: Mapping[str, str], *, unsafe: bool = False) -> Report:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    report = run([folder], Settings(root=folder, unsafe=unsafe, jobs=1), fix=True)
    assert not report.all_problems
    for file in report.files:
        if file.changed:
            file.path.write_bytes(file.after)
    return report


def _changed(folder: Path, text: str, name: str = "config.yaml", python: str = SPLAT) -> str:
    _applied(folder, {"train.py": python, name: text})
    once = (folder / name).read_bytes()
    report = run([folder], Settings(root=folder, jobs=1), fix=True)
    assert not any(file.changed for file in report.files), "a second run changes something"
    return once.decode()


def _loaded(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


#: Each old argument with its value as written, and what must stand there instead.
ARGUMENTS: dict[str, tuple[str, dict[str, object]]] = {
    "gpus": ("2", {"accelerator": "gpu", "devices": 2}),
    "replace_sampler_ddp": ("false", {"use_distributed_sampler": False}),
    "checkpoint_callback": ("true", {"enable_checkpointing": True}),
    "weights_summary": ("null", {"enable_model_summary": False}),
    "process_position": ("0", {}),
    "precision": ("16", {"precision": "16-mixed"}),
    "max_nb_epochs": ("7", {"max_epochs": 7}),
    "deterministic": ("true", {"deterministic": True}),
    "log_every_n_steps": ("${steps}", {"log_every_n_steps": "${steps}"}),
    "default_root_dir": ("'a: # b'", {"default_root_dir": "a: # b"}),
    "limit_val_batches": ("0.5", {"limit_val_batches": 0.5}),
}
NOISE = st.sampled_from(
    [
        "# a comment, with: colons",
        "data: {path: 'x # y', sizes: [1, 2]}",
        'other:\n  gpus: 3   # of another\n  deep:\n  - a\n  - "b"',
        "anchored: &here\n  a: 1\npointing: *here",
        "text: |\n  gpus: 2\n    trainer: no\nfolded: >-\n  a\n  b",
        "empty:",
        "名: 'ü'",
    ]
)
COMMENTS = st.sampled_from(["", "  # why", " # gpus: 3"])


@st.composite
def _files(draw: st.DrawFn) -> tuple[str, list[str]]:
    names = draw(st.lists(st.sampled_from(sorted(ARGUMENTS)), min_size=2, unique=True))
    before = draw(st.lists(NOISE, unique=True, max_size=3))
    rest = draw(st.lists(NOISE, unique=True, max_size=3))
    rest = [text for text in rest if text not in before or text.startswith("#")]
    if draw(st.booleans()):
        inner = ", ".join(f"{name}: {ARGUMENTS[name][0]}" for name in names if "$" not in name)
        block = f"trainer: {{{inner}}}{draw(COMMENTS)}"
    else:
        indent = " " * draw(st.integers(1, 6))
        lines = []
        for name in names:
            if draw(st.booleans()):
                lines.append(f"{indent}# above {name}")
            lines.append(f"{indent}{name}: {ARGUMENTS[name][0]}{draw(COMMENTS)}")
        block = "\n".join([f"trainer:{draw(COMMENTS)}", *lines])
    text = "\n".join([*before, block, *rest])
    if draw(st.booleans()):
        text += "\n"
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text, names


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_files())
def test_the_result_is_the_old_mapping_with_the_changes(
    tmp_path: Path, made: tuple[str, list[str]]
) -> None:
    text, names = made
    if "log_every_n_steps" in names and "trainer: {" in text:
        text = text.replace("${steps}", "'${steps}'")
    after = _changed(tmp_path, text)
    wanted = _loaded(text)
    wanted["trainer"] = {k: v for name in names for k, v in ARGUMENTS[name][1].items()}
    assert _loaded(after) == wanted
    kept = [line for line in text.splitlines() if not any(f"{n}:" in line for n in names)]
    kept += [line for line in text.splitlines() if line.lstrip().startswith("#")]
    lines = after.splitlines()
    assert all(line in lines for line in kept if "trainer: {" not in line)
    assert ("\r\n" in text) == ("\r\n" in after)
    assert "\n" not in after.replace("\r\n", "") or "\r\n" not in text


def test_json_changes_by_its_entries_alone(tmp_path: Path) -> None:
    before = (
        '{\n\t"a": [1,\t2],\n\t"trainer": {\n\t\t"gpus": 2, "max_epochs": 3,\n'
        '\t\t"weights_summary": null\n\t},\n\t"b": "\\u00fc"\n}\n'
    )
    after = _changed(tmp_path, before, "config.json")
    assert after == (
        '{\n\t"a": [1,\t2],\n\t"trainer": {\n\t\t"accelerator": "gpu",\n\t\t"devices": 2, '
        '"max_epochs": 3,\n\t\t"enable_model_summary": false\n\t},\n\t"b": "\\u00fc"\n}\n'
    )
    assert json.loads(after)["trainer"]["devices"] == 2


def test_toml_changes_by_its_entries_alone(tmp_path: Path) -> None:
    before = (
        "title = 'x' # gpus = 3\n[other]\ngpus = 3\n\n[trainer] # all of it\ngpus = [0, 1]  # two\n"
        "process_position = 0\nweights_summary = 'top'\nlogger = { a = 1 }\nmax_epochs = 3\n"
        'precision = 16\n\n[[tables]]\ngpus = 2\ntext = """\n[trainer]\ngpus = 3\n"""\n'
    )
    after = (
        "title = 'x' # gpus = 3\n[other]\ngpus = 3\n\n[trainer] # all of it\naccelerator = \"gpu\"\n"
        "devices = [0, 1]  # two\nlogger = { a = 1 }\nmax_epochs = 3\n"
        'precision = "16-mixed"\n\n[[tables]]\ngpus = 2\ntext = """\n[trainer]\ngpus = 3\n"""\n'
    )
    assert _changed(tmp_path, before, "config.toml") == after
    inline = "trainer = { gpus = 2, checkpoint_callback = false }\n"
    wanted = 'trainer = { accelerator = "gpu", devices = 2, enable_checkpointing = false }\n'
    assert _changed(tmp_path, inline, "config.toml") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "trainer:\n  gpus: &n 2\n  max_epochs: 3\nother: *n\n",
        "trainer:\n  gpus: !env GPUS\n  max_epochs: 3\n",
        "base: &base {gpus: 2}\ntrainer:\n  <<: *base\n  max_epochs: 3\n",
        "trainer:\n  gpus: ${machine.gpus}\n  max_epochs: 3\nmachine: {gpus: 2}\n",
    ],
)
def test_what_is_not_known_is_left(tmp_path: Path, text: str) -> None:
    assert _changed(tmp_path, text) == text


@pytest.mark.parametrize(
    "code",
    [
        'print(config.trainer.pop("gpus"))',
        'run("trainer.gpus=1")',
        'print(getattr(config, "gpus", 0))',
        'print(args, "gpus" in config)',
        'config["trainer"]["gpus"] = [1]',
        'print(f"{config.trainer.gpus}")',
        "print(self.trainer.gpus)",
        'print(config["gpus"])',
    ],
)
def test_code_that_asks_for_the_key_withholds_the_fix(tmp_path: Path, code: str) -> None:
    text = "trainer:\n  gpus: 2\n  max_epochs: 3\n"
    report = _applied(tmp_path, {"train.py": SPLAT, "use.py": f"{code}\n", "config.yaml": text})
    reasons = [f.reason or "" for f in report.left if f.path.name == "config.yaml"]
    assert len(reasons) == 1
    assert "gpus is read at use.py:1; change both together" in reasons[0]
    assert (tmp_path / "config.yaml").read_text() == text


READ = """
import pytorch_lightning as pl


def train(config):
    if config.trainer.checkpoint_callback and config.trainer.gpus:
        config.trainer.gpus = 0
    return pl.Trainer(**config.trainer)
"""


def test_code_follows_safe_and_unsafe_fixes_each_when_it_is_written(tmp_path: Path) -> None:
    text = "trainer:\n  gpus: 1\n  checkpoint_callback: True\n  max_epochs: 3\n"
    _applied(tmp_path, {"train.py": READ, "config.yaml": text})
    renamed = READ.replace("checkpoint_callback", "enable_checkpointing")
    assert (tmp_path / "train.py").read_text() == renamed
    assert "  gpus: 1\n  enable_checkpointing: True\n" in (tmp_path / "config.yaml").read_text()
    _applied(tmp_path, {}, unsafe=True)
    code = (tmp_path / "train.py").read_text()
    assert (
        'config.trainer.accelerator == "gpu":\n        config.trainer.accelerator = "cpu"' in code
    )
    assert "  accelerator: gpu\n  devices: 1\n" in (tmp_path / "config.yaml").read_text()


def test_code_stays_where_its_config_does(tmp_path: Path) -> None:
    files = {"train.py": READ, "a.yaml": "trainer:\n  gpus: 1\n", "b.yaml": "trainer:\n  gpus: 2\n"}
    report = _applied(tmp_path, files)
    place = next(f for file in report.files for f in file.left if file.path.name == "b.yaml")
    without = [Place.of(place)]
    changed = run(
        [tmp_path], Settings(root=tmp_path, unsafe=True, jobs=1), fix=True, without=without
    )
    assert not any(file.changed for file in changed.files)


@pytest.mark.parametrize(
    "code",
    [
        "print(args.gpus)",
        'parser.add_argument("--gpus")',
        '"gpus"',
        'print("all gpus")',
        "gpus = 3",
    ],
)
def test_other_words_do_not(tmp_path: Path, code: str) -> None:
    text = "trainer:\n  gpus: 2\n  max_epochs: 3\n"
    _applied(tmp_path, {"train.py": SPLAT, "use.py": f"{code}\n", "config.yaml": text})
    after = (tmp_path / "config.yaml").read_text()
    assert after == "trainer:\n  accelerator: gpu\n  devices: 2\n  max_epochs: 3\n"


def test_what_hydra_has_beside_the_arguments_is_none_of_them(tmp_path: Path) -> None:
    text = (
        "_target_: pytorch_lightning.Trainer\ndefaults:\n  - default\n_convert_: all\n"
        "checkpoint_callback: true\n"
    )
    report = _applied(tmp_path, {"train.py": SPLAT, "configs/trainer/short.yaml": text})
    after = (tmp_path / "configs/trainer/short.yaml").read_text()
    assert after == text.replace("checkpoint_callback", "enable_checkpointing")
    assert not any(file.left for file in report.files)


def test_a_block_that_is_not_the_one_splatted_is_doubtful(tmp_path: Path) -> None:
    code = SPLAT + 'print(config["trainer_old"])\n'
    text = "trainer_old:\n  gpus: 2\n  max_epochs: 3\n"
    report = _applied(tmp_path, {"train.py": code, "config.yaml": text})
    assert [f.safety.value for f in report.left] == ["unsafe"]


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  trainer:\n    image: me\n    gpus: 2\n",
        "trainer: [gpus, 2]\n",
        "trainer:\n",
        "trainer: {}\n",
        "gpus: 2\nmax_epochs: 3\n",
        "",
        "# trainer: gpus: 2\n",
        "--- a\n--- {trainer: {max_epochs: 1}}\n",
        "trainer: {gpus: 1, gpus: 2, max_epochs: 3}\n",
        "? gpus\n: 2\n? trainer\n: 3\n",
    ],
)
def test_odd_files_are_left(tmp_path: Path, text: str) -> None:
    assert _changed(tmp_path, text) == text


def test_a_file_that_nobody_reads_as_configuration_may_be_broken(tmp_path: Path) -> None:
    text = "{{ trainers }}: [\n  'lightning.x'\n"
    assert _changed(tmp_path, text) == text


def test_an_ignore_comment_silences(tmp_path: Path) -> None:
    text = "trainer:\n  gpus: 2  # lfix: ignore[LF301]\n  max_epochs: 3\n"
    assert _changed(tmp_path, text) == text


def test_a_key_that_another_config_interpolates_is_told(tmp_path: Path) -> None:
    text = "trainer:\n  gpus: 2\n  max_epochs: 3\n"
    other = "workers: ${trainer.gpus}\n"
    report = _applied(tmp_path, {"train.py": SPLAT, "config.yaml": text, "data.yaml": other})
    assert [f.reason for f in report.left] == [
        'write accelerator="gpu", devices=2: gpus is read in data.yaml; change both together'
    ]


def test_a_removed_key_may_let_another_file_through(tmp_path: Path) -> None:
    files = {
        "train.py": "import hydra\nfrom lightning.pytorch import Trainer\n"
        "trainer = hydra.utils.instantiate(cfg.trainer)\n",
        "configs/trainer/default.yaml": "_target_: lightning.pytorch.Trainer\n"
        "gpus: 4\nweights_summary: full\n",
        "configs/experiment/cpu.yaml": "trainer:\n  gpus: null\n  weights_summary: top\n",
    }
    report = _applied(tmp_path, files)
    reasons = [f.reason or "" for f in report.left if f.path.name == "cpu.yaml"]
    assert len(reasons) == 1
    assert "configs/trainer/default.yaml has another value for weights_summary" in reasons[0]
    default = (tmp_path / "configs/trainer/default.yaml").read_text()
    assert "accelerator: gpu\ndevices: 4\n" in default
    laid_over = (tmp_path / "configs/experiment/cpu.yaml").read_text()
    assert laid_over == "trainer:\n  accelerator: cpu\n  devices: 1\n  weights_summary: top\n"


def test_as_many_quotes_of_each_kind_leave_no_choice(tmp_path: Path) -> None:
    text = """a: 'x'\nb: "y"\nc: 'x'\nd: "y"\n"""
    code = (
        "from lfix.codemods.formats.nodes import documents\n"
        "from lfix.codemods.formats.scalars import style_of\n"
        f"text = {text!r}\n"
        "print(style_of(documents(text)[0], '.yaml', text).quote)"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in range(8)
    }
    assert seen == {"'\n"}


def test_large_files_are_not_read(tmp_path: Path) -> None:
    text = "trainer:\n  gpus: 2\n  max_epochs: 3\n" + "# x\n" * 600_000
    assert _changed(tmp_path, text) == text


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None), ("~", None), ("yes", True), ("Off", False), ("12", 12), ("-3", -3),
        ("1e-3", 0.001), (".5", 0.5), ("16-mixed", "16-mixed"), ("a b", "a b"), ("'12'", "12"),
    ],
)  # fmt: skip
def test_plain_values(written: str, value: object) -> None:
    node = documents(f"a: {written}\n")[0].entries[0][1]
    assert value_of(node) == value
    if not isinstance(value, float):
        again = documents(f"a: {Style().written(value)}\n")[0].entries[0][1]
        assert value_of(again) == value


@pytest.mark.parametrize("written", ["0o17", "017", "1:30", "1_000", ".inf", "2020-01-02", "${a}"])
def test_values_that_readers_disagree_about(written: str) -> None:
    with pytest.raises(OpaqueError):
        value_of(documents(f"a: {written}\n")[0].entries[0][1])


@given(st.text())
@settings(deadline=None)
def test_any_string_survives(value: str) -> None:
    assert json.loads(Style(json=True).string(value)) == value
    for style in (Style(), Style(quote="'"), Style(quote='"')):
        node = documents(f"{{a: {style.string(value)}}}")[0].entries[0][1]
        assert node.text == value


def test_nodes_know_where_they_are() -> None:
    text = "a: 1 # c\r\nb: &x [1, 'é',\r\n 2]\r\nc:\r\nd: *x\r\nf: |\n  abc\n\ng: {a: 1}\n"
    root = documents(text)[0]
    shown = {key.text: text[value.start : value.end] for key, value in root.entries}
    assert shown == {
        "a": "1",
        "b": "&x [1, 'é',\r\n 2]",
        "c": "",
        "d": "*x",
        "f": "|\n  abc",
        "g": "{a: 1}",
    }
    assert root.get("d").kind is Kind.ALIAS  # type: ignore[union-attr]
    assert text[root.get("c").start - 2 : root.get("c").start] == "c:"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "trainer.gpus = 2  # c\ntrainer.max_epochs = 3\n[model]\nlr = 1\n",
            'trainer.accelerator = "gpu"\ntrainer.devices = 2  # c\ntrainer.max_epochs = 3\n'
            "[model]\nlr = 1\n",
        ),
        (
            "[a]\n  x . trainer . gpus=1\ny = 1\nx.trainer.weights_summary = 'top'\n",
            '[a]\n  x . trainer . accelerator = "gpu"\n  x . trainer . devices=1\ny = 1\n',
        ),
        (
            "[trainer]\nmax_epochs = 3\ngpus = [\n  0,\n  1,\n]\n# end\n",
            '[trainer]\nmax_epochs = 3\naccelerator = "gpu"\ndevices = [\n  0,\n  1,\n]\n# end\n',
        ),
        (
            "[trainer]\nmax_epochs = 3\nreload_dataloaders_every_epoch = true\nlogger = [\n]\n",
            "[trainer]\nmax_epochs = 3\nreload_dataloaders_every_n_epochs = 1\nlogger = [\n]\n",
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_dotted_keys_and_long_values_of_toml(
    tmp_path: Path, before: str, after: str, end: str
) -> None:
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    got = _changed(tmp_path, before.replace("\n", end), "config.toml")
    assert got == after.replace("\n", end)
    tomllib.loads(got.replace("\r\n", "\n"))


def test_a_comment_in_a_long_value_keeps_it_as_it_is(tmp_path: Path) -> None:
    text = "[trainer]\nmax_epochs = 3\ngpus = [\n  0,  # the first\n]\n"
    assert _changed(tmp_path, text, "config.toml") == text


def test_only_configs_are_read() -> None:
    assert config.CONFIG.reads("a.yml")
    assert not config.CONFIG.reads("package-lock.json")
    assert not config.CONFIG.may_hold(Path("a.json"), b'{"images": [], "annotations": []}')
    assert config.CONFIG.may_hold(Path("conf/trainer/a.yaml"), b"precision: 16\n")


def test_a_file_of_a_group_needs_no_word_of_the_trainer(tmp_path: Path) -> None:
    base = "_target_: pytorch_lightning.Trainer\nmax_epochs: 3\n"
    text = "defaults:\n  - default\n\nmax_epochs: 5\nprecision: 16\n"
    files = {"conf/trainer/default.yaml": base, "conf/trainer/half.yaml": text}
    _applied(
        tmp_path, {"train.py": "import hydra\nimport lightning.pytorch\n", **files}, unsafe=True
    )
    after = (tmp_path / "conf/trainer/half.yaml").read_text()
    assert after == text.replace("16", "16-mixed")


HYDRA = """\
import hydra
import lightning.pytorch


@hydra.main(config_path="conf", config_name="config")
def main(cfg):
    trainer = hydra.utils.instantiate(cfg.trainer)
"""


def test_a_bar_that_another_file_switches_off_is_no_safe_callback(tmp_path: Path) -> None:
    base = "_target_: pytorch_lightning.Trainer\nprogress_bar_refresh_rate: {}\nmax_epochs: 3\n"
    over = "defaults:\n  - default\nprogress_bar_refresh_rate: 0\n"
    for rate, expected in (("10", over), ("0", over.replace("progress_bar_refresh_rate: 0", "{}"))):
        place = tmp_path / rate
        files = {"conf/trainer/default.yaml": base.format(rate), "conf/trainer/quiet.yaml": over}
        _applied(place, {"train.py": HYDRA, **files})
        after = (place / "conf/trainer/quiet.yaml").read_text()
        assert after == expected.format("enable_progress_bar: false")


CLI = "from lightning.pytorch.cli import LightningCLI\n\nLightningCLI()\n"
SWEEP = """\
program: {program}
method: grid
command:
  - python
  - ${{program}}
  - fit
  - --trainer.gpus=1
  - --trainer.max_epochs=3
parameters:
  model.lr:
    values: [0.1, 0.01]
  trainer.weights_summary:
    value: full
"""


@pytest.mark.parametrize(
    ("program", "told"),
    [("train.py", [(7, "LF301"), (12, "LF303")]), ("other.py", [(12, "LF303")])],
)
def test_a_sweep_is_told(tmp_path: Path, program: str, told: list[tuple[int, str]]) -> None:
    text = SWEEP.format(program=program)
    files = {"train.py": CLI, "other.py": "import lightning\n", "sweep.yaml": text}
    report = _applied(tmp_path, files, unsafe=True)
    assert (tmp_path / "sweep.yaml").read_text() == text
    found = [f for f in report.left if f.path.name == "sweep.yaml"]
    assert [(f.line, f.code) for f in found] == told
    assert all(f.reason for f in found)
