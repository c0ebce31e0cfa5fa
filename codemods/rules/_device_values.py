"""Single values of ``accelerator``, ``strategy`` and ``devices`` that 2.6.6 rejects."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.kinds import is_surely
from ..engine.values import infer
from ._accelerators import accelerator, plugin_name, strategy
from ._handed_defaults import is_read_once
from ._plugins import renew
from ._telling import Repair
from ._variables import UNKNOWN, Leaf, default_of, leaves, literal, may_be_none, put, quoted

if TYPE_CHECKING:
    from ..engine.file import File
    from ._trainer_calls import TrainerCall


CALLERS = "callers may hand over None themselves"


@dataclass
class Fault:
    """A wrong value: that of argument ``name``, or ``node`` where it is written elsewhere."""

    name: str
    message: str
    repair: Repair
    node: ast.expr | None = None


def faults(call: TrainerCall) -> list[Fault]:
    """What is wrong with the device arguments of a call that uses none of the removed ones."""
    found = []
    for name, look in (
        ("accelerator", _accelerator),
        ("strategy", _strategy),
        ("devices", _devices),
    ):
        node = call.value(name)
        if node is None:
            continue
        fault = look(call, call.home(name), node)
        if fault is not None:
            found.append(fault)
    return found


def _accelerator(call: TrainerCall, file: File, node: ast.expr) -> Fault | None:
    classified = [(leaf, accelerator(file, leaf.value, leaf.node)) for leaf in leaves(file, node)]
    text = f"accelerator={file.text(node)}"
    bad = next((m for _, m in classified if m.kind == "invalid"), None)
    if bad is not None:
        return Fault(
            "accelerator", f"{text}: Lightning knows no such accelerator", Repair(reason=bad.reason)
        )
    if all(m.kind == "unknown" for _, m in classified):
        return _default(call, file, node, "accelerator")
    if any(m.index is not None for _, m in classified):
        return _indexed(call, file, node)
    replaced: dict[Leaf, str] = {}
    doubts: list[str] = []
    for leaf, meaning in classified:
        if meaning.new is not None:
            replaced[leaf] = quoted(file, leaf.node, meaning.new)
        elif meaning.kind == "none":
            new = _instead_of_none(call, doubts, alone=len(classified) == 1)
            replaced[leaf] = quoted(file, call.node, new)
    if not replaced:
        return None
    new_text, edits = put(file, node, replaced)
    what = "raises: None is no accelerator any more"
    if not any(m.kind == "none" for _, m in classified):
        what = "Lightning knows no such accelerator"
    return Fault(
        "accelerator",
        f"{text}: {what}",
        Repair(_changed("accelerator", new_text, replaced), edits, doubts=doubts),
    )


def _instead_of_none(call: TrainerCall, doubts: list[str], *, alone: bool) -> str:
    """In 1.x ``accelerator=None`` without any device count meant one process on the CPU."""
    devices = call.value("devices")
    if not alone or devices is None or literal(devices) is None:
        return "cpu"
    doubts.append(
        'with devices= given, None meant the CPU in 1.9; "auto" takes the GPU if there is one'
    )
    return "auto"


def _indexed(call: TrainerCall, file: File, node: ast.expr) -> Fault:
    """``cuda:0`` names accelerator and device in one."""
    text = f"accelerator={file.text(node)}"
    message = f"{text}: Lightning knows no such accelerator"
    found = leaves(file, node)
    meaning = accelerator(file, found[0].value, found[0].node)
    devices = call.value("devices")
    index = meaning.index
    if len(found) > 1 or meaning.new is None:
        return Fault(
            "accelerator", message, Repair(reason='write accelerator="gpu" and devices=[index]')
        )
    quotes = quoted(file, found[0].node, meaning.new)
    new_text, edits = put(file, node, {found[0]: quotes})
    known = literal(devices) if devices is not None else None
    new = [("accelerator", new_text)]
    if meaning.new in ("cuda", "gpu"):
        if devices is None:
            new.append(("devices", f"[{index}]"))
        elif known not in ([index], f"{index},") and not (known == 1 and index == 0):
            return Fault(
                "accelerator",
                message,
                Repair(
                    reason=f"it names device {index}, devices= something else; keep one of them"
                ),
            )
    elif index or (devices is not None and known != 1):
        return Fault(
            "accelerator", message, Repair(reason=f'write accelerator="{meaning.new}" and devices=')
        )
    elif devices is None:
        new.append(("devices", "1"))
    return Fault("accelerator", message, Repair({"accelerator": new}, edits))


_BECAME = "the plugin classes became strategies"


def _strategy(call: TrainerCall, file: File, node: ast.expr) -> Fault | None:
    found = leaves(file, node)
    classified = [(leaf, strategy(file, leaf.value, leaf.node, call.kind)) for leaf in found]
    text = f"strategy={file.text(node)}"
    if len(found) == 1 and plugin_name(file, found[0].node) is not None:
        return _old_object(file, node, text)
    bad = next((m for _, m in classified if m.kind == "invalid"), None)
    if bad is not None:
        return Fault(
            "strategy", f"{text}: Lightning knows no such strategy", Repair(reason=bad.reason)
        )
    renewed = {
        leaf: renew(file, leaf.node)
        for leaf in found
        if isinstance(leaf.node, ast.Call) and plugin_name(file, leaf.node) is not None
    }
    refusal = next((r.refusal for r in renewed.values() if r.refusal), None)
    if refusal is not None:
        return Fault("strategy", f"{text}: {_BECAME}", Repair(reason=refusal))
    if all(m.kind == "unknown" for _, m in classified) and not renewed:
        return _default(call, file, node, "strategy") or _none(call, file, node, "strategy")
    other = next((m for _, m in classified if m.kind == "accelerator"), None)
    if other is not None:
        repair = Repair(reason=other.reason)
        if call.value("accelerator") is None and len(found) == 1:
            repair.changes = {"strategy": [("accelerator", file.text(node))]}
            repair.doubts = ["the strategy that was meant is not known"]
        return Fault("strategy", f"{text}: that is an accelerator", repair)
    replaced = {leaf: made.text for leaf, made in renewed.items()}
    doubts = [doubt for made in renewed.values() for doubt in made.doubts]
    needs = tuple(need for made in renewed.values() for need in made.needs)
    drops = tuple(name for made in renewed.values() for name in made.drops)
    for leaf, meaning in classified:
        if meaning.new is not None:
            near = leaf.node if isinstance(leaf.value, str) else call.node
            replaced[leaf] = quoted(file, near, meaning.new)
            doubts += [meaning.doubt] if meaning.doubt else []
    if not replaced:
        return None
    new_text, edits = put(file, node, replaced)
    old = [leaf.value for leaf, m in classified if m.new is not None]
    what = "raises: None is no strategy any more" if None in old else "that strategy is gone"
    what = _BECAME if renewed else what
    changes = _changed("strategy", new_text, replaced)
    if "ddp_cpu" in old:
        if len(found) > 1 or call.value("accelerator") is not None:
            return Fault(
                "strategy",
                f"{text}: {what}",
                Repair(reason='write accelerator="cpu", strategy="ddp_spawn"'),
            )
        changes = {"strategy": [("accelerator", quoted(file, node, "cpu")), ("strategy", new_text)]}
    return Fault("strategy", f"{text}: {what}", Repair(changes, edits, needs, drops, doubts))


def _old_object(file: File, node: ast.expr, text: str) -> Fault:
    made = renew(file, node)
    message = f"{text}: {_BECAME}"
    if made.refusal:
        return Fault("strategy", message, Repair(reason=made.refusal))
    changes = {"strategy": [("strategy", made.text)]} if not made.edits else {}
    repair = Repair(changes, made.edits, made.needs, made.drops, made.doubts)
    return Fault("strategy", message, repair)


def _devices(call: TrainerCall, file: File, node: ast.expr) -> Fault | None:
    found = leaves(file, node)
    text = f"devices={file.text(node)}"
    on_cpu = _is_cpu(call)
    replaced: dict[Leaf, str] = {}
    doubts: list[str] = []
    zero = False
    for leaf in found:
        value = leaf.value
        if value is UNKNOWN:
            continue
        if value is None:
            replaced[leaf] = quoted(file, call.node, "auto")
        elif value in (0, "0", []) and not isinstance(value, (bool, float)):
            zero = True
            if on_cpu:
                replaced[leaf] = "1"
        elif on_cpu and isinstance(value, (list, tuple)):
            replaced[leaf] = str(len(value))
            doubts += ["on the CPU only the number of processes counts"] if len(value) > 1 else []
        elif on_cpu and value in (-1, "-1"):
            replaced[leaf] = quoted(file, call.node, "auto")
            doubts.append('on the CPU "auto" is one process')
        elif isinstance(value, float):
            return Fault(
                "devices",
                f"{text}: a number of devices is whole",
                Repair(reason="write it without a point"),
            )
    if zero and not on_cpu:
        return _no_device(call, file, text, found)
    if all(leaf.value is UNKNOWN for leaf in found):
        return _default(call, file, node, "devices") or _none(call, file, node, "devices")
    if not replaced:
        return None
    new_text, edits = put(file, node, replaced)
    where = " on the CPU" if on_cpu and None not in [leaf.value for leaf in replaced] else ""
    return Fault(
        "devices",
        f"{text}: raises{where}",
        Repair(_changed("devices", new_text, replaced), edits, doubts=doubts),
    )


def _no_device(call: TrainerCall, file: File, text: str, found: list[Leaf]) -> Fault:
    """``devices=0`` asks for no device at all; what is left is the CPU."""
    message = f"{text}: no number of devices"
    node = call.value("devices")
    repair = _on_one_way(call, file, node) if isinstance(node, ast.IfExp) else None
    if repair is not None:
        return Fault("devices", message, repair)
    if len(found) > 1 or not found[0].within or call.home("devices") is not call.file:
        reason = 'to train on the CPU write accelerator="cpu", devices=1'
        return Fault("devices", message, Repair(reason=reason))
    cpu = quoted(file, call.node, "cpu")
    changes = {"devices": [("devices", "1")]}
    if call.get("accelerator") is None:
        changes["devices"].insert(0, ("accelerator", cpu))
    else:
        changes["accelerator"] = [("accelerator", cpu)]
    return Fault("devices", message, Repair(changes, doubts=["the CPU is a guess"]))


def _on_one_way(call: TrainerCall, file: File, node: ast.IfExp) -> Repair | None:
    """The repair of ``devices=1 if fast else 0``, where nothing is left of the condition but it."""
    ways = [node.body, node.orelse]
    off = [way for way in ways if literal(way) in (0, "0", []) and literal(way) is not False]
    if len(off) != 1 or literal(ways[off[0] is ways[0]]) in (UNKNOWN, None):
        return None
    first, test = off[0] is ways[0], file.text(node.test)
    kept = file.text(ways[first])
    pair = ("1", kept) if first else (kept, "1")
    devices = "1" if kept == "1" else f"{pair[0]} if {test} else {pair[1]}"
    changes = {"devices": [("devices", devices)]}
    given = call.value("accelerator")
    if isinstance(given, ast.IfExp) and ast.dump(given.test) == ast.dump(node.test):
        cpu, other = (given.body, given.orelse) if first else (given.orelse, given.body)
        fits = literal(cpu) == "cpu" and isinstance(literal(other), str)
        return Repair(changes) if fits and call.home("accelerator") is file else None
    if given is not None and (literal(given) is UNKNOWN or call.home("accelerator") is not file):
        return None
    asks = any(word in test.lower() for word in ("cuda", "gpu"))
    name = literal(given) if isinstance(literal(given), str) else "gpu" if asks else "auto"
    names = [quoted(file, call.node, str(one)) for one in (name, "cpu")]
    text = f"{names[first]} if {test} else {names[not first]}"
    if given is None:
        changes["devices"].insert(0, ("accelerator", text))
    else:
        changes["accelerator"] = [("accelerator", text)]
    return Repair(changes, doubts=["the CPU is a guess"])


def _is_cpu(call: TrainerCall) -> bool:
    node = call.value("accelerator")
    if node is None:
        return False
    known = {
        leaf.value if leaf.value is not UNKNOWN else ""
        for leaf in leaves(call.home("accelerator"), node)
    }
    return known == {"cpu"}


def _changed(name: str, text: str, replaced: dict[Leaf, str]) -> dict[str, list[tuple[str, str]]]:
    """The change of the argument itself; none where only a variable's literal is edited."""
    return {name: [(name, text)]} if any(leaf.within for leaf in replaced) else {}


