"""Edits of the entries of a mapping and the items of a list, by characters of the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .pieces import InexpressibleError, Piece, flow, item_text, tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .nodes import Node
    from .scalars import Style

#: Start, end and new text, by characters.
Change = tuple[int, int, str]

_REST = re.compile(r"[ \t]*(#[^\r\n]*)?(\r\n|\r|\n|$)")


@dataclass(frozen=True)
class New:
    """A new entry; ``kept`` is an old one whose value it takes over as it stands."""

    name: str
    piece: Piece | None
    kept: Node | None = None
    quote: str | None = None


@dataclass(frozen=True)
class Gap:
    """What becomes of old entries that stand behind entry ``before`` (-1: the first)."""

    olds: tuple[int, ...]
    news: tuple[New, ...]
    before: int


class Mapping:
    """The entries of one mapping and how they are changed; raises InexpressibleError."""

    def __init__(self, text: str, node: Node, style: Style) -> None:
        self._text = text
        self._node = node
        self._style = style
        if any(text[max(0, k.start - 2) : k.start].strip() == "?" for k, _ in node.entries):
            raise InexpressibleError("its keys are written with a question mark")

    def change(self, gaps: Sequence[Gap]) -> list[Change]:
        """The changes that make the entries of every gap into its new ones."""
        changes: list[Change] = []
        removed: list[int] = []
        for gap in gaps:
            surplus = max(0, len(gap.news) - len(gap.olds))
            parts = [gap.news[: surplus + 1], *([n] for n in gap.news[surplus + 1 :])]
            if gap.olds and gap.news:
                for old, news in zip(gap.olds, parts, strict=False):
                    changes.append(self._replaced(old, news))
                removed += gap.olds[len(parts) :]
            elif gap.olds:
                removed += gap.olds
            elif gap.news:
                changes.append(self._inserted(gap.before, gap.news))
        if removed and len(removed) == len(self._node.entries) and not changes:
            if self._node.flow:
                return [(self._node.entries[0][0].start, self._node.entries[-1][1].end, "")]
            if not self._style.toml:
                return [(self._node.start, self._node.end, "{}")]
        if self._node.flow:
            return changes + self._removed_inline(sorted(removed))
        return changes + [self._removed(index) for index in sorted(removed)]

    def _replaced(self, old: int, news: Sequence[New]) -> Change:
        key, value = self._node.entries[old]
        if len(news) == 1 and news[0].kept is value:
            return (key.start, key.end, self._key(news[0].name, key))
        texts = [self._entry(new, key) for new in news]
        return (key.start, value.end, self._between(old).join(texts))

    def _inserted(self, before: int, news: Sequence[New]) -> Change:
        key = self._node.entries[0][0] if self._node.entries else None
        if key is None:
            texts = [self._entry(new, self._node) for new in news]
            return (self._node.start, self._node.end, "{" + ", ".join(texts) + "}")
        between = self._between(before)
        joined = between.join(self._entry(new, key) for new in news)
        if before < 0:
            return (key.start, key.start, joined + between)
        end = self._node.entries[before][1].end
        if not self._node.flow:
            end = self._end_of_line(end)
        return (end, end, between + joined)

    def _end_of_line(self, end: int) -> int:
        match = _REST.match(self._text, end)
        if match is None:
            raise InexpressibleError("more stands on the line behind it")
        return match.start(2)

    def _between(self, index: int) -> str:
        """What stands between two entries."""
        key = self._node.entries[max(index, 0)][0]
        if not self._node.flow:
            return "\n" + self._indent(self._node.entries[0][0])
        if self._own_line(key):
            return ",\n" + self._indent(key)
        return ", "

    def _indent(self, key: Node) -> str:
        before = self._text[self._line_start(key.start) : key.start]
        # A dotted key of TOML says on each line which table it is in.
        return before if self._style.toml else re.sub(r"[^\t ]", " ", before)

    def _line_start(self, index: int) -> int:
        return max(self._text.rfind("\n", 0, index), self._text.rfind("\r", 0, index)) + 1

    def _own_line(self, key: Node) -> bool:
        if self._style.toml and not self._node.flow:
            return True
        return not self._text[self._line_start(key.start) : key.start].strip()

    def _key(self, name: str, model: Node) -> str:
        if self._style.json or model.style == '"':
            return f'"{name}"'
        return f"'{name}'" if model.style == "'" else name

    def _entry(self, new: New, model: Node) -> str:
        name = self._key(new.name, model)
        if new.kept is not None:
            key = next(k for k, v in self._node.entries if v is new.kept)
            return name + self._text[key.end : new.kept.end]
        assert new.piece is not None
        if self._style.toml:
            return f"{name} = {flow(new.piece, self._style, new.quote)}"
        if self._node.flow:
            return f"{name}: {flow(new.piece, self._style, new.quote)}"
        return f"{name}:{tail(new.piece, self._style, self._indent(model), new.quote)}"

    def _removed(self, index: int) -> Change:
        key, value = self._node.entries[index]
        self._refuse_marks(value)
        if self._own_line(key):
            match = _REST.match(self._text, value.end)
            if match is None:
                raise InexpressibleError("more stands on the line behind it")
            return (self._line_start(key.start), match.end(), "")
        if index + 1 == len(self._node.entries):
            raise InexpressibleError("it stands alone behind a dash")
        return self._cut(key.start, self._node.entries[index + 1][0].start)

    def _removed_inline(self, removed: Sequence[int]) -> list[Change]:
        found: list[Change] = []
        entries = self._node.entries
        at = 0
        while at < len(removed):
            last = at
            while last + 1 < len(removed) and removed[last + 1] == removed[last] + 1:
                last += 1
            for index in removed[at : last + 1]:
                self._refuse_marks(entries[index][1])
            first, end = removed[at], removed[last]
            if end + 1 < len(entries):
                found.append(self._cut(entries[first][0].start, entries[end + 1][0].start))
            else:
                found.append(self._cut(entries[first - 1][1].end, entries[end][1].end))
            at = last + 1
        return found

    def _cut(self, start: int, end: int) -> Change:
        if not self._style.json and "#" in self._text[start:end]:
            raise InexpressibleError("a comment stands between the entries")
        return (start, end, "")

    @staticmethod
    def _refuse_marks(value: Node) -> None:
        if any(node.marked for node in value.walk()):
            raise InexpressibleError("an anchor stands in what would be removed")


def sequence(
    text: str, node: Node, style: Style, removed: Sequence[int], added: Sequence[Piece]
) -> list[Change]:
    """The changes that take items out of a list and put others at its end."""
    if not node.items or node.flow:
        return _inline(text, node, style, removed, added)
    changes: list[Change] = []
    dash = re.sub(r"[^\t ]", " ", text[text.rfind("\n", 0, node.start) + 1 : node.start])
    if len(removed) == len(node.items):
        if not added:
            return [(node.start, node.end, "[]")]
        joined = ("\n" + dash).join(item_text(piece, style, dash) for piece in added)
        return [(node.start, node.end, joined)]
    for index in removed:
        item = node.items[index]
        match = _REST.match(text, item.end)
        start = text.rfind("\n", 0, text.rfind("-", 0, item.start)) + 1
        if match is None or any(part.marked for part in item.walk()):
            raise InexpressibleError("an item of a list cannot be taken out")
        changes.append((start, match.end(), ""))
    if added:
        match = _REST.match(text, node.end)
        if match is None or (len(node.items) - 1) in removed:
            raise InexpressibleError("nothing can be put at the end of a list")
        lines = "".join(f"\n{dash}{item_text(piece, style, dash)}" for piece in added)
        changes.append((match.start(2), match.start(2), lines))
    return changes


def _inline(
    text: str, node: Node, style: Style, removed: Sequence[int], added: Sequence[Piece]
) -> list[Change]:
    kept = [text[n.start : n.end] for i, n in enumerate(node.items) if i not in removed]
    if not style.json and "#" in text[node.start : node.end]:
        raise InexpressibleError("a comment stands in the list")
    if removed:
        texts = kept + [flow(piece, style) for piece in added]
        return [(node.start, node.end, "[" + ", ".join(texts) + "]")]
    new = ", ".join(flow(piece, style) for piece in added)
    if not node.items:
        return [(node.start, node.end, f"[{new}]")]
    end = node.items[-1].end
    return [(end, end, f", {new}")]
