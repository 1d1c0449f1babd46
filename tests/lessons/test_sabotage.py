"""Copies of lessons are spoilt, each in one way that happens: the check and the comparison of outputs must catch all of them.

`CATCHES` says for each way who catches it. Where the check alone does, the stored outputs are those of the spoilt cell: its author ran it,
did not look, and committed what came out; nbval then finds what is stored.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from lesson_files import LESSONS

from tensorlab.lessons.check import check_notebook

SHORT = "05_shared_variables"
"""The lesson that is copied most: it has no plots and runs in a second."""
WIDGETS, SLOPES = "06_gradient_descent", "03_gradients"
SANITIZE = Path(__file__).with_name("sanitize.cfg")


class Copy:
    """A copy of a lesson, to be spoilt."""

    def __init__(self, folder: Path, name: str, only: tuple[str, ...] = ()) -> None:
        self.folder, self.name = folder, name
        self.stored = json.loads((LESSONS / f"{name}.ipynb").read_text(encoding="utf-8"))
        if only:  # and the texts, which cost nothing
            self.cells[:] = [cell for cell in self.cells if cell["id"] in only or cell["cell_type"] != "code"]
        (folder / "exercises").mkdir(parents=True)
        shutil.copy(LESSONS / "exercises" / f"{name}.toml", folder / "exercises")
        for beside in ("*.ipynb", "*.md", "solutions/*.ipynb"):  # what the lesson's links lead to
            for path in LESSONS.glob(beside):
                (folder / path.relative_to(LESSONS)).parent.mkdir(exist_ok=True)
                (folder / path.relative_to(LESSONS)).touch()

    @property
    def cells(self) -> list[dict[str, Any]]:
        return self.stored["cells"]

    def cell(self, name: str) -> dict[str, Any]:
        return next(cell for cell in self.cells if cell["id"] == name)

    def change(self, name: str, old: str, new: str) -> None:
        source = "".join(self.cell(name)["source"])
        assert old in source
        self.cell(name)["source"] = source.replace(old, new)

    def insert(self, after: str, source: str, *outputs: dict[str, Any]) -> None:
        cell = {"id": "new", "cell_type": "code", "source": source, "metadata": {}, "outputs": list(outputs), "execution_count": 1}
        self.cells.insert(self.cells.index(self.cell(after)) + 1, cell)

    def write(self) -> Path:
        count = 0
        for cell in self.cells:
            if cell["cell_type"] == "code" and cell["execution_count"] is not None:
                cell["execution_count"] = count = count + 1
        path = self.folder / f"{self.name}.ipynb"
        path.write_text(json.dumps(self.stored), encoding="utf-8")
        return path


def said(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def nothing(copy: Copy) -> None:
    """Leave it as it is: nobody may complain."""


def failing_magic(copy: Copy) -> None:
    """IPython prints what is wrong with the call and goes on."""
    copy.insert("05-import", "%grph y", said("UsageError: Line magic function `%grph` not found.\n", "stderr"))


def failing_magic_of_ours(copy: Copy) -> None:
    copy.change("05-graph", "%%graph", "%%graph --dpth 1")


def stripped_output(copy: Copy) -> None:
    """As nbstripout does: nbval compares nothing in a cell without a count."""
    copy.cell("05-set").update(outputs=[], execution_count=None)


def lost_output(copy: Copy) -> None:
    copy.cell("05-set")["outputs"] = []


def changed_number(copy: Copy) -> None:
    output = copy.cell("05-set")["outputs"][0]
    written = "".join(output["text"])
    assert "0.5" in written
    output["text"] = written.replace("0.5", "0.6")


def removed_import(copy: Copy) -> None:
    copy.change("05-import", "import numpy as np\n", "")


def wrong_gradient(copy: Copy) -> None:
    """The library's rule for powers forgets to bring the exponent down."""
    spoil = "\nfrom tensorlab.ops.arithmetic import Pow\nPow.partials = lambda self, out, x, y: [x ** (y - 1), out]"
    copy.change("03-import", "import tensorlab as tl", f"import tensorlab as tl{spoil}")


def widget_that_does_not_build(copy: Copy) -> None:
    """What widgets stand on is broken: the file beside the lesson is imported in its place."""
    (copy.folder / "anywidget.py").write_text("raise ImportError('broken')\n")


def absent_file(copy: Copy) -> None:
    (copy.folder / "exercises" / f"{SHORT}.toml").unlink()


def swallowed_error(copy: Copy) -> None:
    copy.insert("05-two-functions", "try:\n    size = tl.function([], T.sqrrt(w))\nexcept Exception:\n    pass")


def wrong_solution(copy: Copy) -> None:
    assert copy.name == SHORT
    copy.stored = json.loads((LESSONS / "solutions" / f"{SHORT}.ipynb").read_text(encoding="utf-8"))
    copy.folder = copy.folder / "solutions"
    asked = next(cell for cell in copy.cells if "%check z_after_set 2" in "".join(cell["source"]))
    copy.change(asked["id"], "%check z_after_set 2", "%check z_after_set 3")


