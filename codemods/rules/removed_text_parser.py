"""A function of Lightning's that read switches from text is gone.

What it does
    Finds imports of `str_to_bool`, `str_to_bool_or_str` and `str_to_bool_or_int`, which scripts use
    as `type=` of options, and puts a function of the file's own in their place.

Why
    `ImportError`: they went with the helpers for command lines.

Example
    ```python
    from pytorch_lightning.utilities.parsing import str_to_bool
    ```
    becomes
    ```python
    def str_to_bool(text):
        word = text.lower()
        ...
    ```

Fix safety
    Safe: the new function does the same. Told where the import does not stand at the top of the
    file, or is made for others to import.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16708
    pytorch_lightning/utilities/parsing.py (1.9.5)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.references import references
from ..engine.rewrite import rewrite_import
from ..engine.rule import rule
from ..engine.statements import insert_after, remove, stands_alone
from ..model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding

_HOME = "lightning.pytorch.utilities.parsing."
_NO = 'raise ValueError(f"invalid truth value {text}")'
_NUMBER = "try:\n        return int(text)\n    except ValueError:\n        return text"
#: What each says of itself, and what it does with text that is neither yes nor no.
_BODIES = {
    "str_to_bool": ("Read yes or no.", _NO),
    "str_to_bool_or_str": ("Read yes or no; other text stays.", "return text"),
    "str_to_bool_or_int": ("Read yes, no or a number; other text stays.", _NUMBER),
}
_FUNCTION = '''

def {name}(text):
    """{says}"""
    word = text.lower()
    if word in ("y", "yes", "t", "true", "on", "1"):
        return True
    if word in ("n", "no", "f", "false", "off", "0"):
        return False
    {otherwise}'''


@rule("LF814", triggers=tuple(_BODIES), context=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at imports, and at functions that are reached through modules."""
    del settings
    names: dict[ast.ImportFrom, list[ast.alias]] = {}
    for reference in references(file):
        name = reference.path.removeprefix(_HOME)
        if name not in _BODIES or name == reference.path:
            continue
        statement = file.tree.parents[reference.node]
        if isinstance(reference.node, ast.alias) and isinstance(statement, ast.ImportFrom):
            names.setdefault(statement, []).append(reference.node)
            continue
        message = f"{name} is gone since Lightning 2.0"
        reason = "define the function in the project"
        yield file.finding(rule, reference.node, message, reason=reason)
    for statement, aliases in names.items():
        edits = _moved(file, statement, aliases)
        gone = ", ".join(alias.name for alias in aliases)
        yield file.finding(
            rule,
            statement,
            f"{gone} {'is' if len(aliases) == 1 else 'are'} gone since Lightning 2.0",
            fix=Fix("define it here", edits) if edits else None,
            reason=None if edits else "define the function in the project",
        )


def _moved(
    file: File, statement: ast.ImportFrom, aliases: list[ast.alias]
) -> tuple[Edit, ...] | None:
    """The edits that define the functions behind the imports instead of importing them."""
    body = file.tree.module.body
    imports = [s for s in body if isinstance(s, (ast.Import, ast.ImportFrom))]
    if statement not in imports or not stands_alone(file, statement):
        return None
    if file.path.name == "__init__.py":
        return None
    text = "\n".join(_function(alias) for alias in aliases)
    rest = [i for i, alias in enumerate(statement.names) if alias not in aliases]
    last = _last_of_header(body, imports)
    if not rest and last is statement:
        head = text.lstrip("\n") if statement is body[0] else text
        return (file.replace(statement, head),)
    added = insert_after(file, last, text)
    if added is None:
        return None
    if rest:
        return (*rewrite_import(file, statement, lambda _: list(rest)), added)
    return (*remove(file, [statement]), added)


def _last_of_header(
    body: list[ast.stmt], imports: list[ast.Import | ast.ImportFrom]
) -> ast.Import | ast.ImportFrom:
    """The last import before anything is defined or done that could use a function."""
    last = imports[0]
    for statement in body[body.index(last) :]:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            last = statement
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            break
    return last


def _function(alias: ast.alias) -> str:
    says, otherwise = _BODIES[alias.name]
    return _FUNCTION.format(name=alias.asname or alias.name, says=says, otherwise=otherwise)
