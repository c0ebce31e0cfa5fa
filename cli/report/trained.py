"""What training showed, as Markdown for a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lfix.codemods.verify import Status

from .comparison import hook_rows, loss_rows, part_rows
from .markdown import cell, table
from .outcome import outcome_lines, rows
from .style import Style
from .text import count, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lfix.codemods.verify import Outcome
    from lfix.codemods.verify.against import Against
    from lfix.codemods.verify.giveback import Verdict

_HEAD = ("script", "outcome", "got as far as", "seconds")


def runs_markdown(runs: Sequence[tuple[str, Outcome]]) -> str:
    """A table of all programs, and what each showed."""
    fine = sum(outcome.status is Status.VERIFIED for _, outcome in runs)
    parts = [
        "## lfix verify",
        f"{fine} of {count(len(runs), 'script')} verified, by one real training step each.",
        table(_HEAD, [_cells(row) for row in rows(runs)]),
    ]
    for program, outcome in runs:
        parts += [f"### `{program}`", *_outcome(outcome)]
    return _joined(parts)


def verdict_markdown(programs: Sequence[str], verdict: Verdict) -> str:
    """What the programs did before and after the fixes, and which fixes were given back."""
    head = ("script", "before", "after")
    both = zip(programs, verdict.before, verdict.tried, strict=True)
    lines = [(f"`{name}`", _short(before), _short(after)) for name, before, after in both]
    parts = ["### Does it train?", table(head, [_cells(line) for line in lines])]
    if verdict.report is None:
        parts.append("Nothing is written, since that cannot be verified or would be worse.")
    given_back = [
        f"- `{shown(back.finding.path).as_posix()}:{back.finding.line}` {back.finding.code}: "
        f"{back.outcome.summary()}"
        for back in verdict.given_back
    ]
    if given_back:
        parts += ["Given back, since it makes things worse:", "\n".join(given_back)]
    return "\n" + _joined(parts)


def against_markdown(found: Against, command: str) -> str:
    """What an old and a new training have in common, and where they part."""
    parts = ["## lfix verify --against", f"**{found.status.value}**: {found.reason}"]
    parts.append(f"`{command}`")
    parts.append(f"Data: {found.old.data}." if found.old.data else "")
    if found.comparison is None:
        return _joined(parts)
    tables = (part_rows, loss_rows, hook_rows)
    for lines in (rows_of(found.comparison) for rows_of in tables):
        if len(lines) == 1:
            continue
        first, *others = ([cell(text) for text in line] for line in lines)
        parts.append(table(tuple(first), map(tuple, others)))
    parts += [f"- {note}" for note in found.comparison.notes]
    return _joined(parts)


def _outcome(outcome: Outcome) -> list[str]:
    plain = Style(colour=False)
    status, *lines = outcome_lines(outcome, plain)
    word, _, reason = status.partition(": ")
    parts = [f"**{word}**: {reason}"]
    if lines:
        parts.append(_code("\n".join(line.removeprefix("    ") for line in lines)))
    if outcome.error is not None and outcome.error.traceback:
        told = _code(outcome.error.traceback.rstrip())
        parts.append(f"<details><summary>Traceback</summary>\n\n{told}\n\n</details>")
    return parts


def _code(text: str) -> str:
    """A block with a fence that is longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _short(outcome: Outcome) -> str:
    return f"{outcome.status.value}, {outcome.stage.value}"


def _cells(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cell(text) for text in row)


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
