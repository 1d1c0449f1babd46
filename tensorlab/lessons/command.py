"""`python -m tensorlab lessons`: checking, running, exporting and marking lessons.

Floor 6. Each subcommand is a line of the table; its module is imported when it is asked for.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

COMMANDS = {
    "check": "look for what would go wrong in a lesson, without running it",
    "run": "execute texts and notebooks, and write what came out",
    "export": "write lessons as pages or slides that need no network",
    "grade": "run a folder of notebooks and write the verdicts on their exercises to a CSV file",
    "exercises": "look through files of exercises: their answers must be right, their slips recognized",
}
"""Name of a subcommand: what it does."""
OF_EXERCISES = ("grade", "exercises")


def main(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code: 0, or 1 if something was found or failed."""
    parser = argparse.ArgumentParser(prog="python -m tensorlab lessons", description="Lessons and their exercises.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    added: dict[str, Callable[[argparse.ArgumentParser], None]] = {"check": for_check, "run": for_run, "export": for_export}
    for name, meaning in COMMANDS.items():
        options = commands.add_parser(name, help=meaning, description=f"{meaning[0].upper()}{meaning[1:]}.", add_help=name in added)
        added.get(name, lambda options: None)(options)
    if arguments and arguments[0] in OF_EXERCISES:
        from ..exercises import command

        return command.main(arguments)
    chosen = parser.parse_args(arguments)
    return {"check": check, "run": run, "export": export}[chosen.command](chosen)


def for_check(parser: argparse.ArgumentParser) -> None:
    """Add what `check` takes."""
    parser.add_argument("folder", type=Path, nargs="*", default=[Path("lessons")], help="folders or notebooks (default: lessons)")


def check(chosen: argparse.Namespace) -> int:
    """Check folders and tell what was found, a line each."""
    from .check import check_folder, notebooks_in

    findings = [finding for folder in chosen.folder for finding in check_folder(folder)]
    for finding in findings:
        print(finding)
    count = sum(len(notebooks_in(folder)) for folder in chosen.folder)
    print(f"{counted(count, 'notebook')} checked: {counted(len(findings), 'finding')}")
    return 1 if findings else 0


def counted(number: int, word: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "notebook"), counted(2, "notebook")
    ('1 notebook', '2 notebooks')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def for_run(parser: argparse.ArgumentParser) -> None:
    """Add what `run` takes."""
    parser.add_argument("folder", type=Path, nargs="?", default=Path("lessons"), help="a folder, a text or a notebook (default: lessons)")
    parser.add_argument("--only", default="", help="names that begin so, such as 03")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long one cell may take (default: 120)")
    parser.add_argument("--graphs", action="store_true", help="store graphs as data beside their pictures, to be compared as graphs")


def run(chosen: argparse.Namespace) -> int:
    """Execute lessons and write them; one that fails stays as it was, and the others go on."""
    from .making import lessons_in, make

    failed = 0
    for source in lessons_in(chosen.folder, chosen.only):
        result = make(source, chosen.seconds, graphs=chosen.graphs, tell=progress)
        failed += bool(result.problem)
        print(f"\r{result}", flush=True)
    return 1 if failed else 0


def progress(name: str, done: int, count: int) -> None:
    """Tell on a terminal how far a lesson is."""
    import sys

    if sys.stdout.isatty():
        print(f"\r{name}: cell {done} of {count}", end="", flush=True)


def for_export(parser: argparse.ArgumentParser) -> None:
    """Add what `export` takes."""
    parser.add_argument("folder", type=Path, nargs="?", default=Path("lessons"), help="a folder or a notebook (default: lessons)")
    parser.add_argument("--to", choices=("html", "slides"), default="html", help="pages to scroll or slides to show (default: html)")
    parser.add_argument("--out", type=Path, default=Path("pages"), help="the folder to write to (default: pages)")
    parser.add_argument("--math", default="mathml", help="what draws formulas: mathml, or mathjax inside the page (default: mathml)")
    parser.add_argument("--reveal", type=Path, help="your folder of reveal.js (default: that of the package sphinx-revealjs)")


def export(chosen: argparse.Namespace) -> int:
    """Write lessons as pages."""
    from .pages import export_folder

    for page in export_folder(chosen.folder, chosen.to, chosen.out, chosen.reveal, chosen.math):
        print(page)
    return 0
