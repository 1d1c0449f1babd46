"""`python -m tensorlab config`: every setting with its value, where that comes from, and what it means.

Floor 1. Read `table` before.
"""

from __future__ import annotations

import argparse
import os
import textwrap
from collections.abc import Iterable, Sequence

from .sources import ENVIRONMENT, FILES, GLOBAL, USUAL_FILE, chosen_files
from .table import SETTINGS, config, setting_called

WIDTH = 100
INDENT = " " * 4


def listing(names: Iterable[str] = ()) -> str:
    """Return settings as text: value, origin, meaning, what each takes and its default.

    Args:
        names: of the settings; by default all.

    Raises:
        UnknownSettingError: there is no setting of a name.

    >>> print(listing(["threads"]))
    threads = 0    from: default
        threads for one call, 0 for one per core that this process may use; the reference back end
        uses one
        takes a whole number of at least 0; the default is 0
    """
    parts = []
    for name in names or SETTINGS:
        setting = setting_called(name)
        parts.append(f"{name} = {shown(setting.kind.written(getattr(config, name)))}    from: {config.origin(name)}")
        parts += textwrap.wrap(setting.meaning, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
        takes = f"takes {setting.kind.wording}; the default is {shown(setting.kind.written(setting.default))}"
        parts += textwrap.wrap(takes, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
    return "\n".join(parts)


def shown(text: str) -> str:
    """Return a value as text for a list; nothing at all would look like a mistake."""
    return text or "(none)"


def places() -> str:
    """Return which files and flags this process has read, as text."""
    files = ", ".join(chosen_files()) or ("none" if FILES in os.environ else f"none, there is no {USUAL_FILE}")
    flags = os.environ.get(ENVIRONMENT) or "none"
    return f"files: {files}\n{ENVIRONMENT}: {flags}\norder: code, {ENVIRONMENT}, files, defaults"


def template() -> str:
    """Return a file of settings with every setting in it, commented out at its default."""
    lines = [f"# Settings of tensorlab. This file is {USUAL_FILE}, or any other that {FILES} names.", f"[{GLOBAL}]"]
    for name, setting in SETTINGS.items():
        lines += ["", *textwrap.wrap(setting.meaning, WIDTH, initial_indent="# ", subsequent_indent="# "),
                  f"# It takes {setting.kind.wording}.", f"# {name} = {setting.kind.written(setting.default)}"]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print settings: what `python -m tensorlab config` does."""
    parser = argparse.ArgumentParser("python -m tensorlab config", description="Print every setting with its value, origin and meaning.")
    parser.add_argument("names", nargs="*", metavar="setting", help="the settings to print; by default all")
    parser.add_argument("--template", action="store_true", help=f"print a file with all defaults in comments, to be saved as {USUAL_FILE}")
    chosen = parser.parse_args(arguments)
    if chosen.template:
        print(template())
    else:
        print(listing(chosen.names) + ("" if chosen.names else "\n\n" + places()))
    return 0
