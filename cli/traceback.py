"""``lfix explain --traceback``: the rule behind a pasted traceback, and the command to type."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lfix.codemods.model import Safety

from .choices import Options
from .commands import BROKEN, DONE, LEFT, fail, prepare
from .report.style import style_for
from .report.text import finding_lines, shown

if TYPE_CHECKING:
    from lfix.codemods.tracebacks.explain import Explanation

_SHOWN = 5


def tell(source: str, format_: str) -> int:
    """Print the answer; 0 found, 1 where no rule knows it, 2 where there is no traceback.

    ``source`` is a file, or ``-`` for what is pasted or piped in.
    """
    from lfix.codemods.tracebacks.explain import explain

    prepared = prepare(Options(format=format_, quiet=True))
    if prepared is None:
        return BROKEN
    try:
        text = _read(source)
    except OSError as error:
        fail(f"{source} cannot be read: {error.strerror or error}")
        return BROKEN
    explanation = explain(text, Path.cwd(), prepared[1])
    if explanation is None:
        fail("there is no exception in this text; paste it from 'Traceback' to the last line")
        return BROKEN
    if format_ == "json":
        print(json.dumps(_document(explanation), indent=2))
    else:
        print("\n".join(_lines(explanation)))
    return DONE if explanation.codes or explanation.findings else LEFT


def _read(source: str) -> str:
    if source != "-":
        return Path(source).read_bytes().decode("utf-8", "replace")
    if sys.stdin.isatty():
        print("lfix: paste the traceback, then press Ctrl-D", file=sys.stderr)
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _lines(explanation: Explanation) -> list[str]:
    raised = explanation.raised
    lines = [style_for()(raised.text, "bold")]
    if raised.at is not None:
        lines.append(f"    at {raised.at.file}:{raised.at.line}")
    return [*lines, *answer(explanation)]


def answer(explanation: Explanation) -> list[str]:
    """Why the exception was raised, the rules, what they find, and the command to type."""
    style = style_for()
    lines = []
    if explanation.reason:
        lines.append(f"    {style('why', 'cyan')}: {explanation.reason}")
    if explanation.way_out and not explanation.findings:
        lines.append(f"    {style('instead', 'cyan')}: {explanation.way_out}")
    lines += [f"    {style('rule', 'cyan')}: {rule}" for rule in _rules(explanation)]
    if explanation.findings:
        lines += ["", "in your files:"]
        for finding in explanation.findings[:_SHOWN]:
            lines += finding_lines(finding, style, verbose=True)
        hidden = len(explanation.findings) - _SHOWN
        lines += [f"and {hidden} more"] if hidden > 0 else []
    command = _command(explanation)
    if command:
        lines += ["", command]
    elif not explanation.codes:
        lines += ["", "no rule knows this message; `lfix check` looks at the whole code"]
    return lines


def _rules(explanation: Explanation) -> list[str]:
    from lfix.codemods.tracebacks.explain import titles

    found = tuple(dict.fromkeys(finding.code for finding in explanation.findings))
    shown_codes = found or explanation.codes[: 1 if explanation.way_out else _SHOWN]
    return [f"{name} ({code}): {summary}" for code, name, summary in titles(shown_codes)]


def _command(explanation: Explanation) -> str:
    """What to type next; empty where nothing is known."""
    files = " ".join(shlex.quote(str(shown(path))) for path in explanation.files)
    safeties = {finding.safety for finding in explanation.findings}
    if Safety.SAFE in safeties:
        return f"lfix apply {files}"
    if Safety.UNSAFE in safeties:
        return f"lfix apply --unsafe-fixes {files}"
    if explanation.findings:
        return f"to be done by hand: lfix explain {explanation.findings[0].code}"
    return "lfix apply" if explanation.codes else ""


def _document(explanation: Explanation) -> dict[str, Any]:
    raised = explanation.raised
    at = None if raised.at is None else {"file": raised.at.file, "line": raised.at.line}
    return {
        "exception": raised.kind,
        "message": raised.message,
        "at": at,
        "rules": list(explanation.codes),
        "reason": explanation.reason,
        "instead": explanation.way_out,
        "findings": [
            {
                "code": finding.code,
                "path": str(shown(finding.path)),
                "line": finding.line,
                "message": finding.message,
                "safety": finding.safety.value,
            }
            for finding in explanation.findings
        ],
        "command": _command(explanation),
    }
