"""Where the options of a script go in a LightningCLI: to a parameter, or they stay as they are."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..lightning import api
from ..lightning.flags import OPTIONS
from ..lightning.objects import CLASSES, TRAINER
from ..lightning.trainer import GONE_ARGUMENTS, TRAINER_PARAMETERS
from ._cli_declared import RefusedError, admits_none, is_bare, takes
from ._cli_helpers import used_options
from ._cli_options import of_class, of_trainer
from ._cli_parameters import Parameter, keeps, keyword_only, parameters_of, saves
from ._variables import UNKNOWN, literal, loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..engine.classes import Class
    from ..engine.settings import Settings
    from ._cli_declared import Option
    from ._cli_script import Built, Script

_GPUS = "gpus"


@dataclass(eq=False)
class Targets:
    """What becomes of options and arguments.

    ``places`` says for an attribute of the namespace where it is in the configuration of the CLI.
    ``links`` are pairs of such places, ``made`` pairs of what the datamodule has and a place, and
    ``defaults`` texts of values. ``in_trainer`` are arguments of the Trainer that no configuration
    can hold. ``bare`` are parameters that have to say that they are texts. ``given`` are the
    options of the datamodule that a helper declared, ``gpus`` declares the option of that name.
    """

    places: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    defaults: dict[str, str] = field(default_factory=dict)
    trainer_defaults: dict[str, str] = field(default_factory=dict)
    in_trainer: dict[str, ast.expr] = field(default_factory=dict)
    bare: list[Parameter] = field(default_factory=list)
    given: Mapping[str, str] = field(default_factory=dict)
    gpus: str = ""
    doubts: list[str] = field(default_factory=list)


class Placer:
    """Finds the targets of a script; raises RefusedError for what has none."""

    def __init__(self, script: Script, settings: Settings) -> None:
        self.script = script
        self.file = script.file
        self.minor = settings.minor
        self.used = used_options(script.file, settings)
        self.targets = Targets()
        self.direct: set[str] = set()

    def place(self, seed: ast.Attribute | None) -> Targets:
        """The targets; ``seed`` is the option that everything is seeded with by the CLI."""
        script, targets = self.script, self.targets
        if script.data is not None and script.data.cls is not None and self._helps_data():
            given = of_class(script.data.cls)
            if given is None:
                raise RefusedError("a default of its datamodule is not to be seen", None)
            targets.given = given
            targets.places |= {name: f"data.{name}" for name in given}
            self.direct |= set(given)
        if script.has_trainer_options:
            names = (OPTIONS & TRAINER_PARAMETERS) - set(script.options)
            targets.places |= {name: f"trainer.{name}" for name in names}
            self.direct |= names
            self._old_options()
        if seed is not None:
            self._use(seed, "seed_everything", None)
        if script.data is not None:
            self._class(script.data, "data")
        self._class(script.model, "model")
        self._trainer()
        self._set_defaults()
        targets.places |= {n: n for n in script.options if n not in targets.places}
        return targets

    def _helps_data(self) -> bool:
        from ._cli_helpers import helps

        return any(h.name == "add_argparse_args" and h.cls is not None for h in helps(self.file))

    def _old_options(self) -> None:
        """Options that only the Trainer of 1.x had, where something uses them."""
        read = {
            n.attr
            for n in self.file.tree.all(ast.Attribute)
            if isinstance(n, ast.Attribute)
            and isinstance(n.value, ast.Name)
            and n.value.id == self.script.space
        }
        wanted = (set(self.used) | read | set(self.script.set_defaults)) & OPTIONS & GONE_ARGUMENTS
        wanted -= set(self.script.options)
        if wanted - {_GPUS}:
            names = ", ".join(f"--{name}" for name in sorted(wanted - {_GPUS}))
            raise RefusedError(f"the Trainer has no {names} any more, which the project uses")
        if wanted:
            self.targets.gpus = of_trainer(_GPUS, self.minor, self.used.get(_GPUS, ()))
            self.targets.places[_GPUS] = _GPUS
            self.targets.trainer_defaults["accelerator"] = '"cpu"'

    # classes of the project -----------------------------------------------------------------

    def _class(self, built: Built, group: str) -> None:
        cls = built.cls
        assert cls is not None
        parameters, rest = parameters_of(cls)
        if any(isinstance(p.default, ast.Call) for p in parameters.values()):
            raise RefusedError(f"a default of {cls.name} is made by a call", built.call)
        order = [p.name for p in parameters.values() if p.node not in keyword_only(cls)]
        given, takes_space = self._arguments(built, cls, order)
        if takes_space and not built.from_space:
            self._check_rest(cls, rest, parameters)
        if takes_space:
            held = {*self.script.options, *self.targets.places}
            for name in [n for n in parameters if n in held and n not in given]:
                self._use_name(name, f"{group}.{name}", parameters[name], built.call)
        for name, value in given.items():
            if name not in parameters:
                raise RefusedError(
                    f"{cls.name} has no {name} of its own among its parameters", value
                )
            self._give(value, f"{group}.{name}", parameters[name])

    def _arguments(
        self, built: Built, cls: Class | None, order: list[str]
    ) -> tuple[dict[str, ast.expr], bool]:
        """The arguments of a call by their names, and whether it takes the namespace besides."""
        positional = list(built.call.args)
        keywords = [(k.arg, k.value) for k in built.call.keywords]
        space = next((v for n, v in keywords if n == "args"), None) if built.from_space else None
        if space is not None:
            keywords = [(n, v) for n, v in keywords if n != "args"]
        elif built.from_space and positional:
            space = positional.pop(0)
        if built.from_space and (space is None or not self._is_namespace(space)):
            raise RefusedError("what from_argparse_args gets is not what was parsed", built.call)
        starred = any(isinstance(a, ast.Starred) for a in positional)
        spread = [v for n, v in keywords if n is None]
        unseen = [v for v in spread if not self._is_space(v)]
        if starred or unseen or len(positional) > len(order):
            shown = cls.name if cls is not None else "the Trainer"
            raise RefusedError(f"not all arguments of {shown} are to be seen", built.call)
        given = dict(zip(order, positional, strict=False))
        given |= {n: v for n, v in keywords if n is not None}
        return given, bool(spread) or built.from_space

    def _check_rest(self, cls: Class, rest: str, parameters: Mapping[str, Parameter]) -> None:
        """What ``**kwargs`` got of the namespace must not be used."""
        if not rest:
            return
        known = set(parameters)
        for owner in cls.mro:
            tree = owner.file.tree
            for node in ast.walk(owner.node):
                if isinstance(node, ast.Name) and node.id == rest:
                    scope = tree.scope_of(node).find(rest)
                    if scope is not None and scope[1][0].kind == "parameter":
                        raise RefusedError(f"{cls.name} uses what **{rest} gets", node)
                held = isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith(
                    ("hparams", "hparams_initial")
                )
                if held and isinstance(node, ast.Attribute) and node.attr not in known:
                    raise RefusedError(f"{cls.name} reads hparams.{node.attr} of **{rest}", node)
        if saves(cls):
            self.targets.doubts.append(
                f"{cls.name} saves its own parameters as hyperparameters, no other options"
            )

    def _is_space(self, node: ast.expr) -> bool:
        """Whether an expression is ``vars(args)`` or ``args.__dict__``."""
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            return self._is_namespace(node.value)
        if isinstance(node, ast.Name):
            return self._is_spread(node)
        if not isinstance(node, ast.Call) or self.file.canonical(node.func) != "vars":
            return False
        return len(node.args) == 1 and self._is_namespace(node.args[0])

    def _is_spread(self, node: ast.Name) -> bool:
        """Whether a variable is the namespace as a dict, and is handed on by ``**`` alone."""
        value = self.file.assigned(node)
        if not isinstance(value, (ast.Call, ast.Attribute)) or not self._is_space(value):
            return False
        statement = self.file.tree.statement(value)
        reads = loads(self.file, self.script.scope, node.id)
        parents = [self.file.tree.parents[n] for n in reads]
        handed = all(isinstance(p, ast.keyword) and p.arg is None for p in parents)
        built = [b.call for b in (self.script.model, self.script.data) if b is not None]
        inside = all(any(k in b.keywords for b in built) for k in parents)
        if not handed or not inside or statement not in self.script.body:
            return False
        if statement not in self.script.spread:
            self.script.spread.append(statement)
        return True

    def _is_namespace(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == self.script.space

    def _give(self, value: ast.expr, place: str, parameter: Parameter) -> None:
        """One argument of a class: an option, or a plain value."""
        cls = parameter.owner.name
        if isinstance(value, ast.Attribute) and self._is_namespace(value.value):
            self._use(value, place, parameter)
            return
        if self._is_namespace(value):
            raise RefusedError(
                f"{cls} gets the whole namespace: give it its parameters one by one", value
            )
        if place.startswith("model.") and self._is_of_data(value):
            assert isinstance(value, ast.Attribute)
            self.targets.made.append((f"data.{value.attr}", place))
            return
        plain = literal(value)
        if plain is UNKNOWN:
            raise RefusedError(
                f"no command line can give {cls} `{self.file.text(value)}` as {parameter.name}",
                value,
            )
        if not keeps(plain, parameter):
            raise RefusedError(f"{parameter.name} of {cls} is annotated as something else", value)
        self.targets.defaults[place] = self.file.text(value)

    def _is_of_data(self, value: ast.expr) -> bool:
        """Whether an expression is what the datamodule has from the beginning."""
        data, model = self.script.data, self.script.model
        if data is None or not data.name or not isinstance(value, ast.Attribute):
            return False
        if not isinstance(value.value, ast.Name) or value.value.id != data.name:
            return False
        end = self.file.span(model.call).end
        early = [
            n for n in loads(self.file, self.script.scope, data.name) if self.file.span(n).end < end
        ]
        return all(isinstance(self.file.tree.parents[n], ast.Attribute) for n in early) and all(
            any(a is model.call for a in self.file.tree.ancestors(n)) for n in early
        )

    # the Trainer ----------------------------------------------------------------------------

    def _trainer(self) -> None:
        built = self.script.trainer
        given, takes_space = self._arguments(built, None, [])
        if takes_space and not built.from_space:
            raise RefusedError("not all arguments of the Trainer are to be seen", built.call)
        held = {*self.script.options, *given} & GONE_ARGUMENTS if built.from_space else set(given)
        old = sorted(held - TRAINER_PARAMETERS)
        if old:
            raise RefusedError(f"the Trainer has no {', '.join(old)} any more", built.call)
        if built.from_space:
            for name in self.script.options:
                if name in TRAINER_PARAMETERS and name not in given:
                    self._use_name(name, f"trainer.{name}", None, built.call)
        for name, value in given.items():
            self._give_trainer(name, value)

    def _give_trainer(self, name: str, value: ast.expr) -> None:
        """One argument of the Trainer."""
        targets, place = self.targets, f"trainer.{name}"
        is_given_over = self.script.trainer.from_space and name in self.used
        if isinstance(value, ast.Attribute) and self._is_namespace(value.value):
            if targets.places.get(value.attr) != place:
                self._use(value, place, None)
        elif name == "callbacks" and literal(value) is None:
            return
        elif self._is_plain(value) and not is_given_over and name != "callbacks":
            targets.trainer_defaults[name] = self.file.text(value)
        else:
            targets.in_trainer[name] = value
            if name == "callbacks":
                targets.trainer_defaults[name] = self.file.text(value)

    def _is_plain(self, value: ast.expr) -> bool:
        found = self.file.assigned(value) if isinstance(value, ast.Name) else value
        return literal(found) is not UNKNOWN

    def _set_defaults(self) -> None:
        """Defaults that were set anew of options that a helper declared; others have their own."""
        for name, value in self.script.set_defaults.items():
            if name in self.script.options:
                continue
            place = self.targets.places.get(name)
            if name in TRAINER_PARAMETERS and (place or name not in OPTIONS):
                if name in self.targets.in_trainer or name in self.targets.trainer_defaults:
                    continue
                self.targets.trainer_defaults[name] = self.file.text(value)
                if literal(value) is UNKNOWN:
                    self.targets.in_trainer[name] = value
            elif place is not None and place.startswith("data.") and literal(value) is not UNKNOWN:
                self.targets.defaults[place] = self.file.text(value)
            else:
                raise RefusedError(f"a default is set for {name}, which is no option", value)

    # options --------------------------------------------------------------------------------

    def _use(self, node: ast.Attribute, place: str, parameter: Parameter | None) -> None:
        self._use_name(node.attr, place, parameter, node)

    def _use_name(self, name: str, place: str, parameter: Parameter | None, node: ast.AST) -> None:
        option = self.script.options.get(name)
        if option is None and name not in self.targets.places:
            raise RefusedError(
                f"{self.script.space}.{name} is no option that is declared here", node
            )
        if option is not None and parameter is not None:
            self._check_type(option, parameter, node)
        elif option is not None:
            self._check_plain(option, place, node)
        if option is not None and not option.shown.startswith("-"):
            raise RefusedError(f"{option.shown} has no -- in front of it", node)
        first = self.targets.places.get(name)
        if first is None:
            self.targets.places[name] = place
        elif first != place:
            if parameter is not None and not self._is_set(name, option, parameter):
                raise RefusedError(f"{parameter.name} of {parameter.owner.name} may be None", node)
            self.targets.links.append((first, place))

    def _check_type(self, option: Option, parameter: Parameter, node: ast.AST) -> None:
        annotation, default = parameter.node.annotation, parameter.default
        if option.kind == "str" and is_bare(annotation) and option.default is not UNKNOWN:
            if option.default is None or parameter.owner.file is not self.file:
                raise RefusedError(
                    f"annotate {parameter.name} of {parameter.owner.name} as a text first", node
                )
            if all(p.node is not parameter.node for p in self.targets.bare):
                self.targets.bare.append(parameter)
            return
        if not takes(annotation, default, option.kind):
            raise RefusedError(
                f"{option.shown} and {parameter.name} of {parameter.owner.name} are not surely of "
                "one type",
                node,
            )
        if default is None and option.default is None and not admits_none(annotation):
            raise RefusedError(f"{parameter.name} of {parameter.owner.name} may be None", node)

    @staticmethod
    def _check_plain(option: Option, place: str, node: ast.AST) -> None:
        if not option.kind or (place == "seed_everything" and option.kind != "int"):
            raise RefusedError(f"the type of {option.shown} is not one of a plain value", node)

    def _is_set(self, name: str, option: Option | None, parameter: Parameter) -> bool:
        """Whether a linked value is never None where the parameter takes none."""
        if admits_none(parameter.node.annotation):
            return True
        if option is not None:
            return option.default is not None
        if name in self.targets.given or name in self.targets.trainer_defaults:
            return True
        signature = api.signature(CLASSES[TRAINER], self.minor)
        found = signature.parameter(name) if signature else None
        return found is not None and found.default != "None"
