"""Pictures written to files under Theano's name: `tl.printing.pydotprint`.

Floor 4.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from .dot import by_graphviz
from .shown import show


def pydotprint(
    fct: Any,
    outfile: str | PathLike[str] | None = None,
    compact: bool = True,
    format: str = "svg",
    with_ids: bool = False,
    high_contrast: bool = True,
    cond_highlight: Any = None,
    colorCodes: Any = None,
    max_label_size: int = 70,
    scan_graphs: bool = False,
    var_with_name_simple: bool = False,
    print_output_file: bool = True,
    return_image: bool = False,
) -> Any:
    """Draw the graph of an expression or a compiled function into a file.

    Args:
        fct: what to draw.
        outfile: where to write; by default "graph" with the format as its ending. The ending of the path decides the format.
        format: "svg" (drawn by tensorlab itself), or anything that Graphviz writes ("png", "pdf"), which needs its program `dot`.
        return_image: return the picture instead of writing a file: text for "svg", bytes for others.
        print_output_file: say where the file is.
        compact, with_ids, high_contrast, cond_highlight, colorCodes, max_label_size, scan_graphs, var_with_name_simple: accepted for
            Theano's sake; the picture has one look.

    Raises:
        PictureError: there is no graph in `fct`.
        MissingPackageError: a format that needs Graphviz, and no program `dot`.

    >>> x = T.scalar("x")
    >>> tl.printing.pydotprint(x ** 2, return_image=True)[:4]
    '<svg'
    """
    path = Path(outfile) if outfile is not None else Path(f"graph.{format}")
    ending = path.suffix.lstrip(".") or format
    path = path if path.suffix else path.with_suffix(f".{ending}")
    shown = show(fct)
    image: str | bytes
    if ending == "svg":
        image = shown.svg
    else:
        image = by_graphviz(shown.dot, ending)
    if return_image:
        return image
    path.write_bytes(image.encode() if isinstance(image, str) else image)
    if print_output_file:
        print(f"The output file is available at {path}")
    return None
