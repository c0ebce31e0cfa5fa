"""Law 2: applying twice equals applying once."""

from __future__ import annotations

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

import hypothesmith
from hypothesis import HealthCheck, given, settings

from .programs import FAULTY, FIXED, SETTINGS, repair, repaired
from .test_bytes import Case, cases

#: Generated programs are slow to make, and that is fine.
_CHECKS = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


def _compiles(text: str) -> bool:
    try:
        compile(text, "program", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(cases())
def test_a_fixed_file_is_left_alone(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.py").resolve()
        once = repaired(path, case.before)
        assert once != case.before
        assert repaired(path, once) == once


@settings(max_examples=25, deadline=None, suppress_health_check=_CHECKS)
@given(hypothesmith.from_node())
def test_a_program_amid_any_syntax_is_fixed_once(around: str) -> None:
    before = f"{around}\n{FAULTY}"
    if not _compiles(before):
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.py").resolve()
        once = repaired(path, before)
        if "import" not in around:
            assert once == f"{around}\n{FIXED}".encode()
        assert _compiles(once.decode())
        assert repaired(path, once) == once


def test_programs_at_the_end_of_real_files_are_fixed_once(tmp_path: Path) -> None:
    """Every eighth file of the installed packages, whatever it imports and defines by itself."""
    faulty = FAULTY.replace("pl", "_pl").replace("Rows", "_Rows").replace("trainer", "_trainer")
    before: dict[Path, bytes] = {}
    for package in ("lightning", "torchmetrics"):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        source = Path(spec.origin).parent
        copy = tmp_path / package
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        for path in sorted(copy.rglob("*.py"))[::8]:
            text = path.read_bytes() + b"\n" + faulty.encode()
            if _compiles(text.decode()):
                path.write_bytes(text)
                before[path] = text
    assert len(before) > 60
    report = repair(tmp_path, SETTINGS)
    assert not report.all_problems
    changed = {f.path: f for f in report.files if f.changed}
    assert set(changed) == set(before)
    for path, file in changed.items():
        assert file.before == before[path]
        assert b"DataLoader(_Rows(), batch_size=32)" in file.after
        assert _compiles(file.after.decode())
        path.write_bytes(file.after)
    again = repair(tmp_path, SETTINGS)
    assert not any(f.changed for f in again.files)
    assert not again.fixed
