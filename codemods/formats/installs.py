"""The requirements in ``pip install`` and ``conda install`` of a Dockerfile or a script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.source import byte_span
from ..rules._requirement import Requirement, of_conda, of_pip
from .shell import Word, commands, listed

if TYPE_CHECKING:
    from ..engine.source import Source

_PIP = ("pip", "pip3", "pipx", "uv")
_CONDA = ("conda", "mamba", "micromamba")
#: Options of the tools with a word behind them.
_WITH_WORD = frozenset(
    {
        *("-c", "-r", "-e", "-f", "-i", "-t", "-n", "-p", "--channel", "--requirement"),
        *("--constraint", "--editable", "--find-links", "--index-url", "--extra-index-url"),
        *("--target", "--prefix", "--name", "--timeout", "--trusted-host", "--retries", "--file"),
    }
)


def of_script(source: Source) -> list[Requirement]:
    """All requirements that are words of such commands."""
    text = source.text
    found = (*commands(text), *listed(text))
    return [r for words in found for r in of_command(text, words)]


def of_command(text: str, words: list[Word]) -> Iterator[Requirement]:
    """The requirements that one command installs."""
    said = [word.text for word in words]
    if "install" not in said:
        return
    verb = said.index("install")
    tools = {name.rpartition("/")[2] for name in said[:verb]}
    is_conda = bool(tools & set(_CONDA))
    if not is_conda and not tools & set(_PIP):
        return
    skip = False
    for word in words[verb + 1 :]:
        is_value, skip = skip, word.text in _WITH_WORD
        if is_value or word.text.startswith("-"):
            continue
        inner = word.text
        at = len(text[: word.start + (1 if word.is_quoted else 0)].encode())
        found = of_conda(inner, at) if is_conda else of_pip(inner, at)
        if found is None:
            continue
        whole = byte_span(text, word.start, word.end)
        obstacle = "" if word.plain else "it is put together from parts"
        quote = "" if word.is_quoted else '"'
        yield replace(
            found,
            whole=found.whole if quote else whole,
            quote=quote,
            obstacle=found.obstacle or obstacle,
        )
