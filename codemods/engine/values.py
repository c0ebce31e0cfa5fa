"""What an expression evaluates to, as far as the text of the project tells.

A small abstract interpreter: it follows names, ``self`` attributes, calls of project functions,
annotations, unpacking and containers, and answers with every type that is possible. ``UNKNOWN``
among them means that something could not be followed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..lightning import objects
from .classes import Class, Role, self_name
from .file import Defined
from .kinds import NONE, UNKNOWN, Type, Types, instance, instance_of, may_be, of_annotation, union
from .scopes import FUNCTIONS, Binding, Function

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .file import File, Meaning

_LOADER_HOOKS = ("train_dataloader", "val_dataloader", "test_dataloader", "predict_dataloader")
_HAS_LOADER_HOOKS = (Role.MODULE.value, Role.DATAMODULE.value)


def infer(file: File, node: ast.expr | None) -> Types:
    """Every type that an expression of ``file`` may have."""
    handler = _HANDLERS.get(type(node))
    if node is None or handler is None:
        return UNKNOWN
    expression, answer = node, handler
    return file.types.get(expression, lambda: answer(file, expression)) or UNKNOWN


def _constant(_: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.Constant)
    if node.value is None:
        return NONE
    return frozenset({Type("constant", constant=node.value)})


def _container(file: File, node: ast.expr) -> Types:
    assert isinstance(node, (ast.List, ast.Tuple, ast.Set))
    kind = "tuple" if isinstance(node, ast.Tuple) else "list"
    if any(isinstance(e, ast.Starred) for e in node.elts):
        return frozenset({Type(kind, (UNKNOWN,), uniform=True)})
    return frozenset({Type(kind, tuple(infer(file, e) for e in node.elts))})


def _dict(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.Dict)
    values = union(infer(file, v) for v in node.values)
    return frozenset({Type("dict", (values,), uniform=True)})


def _list_comprehension(file: File, node: ast.expr) -> Types:
    assert isinstance(node, (ast.ListComp, ast.GeneratorExp))
    return frozenset({Type("list", (infer(file, node.elt),), uniform=True)})


def _dict_comprehension(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.DictComp)
    return frozenset({Type("dict", (infer(file, node.value),), uniform=True)})


def _either(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.IfExp)
    return infer(file, node.body) | infer(file, node.orelse)


def _bool_op(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.BoolOp)
    return union(infer(file, v) for v in node.values)


def _walrus(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.NamedExpr)
    return infer(file, node.value)


def _name(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.Name)
    tree = file.tree
    own = _self_type(file, node)
    if own is not None:
        return own
    return of_meanings(file.name_meanings(node.id, tree.scope_of(node), node))


def _self_type(file: File, node: ast.Name) -> Types | None:
    """The instance that ``self`` is, inside a method."""
    function = file.tree.enclosing_function(node)
    while function is not None:
        owner = file.tree.method_class(function)
        if owner is not None:
            if self_name(function) == node.id:
                return frozenset({instance(file.cls(owner))})
            return None
        function = file.tree.enclosing_function(function)
    return None


def of_meanings(meanings: list[Meaning]) -> Types:
    """The types of the values that a name may denote."""
    if not meanings:
        return UNKNOWN
    return union(_of_meaning(m) for m in meanings)


def _of_meaning(meaning: Meaning) -> Types:
    if isinstance(meaning, str):
        return frozenset({Type("class" if _looks_like_class(meaning) else "unknown", name=meaning)})
    node = meaning.node
    if isinstance(node, ast.ClassDef):
        return frozenset({Type("class", cls=meaning.file.cls(node))})
    if isinstance(node, FUNCTIONS):
        return frozenset({Type("function")})
    return _of_binding(meaning.file, meaning.binding)


def _looks_like_class(name: str) -> bool:
    return name.rpartition(".")[2][:1].isupper()


def _of_binding(file: File, binding: Binding) -> Types:
    if binding.kind == "parameter":
        return _parameter(file, binding)
    if binding.annotation is not None:
        declared = of_annotation(file, binding.annotation)
        if not may_be(declared, "unknown"):
            return declared
    if binding.value is None or binding.kind in ("with", "except", "delete", "augmented"):
        return UNKNOWN
    types = infer(file, binding.value)
    if binding.kind == "loop":
        types = union(t.elements or UNKNOWN for t in types)
    for index in binding.path:
        types = union(t.at(index) for t in types)
    return types


def _parameter(file: File, binding: Binding) -> Types:
    declared = of_annotation(file, binding.annotation)
    if not may_be(declared, "unknown"):
        return declared
    handed = _handed(file, binding)
    if handed is not None:
        return frozenset({_object(handed)})
    default = infer(file, binding.value) if binding.value is not None else frozenset()
    return default | UNKNOWN


def _handed(file: File, binding: Binding) -> str | None:
    """The kind of object that Lightning hands to a parameter of a hook."""
    function = file.tree.enclosing_function(binding.node)
    owner = file.tree.method_class(function) if function is not None else None
    if function is None or owner is None or not file.cls(owner).has(Role.CALLBACK):
        return None
    parameters = [*function.args.posonlyargs, *function.args.args]
    place = next((i for i, p in enumerate(parameters) if p is binding.node), 0)
    return objects.handed(Role.CALLBACK.value, function.name, place)


def _object(kind: str) -> Type:
    """An object of one of Lightning's own classes, or of some subclass."""
    return Type(kind, name=objects.CLASSES[kind])


