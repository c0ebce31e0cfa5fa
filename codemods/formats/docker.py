"""The images that a Dockerfile starts from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..engine.source import byte_span
from ..lightning.requirements import of
from ..model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.source import Source
    from .format import Context

WORDS = (b"FROM", b"from")
_FROM = re.compile(
    r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*"
    r"(?P<image>(?:docker\.io/)?(?:library/)?(?P<name>python|pytorch/pytorch)"
    r":(?P<version>\d+(?:\.\d+)*)[\w.-]*)",
    re.MULTILINE | re.IGNORECASE,
)


def bases(context: Context, source: Source) -> Iterator[Finding]:
    """Findings at images with a Python or torch that is older than what the target needs."""
    from ..engine.namespaces import distributions
    from ..rules.requirement_below_target import find as rule

    if not distributions(context.project):
        return
    needs = of(context.settings.target)
    minor = context.settings.minor
    text = source.text
    for match in _FROM.finditer(text):
        is_python = match["name"].lower() == "python"
        shown, bound = ("Python", needs.python) if is_python else ("torch", needs.torch)
        if "." not in match["version"] or _order(match["version"]) >= _order(bound):
            continue
        span = byte_span(text, *match.span("image"))
        message = f"Lightning {minor} needs {shown} {bound} or newer, and {match['image']} is older"
        reason = f"start from an image with {shown} {bound} or newer"
        yield source.finding(rule, span, message, reason=reason)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
