"""What is wrong with the requirements of one file, and the edits that put it right.

The same for every kind of file: whoever read the requirements brings them here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..engine.target import MINORS, admits
from ..lightning.requirements import EXTRAS, FULL_EXTRAS, SISTERS, least, of
from ..model import Edit, Safety, Severity, Span
from ._beside import another
from ._pin_versions import goes_below, raised, reaches, written
from ._requirement import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..engine.settings import Settings
    from ..engine.source import Source
    from ._requirement import Requirement
    from ._standing import Standing

LIGHTNING = ("pytorch-lightning", "lightning")
OUTDATED, FOREIGN, BELOW, MISSING = "LF931", "LF932", "LF922", "LF934"
#: Packages that were made for 1.x, and what is there in their place.
NEEDING_OLD = {
    "lightning-bolts": (
        "its last release, 0.7, asks for pytorch-lightning below 2.0",
        "copy the parts that you use into the project and migrate them with it",
    ),
    "pytorch-lightning-bolts": (
        "it is the old name of lightning-bolts and asks for pytorch-lightning 1.x",
        "copy the parts that you use into the project and migrate them with it",
    ),
    "lightning-flash": (
        "it was made for 1.x and is not developed further",
        "write the task as a LightningModule of your own",
    ),
    "lightning-transformers": (
        "it was made for 1.x and is not developed further",
        "put the model of transformers into a LightningModule of your own",
    ),
    "ray-lightning": (
        "it was made for 1.x and is not developed further",
        "use ray.train.lightning of the package ray",
    ),
    "test-tube": (
        "Lightning has no TestTubeLogger since 1.7",
        "use TensorBoardLogger or CSVLogger, and remove this requirement",
    ),
    "lightning-lite": (
        "LightningLite is called Fabric since 2.0",
        "use lightning.fabric, and remove this requirement",
    ),
}
#: Those that can be installed beside Lightning 2 all the same.
_HARMLESS = ("test-tube", "lightning-lite")
#: Packages with parts that were compiled for one torch.
_BUILT_ON_TORCH = re.compile(
    r"cudatoolkit|torch-(?:scatter|sparse|cluster|spline-conv)|pyg-lib|mmcv(?:-full)?|xformers"
    r"|pytorch3d|detectron2|dgl|dgl-cu\d+|flash-attn|torchdata|torchsparse|spconv-cu\d+|pytorch-cuda"
)
#: The oldest torch_xla that Lightning 2.1 and newer work with.
_XLA = "1.13"
_TAGGED = re.compile(r"@(?:v|release/|releases/)?([01]\.\d+)")
_NEXT_MAJOR = "3"


@dataclass(frozen=True)
class Verdict:
    """A finding that is in no file yet."""

    code: str
    span: Span
    message: str
    edits: tuple[Edit, ...] = ()
    safety: Safety = Safety.SAFE
    reason: str | None = None
    severity: Severity = Severity.ERROR
    title: str = field(default="lift the requirement")


def verdicts(
    source: Source,
    found: Sequence[Requirement],
    standing: Standing,
    settings: Settings,
    beside: Sequence[Requirement] = (),
) -> Iterator[Verdict]:
    """What is wrong with the requirements ``found`` in a file.

    Those ``beside`` stand in other files and are installed together with them.
    """
    for requirement in found:
        if requirement.name in NEEDING_OLD:
            what, way_out = NEEDING_OLD[requirement.name]
            message = f"{requirement.name} does not go with Lightning {settings.target}: {what}"
            yield Verdict(FOREIGN, requirement.whole, message, reason=way_out)
    together = [*found, *beside]
    pins = [r for r in together if r.name in LIGHTNING]
    if not pins:
        return
    doubts = [standing.doubt, *_of_company(together, settings)]
    standing = replace(standing, doubt="; ".join(d for d in doubts if d))
    is_lifted = False
    for pin in pins:
        verdict = _of_pin(pin, pins, standing, settings)
        if verdict is None:
            continue
        is_lifted = is_lifted or bool(verdict.edits)
        if any(pin is r for r in found):
            yield verdict
    for requirement in found:
        verdict = _of_other(requirement, standing, settings, is_lifted=is_lifted)
        if verdict is not None:
            yield verdict
    own = [pin for pin in found if pin.name in LIGHTNING]
    if own and not any(p.extras & FULL_EXTRAS for p in pins):
        elsewhere = {r.name for r in beside}
        yield from _missing(source, found, own[0], elsewhere, standing, settings)


def _of_company(found: Sequence[Requirement], settings: Settings) -> Iterator[str]:
    """Why what stands beside Lightning may not go with the new release."""
    holding = [r.name for r in found if r.name in NEEDING_OLD and r.name not in _HARMLESS]
    if holding:
        yield f"{', '.join(holding)} needs the old release: do without it first"
    exact = [r for r in found if re.match(r"={1,2}\s*\d", r.written) and r.name not in LIGHTNING]
    bounds = _bounds(settings)
    low = {name for r in exact if (name := _on_pypi(r)) in bounds and not _fits(r, bounds[name])}
    own = [r.shown for r in exact if _on_pypi(r) in low and "+" in r.written]
    if own:
        yield f"{', '.join(own)} is a build of its own: see which index has the new one"
    built = [r.name for r in found if _BUILT_ON_TORCH.fullmatch(r.name) and "torch" in low]
    if built:
        yield f"{', '.join(built)} belongs to the torch that is there now: choose another with it"
    others = [r for r in exact if _on_pypi(r) not in bounds and r.name not in built]
    if "python" in low and others:
        python = f"Python {bounds['python']}"
        yield f"{others[0].shown} and other exact ones may not be there for {python}"


def _fits(requirement: Requirement, bound: str) -> bool:
    admitted = requirement.admitted
    return admitted is None or reaches(admitted, bound)


def _bounds(settings: Settings) -> dict[str, str]:
    """The oldest release of everything that Lightning is installed with."""
    others = {"python": of(settings.target).python, "torch-xla": _XLA}
    return {**least(settings.target), **others}


def _of_pin(
    pin: Requirement, pins: Sequence[Requirement], standing: Standing, settings: Settings
) -> Verdict | None:
    """The verdict on a requirement of Lightning itself."""
    minor = settings.minor
    tagged = _TAGGED.search(pin.text) if pin.obstacle else None
    if tagged is not None and not pin.written:
        message = f"{pin.name} {tagged[1]} is required, and the code is for {minor}"
        return Verdict(OUTDATED, pin.whole, message, reason=f"require {minor} there by hand")
    admitted = pin.admitted
    if admitted is None:
        message = f"which releases {pin.text!r} admits cannot be read"
        return Verdict(OUTDATED, pin.whole, message, reason=f"see that it admits {minor}")
    major, number = minor.split(".")
    later = f"{major}.{int(number) + 1}"
    if admits(admitted, minor) or (reaches(admitted, later) and not goes_below(admitted, minor)):
        return _of_name(pin, pins, standing)
    message = f"{pin.shown} does not admit Lightning {minor}, which the code is for"
    if pin.obstacle:
        reason = f"{pin.obstacle}: require {minor} by hand"
        return Verdict(OUTDATED, pin.whole, message, reason=reason)
    lowest = min((minor, *settings.compat), key=_key)
    new = f">={lowest}", f"<{_NEXT_MAJOR}"
    other = standing.distribution
    renames = other in LIGHTNING and other != pin.name and all(p.name != other for p in pins)
    edits = pin.edits(other if renames else None, written(pin, lowest, new))
    lost = sorted(pin.extras - EXTRAS)
    doubts = [standing.doubt] if standing.doubt else []
    if any(admits(admitted, m) for m in MINORS):
        doubts.append("it admits releases of Lightning 2, which it may be meant for")
    if lost:
        doubts.append(f"Lightning 2 has no extra called {', '.join(lost)}")
    return Verdict(
        OUTDATED,
        pin.whole,
        message,
        edits,
        Safety.UNSAFE if doubts else Safety.SAFE,
        "; ".join(doubts) or None,
        title=f"require {','.join(new)}",
    )


def _of_name(pin: Requirement, pins: Sequence[Requirement], standing: Standing) -> Verdict | None:
    """The verdict on a requirement that admits the target and does not bring what is imported.

    ``lightning`` brings ``pytorch-lightning`` along, so the reverse does no harm.
    """
    other, wanted = LIGHTNING
    if standing.distribution != wanted or any(p.name == wanted for p in pins):
        return None
    message = f"the code imports {wanted}, and {other} does not bring it"
    if pin.obstacle:
        return Verdict(OUTDATED, pin.whole, message, reason=f"{pin.obstacle}: require {wanted}")
    safety = Safety.UNSAFE if standing.doubt else Safety.SAFE
    edits = pin.edits(wanted, None)
    title = f"require {wanted}"
    return Verdict(OUTDATED, pin.whole, message, edits, safety, standing.doubt or None, title=title)


def _of_other(
    requirement: Requirement, standing: Standing, settings: Settings, *, is_lifted: bool
) -> Verdict | None:
    """The verdict on what Lightning has to be installed with."""
    name = _on_pypi(requirement)
    bounds = _bounds(settings)
    if not standing.cli:
        del bounds["jsonargparse"]
    bound, admitted = bounds.get(name), requirement.admitted
    if bound is None or admitted is None or not requirement.written.strip("* "):
        return None
    fits = reaches(admitted, bound)
    if fits and not (requirement.floor and is_lifted and goes_below(admitted, bound)):
        return None
    if name in SISTERS and not is_lifted:
        return None
    shown = "Python" if name == "python" else name
    needed = f"{shown} {bound}"
    if name in SISTERS:
        needed = f"torch {bounds['torch']}, and so {needed}"
    message = (
        f"Lightning {settings.minor} needs {needed} or newer, and "
        f"{requirement.written} admits {'older ones' if fits else 'none'}"
    )
    told = f"admit {shown} {bound}: write >={bound}"
    if not is_lifted or requirement.obstacle:
        return Verdict(BELOW, requirement.whole, message, reason=requirement.obstacle or told)
    edits = requirement.edits(None, raised(requirement, bound))
    safety = Safety.UNSAFE if standing.doubt else Safety.SAFE
    title = f"require {shown} {bound} or newer"
    return Verdict(
        BELOW, requirement.whole, message, edits, safety, standing.doubt or None, title=title
    )


def _missing(
    source: Source,
    found: Sequence[Requirement],
    pin: Requirement,
    elsewhere: set[str],
    standing: Standing,
    settings: Settings,
) -> Iterator[Verdict]:
    """Verdicts on what 1.x brought along, or what has to be asked for."""
    names = {r.name for r in found} | elsewhere
    admitted = pin.admitted
    is_old = pin.written and admitted is not None and goes_below(admitted, MINORS[0])
    if (
        admitted is not None
        and is_old
        and standing.logs
        and not names & {"tensorboard", "tensorboardx"}
    ):
        edits = another(source, pin, "tensorboard")
        # As long as 1.x stays, it is there anyhow.
        stays = standing.doubt if not admits(admitted, settings.minor) else ""
        yield Verdict(
            MISSING,
            pin.whole,
            "a Trainer picks its logger itself, and Lightning 2 does not bring tensorboard: it "
            "would write CSV files without a word",
            edits,
            Safety.UNSAFE if stays else Safety.SAFE,
            (stays or None) if edits else "require tensorboard too",
            severity=Severity.WARNING,
            title="require tensorboard",
        )
    if standing.stats and "psutil" not in names:
        edits = another(source, pin, "psutil")
        yield Verdict(
            MISSING,
            pin.whole,
            "DeviceStatsMonitor(cpu_stats=True) needs psutil, and Lightning does not bring it",
            edits,
            reason=None if edits else "require psutil too",
            title="require psutil",
        )
    bound = least(settings.target)["jsonargparse"]
    declared = next((r for r in found if r.name == "jsonargparse"), None)
    if standing.cli and "jsonargparse" in elsewhere:
        return
    if standing.cli and (declared is None or _is_bare(declared)):
        if declared is None:
            edits = another(source, pin, "jsonargparse", bound, "signatures")
        else:
            end = declared.named.end
            edits = (Edit(Span(end, end), "[signatures]"),)
        yield Verdict(
            MISSING,
            (declared or pin).whole,
            "LightningCLI needs jsonargparse[signatures], and Lightning does not bring it",
            edits,
            reason=None if edits else "require jsonargparse[signatures] too",
            title="require jsonargparse[signatures]",
        )


def _is_bare(declared: Requirement) -> bool:
    is_plain = declared.style is Style.PIP and not declared.obstacle
    return is_plain and not declared.extras & {"signatures", "all"} and not declared.quote


def _on_pypi(requirement: Requirement) -> str:
    is_torch = requirement.style is Style.CONDA and requirement.name in ("pytorch", "pytorch-cpu")
    return "torch" if is_torch else requirement.name


def _key(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