def _none(call: TrainerCall, file: File, node: ast.expr, name: str) -> Fault | None:
    """A variable that more than the Trainer reads, and that may hold None."""
    if not isinstance(node, ast.Name) or file is not call.file or not may_be_none(file, node):
        return None
    text = f"{file.text(node)} or {quoted(file, call.node, 'auto')}"
    message = f"{name}={file.text(node)}: it may be None, which raises"
    return Fault(name, message, Repair({name: [(name, text)]}))


def _default(call: TrainerCall, file: File, node: ast.expr, name: str) -> Fault | None:
    """A default of a parameter or a command-line option that the Trainer rejects."""
    default = default_of(file, node)
    if default is None or (
        not is_surely(infer(file, default), "constant") and literal(default) is not None
    ):
        return None
    value = literal(default)
    if value is UNKNOWN:
        return None
    if name == "accelerator":
        meaning = accelerator(file, value, default)
        wrong = meaning.kind in ("none", "strategy", "invalid") or meaning.new is not None
        new = meaning.new or ('"auto" or "cpu"' if meaning.kind == "none" else None)
        reason = "a strategy goes to strategy=" if meaning.kind == "strategy" else meaning.reason
    elif name == "strategy":
        made = strategy(file, value, default, call.kind)
        wrong = made.kind in ("none", "fixed", "accelerator", "invalid")
        new, reason = made.new, made.reason
    else:
        wrong = value is None or (value in (0, "0", []) and not isinstance(value, bool))
        new, reason = "auto" if value is None else "1", None
    if not wrong:
        return None
    shown = file.text(default)
    if value is None and new == "auto" and is_read_once(file, node):
        repair = Repair(
            edits=(file.replace(default, quoted(file, default, new)),),
            doubts=[CALLERS],
        )
        message = f"the default None of {file.text(node)} is rejected as {name}="
        return Fault(name, message, repair, default)
    said = reason or f"make the default {new if new and new.startswith(chr(34)) else repr(new)}"
    return Fault(
        name,
        f"the default {shown} of {file.text(node)} is rejected as {name}=",
        Repair(reason=said),
        default,
    )
