"""The runner runs where lfix is not installed, under old interpreters too."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lfix.codemods.verify import runner
from lfix.codemods.verify.runner.device import DeviceAbsent, find_device

MODULES = sorted(Path(runner.__file__).parent.glob("*.py"))


def imported_by(path: Path) -> set[str]:
    """The top-level packages that a module imports absolutely."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(str(node.module).partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1, f"{path}: only siblings travel along"
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_runner_needs_only_the_standard_library(path: Path) -> None:
    assert imported_by(path) <= sys.stdlib_module_names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_runner_parses_on_python_3_7(path: Path) -> None:
    ast.parse(path.read_bytes(), feature_version=(3, 7))


def torch_with(cuda_devices: int, *, mps: bool = False) -> Any:
    """What `find_device` asks of torch."""
    return SimpleNamespace(
        __version__="2.13.0",
        cuda=SimpleNamespace(
            is_available=lambda: cuda_devices > 0, device_count=lambda: cuda_devices
        ),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
    )


@pytest.mark.parametrize(
    ("choice", "cuda", "mps", "found"),
    [
        ("auto", 2, True, "cuda:0"),
        ("auto", 0, True, "mps"),
        ("auto", 0, False, "cpu"),
        ("cpu", 2, True, "cpu"),
        ("cuda", 2, True, "cuda:0"),
        ("cuda:1", 2, True, "cuda:1"),
        ("mps", 2, True, "mps"),
    ],
)
def test_the_device_is_the_one_asked_for(choice: str, cuda: int, mps: bool, found: str) -> None:
    assert str(find_device(torch_with(cuda, mps=mps), choice)) == found


@pytest.mark.parametrize(("choice", "cuda"), [("cuda", 0), ("cuda:2", 2), ("mps", 2), ("tpu", 2)])
def test_an_absent_device_is_told(choice: str, cuda: int) -> None:
    with pytest.raises(DeviceAbsent):
        find_device(torch_with(cuda), choice)
