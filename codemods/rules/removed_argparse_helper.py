"""A command line is made of the Trainer or of a datamodule by a helper that is gone.

What it does
    Finds `add_argparse_args`, `from_argparse_args`, `parse_argparser` and their like, as methods of
    the Trainer and of datamodules and as functions, and writes out what they did: an `add_argument`
    for each option, and a call with these arguments. Of the Trainer's options those are kept that
    the code reads, that scripts and documents of the project use, and the usual three. Where
    options meet configurations or come from elsewhere, two functions are written into the file:
    `add_trainer_options` declares all that the Trainer takes today, `gpus` and its like, and
    `trainer_arguments` hands over what a namespace holds, old arguments by their names of today.

Why
    `AttributeError: type object 'Trainer' has no attribute 'add_argparse_args'`, since 2.0.

Example
    ```python
    parser = Trainer.add_argparse_args(parser)
    args = parser.parse_args()
    trainer = Trainer.from_argparse_args(args, callbacks=callbacks)
    ```
    becomes
    ```python
    parser.add_argument("--accelerator", default="auto")
    parser.add_argument("--devices", default="auto")
    parser.add_argument("--max_epochs", type=int)
    args = parser.parse_args()
    trainer = Trainer(
        accelerator=args.accelerator,
        devices=args.devices,
        max_epochs=args.max_epochs,
        callbacks=callbacks,
    )
    ```

Fix safety
    Unsafe: options that nothing in the project uses are gone from the command line, and are refused
    there. Safe for what reads a signature. Old options keep their names; what the Trainer calls
    otherwise today is renamed in its call by the rules for it. Safe where the two functions are
    written: a count of GPUs, a strategy that was an accelerator, and a checkpoint to go on from
    have their places, without a GPU the CPU is taken as in 1.x, and `ddp` looks for unused
    parameters as it did. Unsafe there for options that have no place any more, which the Trainer
    then refuses by name. Told where a name is taken, and for a parser in a namespace's place.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16708
    pytorch_lightning/utilities/argparse.py (1.5.10)
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.imports import spell
from ..engine.rule import rule
from ..engine.statements import indent, stands_alone
from ..lightning.flags import OPTIONS, USUAL
from ..lightning.trainer import GONE_ARGUMENTS, OLD_DEVICE_ARGUMENTS, TRAINER_PARAMETERS
from ..model import Edit, Fix, Need, Safety
from . import _cli_functions as functions
from ._cli_helpers import (
    HELPERS,
    Help,
    declared,
    defaulted,
    helps,
    is_parser,
    parser_of,
    read,
    stored,
    used_options,
)
from ._cli_options import of_class, of_trainer
from ._cli_program import CODE, RULE, conversion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_LINE = 100
_HAND = "declare the options that the script uses, and hand them over by name"
#: What a group of options is called that had no name.
_GROUP = "group"
_OTHERS = "options that nothing in the project uses are gone from its command line"


@dataclass
class _Way:
    """What is to be done about one call; without edits ``reason`` says what to do by hand."""

    title: str = ""
    edits: tuple[Edit, ...] = ()
    needs: tuple[Need, ...] = ()
    doubt: str = ""
    reason: str = field(default=_HAND)


@rule("LF813", triggers=HELPERS, context=("lightning", "argparse"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at calls; none where the whole script becomes something else."""
    if _is_taken_over(file, settings):
        return
    for found in helps(file):
        way = _WAYS[found.name](file, found, settings)
        if not way.edits and found.name in _WRITTEN:
            way = _written(file, found, settings)
        kind = "Trainer" if found.cls is None else found.cls.name
        name = found.name if found.path else f"{kind}.{found.name}"
        fix = None
        if way.edits:
            safety = Safety.UNSAFE if way.doubt else Safety.SAFE
            fix = Fix(way.title, way.edits, safety, way.needs, (found.path,) if found.path else ())
        reason = way.doubt or None if fix else way.reason
        yield file.finding(
            rule, found.node, f"{name} is gone since Lightning 2.0", fix=fix, reason=reason
        )


def _is_taken_over(file: File, settings: Settings) -> bool:
    """Whether LF815 makes a LightningCLI of the script, which needs none of the helpers."""
    if not settings.wants(CODE, RULE, file.path):
        return False
    found = conversion(file, settings)
    return found is not None and bool(found.edits)


