"""`%code` and `%tensorlab`: the magics that show what runs, and on what. Their twins: `tensorlab.notebook.code` and `about`.

Floor 6.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from ..graph.errors import ChoiceError, PictureError
from .codes import MACHINES, CodeView, code
from .installed import About, about
from .magic import ReadersMagics, asks_for_help
from .mistakes import MagicError, instead_of
from .namespace import functions, value_of
from .options import FLAG, ONE, read_line

OPTIONS = {"cpu": ONE, "all": FLAG}


@magics_class
class CodeMagics(ReadersMagics):
    """The magics that show code, and what is installed."""

    @no_var_expand
    @needs_local_scope
    @line_magic
    def code(self, line: str, local_ns: dict[str, Any] | None = None) -> CodeView | None:
        """Show the code of a compiled function.

        Usage::

            %code f                 its loops, each line with the node that it computes
            %code f numpy           the same work as a Python function on NumPy arrays
            %code f llvm            the language of LLVM, each line with the line of the loops that it comes from
            %code f asm             the assembly of this processor

        Options::

            --cpu x86-64-v3         for a level of x86-64, so that the text is the same on every machine (v3 has AVX2, v4 AVX-512)
            --all                   nothing folded: also what comes from no line of the loops

        In a script: `tensorlab.notebook.code(f, "asm")`, or `f.source("asm")` for the text alone.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(CodeMagics.code))
            return None
        names = {**self.variables, **(local_ns or {})}
        first_line = f"%code {line}".strip()
        asked = read_line(first_line, line, OPTIONS)
        known = functions(names)
        if not asked.words:
            raise MagicError(first_line, "no function named", f"%code {known[0] if known else 'f'}")
        called, *rest = asked.words
        machine = rest[0] if rest else "loops"
        if len(rest) > 1 or machine not in MACHINES:
            raise MagicError(first_line, f"{' '.join(rest)}: there are {', '.join(MACHINES)}", f"%code {called} {MACHINES[0]}")
        cpu = asked.one("cpu", "") or None
        try:
            return code(value_of(first_line, called, names, None), machine, cpu, "all" in asked)
        except (PictureError, ChoiceError) as problem:
            advice = f"%code {instead_of(called, known)}" if known and called not in known else problem.advice
            raise MagicError(first_line, problem.found, advice) from None

    @line_magic
    def tensorlab(self, line: str) -> About | None:
        """Say what is installed and how it is set: version, device, floatX, threads, cache, and what is missing.

        Usage::

            %tensorlab

        In a script: `tensorlab.notebook.about()`. Settings are changed by `%config TensorLab.floatX = "float32"`.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(CodeMagics.tensorlab))
            return None
        if line.split("#")[0].strip("; "):
            raise MagicError(f"%tensorlab {line}", "%tensorlab takes nothing", "%tensorlab")
        return about()
