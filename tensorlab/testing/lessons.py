"""A plugin for pytest that runs notebooks and compares what comes out with what is stored, as a reader would.

    python -m pytest -p tensorlab.testing.lessons --lessons my_course

Floor 6. It is there only for who asks for it: with `-p` on the command line or in `addopts`, and then with `--lessons`. Every notebook is
first checked without being run (`python -m tensorlab lessons check` says the same), then its cells are run in one kernel, and each is a
test: graphs are compared by isomorphism, numbers within `--lessons-tolerance`, all else to the letter. The tags are those of nbval:
`nbval-ignore-output`, `nbval-skip`, `raises-exception`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import pytest

from ..lessons.agreement import disagreement
from ..lessons.cells import Cell, read_notebook
from ..lessons.check import check_notebook
from ..view.structure import ASKED_BY, KIND

TOLERANCE = 1e-4  # lessons print four digits: the last of them may differ
LONGEST_RUN = 600.0  # seconds of a cell


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of this plugin."""
    group = parser.getgroup("tensorlab lessons", "notebooks compared as readers see them")
    group.addoption("--lessons", action="store_true", help="run notebooks and compare their outputs")
    group.addoption("--lessons-tolerance", type=float, default=TOLERANCE, help=f"how far numbers may be apart (default: {TOLERANCE:g})")
    group.addoption("--lessons-seconds", type=float, default=LONGEST_RUN, help="how long a cell may take (default: 600)")
    group.addoption("--lessons-unchecked", action="store_true", help="only run and compare, without the rules of `lessons check`")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> LessonFile | None:
    """Take notebooks."""
    if file_path.suffix == ".ipynb" and parent.config.getoption("--lessons") and ".ipynb_checkpoints" not in file_path.parts:
        return LessonFile.from_parent(parent, path=file_path)
    return None


class Disagreement(Exception):  # noqa: N818 - what a reader of the report sees is a difference, and no error of Python
    """What a cell says is not what is stored."""


class LessonFile(pytest.File):
    """A notebook: the kernel that its cells share, and a test for each of them."""

    def collect(self) -> Iterator[pytest.Item]:
        """Return the tests of a notebook."""
        if not self.config.getoption("--lessons-unchecked"):
            yield CheckItem.from_parent(self, name="check")
        stored = read_notebook(self.path)
        for cell in stored.cells:
            if cell.kind == "code" and cell.source.strip():
                yield CellItem.from_parent(self, name=cell.name, cell=cell)
        self.graphs = any(KIND in output.get("data", {}) for cell in stored.cells for output in cell.outputs)

    def setup(self) -> None:
        """Get ready for the first cell; the kernel starts with it."""
        self.client: Any = None
        self.open = ExitStack()

    def kernel(self) -> Any:
        """Return the client of the kernel in which the cells of this notebook run."""
        if self.client is None:
            import nbformat
            from nbclient import NotebookClient

            notebook = nbformat.read(self.path, as_version=4)
            self.client = NotebookClient(
                notebook, timeout=self.config.getoption("--lessons-seconds"), kernel_name="python3", allow_errors=True,
                force_raise_errors=False, store_widget_state=False, coalesce_streams=True,
                resources={"metadata": {"path": str(self.path.parent)}},
            )  # fmt: skip
            environment = {**os.environ, "TENSORLABRC": "", **({ASKED_BY: "1"} if self.graphs else {})}
            self.open.enter_context(self.client.setup_kernel(env=environment, stderr=DEVNULL))
        return self.client

    def teardown(self) -> None:
        """End the kernel."""
        self.open.close()
        self.client = None


class CheckItem(pytest.Item):
    """The rules that need no run."""

    def runtest(self) -> None:
        """Look through the notebook."""
        findings = check_notebook(self.path, self.path.name)
        if findings:
            raise Disagreement("\n".join(map(str, findings)))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Return what to tell about a failure."""
        return str(excinfo.value) if isinstance(excinfo.value, Disagreement) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where this is."""
        return self.path, 0, f"{self.path.name}: {self.name}"


class CellItem(pytest.Item):
    """A cell that is run and compared."""

    def __init__(self, *, cell: Cell, **others: Any) -> None:
        super().__init__(**others)
        self.cell = cell

    def runtest(self) -> None:
        """Run the cell and compare what it says with what is stored."""
        if "nbval-skip" in self.cell.tags:
            pytest.skip(str(self.cell.metadata.get("reason", "it has the tag nbval-skip")))
        assert isinstance(self.parent, LessonFile)
        client = self.parent.kernel()
        running = deepcopy(client.nb.cells[self.cell.number - 1])
        running.outputs = []
        client.execute_cell(running, self.cell.number - 1)
        error = next((each for each in running.outputs if each["output_type"] == "error"), None)
        if error is not None and not self.cell.should_fail:
            raise Disagreement(f"it fails: {error['ename']}: {error['evalue']}")
        if self.cell.ignored:
            return
        found = disagreement(self.cell.outputs, running.outputs, self.config.getoption("--lessons-tolerance"))
        if found:
            raise Disagreement(found)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Return what to tell about a failure: the difference, and the cell."""
        if isinstance(excinfo.value, Disagreement):
            return f"{self.path.name}: {self.cell.name}: {excinfo.value}\n\n{self.cell.source}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where this is."""
        return self.path, 0, f"{self.path.name}: {self.cell.name}"