def _written(file: File, found: Help, settings: Settings) -> _Way:
    """What is done where the options cannot be told one by one: a function of the file's own."""
    made = _WRITTEN[found.name](file, found, settings)
    if made is None:
        return _Way()
    return _Way("write a function for it", made.edits, made.needs, made.doubt)


def _add(file: File, found: Help, settings: Settings) -> _Way:
    parser = parser_of(found)
    statement = file.tree.statement(found.node)
    group = _group(file, parser)
    if group is None and not isinstance(parser, (ast.Name, ast.Attribute)):
        return _Way()
    made = _options(file, found, settings)
    if parser is None or made is None or not stands_alone(file, statement):
        return _Way()
    whole = file.text(group or parser)
    last = _last(file, statement, found.node, whole)
    if last is None:
        return _Way()
    name = _GROUP if group else whole
    lines = [f"{_GROUP} = {file.text(parser)}"] if group else []
    lines += [f"{name}.add_argument({text})" for text in made.values()]
    lines += [last] if last else []
    text = f"\n{indent(file, statement)}".join(lines or ["pass"])
    doubt = _OTHERS if found.is_trainer else "it declares what the class takes today"
    return _Way("declare the options", (file.replace(statement, text),), (), doubt)


def _group(file: File, node: ast.expr | None) -> ast.expr | None:
    """The parser that a group of options is made of on the spot; None for everything else."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr != "add_argument_group" or file.tree.scope_of(node).find(_GROUP) is not None:
        return None
    owner = node.func.value
    return owner if isinstance(owner, (ast.Name, ast.Attribute)) else None


def _last(file: File, statement: ast.stmt, call: ast.Call, parser: str) -> str | None:
    """What is left of a statement beside the declarations; None where it cannot be told."""
    if isinstance(statement, ast.Expr) and statement.value is call:
        return ""
    if isinstance(statement, ast.Return) and statement.value is call:
        return f"return {parser}"
    if (
        isinstance(statement, ast.Assign)
        and statement.value is call
        and len(statement.targets) == 1
    ):
        target = file.text(statement.targets[0])
        return "" if target == parser else f"{target} = {parser}"
    return None


def _options(file: File, found: Help, settings: Settings) -> dict[str, str] | None:
    """The options to declare, by the argument's name; None where they cannot be told."""
    same = [h for h in helps(file) if h.name == found.name and h.cls is found.cls]
    if len(same) > 1 or _is_merged(file):
        return None
    taken = declared(file)
    if not found.is_trainer:
        made = of_class(found.cls) if found.cls is not None else None
        return None if made is None else {n: t for n, t in made.items() if n not in taken}
    target = settings.minor
    used = used_options(file, settings)
    set_later = stored(file, always=True)
    wanted = (read(file, OPTIONS) | stored(file)) - set_later
    wanted = (wanted | set(used) | defaulted(file) | set(USUAL)) & OPTIONS
    if "gpus" in wanted:
        wanted -= {"accelerator", "devices"} - set(used)
        if wanted & {"accelerator", "distributed_backend"}:
            # What they come to together is known when the options are read, not before.
            return None
    elif _counts_itself(file):
        wanted -= {"accelerator", "devices"} - set(used)
    order = [*USUAL, *sorted(wanted - set(USUAL))]
    return {
        n: of_trainer(n, target, used.get(n, ())) for n in order if n in wanted and n not in taken
    }


def _counts_itself(file: File) -> bool:
    """Whether the devices are said in the call that the options go to, where they won."""
    calls = [found.node for found in helps(file) if found.name == "from_argparse_args"]
    return any(k.arg in OLD_DEVICE_ARGUMENTS for call in calls for k in call.keywords)


def _is_merged(file: File) -> bool:
    """Whether options are read one by one by their names, or become another namespace."""
    merging = ("getattr", "setattr", "argparse.Namespace", "omegaconf.OmegaConf.merge")
    return any(file.canonical(call.func) in merging for call in file.tree.calls)


