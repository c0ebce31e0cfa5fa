"""Writes docs/rules.md and the rule table of README.md from the rules' docstrings.

python docs/generate.py          writes both
python docs/generate.py --check  fails where either differs from what would be written
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from lfix.codemods.engine.rule import Rule, registry

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- rules:begin -->", "<!-- rules:end -->"
HEADINGS = ("What it does", "Why", "Example", "Fix safety", "References")


def table() -> str:
    """The rules as a Markdown table."""
    rows = ["| code | rule | what it finds |", "|---|---|---|"]
    for rule in registry().values():
        rows.append(f"| {rule.code} | [{rule.name}](docs/rules.md#{rule.name}) | {rule.summary} |")
    return "\n".join(rows)


def reference() -> str:
    """The whole reference page."""
    parts = [
        "# Rules",
        "Written by `python docs/generate.py`; `lfix explain CODE` prints the same.",
    ]
    parts += [section(rule) for rule in registry().values()]
    return "\n\n".join(parts) + "\n"


def section(rule: Rule) -> str:
    """One rule's documentation as Markdown."""
    lines = [f"## {rule.name}", "", f"`{rule.code}` · {rule.summary}"]
    body: list[str] = []
    for line in rule.documentation.splitlines()[1:]:
        if line.strip() in HEADINGS and not line.startswith(" "):
            lines += _dedented(body)
            lines += ["", f"**{line.strip()}**", ""]
            body = []
        else:
            body.append(line)
    return "\n".join([*lines, *_dedented(body)])


def _dedented(body: list[str]) -> list[str]:
    return textwrap.dedent("\n".join(body)).strip("\n").splitlines()


def readme() -> str:
    """README.md with the table put between its markers."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


def main() -> int:
    """Write or check; 1 where something is out of date."""
    wanted = {ROOT / "docs" / "rules.md": reference(), ROOT / "README.md": readme()}
    if "--check" not in sys.argv:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [
        p for p, text in wanted.items() if not p.is_file() or p.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        print(
            f"{path.relative_to(ROOT)} is out of date; run python docs/generate.py", file=sys.stderr
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
