"""Old Lightning releases beside the installed one: a folder each, put first on the import path.

Old releases pin versions of torch that are gone, but run under a new one, so they are installed
without their dependencies into a cache: ``$LFIX_OVERLAYS``, else ``lfix-overlays`` below
``$XDG_CACHE_HOME`` or ``~/.cache``. The project's environment is not touched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: What old releases import and new environments have no more, or only in a form too new for them.
_COMPANIONS = ("setuptools==69.5.1", "tensorboard==2.20.0", "absl-py==2.3.1", "pydeprecate==0.3.2")
_METRICS = ((1, 5), "torchmetrics==0.5.1"), ((99, 0), "torchmetrics==0.11.4")
#: Newer versions of pip refuse the metadata of releases before 1.8 (``torch (>=1.7.*)``).
_INSTALLER = "pip==24.0"
_RELEASE = re.compile(r"(\d+)\.(\d+)(?:\.\d+)?(?:(?:rc|\.post)\d+)?")


class OverlayError(RuntimeError):
    """An overlay that can not be made; the message says what to do."""


def overlay(release: str, distribution: str = "pytorch-lightning") -> tuple[Path, ...]:
    """The folders to put first on the import path for ``release``; installs what is missing.

    Raises OverlayError for what is no release, and if the installation fails.
    """
    match = _RELEASE.fullmatch(release)
    if match is None:
        raise OverlayError(f"{release!r} is no release of Lightning; name one such as 1.5.10")
    minor = int(match[1]), int(match[2])
    metrics = next(name for before, name in _METRICS if minor < before)
    wanted = (f"{distribution}=={release}", metrics, *_COMPANIONS)
    return tuple(provide(requirement, cache(), install) for requirement in wanted)


def cache() -> Path:
    """The folder that holds the overlays."""
    chosen = os.environ.get("LFIX_OVERLAYS")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lfix-overlays"


def provide(requirement: str, root: Path, installer: Callable[[str, Path], None]) -> Path:
    """The folder below ``root`` with ``requirement``, filled by ``installer`` if it is not there.

    It appears complete or not at all, and is made once, however many processes ask for it.
    """
    folder = root / requirement.replace("==", "-")
    if folder.is_dir():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    with _locked(root / f"{folder.name}.lock"):
        if folder.is_dir():
            return folder
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=root))
        try:
            installer(requirement, unfinished)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def install(requirement: str, target: Path) -> None:
    """Install ``requirement`` alone, without what it depends on, into the folder ``target``."""
    if requirement == _INSTALLER:
        pip = [sys.executable, "-m", "pip"]
    else:
        pip = [sys.executable, str(provide(_INSTALLER, cache(), install) / "pip")]
    options = ["--quiet", "--no-deps", "--no-compile", "--disable-pip-version-check"]
    command = [*pip, "install", *options, "--target", str(target), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        why = said[-1] if said else f"exit status {done.returncode}"
        raise OverlayError(
            f"{requirement} cannot be installed, which needs a package index or a filled cache in "
            f"{cache()}: {why}"
        )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            import fcntl
        except ImportError:
            # Windows: two processes may install at once, and the first folder counts.
            yield
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
