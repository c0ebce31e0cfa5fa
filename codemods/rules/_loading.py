"""How a Dataset becomes a DataLoader: shared by the rules on loaders."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.classes import Class, Role
from ..engine.imports import spell
from ..engine.kinds import Type, is_surely, may_be
from ..engine.values import infer
from ..model import Fix, Safety, Severity
from ._offered import named, of_holder, of_self, own_name
from ._variables import loads, used_in_other_files

if TYPE_CHECKING:
    from ..engine.file import File
    from ..engine.kinds import Types
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding, Need

DATASET = Role.DATASET.value
_GUESS = re.compile(
    r"(^|_)(data_?set|ds|subset|trainset|valset|testset)s?(_|$)|_set$", re.IGNORECASE
)


@dataclass
class Wrapping:
    """What it takes to hand loaders over instead of datasets; empty where nothing is wrong."""

    edits: list[Edit] = field(default_factory=list)
    needs: set[Need] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    guess: str | None = None
    refusal: str | None = None

    @property
    def found(self) -> bool:
        """Whether a dataset stands where a loader belongs, for certain."""
        return bool(self.edits) or self.refusal is not None


def wrap(file: File, node: ast.expr, settings: Settings) -> Wrapping:
    """How to wrap every dataset that ``node`` hands over."""
    wrapping = Wrapping()
    _wrap(file, node, settings, wrapping)
    return wrapping


def is_trainer_call(file: File, call: ast.Call) -> bool:
    """Whether a method is called on a Trainer: by its type, or by its name and what it is given."""
    assert isinstance(call.func, ast.Attribute)
    receiver = infer(file, call.func.value)
    if is_surely(receiver, Role.TRAINER.value):
        return True
    if not all(t.kind == "unknown" for t in receiver):
        return False
    model = (
        call.args[0]
        if call.args
        else next((k.value for k in call.keywords if k.arg == "model"), None)
    )
    name = file.text(call.func.value).rpartition(".")[2]
    return name.endswith("trainer") and is_surely(infer(file, model), Role.MODULE.value)


def finding_of(
    rule: Rule, file: File, node: ast.expr, wrapping: Wrapping, what: str
) -> Finding | None:
    """The finding that a wrapping amounts to; ``what`` begins the sentence, up to the object."""
    if wrapping.refusal is not None:
        return file.finding(
            rule, node, f"{what} a Dataset; Lightning needs a DataLoader", reason=wrapping.refusal
        )
    if wrapping.edits:
        fix = Fix(
            "wrap it in a DataLoader",
            tuple(wrapping.edits),
            Safety.UNSAFE if wrapping.doubts else Safety.SAFE,
            tuple(sorted(wrapping.needs)),
        )
        message = f"{what} a Dataset; Lightning needs a DataLoader to make batches"
        return file.finding(rule, node, message, fix=fix, reason="; ".join(wrapping.doubts) or None)
    if wrapping.guess is not None:
        return file.finding(
            rule,
            node,
            f"{what} {wrapping.guess!r}, which may be a Dataset",
            reason="its type cannot be seen here; if it is a Dataset, wrap it in a DataLoader",
            severity=Severity.WARNING,
        )
    return None


def _wrap(file: File, node: ast.expr, settings: Settings, into: Wrapping) -> None:
    if isinstance(node, (ast.List, ast.Tuple)):
        for element in node.elts:
            _wrap(file, element, settings, into)
        return
    if isinstance(node, ast.Dict):
        for value in node.values:
            _wrap(file, value, settings, into)
        return
    if isinstance(node, ast.IfExp):
        _wrap(file, node.body, settings, into)
        _wrap(file, node.orelse, settings, into)
        return
    if isinstance(node, ast.NamedExpr):
        # The name stays the dataset: what is wrapped is what the walrus hands over.
        types = infer(file, node)
        if is_surely(types, DATASET) and not may_be(types, "none"):
            _wrap_dataset(file, node, types, settings, into)
        return
    if isinstance(node, ast.Call) and _is_combined(file, node):
        first = (
            node.args[0]
            if node.args
            else next((k.value for k in node.keywords if k.arg in ("iterables", "loaders")), None)
        )
        if first is not None:
            _wrap(file, first, settings, into)
        return
    _wrap_value(file, node, infer(file, node), settings, into)
    held = collected(file, node) if not into.found else None
    if held is not None:
        _wrap(file, held, settings, into)


def collected(file: File, node: ast.expr) -> ast.expr | None:
    """The list, tuple or dict that a variable is set to, which is read nowhere else."""
    if not isinstance(node, ast.Name):
        return None
    value = file.assigned(node)
    found = file.tree.scope_of(node).find(node.id)
    if value is None or found is None or len(loads(file, found[0], node.id)) != 1:
        return None
    if found[0].is_module and used_in_other_files(file, node.id):
        return None
    if isinstance(value, ast.Call) and file.canonical(value.func) == "dict":
        return value
    return value if isinstance(value, (ast.List, ast.Tuple, ast.Dict)) else None


def _is_combined(file: File, node: ast.Call) -> bool:
    return file.canonical(node.func) == "lightning.pytorch.utilities.CombinedLoader"


def _wrap_value(
    file: File, node: ast.expr, types: Types, settings: Settings, into: Wrapping
) -> None:
    if is_surely(types, DATASET):
        _wrap_dataset(file, node, types, settings, into)
        return
    for kind in ("list", "tuple", "dict"):
        if is_surely(types, kind):
            elements = frozenset(e for t in types for e in t.elements)
            if is_surely(elements, DATASET) and not may_be(elements, "none"):
                _wrap_all(file, node, elements, kind, settings, into)
            return
    if all(t.kind == "unknown" for t in types):
        name = _last_name(node)
        if name and _GUESS.search(name) and "loader" not in name.lower():
            into.guess = into.guess or name


def _wrap_dataset(
    file: File, node: ast.expr, types: Types, settings: Settings, into: Wrapping
) -> None:
    if any(_batches_itself(t.cls) for t in types if t.cls):
        into.refusal = (
            "its class takes a batch_size, so it may give whole batches; if it does, pass "
            "DataLoader(dataset, batch_size=None), else DataLoader(dataset, batch_size=…)"
        )
        return
    loader = spell(file, node, loader_of(types))
    size = batch_size(file, node, settings)
    text = file.text(node)
    wrapped = f"{loader.text}({_in_call(node, text)}, batch_size={size})"
    if may_be(types, "none"):
        into.doubts.append("the dataset may be None here, and the None is kept")
        wrapped = f"{wrapped} if {text} is not None else None"
    into.edits.append(file.replace(node, wrapped))
    into.needs.update(loader.needs)


def _wrap_all(
    file: File, node: ast.expr, elements: Types, kind: str, settings: Settings, into: Wrapping
) -> None:
    loader = spell(file, node, loader_of(elements))
    size = batch_size(file, node, settings)
    text = file.text(node)
    if kind == "dict":
        name, item = _fresh(file, node, "name"), _fresh(file, node, "dataset")
        wrapped = f"{loader.text}({item}, batch_size={size})"
        made = f"{{{name}: {wrapped} for {name}, {item} in {text}.items()}}"
    else:
        item = _fresh(file, node, "dataset")
        made = f"[{loader.text}({item}, batch_size={size}) for {item} in {text}]"
    into.edits.append(file.replace(node, made))
    into.needs.update(loader.needs)


def loader_of(types: Types) -> str:
    """The loader class that fits a dataset: graphs need their own collation."""
    if any(_comes_from(t, "torch_geometric.") for t in types):
        return "torch_geometric.loader.DataLoader"
    return "torch.utils.data.DataLoader"


def _comes_from(type_: Type, package: str) -> bool:
    if type_.name and type_.name.startswith(package):
        return True
    if type_.cls is not None:
        return any(name.startswith(package) for name in type_.cls.foreign_bases)
    return any(_comes_from(inner, package) for inner in type_.elements)


def _batches_itself(cls: Class) -> bool:
    found = cls.method("__init__")
    if found is None:
        return False
    arguments = found[1].args
    names = [a.arg for a in (*arguments.args, *arguments.kwonlyargs)]
    return "batch_size" in names


def _in_call(node: ast.expr, text: str) -> str:
    return f"({text})" if isinstance(node, ast.GeneratorExp) and not text.startswith("(") else text


def _fresh(file: File, at: ast.AST, name: str) -> str:
    scope = file.tree.scope_of(at)
    while scope.find(name) is not None:
        name += "_"
    return name


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return None


_NAMES = ("batch_size", "BATCH_SIZE", "bs")


def batch_size(file: File, at: ast.expr, settings: Settings) -> str:
    """The batch size that the scope offers at a node, else the configured one, as text."""
    return (
        named(file, at, _NAMES)
        or of_self(file, at, _NAMES[0])
        or _of_sibling(file, at)
        or of_holder(file, at, _NAMES[0])
        or str(settings.batch_size)
    )


def _of_sibling(file: File, at: ast.expr) -> str | None:
    """The batch size of another loader that the same class or function makes."""
    home = file.tree.enclosing_class(at) or file.tree.enclosing_function(at) or file.tree.module
    for call in file.tree.calls:
        if not any(a is home for a in file.tree.ancestors(call)):
            continue
        if not is_surely(infer(file, call), Role.LOADER.value):
            continue
        value = next((k.value for k in call.keywords if k.arg == "batch_size"), None)
        if value is None or (isinstance(value, ast.Constant) and value.value is None):
            continue
        if _reads_the_same(file, value, at):
            return file.text(value)
    return None


def _reads_the_same(file: File, value: ast.expr, at: ast.expr) -> bool:
    """Whether every name in an expression means the same at another place."""
    here = file.tree.scope_of(at)
    for node in ast.walk(value):
        if isinstance(node, ast.Name):
            there = file.tree.scope_of(node).find(node.id)
            found = here.find(node.id)
            both_self = node.id == own_name(file, at) == own_name(file, value)
            if not both_self and (there is None or found is None or there[0] is not found[0]):
                return False
        elif not isinstance(node, (ast.Attribute, ast.Constant, ast.expr_context)):
            return False
    return True
