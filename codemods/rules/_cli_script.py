"""A script that reads its command line with argparse and trains: where it does what."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.classes import Class, Role
from ..engine.file import Defined
from ..engine.scopes import FUNCTIONS, Function, Scope
from ..lightning.objects import CLASSES, TRAINER
from ._cli_declared import (
    Option,
    RefusedError,
    added_here,
    declaring,
    function_of,
    is_group,
    option_of,
    with_default,
)
from ._cli_helpers import Help, helps
from ._variables import literal, loads, used_in_other_files

if TYPE_CHECKING:
    from ..engine.file import File

_PARSER = "argparse.ArgumentParser"
_SEEDING = "lightning.fabric.seed_everything"
_SEEDINGS = (_SEEDING, "lightning.pytorch.seed_everything")
_HELPED = ("add_argparse_args", "from_argparse_args")


@dataclass(frozen=True, eq=False)
class Built:
    """The call that makes the Trainer, the module or the datamodule.

    ``name`` is the variable that it is assigned to, empty where there is none; ``cls`` the class of
    the project, None for the Trainer. ``from_space`` tells that it takes what a namespace holds.
    """

    call: ast.Call
    statement: ast.stmt
    name: str
    cls: Class | None = None
    from_space: bool = False


@dataclass(eq=False)
class Script:
    """What was read; statements are those of the file.

    ``declared`` are the statements that make a parser and declare options, ``parsing`` those that
    parse and hand the namespace on, ``spread`` those that make a dict of it, ``body`` the block
    that makes the Trainer. ``space`` is what the namespace is called there, ``words`` what is
    parsed where it is not the command line. ``set_defaults`` are the defaults that were set anew.
    ``whole`` is a function that does nothing but declare and parse, ``spent`` are those that
    declare, ``entry`` is the one that the namespace is handed to, by the call ``entered``.
    """

    file: File
    trainer: Built
    model: Built
    data: Built | None
    body: list[ast.stmt]
    scope: Scope
    space: str = ""
    words: ast.expr | None = None
    made: ast.Call | None = None
    declared: list[ast.stmt] = field(default_factory=list)
    parsing: list[ast.stmt] = field(default_factory=list)
    options: dict[str, Option] = field(default_factory=dict)
    spread: list[ast.stmt] = field(default_factory=list)
    set_defaults: dict[str, ast.expr] = field(default_factory=dict)
    has_trainer_options: bool = False
    whole: Function | None = None
    spent: list[Function] = field(default_factory=list)
    entry: Function | None = None
    entered: ast.Call | None = None


def read(file: File) -> Script | None:
    """The script in a file, None where none trains by what argparse read.

    Raises RefusedError where it does so in a way that no LightningCLI has.
    """
    parsers = [c for c in file.tree.calls if file.canonical(c.func) == _PARSER]
    parses = [c for c in file.tree.calls if _method(c) in ("parse_args", "parse_known_args")]
    trainers = _trainers(file)
    if not parsers or not parses or not trainers:
        return None
    call = parses[0]
    if len(parses) > 1 or _method(call) != "parse_args":
        raise RefusedError("not all of its command line is parsed in one place", parses[-1])
    if len(trainers) > 1:
        raise RefusedError("it makes more than one Trainer", trainers[1].call)
    trainer = trainers[0]
    made = _made(file, Role.MODULE)
    if not made:
        raise RefusedError("the module that it trains is not made here", trainer.call)
    if len(made) > 1:
        raise RefusedError("it makes more than one module", made[1].call)
    datas = _made(file, Role.DATAMODULE)
    if len(datas) > 1:
        raise RefusedError("it makes more than one datamodule", datas[1].call)
    body = file.tree.block(trainer.statement)
    scope = file.tree.scope_of(trainer.statement)
    script = Script(file, trainer, made[0], datas[0] if datas else None, body, scope)
    for built in (script.model, script.data):
        if built is not None and file.tree.block(built.statement) is not body:
            cls = built.cls.name if built.cls else ""
            raise RefusedError(f"{cls} is not made beside the Trainer", built.call)
    _check_place(script)
    _follow(script, call)
    _declare(script, call)
    return script


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _check_place(script: Script) -> None:
    """Raises RefusedError where the Trainer is made under a condition, in a loop or in a method."""
    file = script.file
    home = file.tree.parents[script.trainer.statement]
    if isinstance(home, ast.Module) or (isinstance(home, ast.If) and _is_main(home)):
        return
    is_function = isinstance(home, FUNCTIONS) and isinstance(file.tree.parents[home], ast.Module)
    if not is_function:
        raise RefusedError("its Trainer is made under a condition", script.trainer.call)


def _is_main(node: ast.If) -> bool:
    return "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}


def _built(file: File, call: ast.Call, cls: Class | None, *, from_space: bool = False) -> Built:
    statement = file.tree.statement(call)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    name = ""
    if isinstance(statement, ast.Assign) and statement.value is call:
        if len(statement.targets) > 1 or not isinstance(target, ast.Name):
            raise RefusedError("what it makes has no plain name", call)
        name = target.id
    return Built(call, statement, name, cls, from_space)


def _trainers(file: File) -> list[Built]:
    plain = [c for c in file.tree.calls if file.canonical(c.func) == CLASSES[TRAINER]]
    helped = [h.node for h in helps(file) if h.name == "from_argparse_args" and h.is_trainer]
    if any(h.cls is not None for h in helps(file) if h.node in helped):
        raise RefusedError("its Trainer is of a class of its own", helped[0])
    found = [_built(file, c, None) for c in plain]
    return found + [_built(file, c, None, from_space=True) for c in helped]


def _made(file: File, role: Role) -> list[Built]:
    """The calls that make an instance of a class of the project with a role."""
    found = []
    for call in file.tree.calls:
        cls = _class(file, call.func)
        if cls is not None and cls.has(role):
            found.append(_built(file, call, cls))
    for help_ in helps(file):
        if help_.name == "from_argparse_args" and help_.cls is not None and help_.cls.has(role):
            found.append(_built(file, help_.node, help_.cls, from_space=True))
    return found


def _class(file: File, node: ast.expr) -> Class | None:
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    if not last[:1].isupper():
        return None
    meanings = file.meanings(node)
    made = meanings[0] if len(meanings) == 1 else None
    if isinstance(made, Defined) and isinstance(made.node, ast.ClassDef):
        return made.file.cls(made.node)
    return None


def _follow(script: Script, call: ast.Call) -> None:
    """Find out what the namespace is called where the Trainer is made, and how it gets there."""
    file, tree = script.file, script.file.tree
    statement = tree.statement(call)
    if call.keywords or len(call.args) > 1:
        raise RefusedError("parse_args is given a namespace", call)
    script.words = call.args[0] if call.args else None
    function = tree.enclosing_function(call)
    value: ast.expr = call
    if isinstance(statement, ast.Return) and statement.value is call and function is not None:
        callers = [c for c in tree.calls if _calls(file, c, function)]
        if len(callers) != 1 or callers[0].args or callers[0].keywords or script.words is not None:
            raise RefusedError(f"{function.name} parses for more than one place", call)
        if used_in_other_files(file, function.name):
            raise RefusedError(f"other files use {function.name}", call)
        script.whole = function
        value, statement = callers[0], tree.statement(callers[0])
    _hand_on(script, value, statement)


def _hand_on(script: Script, value: ast.expr, statement: ast.stmt) -> None:
    file, tree = script.file, script.file.tree
    home = tree.enclosing_function(script.trainer.statement)
    reads: list[ast.Name] = []
    if isinstance(statement, ast.Assign) and statement.value is value:
        target = statement.targets[0]
        if len(statement.targets) > 1 or not isinstance(target, ast.Name):
            raise RefusedError("what is parsed has no plain name", value)
        scope = tree.scope_of(statement)
        if len(scope.bindings.get(target.id, ())) != 1:
            raise RefusedError(f"{target.id} is set more than once", value)
        script.parsing.append(statement)
        if scope is script.scope:
            script.space = target.id
            return
        reads = loads(file, scope, target.id)
        handed = tree.parents[reads[0]] if len(reads) == 1 else None
    else:
        handed = tree.parents[value]
    if not isinstance(handed, ast.Call) or home is None or not _calls(file, handed, home):
        raise RefusedError("what is parsed is used outside of where the Trainer is made", value)
    callers = [c for c in tree.calls if _calls(file, c, home)]
    arguments = home.args
    alone = len(arguments.args) == 1 and not (
        arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg
    )
    if len(callers) != 1 or not alone or home.decorator_list or script.words is not None:
        raise RefusedError(f"{home.name} takes more than the namespace", handed)
    if used_in_other_files(file, home.name) or not isinstance(tree.statement(handed), ast.Expr):
        raise RefusedError(f"{home.name} is called in other ways too", handed)
    script.entry, script.entered = home, handed
    script.space = arguments.args[0].arg


def _calls(file: File, call: ast.Call, function: Function) -> bool:
    if not isinstance(call.func, ast.Name) or call.func.id != function.name:
        return False
    return any(getattr(m, "node", None) is function for m in file.meanings(call.func))


def _declare(script: Script, call: ast.Call) -> None:
    """Read the statements that declare options."""
    tree = script.file.tree
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(owner, ast.Name):
        raise RefusedError("the parser has no plain name", call)
    scope = tree.scope_of(call)
    block = tree.block(tree.statement(call))
    parsers = {owner.id}
    for statement in block:
        if statement is tree.statement(call):
            break
        if _declares(script, statement, parsers):
            script.declared.append(statement)
    if script.made is None:
        raise RefusedError("the parser is not made beside parse_args", call)
    if script.whole is not None:
        rest = [s for s in script.whole.body if s not in script.declared]
        if any(s is not tree.statement(call) and not _is_text(s) for s in rest):
            raise RefusedError(f"{script.whole.name} does more than parse", call)
    else:
        statement = tree.statement(call)
        if statement not in script.parsing and tree.parents[call] is not script.entered:
            raise RefusedError("what is parsed has no plain name", call)
    for name in script.set_defaults.keys() & script.options.keys():
        script.options[name] = with_default(script.options[name], script.set_defaults[name])
    _check_uses(script, scope, parsers, [*script.declared, tree.statement(call)])


def _check_uses(script: Script, scope: Scope, parsers: set[str], known: list[ast.stmt]) -> None:
    """Raises RefusedError where a parser is used in other statements than some."""
    for name in parsers:
        for use in loads(script.file, scope, name):
            if not any(s is a for s in known for a in script.file.tree.ancestors(use)):
                raise RefusedError("the parser is used in other places too", use)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _declares(script: Script, statement: ast.stmt, parsers: set[str]) -> bool:
    """Take down what a statement declares; False where it has nothing to do with the parser."""
    file = script.file
    value = getattr(statement, "value", None)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    name = target.id if isinstance(target, ast.Name) else None
    if isinstance(value, ast.Call) and name in parsers:
        if file.canonical(value.func) == _PARSER:
            if script.made is not None:
                raise RefusedError("there is more than one parser", value)
            script.made = value
            return True
        return _adds(script, value, parsers)
    if name is not None and is_group(value, parsers):
        parsers.add(name)
        return True
    if not isinstance(statement, ast.Expr) or not isinstance(value, ast.Call):
        return False
    added = added_here(value, parsers)
    if added is not None:
        _enter(script, option_of(file, added))
        return True
    return _sets_defaults(script, value, parsers) or _adds(script, value, parsers)


def _adds(script: Script, value: ast.Call, parsers: set[str]) -> bool:
    """Options that a helper or a function of the project adds to the parser."""
    file = script.file
    given = [*value.args, *(k.value for k in value.keywords)]
    if len(given) != 1 or not isinstance(given[0], ast.Name) or given[0].id not in parsers:
        return False
    help_ = next((h for h in helps(file) if h.node is value), None)
    if help_ is not None and help_.name == "add_argparse_args":
        _add_helped(script, help_)
        return True
    found = function_of(file, value.func)
    if found is None:
        raise RefusedError(f"what `{file.text(value)}` adds is not to be seen", value)
    for option in declaring(*found, value):
        _enter(script, option)
    if found[0] is file:
        script.spent.append(found[1])
    return True


def _add_helped(script: Script, help_: Help) -> None:
    if help_.cls is None:
        script.has_trainer_options = True
    elif script.data is None or help_.cls.node is not getattr(script.data.cls, "node", None):
        raise RefusedError(f"{help_.cls.name} is not what it trains on", help_.node)


def _sets_defaults(script: Script, value: ast.Call, parsers: set[str]) -> bool:
    func = value.func
    if not isinstance(func, ast.Attribute) or func.attr != "set_defaults":
        return False
    if not isinstance(func.value, ast.Name) or func.value.id not in parsers:
        return False
    if value.args or any(k.arg is None for k in value.keywords):
        raise RefusedError("the defaults of its options are not to be seen", value)
    script.set_defaults |= {k.arg: k.value for k in value.keywords if k.arg}
    return True


def _enter(script: Script, option: Option) -> None:
    if option.name in script.options:
        raise RefusedError(f"{option.shown} is declared twice", option.call)
    script.options[option.name] = option


def seeding(script: Script, statement: ast.stmt) -> tuple[ast.Attribute, bool] | None:
    """The attribute that a statement seeds everything with, and whether workers are seeded too."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(value, ast.Call) or len(value.args) != 1:
        return None
    if script.file.canonical(value.func) not in _SEEDINGS:
        return None
    given = value.args[0]
    if not isinstance(given, ast.Attribute) or not isinstance(given.value, ast.Name):
        return None
    workers = next((k.value for k in value.keywords if k.arg == "workers"), None)
    if len(value.keywords) > (workers is not None) or given.value.id != script.space:
        return None
    return given, literal(workers) is True