def _attribute(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.Attribute)
    found: list[Types] = []
    for owner in infer(file, node.value):
        own = None
        if owner.cls is not None and owner.kind != "class":
            own = attribute_of(owner.cls, node.attr)
            found.append(own)
        given = _given(owner.kind, node.attr)
        if given is not None and (own is None or own == UNKNOWN):
            found = [*(f for f in found if f is not own), given]
    if found:
        return union(found)
    return of_meanings(file.meanings(node))


def _given(kind: str, name: str) -> Types | None:
    """What Lightning itself makes an attribute be."""
    single, element = objects.attribute(kind, name), objects.listed(kind, name)
    if single is not None:
        return frozenset({_object(single)})
    if element is not None:
        return frozenset({Type("list", (frozenset({_object(element)}),), uniform=True)})
    return None


def attribute_of(cls: Class, name: str) -> Types:
    """What ``instance.name`` may be: every assignment in the class and its bases."""
    return cls.file.types.get((cls.node, name), lambda: _attribute_of(cls, name)) or UNKNOWN


def _attribute_of(cls: Class, name: str) -> Types:
    found: list[Types] = []
    for owner, statement, value, path in cls.self_assignments(name):
        if isinstance(statement, ast.AnnAssign):
            declared = of_annotation(owner.file, statement.annotation)
            if not may_be(declared, "unknown"):
                found.append(declared)
                continue
        types = infer(owner.file, value)
        for index in path:
            types = union(t.at(index) for t in types)
        found.append(types)
    found += [infer(owner.file, value) for owner, value in cls.class_values(name)]
    method = cls.method(name)
    if method is not None and not found:
        owner, function = method
        if any(_is_property(d) for d in function.decorator_list):
            return returned(owner.file, function)
        return frozenset({Type("function")})
    for owner in cls.mro:
        for binding in owner.file.tree.scopes[owner.node].bindings.get(name, ()):
            if binding.kind == "annotation":
                found.append(of_annotation(owner.file, binding.annotation))
    return union(found)


