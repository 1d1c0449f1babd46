"""Seconds and memory of a kernel that runs a lesson from the top: what a machine on Binder or a JupyterHub must have for each reader.

Run: python benchmarks/lesson_memory.py [name …]   names are beginnings, such as 08; without one, all lessons and solutions are run.

The peak is that of the kernel's process as the system counts it (resident memory: Python, NumPy, compiled code, all arrays). Nothing is
written. Binder gives 1 to 2 GB; a lesson should stay below 1 GB.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from subprocess import DEVNULL

import nbformat
from nbclient import NotebookClient

LESSONS = Path(__file__).parent.parent / "lessons"
LIMIT = 1000  # MB
LONGEST_CELL = 600  # seconds
PEAK = """
import os, sys
if os.name == "nt":
    import psutil
    print(psutil.Process().memory_info().peak_wset)
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def lessons(names: list[str]) -> list[Path]:
    """Return the notebooks whose names begin with one of `names`, or all."""
    found = [*sorted(LESSONS.glob("*.ipynb")), *sorted((LESSONS / "solutions").glob("*.ipynb"))]
    return [path for path in found if not names or path.stem.startswith(tuple(names))]


def measure(path: Path) -> tuple[float, float, float]:
    """Return the seconds that the cells of a lesson took, the longest of them, and the peak of its kernel in MB."""
    notebook = nbformat.read(path, as_version=4)
    code = [number for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    client = NotebookClient(
        notebook, timeout=LONGEST_CELL, kernel_name="python3", store_widget_state=False, skip_cells_with_tag="nbval-skip",
        resources={"metadata": {"path": str(path.parent)}},
    )  # fmt: skip
    taken = []
    with client.setup_kernel(env={**os.environ, "TENSORLABRC": ""}, stderr=DEVNULL):
        for number in code:
            started = time.perf_counter()
            client.execute_cell(notebook.cells[number], number)
            taken.append(time.perf_counter() - started)
        asked = nbformat.v4.new_code_cell(PEAK)
        notebook.cells.append(asked)
        client.execute_cell(asked, len(notebook.cells) - 1)
    return sum(taken), max(taken), int(asked.outputs[0].text) / 1e6


def main(names: list[str]) -> int:
    """Print a line a lesson, and return 1 if one of them needs more than the limit."""
    print(f"{'lesson':42} {'seconds':>8} {'longest cell':>13} {'peak MB':>8}")
    total, largest = 0.0, 0.0
    for path in lessons(names):
        seconds, longest, peak = measure(path)
        total, largest = total + seconds, max(largest, peak)
        print(f"{path.relative_to(LESSONS).with_suffix('').as_posix():42} {seconds:8.1f} {longest:13.1f} {peak:8.0f}", flush=True)
    print(f"{'all, one after the other':42} {total:8.1f} {'':13} {largest:8.0f}")
    return 0 if largest < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
