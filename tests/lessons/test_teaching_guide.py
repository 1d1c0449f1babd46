"""docs/teaching.md tells what is so: minutes, links, commands, and a program that runs."""

from __future__ import annotations

import re

import pytest
from lesson_files import LESSONS, prose

from tensorlab.__main__ import main
from tensorlab.lessons.command import COMMANDS

GUIDE = LESSONS.parent / "docs" / "teaching.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def part(heading: str) -> str:
    return TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(("heading", "total"), [("Two hours", 110), ("Six hours", 280)])
def test_minutes_are_those_of_the_lessons(heading, total):
    rows = re.findall(r"^\|.*?\(\.\./lessons/(\w+)\.ipynb\) \| (\d+) \|", part(heading), re.M)
    assert len(rows) >= 4
    for lesson, minutes in rows:
        assert f"**Time:** {minutes} minutes" in prose(LESSONS / f"{lesson}.ipynb")
    assert sum(int(minutes) for _, minutes in rows) == total and f"{total} minutes" in part(heading)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", TEXT):
        if not target.startswith("https://"):
            assert (GUIDE.parent / target).exists(), target


def test_commands_and_options_are_there(capsys):
    told = set(re.findall(r"python -m tensorlab lessons (\w+)", TEXT))
    assert told == set(COMMANDS)
    for command, option in re.findall(r"python -m tensorlab lessons (\w+)[^\n]*?(--\w+)", TEXT):
        with pytest.raises(SystemExit):
            main(["lessons", command, "--help"])
        assert option in capsys.readouterr().out


@pytest.mark.parametrize("program", re.findall(r"```python\n(.*?)```", TEXT, re.S))
def test_programs_run(program):
    exec(compile(program, str(GUIDE), "exec"), {})


def test_names_that_are_called_the_same_are_there():
    import tensorlab as theano

    row = next(line for line in part("A notebook written for Theano").splitlines() if line.endswith("| the same |"))
    names = re.findall(r"`(?:theano\.)?(\w+)`", row)
    assert len(names) >= 8
    assert all(hasattr(theano, name) for name in names if name not in ("givens", "updates"))
