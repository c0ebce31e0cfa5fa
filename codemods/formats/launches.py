"""What starts programs in many processes: Slurm with torchrun, Kubeflow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..engine.namespaces import distributions
from ..engine.source import byte_span
from ..lightning.changes.row import minor
from ..model import Finding, Severity
from ..rules._asked import is_settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..engine.source import Source
    from .format import Context
    from .shell import Word

#: Words of files that may hold a finding.
SCRIPT_WORDS = (b"torchrun", b"torch.distributed")
MANIFEST = b"PyTorchJob"
_SLURM = "srun"
_ELASTIC = re.compile(r"(?:^|[\s/])(torchrun|torch\.distributed\.(?:run|launch))(?:\s|$)")
_KIND = re.compile(r"^[ \t]*[\"']?kind[\"']?:[ \t]*[\"']?(PyTorchJob)\b", re.MULTILINE)
_ENVIRONMENT = b"KubeflowEnvironment"
_SINCE_ELASTIC, _SINCE_KUBEFLOW = "2.1", "2.0.7"


def started(
    context: Context, source: Source, text: str, words: Sequence[Word]
) -> Iterator[Finding]:
    """The finding at a command by which Slurm starts processes that start others."""
    names = [word.text.rpartition("/")[2] for word in words]
    if _SLURM not in names or not _is_due(context, source, _SINCE_ELASTIC):
        return
    for word in words[names.index(_SLURM) + 1 :]:
        found = _ELASTIC.search(word.text)
        if found is None:
            continue
        message = (
            f"since {_SINCE_ELASTIC} the processes of {found[1]} count, and not the tasks of Slurm"
        )
        reason = (
            "let srun start the script itself, or see that --nnodes and --nproc_per_node are what "
            "num_nodes and devices of the Trainer say, with one task per node"
        )
        yield _finding(source, text, (word.start, word.end), message, reason)
        return


def manifests(context: Context, source: Source) -> Iterator[Finding]:
    """Findings at the jobs of Kubeflow that a file describes."""
    if MANIFEST not in source.data or not _is_due(context, source, _SINCE_KUBEFLOW):
        return
    text = source.text
    if _ELASTIC.search(re.sub(r"[\"',\[\]]", " ", text)):
        return
    if context.project.holding(_ENVIRONMENT, source.path):
        return
    for match in _KIND.finditer(text):
        message = f"since {_SINCE_KUBEFLOW} Lightning does not see that it runs in a {match[1]}"
        reason = (
            "give the Trainer that it runs plugins=[KubeflowEnvironment()], from "
            "lightning.fabric.plugins.environments"
        )
        yield _finding(source, text, match.span(1), message, reason)


def _is_due(context: Context, source: Source, release: str) -> bool:
    """Whether the project uses Lightning, and a change is before it."""
    settings = context.settings
    if minor(settings.target) < minor(release) or not distributions(context.project):
        return False
    return not is_settled(context.project, source.path, settings.root, release)


def _finding(
    source: Source, text: str, place: tuple[int, int], message: str, reason: str
) -> Finding:
    from ..rules.launched_otherwise import find as rule

    return source.finding(
        rule, byte_span(text, *place), message, reason=reason, severity=Severity.WARNING
    )
