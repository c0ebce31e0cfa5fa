"""The class of a script's own LightningCLI, as text."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

from ..engine.imports import spell
from ._cli_declared import RefusedError, free_names
from ._cli_texts import restated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..model import Need
    from ._cli_declared import Option
    from ._cli_placing import Placed
    from ._cli_script import Script
    from ._cli_targets import Targets

_CLI = "lightning.pytorch.cli.LightningCLI"
_TAB = "    "
_LINE = 100
#: What ``--gpus`` was to the Trainer of 1.x.
_GPUS = (
    "gpus = self.config.gpus",
    "if gpus is not None:",
    '    kwargs.update(accelerator="gpu" if gpus else "cpu", devices=gpus or 1)',
)


class ClassText:
    """Writes the class; ``needs`` are the imports that it takes.

    ``carried`` are the comments above statements, by the identity of these.
    """

    def __init__(
        self,
        script: Script,
        targets: Targets,
        placed: Placed,
        carried: Mapping[int, list[str]],
    ) -> None:
        self.script = script
        self.file = script.file
        self.targets = targets
        self.placed = placed
        self.carried = carried
        self.needs: list[Need] = []

    def base(self) -> str:
        """How the file spells LightningCLI."""
        return self._spell(_CLI)

    def lines(self, name: str) -> list[str]:
        """The lines of the class; none where LightningCLI does as it is."""
        methods = [list(m) for m in (self._declaring(), self._before(), self._making())]
        methods = [m for m in methods if m]
        if not methods:
            return []
        found = [f"class {name}({self.base()}):"]
        for index, method in enumerate(methods):
            found += [""] if index else []
            found += [_TAB + line if line else "" for line in method]
        return found

    def _spell(self, name: str) -> str:
        spelled = spell(self.file, self.script.trainer.statement, name)
        self.needs += spelled.needs
        return spelled.text

    # options --------------------------------------------------------------------------------

    def _declaring(self) -> Iterator[str]:
        body = [*self._options(), *self._helped(), *self._links(), *self._defaults()]
        if body:
            yield "def add_arguments_to_parser(self, parser):"
            yield from (_TAB + line for line in body)

    def _options(self) -> Iterator[str]:
        for option in self.script.options.values():
            if option.file is self.file:
                yield from self.carried.get(id(self.file.tree.statement(option.call)), ())
            yield from self._option(option)

    def _option(self, option: Option) -> list[str]:
        """The lines of one option, as they were but for where its value goes."""
        here = option.file is self.file
        foreign = free_names(option.call) - _parsers(option.call)
        if foreign and not (here and self._is_known(option, foreign)):
            names = ", ".join(sorted(foreign))
            raise RefusedError(f"{option.shown} is declared by {names}", option.call)
        place = self.targets.places[option.name]
        changes: dict[ast.AST, str] = {}
        ends: dict[ast.AST, str] = {}
        func = option.call.func
        assert isinstance(func, ast.Attribute)
        changes[func.value] = "parser"
        given = {k.arg: k.value for k in option.call.keywords}
        if place != option.name:
            if "dest" in given:
                changes[given["dest"]] = f'"{place}"'
            else:
                ends[option.call.args[-1]] = f', dest="{place}"'
        default = self.script.set_defaults.get(option.name)
        if default is not None:
            if free_names(default) and not self._is_known(option, free_names(default)):
                raise RefusedError(f"the default of {option.shown} is not to be seen", default)
            text = self.file.text(default)
            if "default" in given:
                changes[given["default"]] = text
            else:
                last = [*option.call.args, *option.call.keywords][-1]
                ends[last] = ends.get(last, "") + f", default={text}"
        return restated(option.file, option.call, changes, ends, comment=here)

    def _is_known(self, option: Option, names: set[str]) -> bool:
        """Whether names mean the same in the class as where an option is declared."""
        scope = option.file.tree.scope_of(option.call)
        for name in names:
            found = scope.find(name)
            if found is None or not found[0].is_module:
                return False
        return True

    def _helped(self) -> Iterator[str]:
        """The options that helpers of 1.x declared, by the names that they had."""
        if not self.script.has_trainer_options and not self.targets.given:
            return
        nothing = self._spell("argparse.SUPPRESS")
        for name in self.targets.given:
            bare = ', nargs="?", const=True' if "nargs" in self.targets.given[name] else ""
            yield f'parser.add_argument("--{name}", dest="data.{name}"{bare}, default={nothing})'
        if self.targets.gpus:
            yield f"parser.add_argument({self.targets.gpus})"
        if not self.script.has_trainer_options:
            return
        signature = f"{self._spell('inspect.signature')}({self._trainer()}).parameters"
        own = sorted(n for n in self.script.options if n in self._trainer_names())
        yield f"for name, parameter in {signature}.items():"
        if own:
            yield f"{_TAB}if name in ({', '.join(map(_quoted, own))},):"
            yield f"{_TAB}{_TAB}continue"
        yield f'{_TAB}given = {{"default": {nothing}, "help": {nothing}}}'
        yield f'{_TAB}if "bool" in str(parameter.annotation):'
        yield f'{_TAB}{_TAB}given.update(nargs="?", const=True)'
        yield f'{_TAB}parser.add_argument(f"--{{name}}", dest=f"trainer.{{name}}", **given)'

    def _trainer(self) -> str:
        return self._spell("lightning.pytorch.Trainer")

    @staticmethod
    def _trainer_names() -> frozenset[str]:
        from ..lightning.trainer import TRAINER_PARAMETERS

        return TRAINER_PARAMETERS

    def _links(self) -> Iterator[str]:
        for source, target in self.targets.links:
            yield f'parser.link_arguments("{source}", "{target}")'
        for source, target in self.targets.made:
            yield f'parser.link_arguments("{source}", "{target}", apply_on="instantiate")'

    def _defaults(self) -> Iterator[str]:
        items = [f'"{place}": {text}' for place, text in self.targets.defaults.items()]
        if items:
            yield f"parser.set_defaults({{{', '.join(items)}}})"

    # hooks ----------------------------------------------------------------------------------

    def _before(self) -> Iterator[str]:
        if self.placed.before:
            yield "def before_instantiate_classes(self):"
            yield from self._statements(self.placed.before)

    def _making(self) -> Iterator[str]:
        placed = self.placed
        if not placed.arguments and not self.targets.gpus:
            return
        if self.targets.gpus and placed.arguments.keys() & {"accelerator", "devices"}:
            raise RefusedError("--gpus and other arguments say where to train")
        yield "def instantiate_trainer(self, **kwargs):"
        if self.targets.gpus:
            yield from (_TAB + line for line in _GPUS)
        yield from self._statements(placed.within)
        parts = []
        for name, value in placed.arguments.items():
            changes = self.reads(value, "self")
            text = "\n".join(restated(self.file, value, changes))
            parts.append(f"{name}={text}")
        yield from _returned([*parts, "**kwargs"])

    def _statements(self, statements: list[ast.stmt]) -> Iterator[str]:
        for statement in statements:
            for line in restated(self.file, statement, self.reads(statement, "self"), comment=True):
                yield _TAB + line if line else ""

    def reads(self, node: ast.AST, owner: str) -> dict[ast.AST, str]:
        """What stands for reads of the namespace in some code, by their nodes."""
        found: dict[ast.AST, str] = {}
        for use in ast.walk(node):
            if isinstance(use, ast.Name) and self.is_space(use):
                parent = self.file.tree.parents[use]
                if isinstance(parent, ast.Attribute):
                    place = self.targets.places.get(parent.attr)
                    if self.file.text(parent) != f"{use.id}.{parent.attr}":
                        raise RefusedError(f"{use.id} is read inside of a text", parent)
                    if not isinstance(parent.ctx, ast.Load):
                        raise RefusedError(f"`{self.file.text(parent)}` is changed", parent)
                    if place is None:
                        raise RefusedError(f"`{self.file.text(parent)}` is no option", parent)
                    found[parent] = f"{owner}.config.{place}"
                elif self._is_printed(use):
                    found[use] = f"{owner}.config"
                else:
                    raise RefusedError(f"{use.id} is handed on whole", use)
        return found

    def is_space(self, node: ast.Name) -> bool:
        """Whether a name is the namespace that was parsed."""
        if node.id != self.script.space or not isinstance(node.ctx, ast.Load):
            return False
        found = self.file.tree.scope_of(node).find(node.id)
        return found is not None and found[0] is self.script.scope

    def _is_printed(self, use: ast.Name) -> bool:
        parent = self.file.tree.parents[use]
        return (
            isinstance(parent, ast.Call)
            and self.file.canonical(parent.func) == "print"
            and use in parent.args
        )


def _parsers(call: ast.Call) -> set[str]:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return {owner.id} if isinstance(owner, ast.Name) else set()


def _quoted(name: str) -> str:
    return f'"{name}"'


def _returned(parts: list[str]) -> list[str]:
    """The last statement of a method that makes the Trainer."""
    text = f"{_TAB}return super().instantiate_trainer({', '.join(parts)})"
    if len(_TAB + text) <= _LINE and "\n" not in text:
        return [text]
    items = [f"{_TAB}{_TAB}{line}" for part in parts for line in f"{part},".split("\n")]
    return [f"{_TAB}return super().instantiate_trainer(", *items, f"{_TAB})"]


def indented(lines: list[str], margin: str) -> str:
    """Lines as text with a margin in front of each that is not empty."""
    return textwrap.indent("\n".join(lines), margin)
