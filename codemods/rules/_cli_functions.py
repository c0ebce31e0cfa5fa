"""Functions written into a file for the Trainer's helpers, where options cannot be told one by one.

One declares the options of the Trainer of today, and those of 1.x that have a place in it; the
other hands over what a namespace holds of them, under the names of today.
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.imports import spell
from ..engine.statements import stands_alone
from ..lightning import api
from ..lightning.flags import FLOATS, INTEGERS, NUMBERS, ON, OPTIONS, SWITCHES, TEXTS
from ..lightning.objects import CLASSES, TRAINER
from ..lightning.trainer import GONE_ARGUMENTS, RENAMED_ARGUMENTS, TRAINER_PARAMETERS
from ..model import Edit, Span
from ._cli_helpers import (
    Help,
    declared,
    helps,
    is_parser,
    of_spaces,
    parser_of,
    stored,
    used_options,
)
from ._resume import into_fit
from ._trainer_targets import HANDING
from ._trainer_uses import uses
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.file import File
    from ..engine.settings import Settings
    from ..model import Need

ADDING = "add_trainer_options"
#: The helpers that they stand for.
_HELPS = {ADDING: "add_argparse_args", HANDING: "from_argparse_args"}
_RESUME = "resume_from_checkpoint"
#: As an option it was a switch only, and is ``enable_checkpointing``.
_SWITCH = "checkpoint_callback"
#: Switches that no release with the helpers had.
_NEW_SWITCHES = frozenset({"use_distributed_sampler", "barebones"})
#: What ``trainer_arguments`` has a place for, whatever the project says.
_PLACED = ("gpus", "num_processes", "distributed_backend")
#: The last release that made options of the arguments, for the defaults that code reads.
_LAST = "1.9"
_WIDTH = 88
#: Blank lines around a function.
_APART = 2


@dataclass(frozen=True)
class Written:
    """The edits that call such a function, with its definition where the file has none yet."""

    edits: tuple[Edit, ...]
    needs: tuple[Need, ...] = ()
    doubt: str = ""


@dataclass(frozen=True)
class _Plan:
    """What both functions have to know of the options of 1.x that a project uses."""

    renamed: tuple[str, ...]
    lost: tuple[str, ...]
    resumes: bool


def adding(file: File, found: Help, settings: Settings) -> Written | None:
    """The call of a function that declares the options; None where it cannot be written."""
    call = found.node
    if found.cls is not None or found.path or len(call.args) != 1 or call.keywords:
        return None
    if isinstance(call.args[0], ast.Starred) or _is_group(call.args[0]):
        return None
    plan = _plan(file, settings)
    defined = _defined(file, ADDING, _adding(file, plan))
    if defined is None:
        return None
    return Written((file.replace(call.func, ADDING), *defined), (), _doubt(plan))


def handing(file: File, found: Help, settings: Settings) -> Written | None:
    """The call of a Trainer with what a function picks; None where it cannot be written."""
    call, space = found.node, parser_of(found)
    if space is None or found.cls is not None or found.path or len(call.args) != 1:
        return None
    if not isinstance(space, (ast.Name, ast.Attribute)) and not _is_made_for_it(file, space):
        return None
    if is_parser(file, space):
        return None
    owner = file.text(found.owner)
    if file.tree.root.find(owner.partition(".")[0]) is None:
        return None
    plan = _plan(file, settings)
    chosen = not _is_made_for_it(file, space)
    spelled = spell(file, file.tree.module.body[-1], "inspect") if chosen else None
    names = f"{spelled.text}.signature({owner}.__init__).parameters" if spelled else ""
    resuming = _resuming(file, found, space)
    text = _handing(plan, names, resumes=resuming is not None)
    defined = _defined(file, HANDING, text)
    if defined is None:
        return None
    end = file.span(call).end
    edits = (
        file.replace(call.func, f"{owner}(**{HANDING}"),
        Edit(Span(end, end), ")"),
        *(resuming or ()),
        *defined,
    )
    needs = spelled.needs if spelled and len(defined) else ()
    doubts = [_doubt(plan)]
    if plan.resumes and resuming is None:
        doubts.append(f"hand {_RESUME} to fit as ckpt_path")
    elif plan.resumes and _is_shared(file, call):
        doubts.append("other code gets the Trainer too; a fit there would resume again in 1.x")
    own = (declared(file) | stored(file)) & (TRAINER_PARAMETERS - _parameters(_LAST))
    if chosen and own:
        doubts.append(f"the Trainer has arguments of these names today: {', '.join(sorted(own))}")
    return Written(edits, needs, "; ".join(d for d in doubts if d))


def taken_over(file: File, call: ast.Call, settings: Settings) -> frozenset[str]:
    """What such a function would hand over by today's names; none where it cannot be written."""
    found = next((h for h in helps(file) if h.node is call), None)
    if found is None or found.name != _HELPS[HANDING]:
        return frozenset()
    space = parser_of(found)
    if space is None or handing(file, found, settings) is None:
        return frozenset()
    resumed = () if _resuming(file, found, space) is None else (_RESUME,)
    return frozenset((*_PLACED, "accelerator", *_plan(file, settings).renamed, *resumed))


