"""Where each cell of a lesson stands when it is shown as slides.

Floor 6. nbconvert and JupyterLab read the places from the metadata of cells; a text gives them only where the author wants another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

ROOM = 2  # code cells on a slide; one that draws takes it all
DRAWS = r"show_plot\(|draw|%graph|%steps|tl\.widgets"


def places_on_slides(cells: Iterable[Any]) -> Iterator[str]:
    """Yield where each cell stands: "slide", "subslide" or "fragment".

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
