"""`python -m tensorlab`: the table of commands."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import tensorlab as tl
from tensorlab.__main__ import COMMANDS, WRONG_USE, main

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command, capsys):
    module, meaning = COMMANDS[command]
    assert callable(import_module(module).main) and meaning
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0 and f"python -m tensorlab {command}" in capsys.readouterr().out


def test_what_there_is(capsys):
    for arguments, code in ((["--help"], 0), (["help"], 0), ([], WRONG_USE)):
        assert main(arguments) == code
        text = capsys.readouterr().out
        assert text.startswith("usage: python -m tensorlab") and all(f"    {name}" in text for name in COMMANDS)
    assert main(["--version"]) == 0 and capsys.readouterr().out == f"tensorlab {tl.__version__}\n"


def test_a_command_that_does_not_exist(capsys):
    assert main(["confg"]) == WRONG_USE
    seen = capsys.readouterr()
    assert seen.out == "" and "there is no command 'confg'; did you mean config?" in seen.err


def test_a_mistake_is_an_error_in_three_parts_without_a_traceback(capsys):
    assert main(["config", "flotX"]) == 1
    seen = capsys.readouterr()
    assert seen.out == "" and "  found: there is no setting 'flotX'" in seen.err and "  try:   tl.config.floatX" in seen.err
    assert "Traceback" not in seen.err


def test_in_a_terminal():
    done = subprocess.run([sys.executable, "-m", "tensorlab", "config", "threads"], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and done.stdout.startswith("threads = ") and done.stderr == ""
    done = subprocess.run([sys.executable, "-m", "tensorlab", "nothing"], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == WRONG_USE and done.stdout == ""
