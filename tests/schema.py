"""Holds what the command prints as JSON against docs/report.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[1] / "docs" / "report.schema.json").read_text("utf-8")
)


def complaints(document: Any) -> list[str]:
    """What is wrong with a document, and which of its fields the schema does not know."""
    branch = _branch(document["command"])
    validator = jsonschema.Draft202012Validator({**SCHEMA, "oneOf": [branch]})
    wrong = [error.message for error in validator.iter_errors(document)]
    return wrong or list(_unknown(document, branch, ""))


def _branch(command: str) -> dict[str, Any]:
    return next(
        option
        for option in SCHEMA["oneOf"]
        if _followed(option)["properties"]["command"]["const"] == command
    )


def _followed(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its references and the parts of ``allOf`` and ``anyOf`` in one."""
    if "$ref" in schema:
        return _followed(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    parts = [_followed(part) for name in ("allOf", "anyOf") for part in schema.get(name, ())]
    known: dict[str, Any] = {**schema, "properties": dict(schema.get("properties", {}))}
    for part in parts:
        known["properties"] |= part.get("properties", {})
        known.setdefault("items", part.get("items"))
    return known


def _unknown(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    known = _followed(schema)
    if isinstance(value, dict) and known["properties"]:
        for name, part in value.items():
            if name not in known["properties"]:
                yield f"{at}/{name} is not in the schema"
            else:
                yield from _unknown(part, known["properties"][name], f"{at}/{name}")
    if isinstance(value, list) and known.get("items"):
        for part in value:
            yield from _unknown(part, known["items"], f"{at}/[]")
