"""The code of a compiled function, side by side with what it comes from: `%code f asm`, and the plain function `tensorlab.notebook.code`.

Floor 6, over `Function.source` and `backends/llvm/annotated.py`. NumPy's lines and those of the loops name the nodes that they compute.
Lines of LLVM's language and of the assembly name the line of the loops that they come from, which is listed above them; what comes from
none (reading arguments, addresses, memory) is marked with a dot, and long stretches of it are folded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from hashlib import blake2b
from itertools import groupby
from typing import Any, NamedTuple

from ..graph.errors import ChoiceError, PictureError
from ..graph.wording import a_kind
from ..view.drawing import clean
from ..view.escape import html_text
from ..view.paper import DARK, DARK_PAGE, LIGHT, Palette

MACHINES = ("loops", "numpy", "llvm", "asm")
LEXERS = {"loops": "python", "numpy": "python", "llvm": "llvm", "asm": "gas"}
TITLES = {"loops": "loops", "numpy": "NumPy", "llvm": "LLVM", "asm": "assembly"}
SHORT = 6  # lines that come from no line of the loops and are shown between others; longer stretches are folded
UNLINKED = "·"
GAP = re.compile(r"(?<=\S) +(?=0x)")  # llvmlite sets constants flush right, which makes lines of many constants long
SHEET = "margin:0 0 8px;padding:8px;border-radius:8px;overflow:auto;max-height:480px;line-height:1.4;font-size:13px;white-space:pre"
ROLES = {"Keyword": "keyword", "Number": "number", "String": "string", "Comment": "comment", "Function": "word", "Label": "word",
         "Builtin": "word"}  # fmt: skip
"""What the reader of a language calls a piece of it, and the class that it is shown with."""


def colours(of: Palette, page: str = "") -> str:
    """Return the rules for the colours of a listing on a page."""
    roles = {"keyword": of.blue_text, "number": of.green_text, "string": of.vermilion_text, "word": of.vermilion_text,
             "comment": of.grey, "gutter": of.grey, "link": of.blue_text}  # fmt: skip
    rules = [f"{page} .tl-code.tl-code .tl-sheet {{ background: {of.sheet}; color: {of.ink} }}"]
    rules += [f"{page} .tl-code.tl-code .tl-{role} {{ color: {colour} }}" for role, colour in roles.items()]
    return " ".join([*rules, f"{page} .tl-code.tl-code .tl-line:target {{ outline: 2px solid {of.orange} }}"])


# The class is said twice to outweigh the rules that a page has for links and code.
# Rules for the page, not attributes: a page that is not trusted takes the rules out as a whole, and its own colours stand; of attributes
# it takes out some, and dark letters could stay on a dark sheet.
STYLE = (
    f"<style>{colours(LIGHT)} {colours(DARK, DARK_PAGE)} .tl-code.tl-code .tl-keyword {{ font-weight: bold }} "
    ".tl-code.tl-code .tl-comment { font-style: italic } .tl-code.tl-code .tl-gutter, .tl-code.tl-code .tl-link { user-select: none } "
    ".tl-code.tl-code .tl-link { text-decoration: underline } "
    '.tl-code.tl-code .tl-sheet { font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace }</style>'
)


class Row(NamedTuple):
    """A line of code: its own number in the listing of the loops, or the number of the line that it comes from; None for neither."""

    text: str
    number: int | None


class CodeView:
    """The code of a function in the forms in which a notebook shows it.

    Attributes:
        machine: "loops", "numpy", "llvm" or "asm".
        rows: the lines.
        loops: the listing that rows of "llvm" and "asm" link to.
    """

    def __init__(self, machine: str, rows: Sequence[Row], loops: Sequence[Row] = (), whole: bool = False) -> None:
        self.machine, self.rows, self.loops, self.whole = machine, list(rows), list(loops), whole

    def stretches(self) -> list[tuple[bool, list[Row]]]:
        """Return the rows in stretches, each with whether it is folded."""
        if not self.loops or self.whole:
            return [(False, self.rows)]
        found = [list(rows) for _, rows in groupby(self.rows, key=lambda row: row.number is None)]
        return [(rows[0].number is None and len(rows) > SHORT, rows) for rows in found]

    @property
    def text(self) -> str:
        """The code as text, with a gutter of numbers."""
        lines = [f"{row.number:>3}  {row.text}" for row in self.loops]
        lines += ["", f"{TITLES[self.machine]}, each line with the line above that it comes from"] if self.loops else []
        for folded, rows in self.stretches():
            if folded:
                lines.append(f"  {UNLINKED}  … {len(rows)} lines that come from none of them")
            else:
                lines += [f"{row.number if row.number is not None else UNLINKED:>3}  {row.text}" for row in rows]
        return "\n".join(clean_lines(lines))

    @property
    def html(self) -> str:
        """The code as a page: highlighted, and with links from each line to the line of the loops that it comes from."""
        mark = blake2b("\n".join(clean(row.text) for row in [*self.loops, *self.rows]).encode(), digest_size=4).hexdigest()
        above = gutter(highlighted(self.loops, "loops"), self.loops, f"tl-{mark}-", anchors=True)
        parts = [on_a_sheet(above, TITLES["loops"])] if self.loops else []
        linked = f"tl-{mark}-" if self.loops else ""
        lines = iter(highlighted(self.rows, self.machine))
        inner = []
        for folded, rows in self.stretches():
            block = [next(lines) for _ in rows]
            if folded:  # left out, not hidden: a saved notebook would carry a hundred times what it shows
                inner.append(f'<span class="tl-gutter">… {len(rows)} lines that come from none of them</span>\n')
            else:
                inner.append(gutter(block, rows, linked, anchors=False, loops=self.loops))
        parts.append(on_a_sheet("".join(inner), TITLES[self.machine]))
        return f'{STYLE}<div class="tl-code">{"".join(parts)}</div>'

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        bundle = {"text/html": self.html, "text/plain": self.text}
        return {key: value for key, value in bundle.items() if (not include or key in include) and key not in (exclude or ())}


def code(function: Any, machine: str = "loops", cpu: str | None = None, whole: bool = False) -> CodeView:
    """Return the code of a compiled function for the eye.

    Args:
        function: a compiled function.
        machine: "loops" (what native code is made of), "numpy" (one line a step), "llvm" or "asm".
        cpu: for "llvm" and "asm" a level of x86-64 ("x86-64-v3" has AVX2), so that the text is the same on every machine; None is this one.
        whole: show also long stretches that come from no line of the loops.

    Raises:
        PictureError: it is no compiled function, or one that runs through Python and has no such code.
        ChoiceError: another machine, or another processor.

    >>> x = T.scalar("x")
    >>> code(tl.function([x], 2 * x + 1))
      1  b0: float64  # x
      2  v0 = 2.0 * b0[0]  # 2 * x
      3  v1 = v0 + 1.0  # 2 * x + 1
      4  b1[0] = v1
      5  return b1
    """
    if not hasattr(function, "source") or not hasattr(function, "stages"):
        raise PictureError(f"the code of {a_kind(function)}", "only compiled functions have code", "f = tl.function([x], y), then code(f)")
    if machine not in MACHINES:
        raise ChoiceError(f"code(f, {machine!r})", f"there are {', '.join(MACHINES)}", "code(f, 'loops')")
    if cpu is not None and machine not in ("llvm", "asm"):
        raise ChoiceError(f"code(f, {machine!r}, cpu={cpu!r})", f"{machine} is the same for all processors", f"code(f, {machine!r})")
    if machine == "numpy":
        return CodeView(machine, numbered(function.source("numpy")))
    native = getattr(getattr(function, "_doors", None), "native", None)
    if native is None:
        raise PictureError(f"the {TITLES[machine]} of {function!r}", "it runs through Python, and has no native code in one piece",
                           "code(f, 'numpy')")
    loops = numbered(function.source("loops"))
    if machine == "loops":
        return CodeView(machine, loops)
    from ..backends.llvm.annotated import PROCESSORS, annotated, annotated_assembly

    if cpu is not None and cpu not in PROCESSORS:
        raise ChoiceError(f"code(f, {machine!r}, cpu={cpu!r})", f"there are {', '.join(PROCESSORS)}", "code(f, 'asm', cpu='x86-64-v3')")
    write = annotated if machine == "llvm" else annotated_assembly
    rows = [Row(GAP.sub(" ", each.text.replace("\t", "    ")), each.line) for each in write(native.schedule, native.interface, cpu)]
    return CodeView(machine, rows, loops, whole)


def numbered(text: str) -> list[Row]:
    """Return the lines of a text with their numbers."""
    return [Row(line, number) for number, line in enumerate(text.rstrip("\n").split("\n"), 1)]


def clean_lines(lines: Sequence[str]) -> list[str]:
    """Return lines without letters that would change the screen; spaces at the left stay."""
    return [clean(line).rstrip() for line in lines]


def highlighted(rows: Sequence[Row], machine: str) -> list[str]:
    """Return lines as HTML with coloured words, one string a line."""
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(LEXERS[machine], stripnl=False, ensurenl=False)
    lines = [""]
    for kind, text in lexer.get_tokens("\n".join(clean(row.text) for row in rows)):
        role = next((ROLES[word] for word in str(kind).split(".") if word in ROLES), "")
        for number, piece in enumerate(text.split("\n")):
            if number:
                lines.append("")
            if piece:
                lines[-1] += f'<span class="tl-{role}">{html_text(piece)}</span>' if role and piece.strip() else html_text(piece)
    return lines[: len(rows)] + [""] * (len(rows) - len(lines))


def gutter(lines: Sequence[str], rows: Sequence[Row], linked: str, anchors: bool, loops: Sequence[Row] = ()) -> str:
    """Return lines with their numbers at the left: places to link to, or links with the text of what they link to."""
    told = {row.number: row.text.strip() for row in loops}
    width = max((len(str(row.number)) for row in [*rows, *loops] if row.number), default=1)
    parts = []
    for line, row in zip(lines, rows):
        number = str(row.number) if row.number is not None else UNLINKED
        if linked and not anchors and row.number is not None:
            shown = f'<a class="tl-link" href="#{linked}{number}" title="{html_text(told.get(row.number, ""))}">{number}</a>'
        else:
            shown = f'<span class="tl-gutter">{number}</span>'
        whole = f"{' ' * (width - len(number))}{shown}  {line}"
        parts.append(f'<span class="tl-line" id="{linked}{number}">{whole}</span>\n' if anchors else f"{whole}\n")
    return "".join(parts)


def on_a_sheet(text: str, title: str) -> str:
    """Return a listing on a sheet of its own."""
    return f'<pre class="tl-sheet" style="{SHEET}" tabindex="0" role="group" aria-label="{title}">{text}</pre>'
