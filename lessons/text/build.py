"""Make the notebooks from their text: execute every lesson and every solution, and write it where the reader opens it.

Run: python lessons/text/build.py [name …]   with the `dev` extra; names are beginnings, such as 03; without one, all are made.

    lessons/text/NN_name.md              →  lessons/NN_name.ipynb
    lessons/solutions/text/NN_name.md    →  lessons/solutions/NN_name.ipynb
    lessons/slides.json                  →  lessons/SLIDES.md

The texts are MyST Markdown as jupytext reads it. The notebooks are committed executed, and the tests compare every output.

Every cell has a name that stays: the one its text gives (`:name: declare`, or `+++ {"name": "declare"}` before a text cell), or else one
made of what the cell says. A cell put between two others renames neither of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tensorlab.lessons.making import Made, make
from tensorlab.lessons.slides import places_on_slides
from tensorlab.lessons.texts import notebook_of, read_text

target, read = notebook_of, read_text  # what the tests of the lessons ask this file for
__all__ = ["build", "places_on_slides", "read", "slides_page", "sources", "target"]

HERE = Path(__file__).parent.parent
PLACES = (HERE / "text", HERE / "solutions" / "text")
LONGEST_RUN = 120  # seconds that one cell may take; the longest of the lessons takes a few


def sources(names: list[str]) -> list[Path]:
    """Return the texts whose names begin with one of `names`, or all."""
    found = [path for place in PLACES for path in sorted(place.glob("*.md"))]
    return [path for path in found if not names or path.stem.startswith(tuple(names))]


def build(source: Path) -> Made:
    """Execute one lesson, write its notebook if nothing went wrong, and return how it did."""
    made = make(source, LONGEST_RUN)
    made.notebook = made.notebook.relative_to(HERE.parent)
    return made


def slides_page() -> str:
    """Return the page that says for each slide of the course where it is taught."""
    slides = json.loads((HERE / "slides.json").read_text(encoding="utf-8"))["slides"]
    titles = {path.stem: path.read_text(encoding="utf-8").split("\n# ", 1)[1].split("\n", 1)[0] for path in sorted(PLACES[0].glob("*.md"))}
    lines = [
        "# Where each slide is taught",
        "",
        "The course follows the slides *Introduction of Theano (1)* by Hung-yi Lee, heading by heading.",
        "This page is made by `lessons/text/build.py` from `lessons/slides.json`; each name is the id of a cell in the lesson.",
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
    results = []
    for path in sources(sys.argv[1:]):
        results.append(build(path))
        print(results[-1], flush=True)
    (HERE / "SLIDES.md").write_text(slides_page(), encoding="utf-8")
    sys.exit(any(each.problem for each in results))
