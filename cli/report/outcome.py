"""The outcome of a verification as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lfix.codemods.verify import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lfix.codemods.verify import Outcome, Place

    from .style import Style

_COLOURS = {Status.VERIFIED: "green", Status.FAILED: "red", Status.NOT_VERIFIABLE: "yellow"}


def outcome_lines(outcome: Outcome, style: Style, *, verbose: bool = False) -> list[str]:
    """Status and reason, then the evidence for it."""
    lines = [f"{style(outcome.status.value, _COLOURS[outcome.status])}: {outcome.reason}"]
    lines.append(f"    got as far as: {outcome.stage.value}{_where(outcome)}")
    lines += _ladder(outcome)
    lines += [f"    data: {outcome.data}"] if outcome.data else []
    shown = outcome.checks if verbose else outcome.failing
    for check in shown:
        mark = style("ok", "green") if check.holds else style("not", "red")
        lines.append(f"    {mark}: {check.name} ({check.detail})")
    if outcome.error is not None:
        lines += _error(outcome, style, verbose=verbose)
    lines += _places("deprecated in Lightning", outcome.deprecations)
    lines += _places("tried to connect", outcome.network)
    lines += _places("kept from writing", outcome.writes)
    lines += [f"    note: {note}" for note in outcome.notes]
    lines += [f"    written beside the script, in the copy: {entry}" for entry in outcome.wrote]
    lines += [f"    left running, and killed: {command}" for command in outcome.running]
    lines += [f"    changed in your tree during the run: {change}" for change in outcome.changes]
    if outcome.stack:
        lines.append("    where it hung:")
        lines += [f"        {line}" for line in outcome.stack.rstrip().splitlines()]
    if verbose and outcome.output.strip():
        lines.append("    the end of its output:")
        lines += [f"        {line}" for line in outcome.output.rstrip().splitlines()[-20:]]
    return lines


def rows(runs: Sequence[tuple[str, Outcome]]) -> list[tuple[str, ...]]:
    """For each program its outcome, how far it got, and how long that took."""
    found: list[tuple[str, ...]] = []
    for program, outcome in runs:
        seconds = f"{outcome.ladder[-1].seconds:.1f} s" if outcome.ladder else "-"
        found.append((program, outcome.status.value, outcome.stage.value, seconds))
    return found


def table(runs: Sequence[tuple[str, Outcome]], style: Style) -> list[str]:
    """A line for each program, below each other."""
    found = rows(runs)
    widths = [max(len(row[i]) for row in found) for i in range(4)]
    lines = []
    for row, (_, outcome) in zip(found, runs, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        cells[1] = style(cells[1], _COLOURS[outcome.status])
        lines.append("  ".join(cells).rstrip())
    return lines


def compared(before: Outcome, after: Outcome, style: Style) -> list[str]:
    """Both ladders side by side, a line for each stage that one of them reached."""
    ways = [{rung.stage: rung.seconds for rung in run.ladder} for run in (before, after)]
    stages = [stage for stage in Stage if any(stage in way for way in ways)]
    rows: list[tuple[str, ...]] = [("", "before", "after")]
    for stage in stages:
        cells = [f"{way[stage]:.1f} s" if stage in way else "-" for way in ways]
        rows.append((stage.value, *cells))
    rows.append(("", before.status.value, after.status.value))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(r, widths, strict=True)) for r in rows
    ]
    return [style(lines[0].rstrip(), "bold"), *(line.rstrip() for line in lines[1:])]


def _ladder(outcome: Outcome) -> list[str]:
    """Each stage with the seconds that it took, and the memory at the end."""
    if not outcome.ladder:
        return []
    ends = [0.0, *(rung.seconds for rung in outcome.ladder)]
    steps = [
        f"{rung.stage.value} {rung.seconds - begun:.1f} s"
        for rung, begun in zip(outcome.ladder, ends, strict=False)
    ]
    peak = outcome.ladder[-1].peak_mb
    held = [f"{peak} MB"] if peak is not None else []
    held += [f"{outcome.gpu_peak_mb} MB on the GPU"] if outcome.gpu_peak_mb is not None else []
    memory = f" ({', '.join(held)} at most)" if held else ""
    return [f"    {' · '.join(steps)}{memory}"]


def _where(outcome: Outcome) -> str:
    versions = [f"{k} {v}" for k, v in outcome.versions.items() if v]
    parts = ([f"on {outcome.device}"] if outcome.device else []) + versions
    return f" ({', '.join(parts)})" if parts else ""


def _error(outcome: Outcome, style: Style, *, verbose: bool) -> list[str]:
    error = outcome.error
    assert error is not None
    place = f"{error.file}:{error.line}: " if error.file else ""
    first = error.message.strip().splitlines()[0] if error.message.strip() else ""
    lines = [f"    {style(place + error.type, 'bold')}: {first}"]
    if verbose:
        lines += [f"        {line}" for line in error.traceback.rstrip().splitlines()]
    return lines


def _places(what: str, places: tuple[Place, ...]) -> list[str]:
    return [f"    {what}: {p.what}" + (f" at {p.at}" if p.at else "") for p in places]
