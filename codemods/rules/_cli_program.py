"""A script as a LightningCLI: the edits of its file."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from ..engine.rewrite import rewrite_parameters
from ..engine.settings import Settings
from ..engine.statements import indent, stands_alone, whole_lines
from ..lightning import api
from ..model import Edit, Need, Span
from ._cli_class import ClassText, indented
from ._cli_declared import RefusedError
from ._cli_parameters import saves
from ._cli_placing import Placing
from ._cli_region import Region, carried
from ._cli_script import Built, Script, read, seeding
from ._cli_targets import Placer
from ._cli_texts import restated
from ._variables import UNKNOWN, literal, loads, used_in_other_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..engine.file import File
    from ..engine.scopes import Function

#: The rule that offers it.
CODE = "LF815"
RULE = "argparse-training-script"
_CLASS = "TrainingCLI"
_NAME = "cli"
_LINE = 100
_APART = 2
#: A name that is defined and called once stands in the text as often.
_ONE_CALL = 2
#: It came last of what is written in any case.
_NEEDED = "auto_configure_optimizers"
_SUPPORT = "load_from_checkpoint_support"
#: Arguments of a parser that change nothing about what it reads.
_SILENT = ("formatter_class", "add_help", "conflict_handler", "allow_abbrev")
_STAGES = ("fit", "validate", "test", "predict")


@dataclass(frozen=True)
class Conversion:
    """What becomes of a file, or why nothing does: then ``edits`` is empty.

    ``node`` is where the script makes its Trainer, or what stands in the way.
    """

    node: ast.AST
    edits: tuple[Edit, ...] = ()
    needs: tuple[Need, ...] = ()
    doubts: tuple[str, ...] = field(default=())
    reason: str = ""


def conversion(file: File, settings: Settings) -> Conversion | None:
    """The file as a program of LightningCLI; None where nobody asks, or no script is one."""
    if settings.cli != "lightning" or file.path.suffix != ".py":
        return None
    return _conversion(file, settings.root, settings.target, settings.compat)


@lru_cache(maxsize=4)
def _conversion(
    file: File, root: Path | None, target: str, compat: tuple[str, ...]
) -> Conversion | None:
    settings = Settings(root=root, target=target, compat=compat)
    script = None
    try:
        script = read(file)
        return None if script is None else _Program(script, settings).conversion()
    except RefusedError as error:
        made = script.trainer.call if script is not None else file.tree.module.body[0]
        return Conversion(error.node or made, reason=str(error))


class _Program:
    """The edits for one script."""

    def __init__(self, script: Script, settings: Settings) -> None:
        self.script = script
        self.file = script.file
        self.settings = settings
        self.seed = self._seed()
        found = seeding(script, self.seed) if self.seed is not None else None
        self.targets = Placer(script, settings).place(found[0] if found else None)
        self.placed = Placing(script, self.targets, self.seed).place()
        self.carried = carried(script)
        self.text = ClassText(script, self.targets, self.placed, self.carried)

    def conversion(self) -> Conversion:
        """All of it; raises RefusedError where something stands in the way."""
        self._check()
        lines = self.text.lines(_CLASS)
        call = self._call(_CLASS if lines else self.text.base())
        edits = [*self._block(call, lines), *self._parsing(), *self._types(), *self._later()]
        edits += [self._without(f) for f in self.script.spent if self._is_unused(f)]
        doubts = [*self.targets.doubts, *self.placed.doubts]
        if self._saves() and not self._has_support():
            doubts.append("checkpoints hold in their hyperparameters how the CLI made the module")
        return Conversion(
            self.script.trainer.call, tuple(edits), tuple(self.text.needs), tuple(doubts)
        )

    def _seed(self) -> ast.stmt | None:
        """The statement that the CLI does itself: it seeds by an option that has a number."""
        script = self.script
        built = [b.statement for b in (script.model, script.data, script.trainer) if b]
        for statement in script.body:
            if any(statement is b for b in built):
                return None
            found = seeding(script, statement)
            if found is None:
                continue
            option = script.options.get(found[0].attr)
            is_number = option is not None and type(option.default) is int
            workers = found[1] or not any(self.file.project.holding(b"num_workers", self.file.path))
            return statement if is_number and workers else None
        return None

    def _check(self) -> None:
        file, script = self.file, self.script
        scope = script.scope
        for release in self.settings.asked:
            if not self._takes(release, _NEEDED):
                raise RefusedError(f"that of Lightning {release} is another", script.trainer.call)
        for name in (_NAME, _CLASS):
            if scope.find(name) is not None or name in file.tree.root.bindings:
                raise RefusedError(f"{name} is the name of something else", script.trainer.call)
        for built in self._built():
            if built.name and len(scope.bindings.get(built.name, ())) != 1:
                raise RefusedError(f"{built.name} is set more than once", built.call)
            if built.name and not stands_alone(file, built.statement):
                raise RefusedError("statements share a line", built.call)
        names = [b.name for b in self._built() if b.name] + [script.space]
        if scope.is_module and any(used_in_other_files(file, name) for name in names):
            raise RefusedError("other files may read what it makes", script.trainer.call)
        known = self._spaces()
        for use in loads(file, scope, script.space):
            if file.tree.scope_of(use) is not scope:
                raise RefusedError(f"{script.space} is read in another function", use)
            if not any(use is n for n in known):
                self.text.reads(use, _NAME)

    def _built(self) -> list[Built]:
        script = self.script
        return [b for b in (script.trainer, script.model, script.data) if b is not None]

    def _spaces(self) -> list[ast.AST]:
        """The reads of the namespace that go with what the CLI does."""
        homes: list[ast.AST] = [b.call for b in self._built()]
        homes += [
            s for s in (self.seed, *self.script.parsing, *self.script.spread) if s is not None
        ]
        homes += [self.script.entered] if self.script.entered else []
        return [n for home in homes for n in ast.walk(home)]

    # the call -------------------------------------------------------------------------------

    def _call(self, name: str) -> str:
        script, targets = self.script, self.targets
        classes = [b.call for b in (script.model, script.data) if b is not None]
        parts = [self._class(call) for call in classes]
        shown = [f'"{n}": {text}' for n, text in targets.trainer_defaults.items()]
        if shown:
            parts.append(f"trainer_defaults={{{', '.join(shown)}}}")
        parts.append(f"seed_everything_default={self._seed_default()}")
        kept = self._parser_arguments()
        if kept:
            parts.append(f"parser_kwargs={{{kept}}}")
        parts.append("save_config_callback=None")
        if script.words is not None:
            parts.append(f"args={self.file.text(script.words)}")
        parts += ["auto_configure_optimizers=False", "run=False"]
        if self._saves() and self._has_support():
            parts.append(f"{_SUPPORT}=False")
        margin = indent(self.file, script.trainer.statement)
        text = f"{_NAME} = {name}({', '.join(parts)})"
        if len(margin) + len(text) <= _LINE and "\n" not in text:
            return text
        inner = "".join(f"    {part},\n" for part in parts)
        return f"{_NAME} = {name}(\n{inner})"

    def _class(self, call: ast.Call) -> str:
        func = call.func
        helped = isinstance(func, ast.Attribute) and func.attr == "from_argparse_args"
        return self.file.text(func.value if helped and isinstance(func, ast.Attribute) else func)

    def _seed_default(self) -> str:
        if self.seed is None:
            return "False"
        found = seeding(self.script, self.seed)
        option = self.script.options[found[0].attr] if found else None
        return repr(option.default) if option else "False"

    def _parser_arguments(self) -> str:
        """What the parser was made with, as far as it tells the reader something."""
        made = self.script.made
        parts = []
        for keyword in made.keywords if made else ():
            if keyword.arg in _SILENT:
                continue
            if keyword.arg not in ("description", "prog", "epilog", "usage"):
                raise RefusedError(f"the parser is made with {keyword.arg}", made)
            parts.append(f'"{keyword.arg}": {self.file.text(keyword.value)}')
        if made is not None and made.args:
            parts.append(f'"prog": {self.file.text(made.args[0])}')
        return ", ".join(parts)

    def _saves(self) -> bool:
        return any(b.cls is not None and saves(b.cls) for b in self._built())

    def _has_support(self) -> bool:
        return all(self._takes(r, _SUPPORT) for r in (self.settings.minor, *self.settings.asked))

    @staticmethod
    def _takes(release: str, name: str) -> bool:
        """Whether the LightningCLI of a release takes an argument."""
        signature = api.signature("lightning.pytorch.cli.LightningCLI", release)
        return signature is not None and signature.parameter(name) is not None

    # the block that trains ------------------------------------------------------------------

    def _block(self, call: str, lines: list[str]) -> list[Edit]:
        script = self.script
        gone: list[ast.stmt] = [*script.declared, *script.parsing, *script.spread]
        gone += [self.seed] if self.seed is not None else []
        gone += [b.statement for b in self._built() if b.name]
        gone += [*self.placed.before, *self.placed.within, *self.placed.after]
        replaced = {}
        for statement in script.body:
            if statement is script.trainer.statement:
                after = [self._restated(s) for s in self.placed.after]
                after += [] if script.trainer.name else [self._restated(statement)]
                text = indented("\n".join([call, *after]).split("\n"), self._margin())
                replaced[id(statement)] = text
            elif any(statement is g for g in gone):
                replaced[id(statement)] = ""
        self.region = Region(self.file, script.body, replaced, self._changes(), self.carried)
        edit = self.region.edit
        home = self._outermost()
        if not lines:
            return [edit]
        text = "\n".join(lines)
        if home in script.body:
            first = self.region.first
            above = self._above(first)
            return [Edit(edit.span, f"{above}{text}\n\n\n{edit.text}")]
        return [edit, self._inserted(home, text)]

    def _margin(self) -> str:
        return indent(self.file, self.script.trainer.statement)

    def _restated(self, statement: ast.stmt) -> str:
        return "\n".join(restated(self.file, statement, self._changes(), comment=True))

    def _outermost(self) -> ast.stmt:
        statement = self.script.trainer.statement
        around = [statement, *self.file.tree.ancestors(statement)]
        return next(s for s in self.file.tree.module.body if any(s is a for a in around))

    def _inserted(self, home: ast.stmt, text: str) -> Edit:
        start = whole_lines(self.file, home).start
        if home is not self.file.tree.module.body[0]:
            line = self.file.source.line_of(start)
            while line > 1 and self._line(line - 1).startswith(b"#"):
                line -= 1
            start = self.file.source.line_span(line).start
        return Edit(Span(start, start), f"{self._above(start)}{text}\n\n\n")

    def _above(self, start: int) -> str:
        line = self.file.source.line_of(start)
        blank = 0
        while blank < _APART and line - blank > 1 and not self._line(line - blank - 1):
            blank += 1
        return "\n" * (_APART - blank) if line - blank > 1 else ""

    def _line(self, number: int) -> bytes:
        span = self.file.source.line_span(number)
        return self.file.source.data[span.start : span.end].rstrip()

    # everything else ------------------------------------------------------------------------

    def _changes(self) -> Mapping[ast.AST, str]:
        """The texts for reads of the namespace, the module, the data and the Trainer."""
        file, script = self.file, self.script
        found: dict[ast.AST, str] = {}
        known = self._spaces()
        for use in loads(file, script.scope, script.space):
            if not any(use is n for n in known):
                found |= self.text.reads(use, _NAME)
        roles = ("trainer", "model", "datamodule")
        for built, role in zip((script.trainer, script.model, script.data), roles, strict=True):
            if built is None:
                continue
            if not built.name:
                found[built.call] = f"{_NAME}.{role}"
                continue
            for use in loads(file, script.scope, built.name):
                if file.text(use) != use.id:
                    raise RefusedError(f"{use.id} is read inside of a text", use)
                found[use] = self._keyword(use, built) + f"{_NAME}.{role}"
        return found

    def _keyword(self, use: ast.Name, built: Built) -> str:
        """``datamodule=`` for the datamodule as the second argument of a stage."""
        call = self.file.tree.parents[use]
        if built is not self.script.data or not isinstance(call, ast.Call):
            return ""
        if call.args[1:] != [use]:
            return ""
        func = call.func
        is_stage = isinstance(func, ast.Attribute) and func.attr in _STAGES
        return "datamodule=" if is_stage else ""

    def _later(self) -> list[Edit]:
        """Reads outside of the block's part that is written anew."""
        inside = self.region.edit.span
        return [
            self.file.replace(node, text)
            for node, text in self._changes().items()
            if not inside.contains(self.file.span(node))
        ]

    def _parsing(self) -> list[Edit]:
        """What becomes of parsing in another block or function than the one that trains."""
        script, file = self.script, self.file
        edits: list[Edit] = []
        if script.entered is not None and script.entry is not None:
            edits.append(file.replace(script.entered, f"{script.entry.name}()"))
            edits += rewrite_parameters(file, script.entry, [])
        if script.whole is not None:
            edits.append(self._without(script.whole))
        others = [s for s in (*script.declared, *script.parsing) if s not in script.body]
        others = [s for s in others if script.whole is None or s not in script.whole.body]
        blocks: list[list[ast.stmt]] = []
        for statement in others:
            block = file.tree.block(statement)
            if not any(block is b for b in blocks):
                blocks.append(block)
        for block in blocks:
            replaced = {id(s): "" for s in block if any(s is o for o in others)}
            edits.append(Region(file, block, replaced, {}, self.carried).edit)
        return edits

    def _without(self, function: ast.stmt) -> Edit:
        span = whole_lines(self.file, function)
        end = span.end
        line = self.file.source.line_of(end)
        count = len(self.file.source.line_starts)
        while line < count and not self._line(line):
            end = self.file.source.line_span(line).end
            line += 1
        return Edit(Span(span.start, end), "")

    def _is_unused(self, function: Function) -> bool:
        """Whether only this script called a function that declares options."""
        file = self.file
        if len(file.tree.block(function)) == 1 or not stands_alone(file, function):
            return False
        if any(o is not file for o in file.project.holding(function.name.encode(), file.path)):
            return False
        return len(re.findall(rf"\b{function.name}\b", file.source.text)) == _ONE_CALL

    def _types(self) -> list[Edit]:
        """Parameters that say that they are texts, so that none is read as a number."""
        edits = []
        for parameter in self.targets.bare:
            if literal(parameter.default) is UNKNOWN and parameter.default is not None:
                raise RefusedError(f"annotate {parameter.name} as a text first", parameter.node)
            end = self.file.span(parameter.node).end
            if parameter.default is None:
                edits.append(Edit(Span(end, end), ": str"))
            else:
                edits.append(Edit(Span(end, self.file.span(parameter.default).start), ": str = "))
        return edits
