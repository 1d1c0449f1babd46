"""`%profile f`: where the time of a compiled function went. Its twin that works without a notebook is `tl.profile(f)`.

Floor 6. What it shows is in `profiled.py`; here is how the notebook calls it.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand

from ..compiler.function import Function
from .magic import ReadersMagics, asks_for_help
from .mistakes import MagicError, instead_of
from .namespace import expressions, kind_of, value_of
from .profiled import Profiled, profile


@magics_class
class ProfileMagics(ReadersMagics):
    """The magic that shows a profile."""

    @no_var_expand
    @needs_local_scope
    @line_magic
    def profile(self, line: str, local_ns: dict[str, Any] | None = None) -> Profiled | None:
        """Show where the time of a compiled function went.

        Usage::

            f = tl.function([x], y, profile=True)
            f(value)                some calls, so that there is something to see
            %profile f              table, bars, roofline, and the graph tinted by time

        In a script: `tl.profile(f)`, or `print(f.profile)` for the table alone.
        """
        __tracebackhide__ = True
        if asks_for_help(line):
            print(getdoc(ProfileMagics.profile))
            return None
        names = {**self.variables, **(local_ns or {})}
        first_line = f"%profile {line}".strip()
        functions = [name for name, value in names.items() if isinstance(value, Function) and not name.startswith("_")]
        advice = f"%profile {functions[-1]}" if functions else "f = tl.function(…, profile=True), some calls, then %profile f"
        parts = expressions(line)
        if len(parts) != 1:
            raise MagicError(first_line, f"{len(parts)} functions named" if parts else "no function named", advice)
        if parts[0].isidentifier() and parts[0] not in names:
            raise MagicError(first_line, f"there is no variable {parts[0]!r}", instead_of(parts[0], functions) if functions else advice)
        value = value_of(first_line, parts[0], names, None)
        if not isinstance(value, Function):
            raise MagicError(first_line, f"{parts[0]} is {kind_of(value)}, not a compiled function", advice)
        if not value.profile:
            raise MagicError(first_line, f"{parts[0]} was compiled without a profile, so its calls are not timed",
                             f"{parts[0]} = tl.function(…, profile=True), and the calls again")
        if not value.profile.calls:
            raise MagicError(first_line, f"{parts[0]} was not called yet", f"a call of {parts[0]}, then %profile {parts[0]}")
        return profile(value)
