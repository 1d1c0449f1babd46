"""Make the notebooks from their text: execute every lesson and every solution, and write it where the reader opens it.

Run: python lessons/build.py [name …]   with the `dev` extra; names are beginnings, such as 03; without one, all are made.

    lessons/text/NN_name.md              →  lessons/NN_name.ipynb
    lessons/solutions/text/NN_name.md    →  lessons/solutions/NN_name.ipynb
    lessons/slides.json                  →  lessons/SLIDES.md

The texts are MyST Markdown as jupytext reads it. The notebooks are committed executed, and the tests compare every output.

Every cell has a name that stays: the one its text gives (`:name: declare`, or `+++ {"name": "declare"}` before a text cell), or else one
made of what the cell says. A cell put between two others renames neither of them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
PLACES = (HERE / "text", HERE / "solutions" / "text")
LONGEST_RUN = 120  # seconds that one cell may take; the longest of the lessons takes a few
ROOM = 2  # code cells on a slide; one that draws takes it all
DRAWS = r"show_plot\(|draw|%graph|%steps|tl\.widgets"
VIEW_OF_A_WIDGET = "application/vnd.jupyter.widget-view+json"


def sources(names: list[str]) -> list[Path]:
    """Return the texts whose names begin with one of `names`, or all."""
    found = [path for place in PLACES for path in sorted(place.glob("*.md"))]
    return [path for path in found if not names or path.stem.startswith(tuple(names))]


def target(source: Path) -> Path:
    """Return the notebook that is made from a text."""
    return source.parent.parent / f"{source.stem}.ipynb"


def read(source: Path) -> Any:
    """Return the notebook that a text describes, not yet executed: cells with names and with their places on slides."""
    notebook = jupytext.read(source, fmt="md:myst")
    taken: set[str] = set()
    for cell, kind in zip(notebook.cells, places_on_slides(notebook.cells)):
        cell["id"] = unused(f"{prefix(source)}-{cell.metadata.get('name') or fingerprint(cell)}", taken)
        cell.metadata.setdefault("slideshow", {"slide_type": kind})
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def prefix(source: Path) -> str:
    """Return what the names of all cells of a lesson begin with: its number."""
    return source.stem.partition("_")[0]


def fingerprint(cell: Any) -> str:
    """Return a name made of what a cell says."""
    return sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]


def unused(name: str, taken: set[str]) -> str:
    """Return a name, with a number behind it if an earlier cell has it."""
    number = 1
    while (numbered := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    taken.add(numbered)
    return numbered


def places_on_slides(cells: list[Any]) -> Iterator[str]:
    """Yield where each cell stands when the lesson is shown as slides.

    A heading opens a slide. What follows appears step by step, so that a question stays alone until it is answered. A slide below is
    opened by a question of its own, by a text after a text, and by code for which there is no room left.
    """
    before, held = "", 0
    for cell in cells:
        text = cell.cell_type == "markdown"
        needs = 0 if text else ROOM if re.search(DRAWS, cell.source) else 1
        asks = text and re.search(r"\*(Predict|Try it):\*", cell.source)
        if text and re.match(r"#{1,2} ", cell.source):
            kind, held = "slide", 0
        elif (text and before == "markdown") or (asks and held) or (held and held + needs > ROOM):
            kind, held = "subslide", 0
        else:
            kind = "fragment"
        held += needs
        before = cell.cell_type
        yield kind


def execute(notebook: Any, folder: Path) -> None:
    """Run all cells in a folder.

    Raises:
        CellExecutionError: a cell fails without the tag `raises-exception`.
        SystemExit: a cell that should fail does not.
    """
    options = {"timeout": LONGEST_RUN, "kernel_name": "python3", "store_widget_state": False, "coalesce_streams": True}
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **options).execute()
    for cell in notebook.cells:
        if "raises-exception" in cell.metadata.get("tags", ()) and not any(each.output_type == "error" for each in cell.outputs):
            raise SystemExit(f"{cell.id} should fail, and does not")


def tidy(notebook: Any, stored: Any | None) -> None:
    """Take away what differs from run to run, and keep what is stored of cells whose outputs are not compared.

    A widget without its state would show an error in a trusted notebook: the picture beside it is kept, the widget comes with the next run.
    """
    kept = {cell.id: cell.outputs for cell in stored.cells if cell.cell_type == "code"} if stored else {}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            for output in cell.outputs:
                output.get("data", {}).pop(VIEW_OF_A_WIDGET, None)
            if "nbval-ignore-output" in cell.metadata.get("tags", ()):
                cell.outputs = kept.get(cell.id, cell.outputs)


def remove_written_files(notebook: Any, folder: Path) -> None:
    """Remove the files that a lesson lets its reader write, so that `%%writefile` says the same every time."""
    for cell in notebook.cells:
        for name in re.findall(r"^%%writefile (\S+)$", cell.source, re.M):
            (folder / name).unlink(missing_ok=True)


def build(source: Path) -> Path:
    """Execute one lesson, write its notebook and return where it is."""
    notebook, written = read(source), target(source)
    remove_written_files(notebook, written.parent)
    execute(notebook, written.parent)
    remove_written_files(notebook, written.parent)
    tidy(notebook, nbformat.read(written, as_version=4) if written.exists() else None)
    nbformat.validate(notebook)
    nbformat.write(notebook, written)
    return written


def slides_page() -> str:
    """Return the page that says for each slide of the course where it is taught."""
    slides = json.loads((HERE / "slides.json").read_text(encoding="utf-8"))["slides"]
    titles = {path.stem: path.read_text(encoding="utf-8").split("\n# ", 1)[1].split("\n", 1)[0] for path in sorted(PLACES[0].glob("*.md"))}
    lines = [
        "# Where each slide is taught",
        "",
        "The course follows the slides *Introduction of Theano (1)* by Hung-yi Lee, heading by heading.",
        "This page is made by `lessons/build.py` from `lessons/slides.json`; each name is the id of a cell in the lesson.",
        "",
        "| slide | heading | what it is about | lesson | cells |",
        "|---:|---|---|---|---|",
    ]
    for each in slides:
        lesson = each["lesson"]
        where = f"[{titles[lesson]}]({lesson}.ipynb)" if lesson in titles else f"{lesson}, not written yet"
        cells = ", ".join(f"`{cell}`" for cell in each["cells"])
        lines.append(f"| {each['slide']} | {each['heading']} | {each['about']} | {where} | {cells} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for path in sources(sys.argv[1:]):
        print(build(path).relative_to(HERE.parent))
    (HERE / "SLIDES.md").write_text(slides_page(), encoding="utf-8")
