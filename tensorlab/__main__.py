"""`python -m tensorlab`: the commands of a terminal.

Floor 6. A command is a line of the table: its module, imported when the command is asked for, has a function `main(arguments)` that returns
an exit code and raises `TensorlabError` for what the reader can mend.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from . import __version__
from .graph.errors import TensorlabError
from .settings.kinds import nearest

COMMANDS = {
    "config": ("tensorlab.settings.listing", "print every setting with its value, origin and meaning"),
    "lessons": ("tensorlab.lessons.command", "check, run, export and mark lessons, or try a file of exercises"),
}
"""Name of a command: its module, and what it does."""

WRONG_USE = 2  # the exit code that shells and argparse use for a command that was called in the wrong way


def usage() -> str:
    """Return how the commands are called."""
    width = max(map(len, COMMANDS))
    lines = [f"    {name:{width}}  {meaning}" for name, (_, meaning) in COMMANDS.items()]
    return "\n".join(["usage: python -m tensorlab COMMAND …", "", *lines, "", "python -m tensorlab COMMAND --help says more about one."])


def main(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code: 0, 1 for one that could not be done, 2 for one that was called in the wrong way."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shall show the rest
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else WRONG_USE
    command, *others = arguments
    if command in ("-V", "--version"):
        print(f"tensorlab {__version__}")
        return 0
    if command not in COMMANDS:
        near = nearest(command, COMMANDS)
        print(f"there is no command {command!r}" + (f"; did you mean {near}?" if near else "") + f"\n\n{usage()}", file=sys.stderr)
        return WRONG_USE
    try:
        return int(import_module(COMMANDS[command][0]).main(others))
    except TensorlabError as problem:
        print(problem, file=sys.stderr)
        return 1
    except BrokenPipeError:  # of `| head`, which has seen enough; nothing is left to be flushed when Python ends
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
