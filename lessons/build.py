"""Make the notebooks from their text: execute every lesson in `lessons/text/` and write it beside this file.

Run: python lessons/build.py [name …]   (needs the `dev` extra: jupytext)

The notebooks are committed executed, and the tests compare every output. Edit the text, run this, look at the notebook in a browser.
"""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent


def build(source: Path) -> Path:
    """Execute one lesson and write its notebook; a cell that fails without the tag `raises-exception` stops the build."""
    notebook = jupytext.read(source)
    notebook.metadata.pop("jupytext", None)
    for position, cell in enumerate(notebook.cells):
        cell["id"] = f"{source.stem[:2]}-{position:02d}"
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    target = HERE / f"{source.stem}.ipynb"
    nbformat.validate(notebook)
    nbformat.write(notebook, target)
    return target


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for path in sorted((HERE / "text").glob("*.md")):
        if not wanted or any(path.stem.startswith(name) for name in wanted):
            print(build(path))
