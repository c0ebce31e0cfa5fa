"""Reads ``python proof`` blocks; what each kind demands is checked in tests/proofs."""

from __future__ import annotations

import re

from .case import Kind, Proof
from .markdown import Block

DEFAULT_MAIN = "case.py"
_FLAGS = ("untrained", "same", "trains")
_VALUES = ("old", "fails", "misbehaves", "main")


def parse_proof(block: Block, kind: Kind, names: list[str]) -> Proof:
    """Read the proof of a case of ``kind`` that has the files ``names``; raises GoldenError."""
    values: dict[str, str] = {}
    flags: set[str] = set()
    for word in block.words:
        key, equals, value = word.partition("=")
        if value and key in _VALUES:
            values[key] = value
        elif not equals and key in _FLAGS:
            flags.add(key)
        else:
            message = f"{word!r} is no kind of proof; write old=, fails=, misbehaves="
            raise block.place.error(f"{message}, untrained, same, trains or main=")
    for key in ("fails", "misbehaves"):
        _check_regex(block, values.get(key, ""))
    proof = Proof(
        driver=block.text,
        line=block.place.line,
        old=values.get("old"),
        fails=values.get("fails"),
        misbehaves=values.get("misbehaves"),
        untrained="untrained" in flags,
        same="same" in flags,
        trains="trains" in flags,
        main=values.get("main", DEFAULT_MAIN if DEFAULT_MAIN in names else names[-1]),
    )
    if proof.main not in names:
        raise block.place.error(f"the case has no file {proof.main}")
    _check_claims(block, proof, kind)
    return proof


def _check_regex(block: Block, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        message = f"{pattern!r} is not a regular expression: {error}"
        raise block.place.error(message) from None


def _check_claims(block: Block, proof: Proof, kind: Kind) -> None:
    on_newest = (proof.fails, proof.misbehaves, proof.untrained, proof.same, proof.trains)
    if sum(map(bool, on_newest)) > 1:
        message = "say one thing about `before` on the newest release"
        raise block.place.error(f"{message}: fails=, misbehaves=, untrained, same or trains")
    if not proof.title:
        raise block.place.error("the proof claims nothing; write old=, fails= or another kind")
    if not kind.changes and (proof.old or proof.same):
        message = f"a {kind.value} case has no `after` to compare with"
        raise block.place.error(f"{message}; write trains, fails=, misbehaves= or untrained")
    if kind.changes and proof.trains:
        message = f"in a {kind.value} case `after` has to train anyway"
        raise block.place.error(f"{message}; say what `before` does")
