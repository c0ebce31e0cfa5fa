"""Which statements of a script run before a LightningCLI is made, inside it, and after it."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.scopes import FUNCTIONS
from ..engine.statements import stands_alone
from ._cli_declared import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ._cli_script import Script
    from ._cli_targets import Targets

#: Nothing of this draws a random number when it is called or made.
_QUIET = (
    "lightning.pytorch.callbacks.", "lightning.pytorch.loggers.", "lightning.pytorch.profilers.",
    "lightning.pytorch.strategies.", "lightning.pytorch.plugins.", "lightning.pytorch.Trainer",
    "torchvision.transforms.", "torch.utils.data.DataLoader", "torch.nn.ReLU", "os.", "pathlib.",
    "datetime.", "time.", "logging.", "json.", "warnings.", "sys.", "argparse.",
    "torch.set_float32_matmul_precision", "torch.set_num_threads", "torch.cuda.is_available",
    "torch.cuda.device_count", "torch.autograd.set_detect_anomaly",
)  # fmt: skip
_QUIET_METHODS = frozenset(
    {
        "__init__", "save_hyperparameters", "append", "format", "join", "split", "lower", "upper",
        "strip", "info", "debug", "warning", "get", "items", "keys", "values", "mkdir", "exists",
        "watch", "log_hyperparams", "freeze", "eval", "update", "setdefault", "extend",
    }
)  # fmt: skip
_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom, ast.Break, ast.Continue, ast.Await, ast.Global)


@dataclass(eq=False)
class Placed:
    """Statements by their place; what is named nowhere stays where it is.

    ``before`` run when the command line is parsed, ``within`` when the Trainer is made, ``after``
    when the CLI is there. ``arguments`` are those of the Trainer that are written where it is made.
    """

    before: list[ast.stmt] = field(default_factory=list)
    within: list[ast.stmt] = field(default_factory=list)
    after: list[ast.stmt] = field(default_factory=list)
    arguments: dict[str, ast.expr] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


class Placing:
    """Decides for one script; raises RefusedError where no order keeps what the script did."""

    def __init__(self, script: Script, targets: Targets, seed: ast.stmt | None) -> None:
        self.script = script
        self.file = script.file
        self.targets = targets
        self.seed = seed
        self.placed = Placed()
        self.built = [b for b in (script.model, script.data) if b is not None]
        whole = [b.statement for b in (*self.built, script.trainer) if b.name]
        self.own = [
            *script.declared,
            *script.parsing,
            *script.spread,
            *whole,
            *([seed] if seed else []),
        ]
        self.at = script.body.index(script.trainer.statement)
        begin = max((script.body.index(s) for s in script.parsing if s in script.body), default=-1)
        self.between = [s for s in script.body[begin + 1 : self.at] if s not in self.own]
        self.is_function = script.scope.parent is not None

    def place(self) -> Placed:
        """The places of all statements up to the Trainer."""
        early = script_head(self.script)
        for statement in early:
            if self._reads(statement, {self.script.space}):
                raise RefusedError("the namespace is read before it is there", statement)
        for built in self.built:
            if not built.name and self.script.body.index(built.statement) < self.at:
                raise RefusedError("what is made is not kept in a variable", built.call)
        self._within()
        first = min(self.script.body.index(b.statement) for b in self.built)
        moved: set[str] = set()
        for statement in self.between:
            if statement in self.placed.within:
                continue
            names = {b.name for b in self.built if b.name} | moved
            if self._reads(statement, names):
                self._move_after(statement, moved)
            elif self._reads(statement, {self.script.space}):
                is_early = self.script.body.index(statement) < first
                if is_early and not self._leaves_names(statement) and self._is_movable(statement):
                    self._check(statement)
                    self.placed.before.append(statement)
                else:
                    self._move_after(statement, moved)
        for expression in self.targets.trainer_defaults:
            node = self._given(expression)
            if node is not None and self._reads(node, moved | {b.name for b in self.built}):
                raise RefusedError("the Trainer gets what is made of the module", node)
        self._crossings(first)
        return self.placed

    def _move_after(self, statement: ast.stmt, moved: set[str]) -> None:
        self._check(statement)
        self.placed.after.append(statement)
        moved |= _stored(statement)

    def _check(self, statement: ast.stmt) -> None:
        if not stands_alone(self.file, statement):
            raise RefusedError("statements share a line", statement)
        if any(isinstance(n, _LEAVING) for n in _own_nodes(statement)):
            raise RefusedError("the script may end before it trains", statement)

    def _given(self, name: str) -> ast.expr | None:
        keywords = self.script.trainer.call.keywords
        return next((k.value for k in keywords if k.arg == name), None)

    # what the Trainer gets --------------------------------------------------------------------

    def _within(self) -> None:
        """The arguments that are written where the Trainer is made, and what they are made of."""
        chosen = {}
        for name, value in self.targets.in_trainer.items():
            made = self._makers(value)
            reads = any(self._reads(s, {self.script.space}) for s in [value, *made])
            if name != "callbacks" or reads:
                chosen[name] = (value, made)
        moving = {
            s
            for value, made in chosen.values()
            for s in made
            if self.is_function or any(self._reads(n, {self.script.space}) for n in [value, *made])
        }
        within = [s for s in self.between if s in moving]
        built = {b.name for b in self.built if b.name}
        for node in (n for value, made in chosen.values() for n in [value, *made]):
            if self._reads(node, built):
                raise RefusedError("the Trainer gets what is made of the module", node)
        for statement in within:
            self._check(statement)
        names = {name for s in within for name in _stored(s)}
        values = [value for value, _ in chosen.values()]
        self._check_alone(names, [*within, *values])
        for node in [*within, *values]:
            self._check_local(node, names)
        self.placed.within = within
        self.placed.arguments = {name: value for name, (value, _) in chosen.items()}
        for name in chosen:
            self.targets.trainer_defaults.pop(name, None)

    def _makers(self, value: ast.AST) -> list[ast.stmt]:
        """The statements that make or change what an expression reads, over any number of them."""
        found: list[ast.stmt] = []
        names = _loaded(value)
        for statement in reversed(self.between):
            if (_stored(statement) | _loaded(statement)) & names - {self.script.space}:
                found.append(statement)
                names |= _loaded(statement)
        return found

    def _check_alone(self, names: set[str], homes: list[ast.AST]) -> None:
        """Raises RefusedError where what moves into the CLI is read outside of it too."""
        trainer = self.script.trainer.call
        for node in self.file.tree.all(ast.Name):
            if not isinstance(node, ast.Name) or node.id not in names:
                continue
            found = self.file.tree.scope_of(node).find(node.id)
            if found is None or found[0] is not self.script.scope:
                continue
            around = list(self.file.tree.ancestors(node))
            inside = any(a is h for a in [node, *around] for h in homes)
            if not inside and not any(a is trainer for a in around):
                raise RefusedError(
                    f"{node.id} depends on the command line and is read beside the Trainer", node
                )

    def _check_local(self, node: ast.AST, names: set[str]) -> None:
        """Raises RefusedError where code for a method reads what only a function has."""
        if not self.is_function:
            return
        for name in ast.walk(node):
            if not isinstance(name, ast.Name) or not isinstance(name.ctx, ast.Load):
                continue
            found = self.file.tree.scope_of(name).find(name.id)
            is_local = found is not None and found[0] is self.script.scope
            if is_local and name.id not in names and name.id != self.script.space:
                raise RefusedError(f"{name.id} is known in the function only", name)

    def _is_movable(self, statement: ast.stmt) -> bool:
        """Whether a statement can run in a method."""
        try:
            self._check_local(statement, _stored(statement))
        except RefusedError:
            return False
        return True

    def _leaves_names(self, statement: ast.stmt) -> bool:
        """Whether anything reads what a statement sets outside of it."""
        names = _stored(statement)
        return any(
            isinstance(n, ast.Name)
            and n.id in names
            and isinstance(n.ctx, ast.Load)
            and not any(a is statement for a in self.file.tree.ancestors(n))
            for n in self.file.tree.all(ast.Name)
        )

    def _reads(self, node: ast.AST, names: set[str]) -> bool:
        return bool(_loaded(node) & names)

    # random numbers ---------------------------------------------------------------------------

    def _crossings(self, first: int) -> None:
        """Doubts about what is run before or after the seeding, or the making of the module."""
        body = self.script.body
        seed = body.index(self.seed) if self.seed in body else len(body)
        hooks = [body.index(s) for s in self.placed.before]
        loud = [i for i in hooks if not is_quiet(self.file, body[i])]
        seeded = [i for i in loud if "seed" in self.file.text(body[i])]
        last = max(body.index(b.statement) for b in self.built)
        for statement in self.between:
            at = body.index(statement)
            if statement in (*self.placed.before, *self.placed.within):
                continue
            if is_quiet(self.file, statement):
                continue
            line = statement.lineno
            if statement in self.placed.after:
                crosses = at < last
            else:
                crosses = at > min([first, *loud])
                if at > min([seed, *seeded], default=seed):
                    raise RefusedError(
                        f"line {line} may draw random numbers, and the CLI sets the seed later",
                        statement,
                    )
            if crosses:
                self._doubt(
                    f"the module is made before or after line {line} by now: see that it "
                    "draws no random numbers"
                )
        for statement in body[self.at + 1 : last]:
            if statement not in self.own and not is_quiet(self.file, statement):
                self._doubt(
                    f"the module is made before line {statement.lineno} by now: see that "
                    "it draws no random numbers"
                )
        self._order()

    def _order(self) -> None:
        """The CLI makes the module before the datamodule."""
        model, data = self.script.model, self.script.data
        if data is None or data.cls is None:
            return
        if self.targets.made or self.file.span(data.call).start > self.file.span(model.call).start:
            return
        found = data.cls.method("__init__")
        if found is not None and not is_quiet(found[0].file, found[1]):
            self._doubt(
                f"the module is made before {data.cls.name} by now: see that making "
                f"{data.cls.name} draws no random numbers"
            )

    def _doubt(self, sentence: str) -> None:
        if sentence not in self.placed.doubts:
            self.placed.doubts.append(sentence)


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement that run with it, those of functions in it left out."""
    yield statement
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return
    for child in ast.iter_child_nodes(statement):
        yield from _own_nodes(child)  # type: ignore[arg-type]


