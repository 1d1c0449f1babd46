"""What is installed and how it is set: `%tensorlab`, and the plain function `tensorlab.notebook.about`.

Floor 6.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import NamedTuple

from ..backends import llvm
from ..settings import config
from ..view.dot import PROGRAMS
from ..view.escape import html_text


class Part(NamedTuple):
    """Something that may be missing: what it is called, the module that is asked for, what it is good for, and how to install it."""

    name: str
    module: str
    purpose: str
    install: str


PARTS = (
    Part("llvmlite", "llvmlite", "native code", "%pip install llvmlite"),
    Part("ipywidgets", "ipywidgets", "widgets", "%pip install ipywidgets"),
    Part("anywidget", "anywidget", "widgets", "%pip install anywidget"),
    Part("matplotlib", "matplotlib", "plots", "%pip install matplotlib"),
    Part("graphviz", "graphviz", "graphs in the language of Graphviz", "%pip install graphviz"),
    Part("cupy", "cupy", "the GPU", '%pip install "tensorlab-jupyter[gpu12]", on a machine with an NVIDIA GPU'),
)


class About:
    """What `about` found, as pairs of a word and what there is to say."""

    def __init__(self, facts: list[tuple[str, str]]) -> None:
        self.facts = facts

    @property
    def text(self) -> str:
        """One line a fact."""
        width = max(len(word) for word, _ in self.facts)
        return "\n".join(f"{word:{width}}  {said}" for word, said in self.facts)

    @property
    def html(self) -> str:
        """A table with one row a fact."""
        left = 'style="text-align:left"'
        cells = [(html_text(word), html_text(said)) for word, said in self.facts]
        rows = "".join(f'<tr><th scope="row" {left}>{word}</th><td {left}>{said}</td></tr>' for word, said in cells)
        return f"<table>{rows}</table>"

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        bundle = {"text/html": self.html, "text/plain": self.text}
        return {key: value for key, value in bundle.items() if (not include or key in include) and key not in (exclude or ())}


def about() -> About:
    """Return what is installed and how it is set: version, device, floatX, threads, cache, and what is missing.

    >>> about().facts[0][0]
    'tensorlab'
    """
    from .. import __version__

    facts = [
        ("tensorlab", __version__),
        ("Python", f"{platform.python_version()}, NumPy {version('numpy')}"),
        ("device", f"{config.device}, {processor()}"),
        ("floatX", str(config.floatX)),
        ("mode", str(config.mode)),
        ("threads", threads()),
        ("cache", cache()),
    ]
    for part in PARTS:
        facts.append((part.name, f"{installed(part.name)}, for {part.purpose}" if find_spec(part.module) is not None
                      else f"missing, for {part.purpose}: {part.install}"))
    if not any(map(shutil.which, PROGRAMS)):
        facts.append(("dot", "missing, for pictures by Graphviz (tensorlab draws its own): %pip install graphviz-pure"))
    return About(facts)


def processor() -> str:
    """Return which processor native code is made for, or why there is none."""
    why = llvm.unavailable()
    if why:
        return f"without native code: {why}"
    from ..backends.llvm.machine import processor as made_for

    return f"native code for {made_for()[1]}"


def threads() -> str:
    """Return how many threads work."""
    if llvm.unavailable():
        return "those of NumPy"
    from ..backends.llvm.runtime import threads as count

    return str(count())


def cache() -> str:
    """Return where compiled code is kept, and how much there is."""
    if llvm.unavailable():
        return "none"
    from ..backends.llvm import folder

    try:
        where = folder.location()
        sizes = [facts.st_size for _, facts in folder.listed(where)]
    except OSError as problem:
        return f"not used: {problem}"
    return f"{where}, {len(sizes)} files, {sum(sizes) / 2**20:.1f} MB"


def installed(package: str) -> str:
    """Return the version of a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "installed"
