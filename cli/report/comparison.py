"""Old and new training side by side: as lines, and as one page with a plot."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lfix.codemods.verify.against import Against
    from lfix.codemods.verify.comparison import Comparison

    from .style import Style

Rows = list[tuple[str, ...]]

_SHOWN = 12
_WIDTH, _HEIGHT, _MARGIN = 640, 260, 46
_COLOURS = {"verified": "green", "failed": "red", "not verifiable": "yellow"}


def against_lines(found: Against, style: Style) -> list[str]:
    """Status and reason, a table of what was compared, and the losses."""
    status = found.status.value
    lines = [f"{style(status, _COLOURS[status])}: {found.reason}"]
    runs = [("old", found.old)] + ([("new", found.new)] if found.new is not found.old else [])
    for title, outcome in runs:
        versions = ", ".join(f"{k} {v}" for k, v in outcome.versions.items() if v)
        lines.append(f"    {title}: {outcome.stage.value} ({versions})")
    lines += [f"    data: {found.old.data}"] if found.old.data else []
    if found.comparison is None:
        return lines
    lines += [
        "",
        *_columns(part_rows(found.comparison)),
        "",
        *_columns(loss_rows(found.comparison)),
    ]
    hooks = hook_rows(found.comparison)
    lines += ["", *_columns(hooks)] if len(hooks) > 1 else []
    return [*lines, *(f"note: {note}" for note in found.comparison.notes)]


def part_rows(comparison: Comparison) -> Rows:
    """What was compared, its head first."""
    rows: Rows = [("", "compared", "greatest difference", "")]
    for part in comparison.parts:
        away = "all" if math.isinf(part.difference) else f"{part.difference:.1e}"
        at = f"batch {part.step}: " if part.step is not None else ""
        verdict = "equal" if part.equal else f"{at}{part.detail}"
        rows.append((part.name, str(part.pairs), away if part.difference else "0", verdict))
    return rows


def loss_rows(comparison: Comparison) -> Rows:
    """The first losses of both, their head first."""
    rows: Rows = [("batch", "old loss", "new loss")]
    rows += [(str(b), _number(old), _number(new)) for b, old, new in comparison.losses[:_SHOWN]]
    more = len(comparison.losses) - _SHOWN
    return [*rows, (f"and {more} more", "", "")] if more > 0 else rows


def hook_rows(comparison: Comparison, *, whole: bool = False) -> Rows:
    """Hooks of the project and how often they were called, their head first.

    Those of which there is something to say, what is lost first; with ``whole`` all of them.
    """
    rows: Rows = [("hook", "old calls", "new calls", "")]
    told = sorted(comparison.hooks, key=lambda row: not row.lost)
    if not whole:
        told = [row for row in told if row.remark][:_SHOWN]
    return rows + [(row.hook, str(row.old), str(row.new), row.remark) for row in told]


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "-" if value is None else str(value)


def _columns(rows: Rows) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def page(found: Against, command: str) -> str:
    """One HTML page that needs nothing from elsewhere."""
    comparison = found.comparison
    body = [f"<h1>{_text(found.status.value)}</h1>", f"<p>{_text(found.reason)}</p>"]
    body.append(f"<p><code>{_text(command)}</code></p>")
    for title, outcome in (("Old code", found.old), ("New code", found.new)):
        versions = ", ".join(f"{k} {v}" for k, v in outcome.versions.items() if v)
        body.append(f"<p>{title}: {_text(outcome.stage.value)} ({_text(versions)})</p>")
    if comparison is not None:
        body += ["<h2>Losses</h2>", plot(comparison), _table(part_rows(comparison))]
        rows: Rows = [("batch", "old loss", "new loss")]
        rows += [(str(b), _number(old), _number(new)) for b, old, new in comparison.losses]
        body += [_table(rows), "<h2>Hooks</h2>", _table(hook_rows(comparison, whole=True))]
        body += [f"<p>{_text(note)}</p>" for note in comparison.notes]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>lfix: {_text(found.status.value)}</title><style>"
        "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .8rem;text-align:left;"
        "border-bottom:1px solid #ccc}svg{max-width:100%;height:auto}"
        "@media(prefers-color-scheme:dark){body{background:#161616;color:#e4e4e4}}"
        "</style></head><body>" + "\n".join(body) + "</body></html>\n"
    )


def plot(comparison: Comparison) -> str:
    """The losses of both, in the order of the backward passes, as an SVG picture."""
    rows = [(i, old, new) for i, (_, old, new) in enumerate(comparison.losses)]
    values = [v for _, *pair in rows for v in pair if isinstance(v, float)]
    if not values:
        return "<p>There are no losses to draw.</p>"
    low, high = min(values), max(values)
    span, last = (high - low) or 1.0, max(len(rows) - 1, 1)

    def point(index: int, value: float) -> str:
        x = _MARGIN + index / last * (_WIDTH - 2 * _MARGIN)
        y = _HEIGHT - _MARGIN - (value - low) / span * (_HEIGHT - 2 * _MARGIN)
        return f"{x:.1f},{y:.1f}"

    def line(side: int, colour: str, dash: str) -> str:
        points = " ".join(point(row[0], row[side]) for row in rows if isinstance(row[side], float))
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'

    end = 'text-anchor="end" fill="currentColor"'
    marks = [
        f'<text x="4" y="{_MARGIN}" fill="currentColor">{high:.4g}</text>',
        f'<text x="4" y="{_HEIGHT - _MARGIN}" fill="currentColor">{low:.4g}</text>',
        f'<text x="{_MARGIN}" y="{_HEIGHT - 12}" fill="currentColor">backward pass 0</text>',
        f'<text x="{_WIDTH - _MARGIN}" y="{_HEIGHT - 12}" {end}>{len(rows) - 1}</text>',
        f'<text x="{_WIDTH - _MARGIN}" y="16" text-anchor="end" fill="#d1495b">old</text>',
        f'<text x="{_WIDTH - _MARGIN}" y="32" text-anchor="end" fill="#00798c">new (dashed)</text>',
    ]
    apart = next((i for i, old, new in rows if _differ(old, new)), None)
    if apart is not None:
        x = point(apart, low).partition(",")[0]
        marks.append(
            f'<line x1="{x}" x2="{x}" y1="{_MARGIN}" y2="{_HEIGHT - _MARGIN}" stroke="#888" '
            'stroke-dasharray="2 3"/>'
        )
    lines = line(1, "#d1495b", "") + line(2, "#00798c", ' stroke-dasharray="7 5"')
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="losses" font-size="13">'
        + lines
        + "".join(marks)
        + "</svg>"
    )


def _differ(old: Any, new: Any) -> bool:
    if not isinstance(old, float) or not isinstance(new, float):
        return bool(old != new)
    return not math.isclose(old, new, rel_tol=1e-5, abs_tol=1e-7)


def _table(rows: Rows) -> str:
    head = "".join(f"<th>{_text(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:]
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _text(text: str) -> str:
    return html.escape(text)