def script_head(script: Script) -> list[ast.stmt]:
    """The statements of the Trainer's block up to where the command line is parsed."""
    begin = max((script.body.index(s) for s in script.parsing if s in script.body), default=0)
    return [s for s in script.body[:begin] if s not in script.declared]


def is_quiet(file: File, node: ast.AST) -> bool:
    """Whether code surely draws no random numbers."""
    return all(_is_quiet(file, call) for call in ast.walk(node) if isinstance(call, ast.Call))


def _is_quiet(file: File, call: ast.Call) -> bool:
    name = file.canonical(call.func) or ""
    if name.startswith(_QUIET) or (name and hasattr(builtins, name)):
        return True
    func = call.func
    if isinstance(func, ast.Name):
        return file.canonical(func) is None and func.id == "super"
    return isinstance(func, ast.Attribute) and func.attr in _QUIET_METHODS


def _stored(node: ast.AST) -> set[str]:
    """The names that code gives a meaning."""
    found = {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    found |= {n.name for n in ast.walk(node) if isinstance(n, (*FUNCTIONS, ast.ClassDef))}
    return found | {
        (alias.asname or alias.name.partition(".")[0])
        for n in ast.walk(node)
        if isinstance(n, (ast.Import, ast.ImportFrom))
        for alias in n.names
    }


def _loaded(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
