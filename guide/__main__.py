"""Measures lfix against the upgrade guide: ``python -m guide``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from . import foreign
from .measure import Outcome, measure
from .page import Count, by_fixability, by_kind, count, page
from .rows import HERE, GuideError, facts, load

PAGE = HERE.parent / "docs" / "migration.md"
FLOOR = HERE / "floor.toml"


def floor() -> tuple[int, int]:
    """The numbers below which recognized and fixed must not fall."""
    table = tomllib.loads(FLOOR.read_text(encoding="utf-8"))
    return int(table["recognized"]), int(table["fixed"])


def main(argv: list[str] | None = None) -> int:
    """Run the rows, print the numbers, write or compare the page."""
    parser = argparse.ArgumentParser(prog="python -m guide", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare docs/migration.md and guide/floor.toml"
    )
    parser.add_argument(
        "--raise",
        dest="lift",
        action="store_true",
        help="raise guide/floor.toml to today's numbers",
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="ID", help="only these rows; nothing is written"
    )
    parser.add_argument(
        "--table", metavar="FILE", help="measure a table of examples in JSON instead"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="one line for each row, with what is missing"
    )
    options = parser.parse_args(argv)
    if options.table:
        return foreign.main(options.table, verbose=options.verbose)
    try:
        rows = load()
    except GuideError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    known = facts()
    unknown = [name for name in options.only if name not in known]
    if unknown:
        sys.stderr.write(f"guide/ids.toml has no {', '.join(unknown)}\n")
        return 2
    outcomes = {row.id: measure(row) for row in rows if not options.only or row.id in options.only}
    if options.only or options.verbose:
        for outcome in outcomes.values():
            _tell(outcome, whole=bool(options.only))
    if options.only:
        missing = [name for name in options.only if name not in outcomes]
        sys.stdout.writelines(f"{name}: there is no row for it\n" for name in missing)
        return 0
    total = count(known, outcomes)
    _print([("all", total), *by_fixability(known, outcomes), *by_kind(known, outcomes)])
    return _settle(page(known, outcomes), total, outcomes, check=options.check, lift=options.lift)


def _settle(
    text: str, total: Count, outcomes: Mapping[str, Outcome], *, check: bool, lift: bool
) -> int:
    del outcomes
    least = floor()
    if lift:
        best = max(least[0], total.recognized), max(least[1], total.fixed)
        FLOOR.write_text(
            f"# `make guide` fails below these.\nrecognized = {best[0]}\nfixed = {best[1]}\n"
        )
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        sys.stderr.write("docs/migration.md is out of date; run make guide\n")
        return 1
    if total.recognized < least[0] or total.fixed < least[1]:
        sys.stderr.write(f"below guide/floor.toml: recognized {least[0]}, fixed {least[1]}\n")
        return 1
    return 0


def _print(lines: list[tuple[str, Count]]) -> None:
    sys.stdout.writelines(f"{name:<26} {numbers}\n" for name, numbers in lines)


def _tell(outcome: Outcome, *, whole: bool) -> None:
    row = outcome.row
    why = f": {outcome.why}" if outcome.why else ""
    sys.stdout.write(f"{row.id} [{row.kind}, {row.fixability}] {outcome.status.value}{why}\n")
    if whole and outcome.result:
        sys.stdout.write("".join(f"    {line}\n" for line in outcome.result.splitlines()))


if __name__ == "__main__":
    sys.exit(main())
