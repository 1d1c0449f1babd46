"""What every magic of tensorlab has in common: the reader's variables, and its usage on request.

Floor 6. A file of magics holds one class of them; `extension.py` lists the classes. A magic is thin: what it does lies in a plain
function, which scripts and notebooks without IPython call directly.
"""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, magics_class


@magics_class
class ReadersMagics(Magics):
    """Magics that look at the reader's variables."""

    @property
    def variables(self) -> dict[str, Any]:
        """The reader's variables."""
        shell: Any = self.shell
        return shell.user_ns


def asks_for_help(line: str) -> bool:
    """Say whether the line of a magic asks how it is used; Python would read --help as a number with two signs."""
    words = line.split()
    return "--help" in words or words == ["-h"]