def is_used(file: File) -> bool:
    """Whether a parser of the project gets its options from such a function already."""
    return any(
        ADDING.encode() in home.source.data
        for home in (file, *file.project.holding(ADDING.encode(), file.path))
    )


def _doubt(plan: _Plan) -> str:
    if not plan.lost:
        return ""
    return f"the Trainer has no place for {', '.join(plan.lost)} any more, and refuses it"


def _plan(file: File, settings: Settings) -> _Plan:
    """What the project says of the options of 1.x: scripts, documents, attributes, keys."""
    keys = {
        n.value
        for n in file.tree.all(ast.Constant)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    said = of_spaces((file,), GONE_ARGUMENTS) | stored(file) | declared(file)
    said = (said | set(used_options(file, settings))) & GONE_ARGUMENTS
    rest = said - {*_PLACED, _RESUME}
    renamed = {n for n in rest | (keys & GONE_ARGUMENTS) if n in RENAMED_ARGUMENTS}
    renamed |= (rest | _switched(file)) & {_SWITCH}
    return _Plan(tuple(sorted(renamed)), tuple(sorted(rest - renamed)), _RESUME in said | keys)


def _switched(file: File) -> set[str]:
    """The keys under which a file puts a truth value into a dict."""
    return {
        str(target.slice.value)
        for node in file.tree.all(ast.Assign)
        if isinstance(node, ast.Assign) and isinstance(literal(node.value), bool)
        for target in node.targets
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant)
    }


def _adding(file: File, plan: _Plan) -> str:
    """The function that declares the options."""
    taken = declared(file)
    old = {*_PLACED, _RESUME, *plan.renamed, *plan.lost}
    known = [*sorted(old), *_in_order((OPTIONS | _NEW_SWITCHES) & TRAINER_PARAMETERS)]
    known = [n for n in known if n not in taken and n in OPTIONS | _NEW_SWITCHES]
    numbers = [n for n in known if n in INTEGERS | NUMBERS | FLOATS or n == "precision"]
    texts = [n for n in known if n in TEXTS and n != "precision"]
    switches = [n for n in known if n in SWITCHES | ON | _NEW_SWITCHES]
    lines = [
        f"def {ADDING}(parser):",
        '    """Declare an option for each argument of the Trainer that a text can give."""',
        "",
        "    def number(text):",
        "        try:",
        '            return float(text) if "." in text or "e" in text else int(text)',
        "        except ValueError:",
        "            return text",
        "",
        "    def switch(text):",
        '        if text.lower() in ("y", "yes", "t", "true", "on", "1"):',
        "            return True",
        "        return int(text) if text.isdigit() and int(text) else False",
        "",
        *_loop(numbers, "type=number"),
        *_loop(texts, ""),
        *_loop(switches, 'nargs="?", const=True, type=switch'),
    ]
    readers = (file, *file.project.holding(b"args", file.path))
    defaults = _defaults(of_spaces(readers, OPTIONS & TRAINER_PARAMETERS) - taken)
    if defaults:
        lines.append(f"    parser.set_defaults({defaults})")
    return "\n".join([*lines, "    return parser"])


def _loop(names: list[str], more: str) -> list[str]:
    """The lines of a loop that declares options of one kind."""
    if not names:
        return []
    listed = ", ".join(f'"{n}"' for n in names) + ","
    wrapped = textwrap.wrap(listed, _WIDTH - 8, break_long_words=False)
    add = f'parser.add_argument(f"--{{name}}"{", " if more else ""}{more})'
    return ["    for name in (", *(f"        {w}" for w in wrapped), "    ):", f"        {add}"]


def _parameters(release: str) -> set[str]:
    signature = api.signature(CLASSES[TRAINER], release)
    return {p.name for p in signature.parameters} if signature else set()


def _in_order(names: Iterable[str]) -> list[str]:
    signature = api.signature(CLASSES[TRAINER], api.RELEASES[-1])
    order = [p.name for p in signature.parameters] if signature else []
    return sorted(names, key=lambda n: order.index(n) if n in order else -1)