def unseeded_random(copy: Copy) -> None:
    copy.insert("05-import", "start = np.random.default_rng().normal(size=2)")


def a_time(copy: Copy) -> None:
    """The clock stands in the output of a cell that is compared; whether it fails is luck."""
    copy.insert("05-import", "print('took 0 ms')", said("took 0 ms\n"))


def an_error_that_is_gone(copy: Copy) -> None:
    copy.change("05-whole-number", "set_value(0.5)", "set_value(5)")
    copy.cell("05-whole-number")["outputs"] = []


def a_link_to_nowhere(copy: Copy) -> None:
    (copy.folder / "06_gradient_descent.ipynb").unlink()


def text_that_was_not_built(copy: Copy) -> None:
    (copy.folder / "text").mkdir()
    text = (LESSONS / "text" / f"{SHORT}.md").read_text(encoding="utf-8")
    (copy.folder / "text" / f"{SHORT}.md").write_text(text.replace("w.set_value([3.0, 4.0])", "w.set_value([5.0, 12.0])"), encoding="utf-8")


CATCHES: dict[Any, set[str]] = {
    nothing: set(),
    failing_magic: {"check"},
    failing_magic_of_ours: {"nbval"},
    stripped_output: {"check"},
    lost_output: {"check", "nbval"},
    changed_number: {"nbval"},
    removed_import: {"nbval"},
    wrong_gradient: {"nbval"},
    widget_that_does_not_build: {"nbval"},
    absent_file: {"nbval"},
    swallowed_error: {"check"},
    wrong_solution: {"nbval"},
    unseeded_random: {"check"},
    a_time: {"check"},
    an_error_that_is_gone: {"check"},
    a_link_to_nowhere: {"check"},
    text_that_was_not_built: {"check"},
}
ONLY = {
    widget_that_does_not_build: (WIDGETS, ("06-import", "06-landscape")),
    wrong_gradient: (SLOPES, ("03-import", "03-example-1")),
}
"""Ways that need another lesson, of which a part is enough."""


@pytest.fixture(scope="module")
def copies(tmp_path_factory) -> dict[str, Path]:
    """All spoilt copies, each in a folder of its own, and unspoilt ones of the lessons of which only a part is run."""
    root, found = tmp_path_factory.mktemp("spoilt"), {}
    for spoil in CATCHES:
        copy = Copy(root / spoil.__name__, *ONLY.get(spoil, (SHORT,)))
        spoil(copy)
        found[spoil.__name__] = copy.write()
    for name, only in ONLY.values():
        found[f"part_of_{name}"] = Copy(root / f"part_of_{name}", name, only).write()
    return found


@pytest.fixture(scope="module")
def failed(copies, tmp_path_factory) -> dict[str, int]:
    """How many cells nbval fails in each copy; all are run by one process, as the CI does."""
    root = copies["nothing"].parent.parent
    report = tmp_path_factory.mktemp("report") / "cells.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "nbval.plugin", "-p", "no:cacheprovider", f"--rootdir={root}",
               f"--junitxml={report}", "--nbval", "--nbval-current-env", f"--nbval-sanitize-with={SANITIZE}",
               *map(str, copies.values())]  # fmt: skip
    environment = {**os.environ, "TENSORLABRC": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment["TENSORLAB_FLAGS"] = "threads=1"  # all lessons are compared with as many threads as there are; these with one
    environment.pop("TENSORLAB_CHECK", None)
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1, done.stdout + done.stderr
    counts = dict.fromkeys(copies, 0)
    seen = set()
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("classname", "").split(".")[0]
        seen.add(name)
        counts[name] += any(each.tag in ("failure", "error") for each in case)
    assert seen == set(copies)
    return counts


def check(path: Path) -> list[str]:
    return [str(finding) for finding in check_notebook(path, path.name)]


def caught_by(name: str, copies: dict[str, Path], failed: dict[str, int]) -> set[str]:
    return {who for who, found in (("check", check(copies[name])), ("nbval", failed[name])) if found}


@pytest.mark.parametrize("spoil", CATCHES, ids=lambda spoil: spoil.__name__)
def test_it_is_caught(spoil, copies, failed):
    name = spoil.__name__
    assert caught_by(name, copies, failed) == CATCHES[spoil], (check(copies[name]), failed[name])


@pytest.mark.parametrize("name", [name for name, _ in ONLY.values()])
def test_a_part_of_a_lesson_that_is_not_spoilt_passes(name, copies, failed):
    """Else the spoilt part of it would fail for another reason."""
    assert caught_by(f"part_of_{name}", copies, failed) == set()


def test_there_are_at_least_ten_ways():
    assert sum(bool(who) for who in CATCHES.values()) >= 10
