"""An argument is given by a name that something of Lightning's never had.

What it does
    Looks at keywords of callbacks, loggers, profilers, strategies and functions of Lightning, and
    finds those that neither the target nor an older release takes.

Why
    It raises `TypeError: got an unexpected keyword argument`, often after the data was prepared.

Example
    ```python
    ModelCheckpoint(save_topk=3)
    ```
    becomes
    ```python
    ModelCheckpoint(save_top_k=3)
    ```

Fix safety
    Unsafe where one argument has nearly the same name and is not given. Told otherwise.

References
    signatures of pytorch-lightning 1.0.8 to lightning 2.6.6
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety
from ._keyword_calls import handed
from ._keyword_changes import rows_for
from ._keyword_data import never_taken
from ._near import DOUBT, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF706", triggers=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at keywords."""
    for call in handed(file, ()):
        # A method may be overridden by the class that the object is really of.
        for part in () if call.is_method else call.parts:
            for name, argument in part.arguments.named.items():
                if name in call.own or part.doubt or next(iter(rows_for(call, name)), None):
                    continue
                known = never_taken(call, name, settings.minor)
                if known is None:
                    continue
                message = f"{call.name} has no argument {name}"
                likely = meant(name, known, call.given)
                if likely is None:
                    reason = f"it takes {', '.join(known)}" if known else "it takes none"
                    yield file.finding(rule, argument.node, message, reason=reason)
                    continue
                edits = part.arguments.change({name: [(likely, part.arguments.text(name))]})
                fix = Fix(f"write {likely}", edits, Safety.UNSAFE)
                yield file.finding(rule, argument.node, message, fix=fix, reason=DOUBT)
