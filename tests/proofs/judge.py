"""What each kind of proof demands of the outcomes of its programs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..golden.case import Case, CaseFile, Proof
from .programs import NEWEST, Outcome, Program

# Six digits: what two releases may differ in while they do the same arithmetic.
_RELATIVE = 1e-6
_ABSOLUTE = 1e-7


@dataclass(frozen=True, slots=True)
class Trial:
    """The programs that a proof is about; those that it does not need are None."""

    proof: Proof
    before: Program | None
    before_on_old: Program | None
    after: Program | None

    @property
    def programs(self) -> tuple[Program, ...]:
        """All programs to run."""
        return tuple(p for p in (self.before, self.before_on_old, self.after) if p)


def trial(case: Case, proof: Proof) -> Trial:
    """The programs to run for ``proof``."""
    on_newest = proof.fails or proof.misbehaves or proof.untrained or proof.same or proof.trains
    return Trial(
        proof,
        before=_program(case.files, proof, NEWEST, after=False) if on_newest else None,
        before_on_old=_program(case.files, proof, proof.old, after=False) if proof.old else None,
        after=_program(case.files, proof, NEWEST, after=True) if case.kind.changes else None,
    )


def _program(files: tuple[CaseFile, ...], proof: Proof, release: str, *, after: bool) -> Program:
    texts = tuple((file.path, file.wanted if after else file.before) for file in files)
    return Program(texts, proof.main, proof.driver, release)


def complaints(tried: Trial, outcomes: Mapping[Program, Outcome]) -> list[str]:
    """What does not hold, in sentences; empty if the proof stands."""
    proof = tried.proof
    found: list[str] = []
    before = outcomes[tried.before] if tried.before else None
    after = outcomes[tried.after] if tried.after else None
    if before:
        found += _before(proof, before)
    if after:
        found += [f"after does not train: {why}" for why in _untrained(after)]
    if after and proof.misbehaves and re.search(proof.misbehaves, line(after)):
        found.append(f"after still misbehaves: its RESULT matches {proof.misbehaves!r}")
    if before and after and proof.same:
        found += [f"before and after differ: {d}" for d in differences(before, after)]
    if tried.before_on_old and after:
        old = outcomes[tried.before_on_old]
        trouble = [f"before does not train on {proof.old}: {why}" for why in _untrained(old)]
        wrong = [f"before on {proof.old} and after differ: {d}" for d in differences(old, after)]
        found += trouble or wrong
    return found


def line(outcome: Outcome) -> str:
    """The RESULT line."""
    return json.dumps(outcome.result, sort_keys=True)


def differences(left: Outcome, right: Outcome) -> list[str]:
    """Where two RESULTs differ, numbers compared to six digits."""
    return list(_differences("RESULT", left.result, right.result))


def _before(proof: Proof, before: Outcome) -> list[str]:
    if proof.fails:
        if before.status != "raised":
            return [f"before does not fail: {_status(before)}"]
        if not re.search(proof.fails, before.exception, re.DOTALL):
            return [f"before fails otherwise: {before.exception!r} is not {proof.fails!r}"]
        return []
    if proof.same or proof.trains:
        return [f"before does not train: {why}" for why in _untrained(before)]
    if before.status != "done":
        return [f"before does not run: {_status(before)}"]
    if proof.misbehaves and not re.search(proof.misbehaves, line(before)):
        return [f"before does not misbehave: {proof.misbehaves!r} is not in {line(before)}"]
    if proof.untrained and "fit" not in before.result["stages"]:
        return ["before never reaches the end of fit"]
    if proof.untrained and not before.result["batches"].get("fit"):
        return ["before sees no training batch"]
    if proof.untrained and before.result["updates"]:
        return [f"before trains: {before.result['updates']} batches changed a parameter"]
    return []


def _untrained(outcome: Outcome) -> list[str]:
    """Why a program can not be said to have trained."""
    result = outcome.result
    if outcome.status != "done":
        return [_status(outcome)]
    if not result["stages"]:
        return ["no stage of a trainer ran; call fit in the program or the driver"]
    why = [
        f"{stage} saw no batch" for stage in result["stages"] if not result["batches"].get(stage)
    ]
    if "fit" in result["stages"] and not result["updates"]:
        why.append("no batch changed a parameter")
    numbers = [*result["losses"], *(n for pair in result["weights"].values() for n in pair)]
    if not all(map(math.isfinite, numbers)):
        why.append("a loss or a weight is not finite")
    return why


def _status(outcome: Outcome) -> str:
    if outcome.status == "done":
        return "it ran to the end"
    return f"{outcome.status}, {outcome.exception}" if outcome.exception else outcome.status


def _differences(where: str, left: Any, right: Any) -> Iterator[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if key not in left or key not in right:
                side = "right" if key not in left else "left"
                yield f"{where}.{key} is only on the {side}"
            else:
                yield from _differences(f"{where}.{key}", left[key], right[key])
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, pair in enumerate(zip(left, right, strict=True)):
            yield from _differences(f"{where}[{index}]", *pair)
    elif not _equal(left, right):
        yield f"{where} is {left!r} and {right!r}"


def _equal(left: Any, right: Any) -> bool:
    numbers = (int, float)
    if isinstance(left, numbers) and isinstance(right, numbers):
        return math.isclose(left, right, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    return bool(left == right)
