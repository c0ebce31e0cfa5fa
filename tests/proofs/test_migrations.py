"""Whole programs of 1.x train on the newest release as they did: losses, logged values, weights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..golden.case import Proof
from .judge import Trial, complaints, line
from .migrations import Migration, migrations
from .programs import Outcome, Program, run_programs

Ran = tuple[dict[Migration, Program], dict[Program, Outcome]]


def _asked() -> Iterator[object]:
    for migration in migrations():
        for release in migration.releases:
            yield pytest.param(migration, release, id=f"{migration.name} [{release}]")


@pytest.fixture(scope="module")
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The repaired programs of all selected tests, and the outcomes of these and the old ones."""
    asked: dict[Migration, set[str]] = {}
    for item in request.session.items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            migration, release = (item.callspec.params.get(n) for n in ("migration", "release"))
            if isinstance(migration, Migration) and isinstance(release, str):
                asked.setdefault(migration, set()).add(release)
    after = {m: m.after(tmp_path_factory.mktemp("migration")) for m in asked}
    old = [m.before(release) for m, releases in asked.items() for release in sorted(releases)]
    return after, run_programs([*after.values(), *old])


@pytest.mark.xdist_group("proofs")
@pytest.mark.parametrize(("migration", "release"), list(_asked()))
def test_it_trains_as_it_did(migration: Migration, release: str, ran: Ran) -> None:
    after, outcomes = ran
    proof = Proof(driver="", line=0, old=release)
    old = migration.before(release)
    tried = Trial(proof, before=None, before_on_old=old, after=after[migration])
    found = complaints(tried, outcomes)
    if found:
        new = after[migration]
        texts = [text for name, text in new.files if text != dict(old.files)[name]]
        results = [f"{p.release}: {line(outcomes[p])}\n{outcomes[p].output}" for p in (old, new)]
        pytest.fail("\n\n".join([*found, *results, *texts]), pytrace=False)


def test_a_program_that_is_not_repaired_is_seen(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The comparison can fail: the first program, as it is, does not run on the newest release."""
    migration = next(m for m in migrations() if "GAN" in m.name)
    as_it_is = migration.before("newest")
    assert run_programs([as_it_is])[as_it_is].status == "raised"
