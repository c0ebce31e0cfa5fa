"""A LightningCLI is used as before its subcommands came.

What it does
    Finds, with `LightningCLI` and its subclasses: `cli.trainer.fit(…)` behind a CLI that trains by
    itself; `cli.config["model"]`, which lies below the subcommand; a method `prepare_fit_kwargs`,
    which nothing calls; and instances as defaults of what the CLI makes.

Why
    Since Lightning 1.5 the command line names what to do (`python main.py fit`), and the CLI does
    it in its constructor: a `fit` behind it trains a second time. The configuration is one of each
    subcommand, so reading a group of it directly raises `KeyError`. An instance as a default cannot
    be written into the saved configuration.

Example
    ```python
    cli = LightningCLI(Net)
    cli.trainer.fit(cli.model)
    print(cli.config["model"])
    ```
    becomes
    ```python
    cli = LightningCLI(Net, run=False)
    cli.trainer.fit(cli.model)
    print(cli.config["model"])
    ```

Fix safety
    Safe for the configuration of a CLI that surely runs, and for a `prepare_fit_kwargs` that leaves
    `fit_kwargs` alone, which becomes `before_fit`. Unsafe for `run=False`: the command line has to
    lose its `fit`. Unsafe for defaults, which become `lazy_instance`.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/7508
    https://github.com/Lightning-AI/pytorch-lightning/pull/8751
    https://github.com/Lightning-AI/pytorch-lightning/pull/18822
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role
from ..engine.rule import rule
from ..model import Edit, Fix, Safety, Severity, Span
from ._cli_defaults import lazy
from ._cli_objects import created, made_here, runs
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_GROUPS = frozenset({"model", "data", "trainer", "optimizer", "lr_scheduler", "seed_everything"})
_HOOK = "prepare_fit_kwargs"


@rule("LF812", triggers=("CLI",), context=(_HOOK, ".fit(", ".config", "LightningCLI"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at uses, methods and defaults."""
    del settings
    yield from _second_fits(rule, file)
    for node in file.tree.all(ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "config":
            yield from _group(rule, file, node)
    for definition in file.tree.classes:
        cls = file.cls(definition)
        if cls.has(Role.CLI) and _HOOK in cls.methods:
            yield _uncalled(rule, file, cls)
    for call in made_here(file):
        yield from _defaults(rule, file, call)


def _second_fits(rule: Rule, file: File) -> Iterator[Finding]:
    for call, func in file.tree.method_calls("fit"):
        trainer = func.value
        if not isinstance(trainer, ast.Attribute) or trainer.attr != "trainer":
            continue
        made = created(file, trainer.value)
        if made is None or not runs(made):
            continue
        edits = Arguments(file, made).change({"": [("run", "False")]})
        yield file.finding(
            rule,
            call,
            "the LightningCLI has trained already when this trains again",
            fix=Fix("write run=False", edits, Safety.UNSAFE),
            reason="with run=False the command line names no subcommand: leave out its `fit`; "
            "to keep the subcommand, remove this call instead",
        )


def _group(rule: Rule, file: File, node: ast.Attribute) -> Iterator[Finding]:
    parent = file.tree.parents[node]
    key = None
    if isinstance(parent, ast.Subscript) and parent.value is node:
        key = literal(parent.slice)
    elif isinstance(parent, ast.Attribute):
        key = parent.attr
        call = file.tree.parents[parent]
        if key == "get" and isinstance(call, ast.Call) and call.args:
            key = literal(call.args[0])
    if key not in _GROUPS:
        return
    made = created(file, node.value)
    if made is None or not runs(made):
        return
    owner = file.text(node.value)
    yield file.finding(
        rule,
        parent,
        f"{key} is in the configuration of the subcommand",
        fix=Fix("look there", (file.replace(node, f"{owner}.config[{owner}.subcommand]"),)),
    )


def _uncalled(rule: Rule, file: File, cls: Class) -> Finding:
    method = cls.methods[_HOOK]
    message = f"the LightningCLI does not call {_HOOK} since Lightning 1.5"
    names = {n.attr for n in ast.walk(method) if isinstance(n, ast.Attribute)}
    others = [
        n for n in file.tree.all(ast.Attribute) if isinstance(n, ast.Attribute) and n.attr == _HOOK
    ]
    start = file.source.offset(method.lineno, method.col_offset)
    at = file.source.data.index(_HOOK.encode(), start)
    if "fit_kwargs" in names or others or cls.method("before_fit") or len(method.args.args) != 1:
        reason = (
            "there is no fit_kwargs any more: define fit(self, **kwargs) in the CLI, which gets "
            "the arguments, and call self.trainer.fit(…) there; what runs before is before_fit"
        )
        return file.finding(rule, method, message, reason=reason)
    edit = Edit(Span(at, at + len(_HOOK)), "before_fit")
    return file.finding(rule, method, message, fix=Fix("call it before_fit", (edit,)))


def _defaults(rule: Rule, file: File, call: ast.Call) -> Iterator[Finding]:
    for value, spelled in lazy(file, call):
        message = "an instance as a default cannot be written into the CLI's configuration"
        fix = None
        reason = "write lazy_instance(Class, name=value, …) of jsonargparse"
        if spelled is not None:
            edits = (file.replace(value, spelled.text),)
            fix = Fix(f"write {spelled.text}", edits, Safety.UNSAFE, spelled.needs)
            reason = "code that makes the class without the CLI gets a lazy instance too"
        yield file.finding(rule, value, message, fix=fix, reason=reason, severity=Severity.WARNING)
