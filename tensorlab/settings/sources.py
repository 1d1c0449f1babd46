"""Where the values of settings come from: the environment, files, code; and how an error speaks of each place.

Floor 1. Read `kinds` before. A file has the form of Theano's `.theanorc`:

    [global]
    floatX = float32
    mode = FAST_RUN

    [optimizer]
    excluding = simplify

A section other than `global` is the first word of the names below it: `excluding` below `[optimizer]` is `optimizer_excluding`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ..graph.errors import SettingError

ENVIRONMENT = "TENSORLAB_FLAGS"
FILES = "TENSORLABRC"
"""The environment variable that says which files are read instead of `~/.tensorlabrc`: paths as PATH has them, a later one winning; an
empty text for none."""
USUAL_FILE = os.path.join("~", ".tensorlabrc")
GLOBAL = "global"


class Origin(NamedTuple):
    """A place that gives values to settings, and how an error speaks of it.

    Attributes:
        text: what `config.origin` answers.
        asked: what stands there, with {name} and {value} to fill in.
        advice: what could stand there instead, likewise.
        otherwise: advice where no name is near.
        folder: what a relative path that stands there starts at, "" for the working directory.
    """

    text: str
    asked: str
    advice: str
    otherwise: str
    folder: str = ""


class Given(NamedTuple):
    """A value as text, and where it was found."""

    name: str
    value: str
    origin: Origin


CODE = Origin("code", "config.{name} = {value!r}", "tl.config.{name} = {value!r}", "dir(tl.config)")
BLOCK = CODE._replace(text="change_flags")
DEFAULT = CODE._replace(text="default")
FLAGS = Origin(f"environment ({ENVIRONMENT})", f"{ENVIRONMENT}={{name}}={{value}}", f"{ENVIRONMENT}={{name}}={{value}}",
               f"one of these names in {ENVIRONMENT}=name=value,name=value")


def parse_flags(flags: str) -> Iterator[tuple[str, str]]:
    """Split "floatX=float32,mode=FAST_RUN" into pairs.

    Raises:
        SettingError: a part has no "=".
    """
    for part in filter(None, (part.strip() for part in flags.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise SettingError(f"{ENVIRONMENT}={flags!r}", f"{part!r} has no '='", f"{ENVIRONMENT}=floatX=float32,mode=FAST_RUN")
        yield name.strip(), value.strip()


def chosen_files() -> list[str]:
    """Return the files that this process reads settings from: those that the environment names, or the usual one if it exists."""
    named = os.environ.get(FILES)
    if named is not None:
        return [os.path.abspath(os.path.expanduser(path)) for path in named.split(os.pathsep) if path.strip()]
    usual = os.path.expanduser(USUAL_FILE)
    return [usual] if usual != USUAL_FILE and os.path.exists(usual) else []


def read_file(path: str) -> Iterator[Given]:
    """Yield the settings of a file, with the line of each.

    Raises:
        SettingError: the file cannot be read, or a line of it is not what it should be.
    """
    import configparser  # not needed where there is no file, as on most machines

    number = 0  # of the line that the parser is looking at
    lines: dict[tuple[int, str], int] = {}

    def numbered(text: str) -> Iterator[str]:
        nonlocal number
        for number, line in enumerate(text.splitlines(keepends=True), 1):  # noqa: B007 - read by `noted`
            yield line

    def noted(key: str) -> str:
        lines.setdefault((len(parser.sections()), key), number)
        return key

    parser = configparser.RawConfigParser(default_section="\0", inline_comment_prefixes=("#", ";"))
    parser.optionxform = noted  # type: ignore[method-assign,assignment]
    try:
        with open(path, encoding="utf-8-sig") as file:
            parser.read_file(numbered(file.read()), path)
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not a text in UTF-8"
        raise SettingError(f"settings from {path}", f"the file cannot be read: {reason}", f"{FILES}=path of another file") from None
    except configparser.MissingSectionHeaderError as problem:
        asked = f"{path}, line {problem.lineno}: {str(problem.line).strip()}"
        raise SettingError(asked, "it stands in no section", f"[{GLOBAL}] above it") from None
    except (configparser.DuplicateOptionError, configparser.DuplicateSectionError) as problem:
        what = problem.option if isinstance(problem, configparser.DuplicateOptionError) else f"[{problem.section}]"
        raise SettingError(f"{path}, line {problem.lineno}: {what}", f"{what} is there already", "one of the two") from None
    except configparser.ParsingError as problem:
        line, text = problem.errors[0]
        raise SettingError(f"{path}, line {line}: {text}", "a line is 'name = value' or '[section]'", "floatX = float32") from None
    for position, section in enumerate(parser.sections(), 1):
        for key, value in parser.items(section):
            yield Given(*place_in_file(path, lines[position, key], section, key, value))


def place_in_file(path: str, line: int, section: str, key: str, value: str) -> tuple[str, str, Origin]:
    """Return the whole name of a setting of a file, its value, and its origin."""
    asked = f"{key} = {value} below [{section}] in {path}, line {line}".replace("{", "{{").replace("}", "}}")
    name = key if section == GLOBAL else f"{section}_{key}"
    advice, otherwise = f"{{name}} = {{value}} below [{GLOBAL}]", f"one of these names below [{GLOBAL}]"
    return name, value, Origin(f"file {path}, line {line}", asked, advice, otherwise, os.path.dirname(path))


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Let `python -m tensorlab` end with the words of an error alone; a program that imports the package gets the error itself.

    The package is imported before its `__main__`, which could not catch it any more.
    """
    try:
        yield
    except SettingError as problem:
        package = __name__.partition(".")[0]
        looked_for = sys.argv[:1] == ["-m"] and {package, f"-m{package}"} & set(sys.orig_argv)  # "-m" is put there while Python looks
        if not looked_for:
            raise
        print(problem, file=sys.stderr)
        raise SystemExit(2) from None  # what shells and argparse use for a command that was called in the wrong way
