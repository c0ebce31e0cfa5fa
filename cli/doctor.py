"""``lfix doctor``: whether an environment fits the code that is to run in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lfix.codemods.engine.target import of_project
from lfix.codemods.verify.environment import NAMES, EnvironmentUnreadableError, look
from lfix.codemods.verify.request import default_python

from .commands import BROKEN, DONE, LEFT, fail


def tell(python: Path | None, to: str | None, format_: str) -> int:
    """Print what is installed and what does not fit; 0 all fits, 1 something does not."""
    from lfix.codemods.engine.settings import SettingsError, target_of

    interpreter = python or default_python(Path.cwd())
    try:
        target = target_of("--to", to) if to else ""
        environment = look(interpreter)
    except (SettingsError, EnvironmentUnreadableError) as error:
        fail(str(error))
        return BROKEN
    chosen = of_project([Path.cwd()])
    target, why = (
        (target, f"target {target}: --to says so") if to else (chosen.release, chosen.reason)
    )
    complaints = environment.complaints(target)
    if format_ == "json":
        content = {
            "interpreter": str(interpreter),
            "python": environment.python,
            "target": target,
            "installed": environment.versions,
            "complaints": complaints,
        }
        print(json.dumps(content, indent=2))
        return LEFT if complaints else DONE
    print(f"python {environment.python} ({interpreter})")
    for name in NAMES:
        print(f"{name} {environment.versions.get(name, 'not installed')}")
    for complaint in complaints:
        print(f"- {complaint}")
    print(f"lfix: {why}", file=sys.stderr)
    if not complaints:
        print("lfix: the environment fits", file=sys.stderr)
    return LEFT if complaints else DONE
