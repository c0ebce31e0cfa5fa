"""Reads golden files; the format is described in golden/README.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from .case import Case, CaseFile, Golden, Kind, Said
from .markdown import Block, GoldenError, Section, sections
from .proof import DEFAULT_MAIN, parse_proof

__all__ = ["GoldenError", "parse", "parse_text"]

_CASE = re.compile(r"(?P<kind>\w+): (?P<title>\S.*)")
_FILE = re.compile(r"\.?\w[\w.-]*(/\.?\w[\w.-]*)*")
#: Languages of the files that are not Python; these are always named.
_LANGUAGES = ("text", "toml", "yaml", "json", "ini", "dockerfile", "bash", "make", "markdown")
_SAID = re.compile(
    r"(?P<path>[^\s:]+):(?P<line>\d+) (?P<code>[A-Z]+\d+)"
    r"(?: (?P<safety>safe|unsafe|manual))?: (?P<fragment>\S.*)"
)
_ROLES = {
    ("python",): "file",
    ("python", "before"): "before",
    ("python", "after"): "after",
    ("python", "proof"): "proof",
    ("text", "says"): "says",
    ("toml", "config"): "config",
}
_ROLES |= {(language,): "file" for language in _LANGUAGES}
_ROLES |= {(language, role): role for language in _LANGUAGES for role in ("before", "after")}


def parse(path: Path) -> Golden:
    """Read the golden file at ``path``; its folder is the family.

    Raises GoldenError where the file does not follow the format.
    """
    return parse_text(path.read_text(encoding="utf-8"), path)


def parse_text(text: str, path: Path) -> Golden:
    """Read ``text`` as the golden file that lies at ``path``; raises GoldenError."""
    head, *rest = sections(text, path)
    if head.level != 1:
        raise head.place.error("the first heading must be `# rule-name`")
    if head.heading != path.stem:
        message = f"the heading names {head.heading!r}, the file {path.stem!r}"
        raise head.place.error(f"{message}; both must be the rule's name")
    if not head.prose:
        raise head.place.error("say in a line of prose what the rule is about")
    if head.blocks:
        raise head.blocks[0].place.error("a block before the first `## kind: title`")
    if not rest:
        raise head.place.error("there is no case; write one as `## fix: title`")
    cases: dict[str, Case] = {}
    for section in rest:
        if section.level == 1:
            raise section.place.error("a second `# heading`; a golden file is about one rule")
        case = _case(section)
        if case.title in cases:
            taken = cases[case.title].line
            raise section.place.error(f"the title {case.title!r} is taken by line {taken}")
        cases[case.title] = case
    return Golden(path, path.parent.name, head.heading, tuple(cases.values()))


def _case(section: Section) -> Case:
    kinds = [kind.value for kind in Kind]
    match = _CASE.fullmatch(section.heading)
    if not match or match["kind"] not in kinds:
        message = f"a case is headed `## kind: title`, the kind one of {', '.join(kinds)}"
        raise section.place.error(message)
    kind = Kind(match["kind"])
    blocks = [_role(block, kind) for block in section.blocks]
    files = _files(section, kind, blocks)
    names = [file.path for file in files]
    says = _only(blocks, "says")
    config = _only(blocks, "config")
    if kind is Kind.TOLD and not (says and says.text.strip()):
        raise section.place.error("a told case needs a `text says` block with lines")
    return Case(
        kind=kind,
        title=match["title"].strip(),
        line=section.place.line,
        files=files,
        config=config.text if config else None,
        says=tuple(_said(says, names)) if says else None,
        proofs=tuple(parse_proof(block, kind, names) for role, block in blocks if role == "proof"),
    )


def _role(block: Block, kind: Kind) -> tuple[str, Block]:
    """The role of a block in a case of ``kind``, and the block with the words left over."""
    for length in (2, 1):
        role = _ROLES.get(block.words[:length])
        if role:
            break
    else:
        known = ", ".join(f"`{' '.join(words)}`" for words in _ROLES)
        raise block.place.error(f"unknown block `{' '.join(block.words)}`; there are {known}")
    allowed = ("before", "after") if kind.changes else ("file",)
    if role in ("file", "before", "after") and role not in allowed:
        wanted = "`python before` and `python after`" if kind.changes else "`python`"
        raise block.place.error(f"the files of a {kind.value} case are {wanted} blocks")
    if role == "says" and kind is Kind.KEEP:
        raise block.place.error("in a keep case the rule says nothing")
    rest = Block(block.words[length:], block.text, block.place)
    if role in ("says", "config") and rest.words:
        raise block.place.error(f"unknown words: {' '.join(rest.words)}")
    if role in ("file", "before", "after"):
        _check_name(block.words[0], rest)
    return role, rest


def _check_name(language: str, block: Block) -> None:
    """Python stands in .py files, and what is not Python is a file with a name of its own."""
    name = _file_name(block)
    if language == "python" and not name.endswith(".py"):
        raise block.place.error(f"file={name} is not a relative path of a .py file")
    if language != "python" and name.endswith(".py"):
        raise block.place.error(f"a {language} block needs `file=` and a name without .py")


def _only(blocks: Iterable[tuple[str, Block]], role: str) -> Block | None:
    found = [block for name, block in blocks if name == role]
    if len(found) > 1:
        raise found[1].place.error(f"a second `{role}` block in one case")
    return found[0] if found else None


def _files(
    section: Section, kind: Kind, blocks: Iterable[tuple[str, Block]]
) -> tuple[CaseFile, ...]:
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for role, block in blocks:
        if role not in ("before", "after", "file"):
            continue
        target = after if role == "after" else before
        name = _file_name(block)
        if name in target:
            raise block.place.error(f"{name} is given twice; name files by `file=`")
        if role == "after" and name not in before:
            raise block.place.error(f"{name} has an after and no before above it")
        target[name] = block.text
    if not before:
        raise section.place.error("the case has no file; add a python block")
    if kind.changes and all(after[name] == before[name] for name in after):
        raise section.place.error(f"nothing changes in this {kind.value} case")
    return tuple(CaseFile(name, text, after.get(name)) for name, text in before.items())


def _file_name(block: Block) -> str:
    if not block.words:
        return DEFAULT_MAIN
    key, _, name = block.words[0].partition("=")
    if key != "file" or len(block.words) > 1:
        message = f"unknown words: {' '.join(block.words)}; only `file=pkg/module.py` goes here"
        raise block.place.error(message)
    if not _FILE.fullmatch(name):
        raise block.place.error(f"file={name} is not a relative path of a file that is read")
    return name


def _said(block: Block, names: list[str]) -> Iterable[Said]:
    for number, line in enumerate(block.text.splitlines(), start=block.place.line + 1):
        place = type(block.place)(block.place.path, number)
        match = _SAID.fullmatch(line)
        if not match:
            message = "a says line is `FILE:LINE CODE [safe|unsafe|manual]: fragment`"
            raise place.error(f"{message}, not {line!r}")
        if match["path"] not in names:
            raise place.error(f"the case has no file {match['path']}")
        path, code, safety, fragment = match.group("path", "code", "safety", "fragment")
        yield Said(path, int(match["line"]), code, safety, fragment.rstrip())
