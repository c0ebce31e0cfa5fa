"""The copy that a verification runs in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lfix.codemods.verify import RequestError
from lfix.codemods.verify.runner.listing import difference, listing
from lfix.codemods.verify.sandbox import (
    LINKED_FROM_BYTES,
    LINKED_FROM_FILES,
    Sandbox,
    make_sandbox,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = (tmp_path / "project").resolve()
    folder.mkdir()
    return folder


def copy_of(root: Path, changes: dict[Path, bytes] | None = None) -> Sandbox:
    return make_sandbox(root, root.parent / "copy", changes or {})


def test_small_files_are_copied_and_large_ones_linked(root: Path) -> None:
    (root / "train.py").write_bytes(b"1\r\n")
    (root / "weights.ckpt").write_bytes(bytes(LINKED_FROM_BYTES + 1))
    copy = copy_of(root).copy
    assert not (copy / "train.py").is_symlink()
    assert (copy / "train.py").read_bytes() == b"1\r\n"
    assert (copy / "weights.ckpt").readlink() == root / "weights.ckpt"


@pytest.mark.parametrize("name", [".git", "__pycache__", "node_modules", "my-env", "conda"])
def test_what_is_not_the_project_is_left_out(root: Path, name: str) -> None:
    (root / name).mkdir()
    (root / name / "file").touch()
    (root / "my-env").mkdir(exist_ok=True)
    (root / "my-env" / "pyvenv.cfg").touch()
    (root / "conda" / "conda-meta").mkdir(parents=True)
    assert not (copy_of(root).copy / name).exists()
    assert name not in listing(str(root)) or not any(
        path.startswith(name + os.sep) for path in listing(str(root))
    )


def test_a_folder_of_data_is_linked_as_a_whole(root: Path) -> None:
    (root / "images").mkdir()
    for index in range(LINKED_FROM_FILES + 1):
        (root / "images" / f"{index}.png").touch()
    assert (copy_of(root).copy / "images").readlink() == root / "images"


def test_a_large_folder_with_code_is_copied(root: Path) -> None:
    (root / "pkg" / "sub").mkdir(parents=True)
    for index in range(LINKED_FROM_FILES + 1):
        (root / "pkg" / f"{index}.txt").touch()
    (root / "pkg" / "sub" / "__init__.py").touch()
    assert not (copy_of(root).copy / "pkg").is_symlink()


def test_links_keep_their_meaning(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (root / "real.txt").write_text("1")
    (root / "near").symlink_to("real.txt")
    (root / "far").symlink_to(outside)
    (root / "up").symlink_to("../outside")
    (root / "back").symlink_to(root / "real.txt")
    (root / "loop").symlink_to("loop")
    (root / "self").symlink_to(root)
    (root / "broken").symlink_to("nowhere")
    box = copy_of(root)
    copy = box.copy
    assert set(box.guarded) == {root, outside}
    assert (copy / "near").resolve() == copy / "real.txt"
    assert (copy / "far").resolve() == outside
    assert (copy / "up").resolve() == outside
    assert (copy / "back").resolve() == copy / "real.txt"
    assert (copy / "self").resolve() == copy
    assert (copy / "loop").is_symlink()
    assert (copy / "broken").is_symlink()


def test_a_copy_inside_the_tree_does_not_copy_itself(root: Path) -> None:
    (root / "train.py").touch()
    box = make_sandbox(root, root / "tmp" / "copy", {})
    assert (box.copy / "train.py").exists()
    assert not (box.copy / "tmp").exists()


def test_changes_never_write_through_a_link(root: Path) -> None:
    (root / "real.py").write_text("before")
    (root / "train.py").symlink_to("real.py")
    big = root / "big.py"
    big.write_bytes(bytes(LINKED_FROM_BYTES + 1))
    box = copy_of(root, {big: b"after", root / "new" / "x.py": b"new"})
    assert (box.copy / "big.py").read_bytes() == b"after"
    assert (box.copy / "new" / "x.py").read_bytes() == b"new"
    assert big.stat().st_size == LINKED_FROM_BYTES + 1


def test_a_change_outside_of_the_tree_is_refused(root: Path) -> None:
    with pytest.raises(RequestError, match="is not below the project root"):
        copy_of(root, {root.parent / "x.py": b""})


def test_paths_in_arguments_lead_into_the_copy(root: Path) -> None:
    (root / "data").mkdir()
    (root / ".git").mkdir()
    box = copy_of(root)
    assert box.argument(str(root / "data")) == str(box.copy / "data")
    assert box.argument(f"--data={root / 'data'}") == f"--data={box.copy / 'data'}"
    assert box.argument(str(root / ".git")) == str(root / ".git")
    assert box.argument("--lr=1e-3") == "--lr=1e-3"
    assert box.argument("data") == "data"


def test_an_output_path_that_is_not_there_yet_leads_into_the_copy(root: Path) -> None:
    (root / "data").mkdir()
    box = copy_of(root)
    assert box.argument(str(root / "data" / "new")) == str(box.copy / "data" / "new")


def test_differences_are_named(root: Path) -> None:
    (root / "gone").touch()
    (root / "same").touch()
    (root / "other").touch()
    before = listing(str(root))
    (root / "gone").unlink()
    (root / "other").write_text("1")
    (root / "folder").mkdir()
    assert difference(before, listing(str(root))) == (
        "folder appeared",
        "gone vanished",
        "other changed",
    )