def _is_property(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in ("property", "cached_property")


def _subscript(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.Subscript)
    index = node.slice
    number = index.value if isinstance(index, ast.Constant) else None
    if isinstance(index, ast.UnaryOp) and isinstance(index.operand, ast.Constant):
        value = index.operand.value
        number = -value if isinstance(value, int) else None
    parts = []
    for owner in infer(file, node.value):
        if isinstance(index, ast.Slice):
            parts.append(frozenset({owner}) if owner.kind == "list" else UNKNOWN)
        elif isinstance(number, int):
            parts.append(owner.at(number))
        elif owner.kind in ("dict", "list") and owner.uniform:
            parts.append(owner.elements)
        else:
            parts.append(UNKNOWN)
    return union(parts)


def _call(file: File, node: ast.expr) -> Types:
    assert isinstance(node, ast.Call)
    func = node.func
    if isinstance(func, ast.Name) and func.id == "super" and not node.args:
        return _parents(file, node)
    own = _own_class(file, func)
    if own is not None:
        return frozenset({instance(own)})
    if isinstance(func, ast.Attribute):
        by_instance = _method_call(file, func)
        if by_instance is not None:
            return by_instance
    meanings = file.meanings(func)
    if not meanings:
        return UNKNOWN
    return union(_called(file, node, m) for m in meanings)


def _own_class(file: File, func: ast.expr) -> Class | None:
    """The class around a class method where its first parameter is called: ``cls(…)``."""
    if not isinstance(func, ast.Name):
        return None
    function = file.tree.enclosing_function(func)
    owner = file.tree.method_class(function) if function is not None else None
    if function is None or owner is None or self_name(function) != func.id:
        return None
    decorators = [d.id for d in function.decorator_list if isinstance(d, ast.Name)]
    return file.cls(owner) if "classmethod" in decorators else None


def _parents(file: File, node: ast.Call) -> Types:
    """What ``super()`` stands for: an object of the bases."""
    cls = file.class_of(node)
    if cls is None or cls.unknown_bases:
        return UNKNOWN
    foreign = {instance_of(name) for name in cls.foreign_bases}
    return frozenset({*(instance(base) for base in cls.bases), *foreign}) or UNKNOWN


def _method_call(file: File, func: ast.Attribute) -> Types | None:
    for owner in infer(file, func.value):
        if owner.cls is None or owner.kind == "class":
            continue
        if func.attr in _LOADER_HOOKS and owner.kind in _HAS_LOADER_HOOKS:
            # Whatever it returns today: a rule of its own makes loaders of it.
            return frozenset({Type(Role.LOADER.value)})
        method = owner.cls.method(func.attr)
        if method is None:
            return UNKNOWN
        return returned(method[0].file, method[1])
    return None


def _called(file: File, node: ast.Call, meaning: Meaning) -> Types:
    if isinstance(meaning, Defined):
        target = meaning.node
        if isinstance(target, FUNCTIONS):
            return returned(meaning.file, target)
        return frozenset({instance_of(meaning)})
    if meaning == "torch.utils.data.random_split":
        parts = infer(file, node.args[0]) if node.args else UNKNOWN
        subset = Type(Role.DATASET.value, name="torch.utils.data.Subset", items=(parts,))
        return frozenset({Type("list", (frozenset({subset}),), uniform=True)})
    if meaning in ("list", "tuple", "sorted") and len(node.args) == 1:
        return infer(file, node.args[0])
    if meaning == "dict" and node.keywords and not node.args:
        values = union(infer(file, k.value) for k in node.keywords)
        return frozenset({Type("dict", (values,), uniform=True)})
    return frozenset({instance_of(meaning)})


def returned(file: File, function: Function) -> Types:
    """What a call of a project function gives: its annotation, else its return statements."""
    if isinstance(function, ast.AsyncFunctionDef):
        return UNKNOWN
    return file.types.get(function, lambda: _returned(file, function)) or UNKNOWN


def _returned(file: File, function: Function) -> Types:
    declared = of_annotation(file, function.returns)
    if not may_be(declared, "unknown") and not may_be(declared, "none"):
        return declared
    values = []
    for node in own_nodes(function):
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return UNKNOWN
        if isinstance(node, ast.Return):
            values.append(node.value)
    if not values:
        return NONE
    return union(NONE if v is None else infer(file, v) for v in values)


def own_nodes(function: ast.AST) -> Iterable[ast.AST]:
    """The nodes of a function's body, without those of nested functions and classes."""
    stack: list[ast.AST] = list(reversed(getattr(function, "body", [])))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


_HANDLERS = {
    ast.Constant: _constant,
    ast.List: _container,
    ast.Tuple: _container,
    ast.Set: _container,
    ast.Dict: _dict,
    ast.ListComp: _list_comprehension,
    ast.GeneratorExp: _list_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.IfExp: _either,
    ast.BoolOp: _bool_op,
    ast.NamedExpr: _walrus,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
}