def _from(file: File, found: Help, settings: Settings) -> _Way:
    space = parser_of(found)
    starred = any(isinstance(a, ast.Starred) for a in found.node.args) or any(
        k.arg is None for k in found.node.keywords
    )
    parsed = any(
        isinstance(c.func, ast.Attribute) and c.func.attr == "parse_args" for c in file.tree.calls
    )
    if not isinstance(space, ast.Name) or starred or not parsed or _is_merged(file):
        return _Way()
    if len(found.arguments) > 1 or is_parser(file, space) or functions.is_used(file):
        return _Way()
    names = _names(file, found, settings)
    if names is None:
        return _Way()
    given = [k for k in found.node.keywords if k.value is not space]
    taken = {k.arg for k in given}
    parts = [f"{n}={space.id}.{n}" for n in names if n not in taken]
    parts += [file.text(k) for k in given]
    start = file.span(found.node).start
    column = start - file.source.line_span(file.source.line_of(start)).start
    owner = file.text(found.owner)
    text = f"{owner}({', '.join(parts)})"
    if column + len(text) > _LINE or "\n" in text:
        margin = indent(file, file.tree.statement(found.node))
        inner = "".join(f"{margin}    {part},\n" for part in parts)
        text = f"{owner}(\n{inner}{margin})"
    doubt = "only the arguments that the command line of this file sets are handed over"
    return _Way("hand the options over", (file.replace(found.node, text),), (), doubt)


def _names(file: File, found: Help, settings: Settings) -> list[str] | None:
    """The arguments that the namespace surely holds, in the order of their declaration."""
    adding = [h for h in helps(file) if h.name == "add_argparse_args" and h.cls is found.cls]
    here = declared(file)
    made: dict[str, str] | None = {}
    if adding:
        way = _add(file, adding[0], settings)
        made = _options(file, adding[0], settings) if way.edits else None
    elif found.is_trainer and _declares_elsewhere(file):
        return None
    if made is None:
        return None
    if found.is_trainer:
        known = TRAINER_PARAMETERS | GONE_ARGUMENTS
    else:
        init = found.cls.method("__init__") if found.cls is not None else None
        arguments = init[1].args if init else ast.arguments([], [], None, [], [], None, [])
        known = frozenset(a.arg for a in [*arguments.args[1:], *arguments.kwonlyargs])
    more = (here | (stored(file) if found.is_trainer else set())) & known
    # No text of a command line gives callbacks and the like, and defaults may hold them.
    more |= (defaulted(file) & known) - OPTIONS
    return [*made, *sorted(more - set(made))]


def _declares_elsewhere(file: File) -> bool:
    """Whether another file of the project adds the Trainer's options to a parser."""
    return any(other is not file for other in file.project.holding(b"add_argparse_args", file.path))


def _parse(file: File, found: Help, settings: Settings) -> _Way:
    del settings
    given = parser_of(found)
    text = file.text(given) if given is not None else ""
    if isinstance(given, ast.Name) and is_parser(file, given):
        text += ".parse_args()"
    elif isinstance(given, ast.Name):
        value = file.assigned(given)
        if not _is_parsing(value):
            return _Way(reason="call parse_args of the parser")
    elif not _is_parsing(given):
        return _Way(reason="call parse_args of the parser")
    return _Way(f"write {text}", (file.replace(found.node, text),))


def _is_parsing(node: ast.expr | None) -> bool:
    func = node.func if isinstance(node, ast.Call) else None
    return isinstance(func, ast.Attribute) and func.attr == "parse_args"


def _signature(file: File, found: Help, settings: Settings) -> _Way:
    del settings
    spelled = spell(file, found.node, "inspect")
    items = f"in {spelled.text}.signature({file.text(found.owner)}).parameters.items()"
    if found.name == "default_attributes":
        text = f"{{name: p.default for name, p {items}}}"
    else:
        kind = 'getattr(p.annotation, "__args__", (p.annotation,))'
        text = f"[(name, {kind}, p.default) for name, p {items}]"
    return _Way("read the signature", (file.replace(found.node, text),), spelled.needs)


def _environment(file: File, found: Help, settings: Settings) -> _Way:
    del settings
    if len(found.node.args) + len(found.node.keywords) > (1 if found.path else 0):
        return _Way(reason="read the variables with os.environ")
    spelled = spell(file, found.node, "lightning.pytorch.utilities.argparse._parse_env_variables")
    text = f"{spelled.text}({file.text(found.owner)})"
    doubt = "it is Lightning's own by now, and may go; the Trainer reads the variables by itself"
    return _Way("call what is left of it", (file.replace(found.node, text),), spelled.needs, doubt)


_WAYS = {
    "add_argparse_args": _add,
    "from_argparse_args": _from,
    "parse_argparser": _parse,
    "get_init_arguments_and_types": _signature,
    "default_attributes": _signature,
    "match_env_arguments": _environment,
    "parse_env_variables": _environment,
}
#: What is written where the options cannot be told one by one.
_WRITTEN = {"add_argparse_args": functions.adding, "from_argparse_args": functions.handing}
