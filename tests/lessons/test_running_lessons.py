"""`python -m tensorlab lessons run`, and the plugin with which teachers test what it wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lesson_files import LESSONS, build

from tensorlab.__main__ import main
from tensorlab.lessons.check import check_folder
from tensorlab.lessons.making import lessons_in
from tensorlab.view.structure import KIND

HEAD = "---\nkernelspec:\n  display_name: Python 3\n  name: python3\n---\n\n"
LESSON = (
    HEAD
    + """# A lesson of one's own

```{code-cell}
:name: start

%load_ext tensorlab
import tensorlab.tensor as T
x, y = T.scalars("x", "y")
```

```{code-cell}
:name: picture

%%graph
x * y + 0.1
```

```{code-cell}
:name: print

print("y =", 0.25)
```

```{code-cell}
:name: fails
:tags: [raises-exception]

1 / 0
```

```{code-cell}
:name: clock
:tags: [nbval-ignore-output]
:reason: it takes another time in every run

import time
print(time.perf_counter())
```
"""
)


def cell(path: Path, name: str) -> dict:
    return next(cell for cell in json.loads(path.read_text())["cells"] if cell["id"] == name)


def edit(path: Path, name: str, change) -> None:
    stored = json.loads(path.read_text())
    change(next(cell for cell in stored["cells"] if cell["id"] == name))
    path.write_text(json.dumps(stored))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with the text of a lesson, run once."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "text").mkdir()
    (folder / "text" / "01_own.md").write_text(LESSON)
    assert main(["lessons", "run", str(folder), "--graphs"]) == 0
    return folder


def test_a_text_becomes_a_notebook_in_which_nothing_is_found(course):
    stored = json.loads((course / "01_own.ipynb").read_text())
    assert [cell["id"] for cell in stored["cells"]][1:] == ["01-start", "01-picture", "01-print", "01-fails", "01-clock"]
    assert not [str(finding) for finding in check_folder(course) if finding.rule != "ignored"]  # one cell of five says a time
    assert KIND in cell(course / "01_own.ipynb", "01-picture")["outputs"][0]["data"]
    assert cell(course / "01_own.ipynb", "01-fails")["outputs"][0]["ename"] == "ZeroDivisionError"


def test_what_did_not_change_stays_and_what_failed_is_not_written(course, capsys):
    notebook, text = course / "01_own.ipynb", course / "text" / "01_own.md"
    before = notebook.read_bytes()
    assert main(["lessons", "run", str(course), "--graphs"]) == 0
    assert notebook.read_bytes() == before and "5 cells in" in (said := capsys.readouterr().out) and "0 changed" in said
    text.write_text(LESSON.replace("0.25", "0.5").replace("1 / 0", "1 / 1"))
    try:
        assert main(["lessons", "run", str(course)]) == 1
        assert "not written: 01-fails should fail, and does not" in capsys.readouterr().out
        text.write_text(LESSON.replace("0.25", "nothing"))
        assert main(["lessons", "run", str(course)]) == 1
        assert "not written: 01-print failed: NameError" in capsys.readouterr().out
        assert notebook.read_bytes() == before
    finally:
        text.write_text(LESSON)


def test_an_output_that_is_not_compared_stays_as_long_as_the_code_down_to_it_does(course):
    """A time printed by other code, or of other things, is another; what only text says leaves it alone."""
    notebook, text = course / "01_own.ipynb", course / "text" / "01_own.md"
    kept = notebook.read_bytes()

    def clock() -> list[str]:
        return cell(notebook, "01-clock")["outputs"][0]["text"]

    try:
        first, changed = clock(), LESSON
        for old, new in (("of one's own", "of mine"), ("print(time", "print('now', time"), ("0.25", "0.5")):
            changed = changed.replace(old, new)
            text.write_text(changed)
            assert main(["lessons", "run", str(course), "--graphs"]) == 0
            assert (clock() == first) == (new == "of mine"), new
            first = clock()
    finally:
        text.write_text(LESSON)
        notebook.write_bytes(kept)


def test_a_cell_that_is_not_run_loses_its_output_with_its_code(tmp_path, capsys):
    (tmp_path / "text").mkdir()
    text, notebook = tmp_path / "text" / "02_huge.md", tmp_path / "02_huge.ipynb"
    lesson = HEAD + "# Huge\n\n```{code-cell}\n:name: huge\n:tags: [nbval-skip]\n:reason: needs a terabyte\n\nprint(2)\n```\n"
    text.write_text(lesson)
    assert main(["lessons", "run", str(text)]) == 0
    edit(notebook, "02-huge", lambda cell: cell.update(outputs=[{"output_type": "stream", "name": "stdout", "text": ["2\n"]}]))
    assert main(["lessons", "run", str(text)]) == 0
    assert cell(notebook, "02-huge")["outputs"] and "dropped" not in capsys.readouterr().out
    text.write_text(lesson.replace("print(2)", "print(3)"))
    assert main(["lessons", "run", str(text)]) == 0
    assert not cell(notebook, "02-huge")["outputs"]
    assert "02-huge is not run (nbval-skip), and its code has changed: its output was dropped" in capsys.readouterr().out


def test_a_notebook_without_a_text_is_run_where_it_is(tmp_path, capsys):
    """But for a cell with the tag nbval-skip, which asks for more than this machine has: its output stays."""
    huge = {"output_type": "stream", "name": "stdout", "text": ["done\n"]}
    cells = [{"id": "huge", "cell_type": "code", "source": "1 / 0", "metadata": {"tags": ["nbval-skip"], "reason": "needs a terabyte"},
              "outputs": [huge], "execution_count": 7},
             {"id": "mine", "cell_type": "code", "source": "1 + 1", "metadata": {}, "outputs": [], "execution_count": None}]  # fmt: skip
    path = tmp_path / "notes.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert main(["lessons", "run", str(path)]) == 0
    assert cell(path, "mine")["outputs"][0]["data"]["text/plain"] == ["2"] and cell(path, "mine")["execution_count"] == 1
    assert cell(path, "huge")["outputs"] == [huge] and cell(path, "huge")["execution_count"] is None
    assert main(["lessons", "run", str(tmp_path), "--only", "other"]) == 1
    assert "no lessons there" in capsys.readouterr().err


def with_plugin(folder: Path, *options: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "-p", "tensorlab.testing.lessons", "-p", "no:cacheprovider", "-q", f"--rootdir={folder}"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # what else is installed here is no part of it, and takes seconds to start
    return subprocess.run([*command, *options, str(folder)], cwd=folder, env=environment, capture_output=True, text=True, timeout=600)


def test_the_plugin_compares_as_a_reader_does(course):
    notebook, before = course / "01_own.ipynb", (course / "01_own.ipynb").read_bytes()

    def looks_otherwise(cell):
        """The same graph drawn and listed in another way; nobody who reads it would see a difference."""
        data = cell["outputs"][0]["data"]
        data["image/svg+xml"], graph = ["<svg/>"], data[KIND]
        count = len(graph["nodes"])
        leaves = [at for at, node in enumerate(graph["nodes"]) if "inputs" not in node][::-1]
        order = [*leaves, *(at for at in range(count) if at not in leaves)]
        graph["nodes"] = [graph["nodes"][at] for at in order]
        for node in graph["nodes"]:
            if "inputs" in node:
                node["inputs"] = [order.index(at) for at in node["inputs"]][::-1]
        graph["outputs"] = [order.index(at) for at in graph["outputs"]]

    try:
        edit(notebook, "01-picture", looks_otherwise)
        edit(notebook, "01-print", lambda cell: cell["outputs"][0].update(text=["y = 0.2500001\n"]))
        done = with_plugin(course, "--lessons", "--lessons-unchecked")
        assert done.returncode == 0 and "5 passed" in done.stdout, done.stdout
        edit(notebook, "01-picture", lambda cell: cell["outputs"][0]["data"][KIND]["nodes"][0].update(op="shared"))
        edit(notebook, "01-print", lambda cell: cell["outputs"][0].update(text=["y = 0.26\n"]))
        done = with_plugin(course, "--lessons")
        assert done.returncode == 1 and "3 passed" in done.stdout, done.stdout  # the check finds that a fifth is not compared
        assert "01-picture: the graph:" in done.stdout and "01-print: stdout: 0.26 is 0.25 now, in 'y = 0.25'" in done.stdout
        assert "are not compared" in done.stdout and "Traceback" not in done.stdout
    finally:
        notebook.write_bytes(before)


def test_without_its_option_the_plugin_does_nothing(course):
    done = with_plugin(course, "--collect-only")
    assert done.returncode == 5 and "no tests collected" in done.stdout


def test_the_course_is_made_by_what_the_command_runs():
    made = {path.stem for path in lessons_in(LESSONS)}
    assert made == {path.stem for path in build.sources([])}
    assert [path.name for path in lessons_in(LESSONS, "05")] == ["05_shared_variables.md"] * 2