def _defaults(names: Iterable[str]) -> str:
    """What code that reads options finds in them where the command line is silent."""
    signature = api.signature(CLASSES[TRAINER], _LAST)
    made = []
    for name in _in_order(names):
        parameter = signature.parameter(name) if signature else None
        if parameter is not None and parameter.default not in (None, "None"):
            made.append(f"{name}={parameter.default}")
    return ", ".join(made)


def _handing(plan: _Plan, names: str, *, resumes: bool) -> str:
    """The function that picks the arguments; of all that is there without ``names``."""
    lines = [
        f"def {HANDING}(options, **others):",
        '    """The arguments of a Trainer in some options, old ones by their names of today."""',
        "    given = {name: value for name, value in vars(options).items() if value is not None}",
    ]
    if resumes:
        lines.append(f'    given.pop("{_RESUME}", None)  # fit takes it')
    lines.append("    given.update(others)")
    pairs = [(n, RENAMED_ARGUMENTS.get(n, "enable_checkpointing")) for n in plan.renamed]
    for old, new in pairs:
        lines += [f'    if "{old}" in given:', f'        given["{new}"] = given.pop("{old}")']
    lines += [
        '    gpus, processes = given.pop("gpus", None), given.pop("num_processes", None)',
        '    strategy = given.pop("distributed_backend", None)',
        '    if given.get("accelerator") in ("dp", "ddp", "ddp_spawn", "deepspeed"):',
        '        strategy = given.pop("accelerator")',
        '    alone = (processes or 1) == given.get("num_nodes", 1) == 1 and "devices" not in given',
        '    if strategy and (gpus or not alone) and given.get("strategy", "auto") == "auto":',
        '        unused = "_find_unused_parameters_true" if "ddp" in strategy else ""',
        '        given["strategy"] = strategy + unused',
        "    if gpus:",
        '        given.update(accelerator="gpu", devices=gpus)',
        '    elif "accelerator" not in given and "devices" not in given:',
        '        given.update(accelerator="cpu", devices=processes or 1)',
    ]
    if not names:
        return "\n".join([*lines, "    return given"])
    lost = ", ".join(f'"{n}"' for n in plan.lost)
    lines += [
        f"    known = {{*{names}, *others{', ' if lost else ''}{lost}}}",
        "    return {name: value for name, value in given.items() if name in known}",
    ]
    return "\n".join(lines)


def _resuming(file: File, found: Help, space: ast.expr) -> tuple[Edit, ...] | None:
    """The edits that give ``fit`` the checkpoint that the namespace may name."""
    if isinstance(space, ast.Call):
        return None
    used = uses(file, found.node)
    text = f'getattr({file.text(space)}, "{_RESUME}", None)'
    return into_fit(file, found.node, space, used, text) if used is not None else None


def _is_shared(file: File, call: ast.Call) -> bool:
    used = uses(file, call)
    return used is not None and used.escapes


def _is_made_for_it(file: File, space: ast.expr) -> bool:
    """Whether a namespace is made of a dict on the spot, and holds arguments of the Trainer."""
    value = file.assigned(space) if isinstance(space, ast.Name) else space
    return isinstance(value, ast.Call) and file.canonical(value.func) == "argparse.Namespace"


def _is_group(node: ast.expr) -> bool:
    func = node.func if isinstance(node, ast.Call) else None
    return isinstance(func, ast.Attribute) and func.attr == "add_argument_group"


def _defined(file: File, name: str, text: str) -> tuple[Edit, ...] | None:
    """The edit that defines a function above its first use, none if it is there already.

    None where something else has its name, or there is no line to put it on.
    """
    bound = [b for s in file.tree.scopes.values() for b in s.bindings.get(name, ())]
    if bound:
        own = bound[0] if len(bound) == 1 else None
        is_there = own is not None and own.kind == "function" and own.node in file.tree.module.body
        return () if is_there else None
    first = next(h.node for h in helps(file) if h.name == _HELPS[name])
    statement = _outermost(file, first)
    if statement is None or not stands_alone(file, statement):
        return None
    line = file.source.line_of(file.span(statement).start)
    while line > 1 and _line(file, line - 1).startswith(b"#"):
        line -= 1
    blank = 0
    while blank < _APART and line - blank > 1 and not _line(file, line - blank - 1):
        blank += 1
    above = "\n" * (_APART - blank) if line - blank > 1 else ""
    start = file.source.line_span(line).start
    return (Edit(Span(start, start), f"{above}{text}\n\n\n"),)


def _outermost(file: File, node: ast.AST) -> ast.stmt | None:
    """The statement of the module's own block that a node is in."""
    around = [node, *file.tree.ancestors(node)]
    return next((s for s in file.tree.module.body if any(s is a for a in around)), None)


def _line(file: File, line: int) -> bytes:
    span = file.source.line_span(line)
    return file.source.data[span.start : span.end].rstrip()
