"""All old device arguments of a Trainer solved together: accelerator, devices and strategy."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..engine.imports import spell
from ..lightning.trainer import OLD_DEVICE_ARGUMENTS, SINCE_1_5, STRATEGY_ACCELERATORS, UNTIL_1_4
from ._accelerators import Accelerator, accelerator
from ._counts import Count, count, grouped, index, is_off
from ._plugins import Plugins, Renewed, plugins, renew, unpacked
from ._variables import UNKNOWN, Leaf, default_of, leaves, literal, put, quoted

if TYPE_CHECKING:
    from ..model import Edit, Need
    from ._trainer_calls import TrainerCall

_COUNTS = {"gpus": "gpu", "tpu_cores": "tpu", "ipus": "ipu", "num_processes": "cpu"}
_GPU = ("gpu", "cuda", "mps")
_CHOICE = {
    "Trainer": "lightning.pytorch.accelerators.find_usable_cuda_devices",
    "Fabric": "lightning.fabric.accelerators.find_usable_cuda_devices",
}


@dataclass
class Plan:
    """How to write the device arguments anew; ``refusal`` says why there is no way."""

    slots: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    needs: set[Need] = field(default_factory=set)
    drops: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    refusal: str | None = None


class RefusedError(Exception):
    """The arguments cannot be solved; the message says what to do."""


def solve(call: TrainerCall) -> Plan | None:
    """A plan where removed arguments are used or strategies stand in the wrong place, else None."""
    solver = _Solver(call)
    if not solver.is_needed:
        return None
    try:
        solver.run()
    except RefusedError as error:
        solver.plan.refusal = str(error)
    return solver.plan


class _Solver:
    def __init__(self, call: TrainerCall) -> None:
        self.call = call
        self.plan = Plan()
        self.old = [n for n in call.names if n in OLD_DEVICE_ARGUMENTS]
        self.accelerator: list[tuple[Leaf, Accelerator]] = self._classify("accelerator")
        given = call.value("plugins")
        self.plugins: Plugins | None = (
            plugins(call.home("plugins"), given) if given is not None else None
        )
        self.modern = bool(SINCE_1_5 & set(call.names)) or self._kinds() == {"device"}

    def _classify(self, name: str) -> list[tuple[Leaf, Accelerator]]:
        node = self.call.value(name)
        if node is None:
            return []
        file = self.call.home(name)
        return [(leaf, accelerator(file, leaf.value, leaf.node)) for leaf in leaves(file, node)]

    def _kinds(self) -> set[str]:
        return {meaning.kind for _, meaning in self.accelerator}

    @property
    def is_needed(self) -> bool:
        return bool(self.old) or "strategy" in self._kinds() or self.plugins is not None

    def q(self, text: str, name: str = "") -> str:
        part = self.call.part(name)
        if part is None:
            return quoted(self.call.file, self.call.node, text)
        return quoted(part.arguments.file, part.arguments.node, text)

    def run(self) -> None:
        wanted = self._strategy()
        device, text = self._given_device()
        counted = self._count(on_cpu=(device or wanted) == "cpu")
        self._place_devices(device or wanted, text, counted)

    # strategy ---------------------------------------------------------------------------------

    def _strategy(self) -> str | None:
        """Move strategies to ``strategy=``; gives the accelerator that the old strategy implied."""
        sources = [n for n in ("distributed_backend",) if n in self.old]
        if "strategy" in self._kinds():
            sources.append("accelerator")
        implied: str | None = None
        moved = 0
        for source in sources:
            classified = self._classify(source)
            kinds = {m.kind for _, m in classified}
            if kinds == {"none"}:
                self.plan.slots[source] = []
                continue
            moved += 1
            implied = self._move(source, classified) or implied
        if self.plugins is not None:
            # In 1.x the plugin won over accelerator="ddp", which only had to go with it.
            for source in sources:
                self.plan.slots[source] = []
            moved = 1
            self._move_plugins(self.plugins)
        present = self.call.value("strategy")
        if moved > 1 or (moved and present is not None and literal(present) is not None):
            raise RefusedError("several arguments name a strategy; keep one of them as strategy=")
        if moved and present is not None:
            self.plan.slots["strategy"] = []
        return implied

    def _move(self, source: str, classified: list[tuple[Leaf, Accelerator]]) -> str | None:
        kinds = {m.kind for _, m in classified}
        file = self.call.home(source)
        node = self.call.value(source)
        assert node is not None
        if kinds == {"unknown"} and source == "distributed_backend":
            text = file.text(node)
            text = (
                text if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) else f"({text})"
            )
            self.plan.slots[source] = [("strategy", f"{text} or {self.q('auto')}")]
            self.plan.doubts.append(f"{file.text(node)} must not hold a strategy that is gone")
            return None
        if not kinds <= {"strategy", "none"}:
            raise RefusedError(
                f"{source}={file.text(node)} may be an accelerator or a strategy: write "
                "accelerator=, devices= and strategy="
            )
        accelerators = {STRATEGY_ACCELERATORS.get(_low(leaf.value)) for leaf, _ in classified}
        if len(accelerators) > 1:
            raise RefusedError(
                f"{source}={file.text(node)} chooses the accelerator too: write "
                "accelerator=, devices= and strategy="
            )
        if len(classified) == 1 and classified[0][0].value is UNKNOWN:
            self._move_object(source, classified[0][0].node)
            return None
        replaced = {}
        for leaf, meaning in classified:
            if meaning.kind == "none":
                replaced[leaf] = self.q("auto")
            elif _low(leaf.value) == "ddp_cpu":
                replaced[leaf] = self.q("ddp_spawn")
            elif _low(leaf.value) in ("tpu_spawn", "tpu_spawn_debug"):
                replaced[leaf] = self.q("xla" if _low(leaf.value) == "tpu_spawn" else "xla_debug")
        text, edits = put(file, node, replaced)
        self.plan.edits += edits
        self.plan.slots[source] = [("strategy", text)]
        return accelerators.pop()

    def _move_object(self, source: str, node: ast.expr) -> str:
        file = self.call.home(source)
        whole = self.call.value(source)
        return self._put(source, renew(file, whole if isinstance(whole, ast.Name) else node))

    def _put(self, source: str, made: Renewed) -> str:
        if made.refusal:
            raise RefusedError(made.refusal)
        self.plan.edits += made.edits
        self.plan.needs |= set(made.needs)
        self.plan.drops |= set(made.drops)
        self.plan.doubts += made.doubts
        self.plan.slots[source] = [("strategy", made.text)]
        return made.text

    def _move_plugins(self, found: Plugins) -> None:
        if len(found.strategies) > 1:
            raise RefusedError("plugins= names several strategies; pass one as strategy=")
        chosen = next(iter(found.strategies))
        file = self.call.home("plugins")
        if found.variable is not None:
            text = self._put("plugins", unpacked(file, found, found.variable))
        elif literal(chosen) is not UNKNOWN:
            on_cpu = _low(literal(chosen)) == "ddp_cpu"
            text = self.q("ddp_spawn") if on_cpu else file.text(chosen)
        else:
            text = self._move_object("plugins", chosen)
        kept = [("plugins", f"[{', '.join(file.text(e) for e in found.rest)}]")]
        self.plan.slots["plugins"] = [("strategy", text), *(kept if found.rest else [])]

    # accelerator and devices ------------------------------------------------------------------

    def _given_device(self) -> tuple[str | None, str | None]:
        """The accelerator that is named already ("" for None), and its corrected text."""
        kinds = self._kinds()
        if not kinds or "accelerator" in self.plan.slots:
            return None, None
        node = self.call.value("accelerator")
        assert node is not None
        file = self.call.home("accelerator")
        if kinds == {"none"}:
            self.plan.slots["accelerator"] = []
            return None, None
        if kinds != {"device"}:
            reasons = [m.reason for _, m in self.accelerator if m.reason]
            raise RefusedError(reasons[0] if reasons else self._unknown_accelerator(node))
        if any(m.index is not None for _, m in self.accelerator):
            raise RefusedError("write accelerator=, and the index of the device as devices=[…]")
        names = {m.new or str(leaf.value) for leaf, m in self.accelerator}
        replaced = {leaf: self.q(m.new) for leaf, m in self.accelerator if m.new}
        text, edits = put(file, node, replaced)
        self.plan.edits += edits
        if replaced:
            self.plan.slots["accelerator"] = [("accelerator", text)]
        return (names.pop() if len(names) == 1 else "several"), text

    def _unknown_accelerator(self, node: ast.expr) -> str:
        file = self.call.home("accelerator")
        default = default_of(file, node)
        hint = f" (its default is {file.text(default)})" if default is not None else ""
        return (
            f"what accelerator={file.text(node)} holds{hint} cannot be seen; a strategy belongs "
            "into strategy=, and the devices are accelerator= and devices= now"
        )

    def _count(self, *, on_cpu: bool) -> tuple[str, Count] | None:
        """The device count that holds, and its argument; the others are dropped."""
        counts: dict[str, Count] = {}
        for name, device in _COUNTS.items():
            node = self.call.value(name)
            if node is None:
                continue
            quote = self.q("", name)[0]
            made = index(node, device, quote) if UNTIL_1_4 & set(self.call.names) else None
            made = made or count(
                self.call.home(name), node, device, modern=self.modern, quote=quote
            )
            if made.refusal:
                raise RefusedError(f"{name}: {made.refusal}")
            counts[name] = made
            self.plan.slots[name] = []
        active = {n: c for n, c in counts.items() if c.state != "off"}
        if "ipus" in active:
            raise RefusedError("Lightning dropped IPUs in 2.3; choose another accelerator")
        if on_cpu and "num_processes" in active:
            active.pop("gpus", None)
        if "gpus" in active and "num_processes" in active:
            dropped = active.pop("num_processes")
            if dropped.value != "1":
                doubt = "num_processes was ignored beside gpus, except in 1.7 to 1.9"
                self.plan.doubts.append(doubt)
        if len(active) > 1:
            raise RefusedError(f"{' and '.join(active)} contradict each other; choose one")
        if active:
            return next(iter(active.items()))
        if "gpus" in counts:
            return "gpus", counts["gpus"]
        return next(iter(counts.items())) if counts else None

    def _place_devices(
        self, device: str | None, text: str | None, counted: tuple[str, Count] | None
    ) -> None:
        counted = self._automatic_choice(counted)
        if counted is None:
            self._alone(device, text)
            return
        name, made = counted
        if name == "tpu_cores" and made.state != "off":
            made = self._tpu(made)
        if made.doubt:
            self.plan.doubts.append(made.doubt)
        if device is None or (text is None and device == "cpu" and made.state == "off"):
            self._count_alone(name, made)
        elif text is None:
            self._implied(name, device, made)
        else:
            self._beside(name, device, made)

    def _alone(self, device: str | None, text: str | None) -> None:
        """No count at all: only a strategy moved, or None was given."""
        home = next(
            (n for n in ("accelerator", "distributed_backend") if n in self.plan.slots), None
        )
        if device is not None and text is None and home is not None:
            self.plan.slots[home].insert(0, ("accelerator", self.q(device)))

    def _count_alone(self, name: str, made: Count) -> None:
        """Nothing else names the accelerator."""
        given = self.call.value("devices")
        if given is not None and literal(given) is not None:
            if made.state == "off":
                self.plan.slots[name] = [("accelerator", made.accelerator)]
                return
            self._overrule(name, made, given)
        if given is not None:
            self.plan.slots["devices"] = []
        new = [("accelerator", made.accelerator)]
        if made.devices is not None:
            new.append(("devices", made.devices))
        self.plan.slots[name] = new

    def _overrule(self, name: str, made: Count, given: ast.expr) -> None:
        """The old count held in every release that knew both; RefusedError if it may be none."""
        if made.state != "on" and literal(given) not in (0, "0"):
            raise RefusedError(f"{name}= and devices= contradict each other; keep devices=")
        self.plan.doubts.append(f"devices= was ignored beside {name}=")

    def _implied(self, name: str, device: str, made: Count) -> None:
        """``ddp_cpu`` and ``tpu_spawn`` chose the accelerator themselves."""
        self.plan.slots[name] = [("accelerator", self.q(device))]
        if made.state == "off":
            return
        if device == _COUNTS[name]:
            self.plan.slots[name].append(("devices", made.value))
        elif name == "num_processes" or device == "tpu":
            raise RefusedError(
                f"{name}= does not go with the old strategy; write accelerator=, devices="
            )

    def _beside(self, name: str, device: str, made: Count) -> None:
        """The accelerator is named already: only the number of devices is missing."""
        given = self.call.value("devices")
        if given is not None and made.state != "off":
            self._overrule(name, made, given)
            self.plan.slots["devices"] = []
        fits = device == _COUNTS[name] or (name == "gpus" and device in (*_GPU, "auto"))
        file = self.call.home(name)
        if made.state == "off":
            node = self.call.value(name)
            assert node is not None
            explicit = literal(node) is not None
            if explicit and device == "auto" and is_off(literal(node)):
                self.plan.doubts.append(
                    f'{name}={file.text(node)} beside "auto" meant the CPU before 1.7'
                )
            return
        if fits:
            text = (
                made.value if made.state == "on" else f"{grouped(made.value)} or {self.q('auto')}"
            )
            if made.state == "open" and device == "auto":
                self.plan.doubts.append("0 meant the CPU before 1.7")
            self.plan.slots[name] = [("devices", text)]
            return
        if device == "several":
            raise RefusedError(f"write devices= instead of {name}=")
        self.plan.doubts.append(f"{name}= had no effect with accelerator={device!r} before 1.7")

    def _tpu(self, made: Count) -> Count:
        """``tpu_cores`` counted single cores from 1, devices counts them from 0."""
        node = self.call.value("tpu_cores")
        assert node is not None
        known = literal(node)
        if known is UNKNOWN:
            self.plan.doubts.append("a list of TPU cores counted from 1, devices counts from 0")
        if isinstance(known, str) and known.strip() not in ("1", "8"):
            known = [int(c) if c.strip().isdigit() else 0 for c in known.split(",") if c.strip()]
        if not isinstance(known, list):
            return replace(made, doubt=None) if isinstance(known, str) else made
        cores = [core for core in known if isinstance(core, int) and core > 0]
        if len(cores) != 1 or len(cores) != len(known):
            raise RefusedError(
                "tpu_cores counted cores from 1, devices counts from 0: write "
                'accelerator="tpu", devices=[core - 1]'
            )
        text = f"[{cores[0] - 1}]"
        return replace(made, value=text, devices=text, doubt=None)

    def _automatic_choice(self, counted: tuple[str, Count] | None) -> tuple[str, Count] | None:
        """``auto_select_gpus``: True picks unoccupied GPUs, which a function does now."""
        node = self.call.value("auto_select_gpus")
        if node is None:
            return counted
        self.plan.slots["auto_select_gpus"] = []
        if literal(node) in (False, None) or (counted is not None and counted[1].state == "off"):
            return counted
        name, made = counted or ("", None)
        given = self.call.value(name) if name else None
        number = literal(given)
        if given is not None and all(
            isinstance(leaf.value, (list, tuple, str)) or leaf.value == -1 or is_off(leaf.value)
            for leaf in leaves(self.call.home(name), given)
        ):
            return counted
        if made is None or literal(node) is not True or not isinstance(number, int):
            raise RefusedError(
                'auto_select_gpus is gone: write accelerator="gpu" and '
                "devices=find_usable_cuda_devices(number), from lightning.pytorch.accelerators"
            )
        found = spell(self.call.file, self.call.node, _CHOICE[self.call.kind])
        self.plan.needs |= set(found.needs)
        text = f"{found.text}({number})"
        return name, Count("on", text, made.accelerator, text, made.doubt)


def _low(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""
