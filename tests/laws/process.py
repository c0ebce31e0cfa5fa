"""Runs the command as a user does: in a process of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """What a process left behind; the streams are text with their line ends as they were."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Lfix:
    """The command, with its state and its cache below ``home``."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the process; colour is decided by the terminal alone."""
        mine = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
        return mine | {
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "PYTHONIOENCODING": "utf-8",
        }

    @property
    def command(self) -> list[str]:
        """How the command is started."""
        return [sys.executable, "-m", "lfix"]

    def __call__(
        self, *words: str | Path, cwd: Path, env: Mapping[str, str] | None = None, **more: Any
    ) -> Ran:
        """Run to the end."""
        done = subprocess.run(
            [*self.command, *map(str, words)],
            cwd=cwd,
            env=self.environment | dict(env or {}),
            capture_output=True,
            check=False,
            **more,
        )
        return Ran(
            done.returncode,
            done.stdout.decode(errors="surrogateescape"),
            done.stderr.decode(errors="surrogateescape"),
        )

    @property
    def journals(self) -> list[Path]:
        """What the command keeps for ``undo``."""
        return sorted((self.home / "state" / "lfix" / "journal").glob("*"))


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Permissions and bytes of every file below a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_mode, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def git(folder: Path, *words: str) -> str:
    """Run git as a user without configuration."""
    identity = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    done = subprocess.run(
        ["git", *identity, *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
    )
    return done.stdout
