"""A traceback as people paste it: with colours, frames of a terminal, and foreign quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])|[\x07\r]")
#: What stands in front of each line: ranks, log prefixes, quotation marks of mails, boxes.
_FRONT = re.compile(
    r"^(?:\s*(?:\[[^\]\n]*rank[^\]\n]*\]:?|\[\d+\]:|>(?!\S)|[│|┃]|\(\w+ pid=\d+[^)]*\)|"
    r"\d{4}-\d\d-\d\d[ T][\d:.,]+(?: ?\[?\w+\]?)?(?: -)?)\s?)+"
)
_BOX = re.compile(r"^[╭╰┌└+][─-]+.*[╮╯┐┘+]$|\s*[│┃]\s*$")
_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
)
#: French quotes, with the spaces that belong to them.
_FRENCH = re.compile("[\u00ab\u2039]\\s*(.*?)\\s*[\u00bb\u203a]")
_ERROR = re.compile(
    r"^(?:\S+\.py:\d+: )?(?P<kind>(?:[A-Za-z_]\w*\.)*"
    r"\w+(?:Error|Exception|Warning|Interrupt|Failure|Exit))(?:: ?(?P<message>.*))?$"
)
_FRAMES = (
    re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)'),
    re.compile(r"^\s*File (?P<file>\S+?):(?P<line>\d+)\b"),
    re.compile(r"^\s*(?P<file>\S+\.(?:py|ipynb)):(?P<line>\d+)(?:: | in )"),
    re.compile(r"^\s*(?:Cell )?(?P<file>In ?\[\d+\]), line (?P<line>\d+)"),
)
_OLD_FRAME = re.compile(r"^(?P<file>\S+\.py|<ipython-input-[^>]+>) in (?P<name>.+)$")
_ARROW = re.compile(r"^(?:-+> ?|[❱>] *)(?P<line>\d+)\b")
_FOREIGN = re.compile(r"site-packages|dist-packages|[/\\]lib[/\\]python\d|<frozen|<string>")
_HEADS = ("Traceback (most recent call last)", "During handling of", "The above exception was")


@dataclass(frozen=True)
class Frame:
    """A line of code that the traceback goes through."""

    file: str
    line: int

    @property
    def foreign(self) -> bool:
        """Whether it lies in an installed package."""
        return _FOREIGN.search(self.file) is not None


@dataclass(frozen=True)
class Raised:
    """An exception of a traceback, with the frames that lead to it, the outermost first."""

    kind: str
    message: str
    frames: tuple[Frame, ...] = ()

    @property
    def text(self) -> str:
        """As Python shows it."""
        return f"{self.kind}: {self.message}" if self.message else self.kind

    @property
    def at(self) -> Frame | None:
        """The innermost line of the user's own code."""
        own = [frame for frame in self.frames if not frame.foreign]
        return own[-1] if own else None


def raised_in(text: str) -> list[Raised]:
    """The exceptions of a pasted text, the last one first: it is what ended the program."""
    found: list[Raised] = []
    frames: list[Frame] = []
    file = ""
    lines = cleaned(text)
    for number, line in enumerate(lines):
        frame = _frame(line)
        old = _OLD_FRAME.match(line)
        arrow = _ARROW.match(line)
        error = _ERROR.match(line)
        if frame is not None:
            frames.append(frame)
        elif old is not None:
            file = old["file"]
        elif arrow is not None and file:
            frames.append(Frame(file, int(arrow["line"])))
            file = ""
        elif error is not None:
            message = " ".join([error["message"] or "", *_continued(lines[number + 1 :])]).strip()
            found.append(Raised(error["kind"].rpartition(".")[2], message, tuple(frames)))
            frames = []
    return found[::-1]


def cleaned(text: str) -> list[str]:
    """The lines without what terminals, loggers and word processors have put around them."""
    plain = _CONTROL.sub("", text).translate(_QUOTES).replace("\N{NO-BREAK SPACE}", " ")
    plain = _FRENCH.sub(r"'\1'", plain.replace("\N{NARROW NO-BREAK SPACE}", " "))
    lines = []
    for line in plain.splitlines():
        bare = _BOX.sub("", _FRONT.sub("", line))
        lines.append(bare.rstrip())
    return lines


def _frame(line: str) -> Frame | None:
    for form in _FRAMES:
        match = form.match(line)
        if match is not None:
            return Frame(match["file"], int(match["line"]))
    return None


def _continued(lines: list[str]) -> list[str]:
    """Further lines of a message: up to the next empty line, frame or exception."""
    more: list[str] = []
    for line in lines:
        ends = not line.strip() or line.startswith(_HEADS) or _ERROR.match(line) is not None
        if ends or _frame(line) is not None:
            break
        more.append(line.strip())
    return more
