"""Whether a function, class or module warns when it is used, or only raises."""

from __future__ import annotations

import ast
import re

PRESENT, DEPRECATED, RAISES = range(3)

_WARNINGS = re.compile(r"\b\w*(?:Deprecation|Future)Warning\b")
_OVER = re.compile(r"deprecated|no longer|removed|moved to an external", re.IGNORECASE)
_DECORATORS = re.compile(r"(?:^|\.)deprecated(?:_metrics|_call)?$")


def is_deprecation(node: ast.AST) -> bool:
    """Whether a node is a call that warns of a deprecation."""
    if not isinstance(node, ast.Call):
        return False
    callee = _last(node.func)
    if callee.endswith("deprecation"):
        return True
    if callee not in {"warn", "rank_zero_warn", "warning", "new_rank_zero_warn"}:
        return False
    rest = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
    if any(_WARNINGS.search(ast.unparse(value)) for value in rest):
        return True
    return bool(node.args) and "deprecated" in message(node.args[0])


def message(node: ast.expr) -> str:
    """The literal text of a message; what is filled in stands as braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(message(value) for value in node.values)
    if isinstance(node, ast.FormattedValue):
        return "{" + ast.unparse(node.value) + "}"
    if isinstance(node, ast.BinOp):
        return message(node.left) + message(node.right)
    return ""


def of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The state of a function by what it does first and unconditionally."""
    if any(_is_deprecated(decorator) for decorator in node.decorator_list):
        return DEPRECATED
    body = without_docstring(node.body)
    if body and isinstance(body[0], ast.Raise) and _says_it_is_over(body[0]):
        return RAISES
    if any(isinstance(s, ast.Expr) and is_deprecation(s.value) for s in body):
        return DEPRECATED
    return _by_documentation(node)


def of_class(node: ast.ClassDef) -> int:
    """The state of a class: that of its own constructor, or what its definition says.

    Enums warn through a base or a metaclass whenever one of their members is looked at.
    """
    if any(_is_deprecated(decorator) for decorator in node.decorator_list):
        return DEPRECATED
    above = [*node.bases, *(keyword.value for keyword in node.keywords)]
    if any(_last(base).startswith("_Deprecated") for base in above):
        return DEPRECATED
    return max(
        (
            of_function(statement)
            for statement in node.body
            if isinstance(statement, ast.FunctionDef)
            and statement.name in {"__init__", "__new__", "__init_subclass__"}
        ),
        default=PRESENT,
    ) or _by_documentation(node)


def of_module(tree: ast.Module) -> int:
    """The state of a module: whether its import warns."""
    warns = any(isinstance(s, ast.Expr) and is_deprecation(s.value) for s in tree.body)
    return DEPRECATED if warns else PRESENT


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements of a body behind its docstring."""
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if documented else body


def _by_documentation(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    # Behind "Args" stands what is deprecated of a parameter.
    about = (ast.get_docstring(node) or "").partition("Args:")[0]
    if node.name == "__init__":
        return PRESENT
    return DEPRECATED if ".. deprecated::" in about else PRESENT


def _is_deprecated(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return bool(_DECORATORS.search(ast.unparse(called)))


def _says_it_is_over(statement: ast.Raise) -> bool:
    call = statement.exc
    if not isinstance(call, ast.Call) or not call.args:
        return False
    return bool(_OVER.search(message(call.args[0])))


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
