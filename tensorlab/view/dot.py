"""A drawing as Graphviz source, for those who have Graphviz and want its layout, a PDF, or the text to edit.

Floor 4, beside `svg` and in the same colours and shapes. The package `graphviz` is imported when a drawing is asked
for, so that looking at a graph does not depend on it; drawing pixels from the source needs the program `dot` too.

Names are clean, escaped and marked as plain text: a name such as `<b>` would otherwise be read as an HTML label, and
`\\N` as a command. Nodes are numbered, so a node's identity never comes from a name.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from ..graph.errors import MissingPackageError
from .drawing import BLUE, GREEN, GREY, INK, ORANGE, VERMILION, Drawing, Shape, clean, shorten
from .sizes import beside

if TYPE_CHECKING:
    import graphviz

LOOKS = {
    "symbol": {"shape": "box", "style": "rounded", "color": BLUE, "fontcolor": BLUE},
    "shared": {"shape": "box", "style": "rounded", "color": GREEN, "fontcolor": GREEN},
    "constant": {"shape": "plaintext", "fontcolor": GREY, "width": "0", "height": "0"},
    "elementwise": {"shape": "circle", "width": "0.5", "margin": "0.04"},
    "reduction": {"shape": "box", "style": "rounded", "height": "0.45"},
    "library": {"shape": "box", "style": "rounded", "height": "0.45"},
    "view": {"shape": "box", "style": "rounded,dashed", "height": "0.3", "fontsize": "12"},
    "block": {"shape": "box3d"},
}
PROGRAMS = ("dot", "graphviz-pure")
"""What draws: Graphviz itself, else a port of it that comes as a wheel (https://pypi.org/project/graphviz-pure)."""
FLOWS = {
    "forward": {"color": BLUE, "fontcolor": BLUE},
    "back": {"color": VERMILION, "fontcolor": VERMILION, "style": "dashed", "constraint": "false"},
    "clash": {"color": VERMILION, "fontcolor": VERMILION, "penwidth": "3"},
}


TINT = 0.75  # of the colour, for a share of everything: the ink on it keeps its contrast


def dot(drawing: Drawing) -> graphviz.Digraph:
    """The drawing as a `graphviz.Digraph`; its `.source` is plain text, and a notebook shows it if `dot` is installed.

    >>> from tensorlab.view.drawing import Arrow, Shape
    >>> shapes = (Shape("n0", "symbol", "x"), Shape("n1", "elementwise", "exp", name="y"))
    >>> print(dot(Drawing(shapes, (Arrow("n0", "n1"),))).source.splitlines()[-2].strip())
    s0 -> s1 [color="#0072B2" fontcolor="#0072B2"]
    """
    import graphviz

    # Arguments keep their order from left to right, as in the other pictures.
    graph = graphviz.Digraph(
        graph_attr={"rankdir": "TB", "ordering": "in", "bgcolor": "white", "forcelabels": "true",
                    "tooltip": _plain(drawing.title or "Computation graph")},
        node_attr={"fontname": "sans-serif", "fontsize": "15", "color": INK, "fontcolor": INK, "penwidth": "1.5"},
        edge_attr={"fontname": "monospace", "fontsize": "12", "penwidth": "1.5", "arrowsize": "0.7"},
    )
    numbers = {shape.key: f"s{number}" for number, shape in enumerate(drawing.shapes)}
    for shape in drawing.shapes:
        graph.node(numbers[shape.key], label=_label(shape), **_look(shape))
    for number, group in enumerate(drawing.groups):
        with graph.subgraph(name=f"cluster_{number}") as box:  # a name that begins so is drawn as a box
            box.attr(label=_plain(group.label), style="rounded,filled", color="#00000010", fontname="sans-serif", fontsize="12")
            for key in group.keys:
                box.node(numbers[key])
    for arrow in sorted(drawing.arrows, key=lambda arrow: arrow.slot):
        look = dict(FLOWS[arrow.kind])
        if arrow.label.strip():
            look["label"] = _plain(" " + shorten(arrow.label))
        graph.edge(numbers[arrow.source], numbers[arrow.target], **look)
    return graph


def by_graphviz(source: str, format: str) -> bytes:
    """Return what Graphviz draws from its source: "svg", "png", "pdf".

    Raises:
        MissingPackageError: it is not installed, or does not write this format.
    """
    asked = f"a {format} drawn by Graphviz"
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        advice = "engine='own' or format='svg', which need no program; or %pip install graphviz-pure"
        raise MissingPackageError(asked, "no program `dot` is on the path", advice)
    done = subprocess.run([program, f"-T{format}"], input=source.encode(), capture_output=True, check=False)
    if done.returncode or not done.stdout:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        found = f"{program} failed: {clean(told[-1]) if told else 'it wrote nothing'}"
        raise MissingPackageError(asked, found, "engine='own', format='svg'")
    return done.stdout


def _look(shape: Shape) -> dict[str, str]:
    """The attributes of a node apart from its label."""
    look = dict(LOOKS[shape.kind])
    if shape.kind == "constant" and shape.output:
        look |= {"shape": "box", "color": GREY}
    outlines = 1 + (shape.kind == "shared") + shape.output
    if outlines > 1:
        look["peripheries"] = str(outlines)
    if shape.mark:
        look |= {"color": ORANGE if shape.mark == "step" else VERMILION, "penwidth": "4"}
    if shape.share:
        style = look.get("style", "")
        look |= {"style": f"{style},filled" if style else "filled", "fillcolor": f"{ORANGE}{round(TINT * 255 * shape.share):02x}"}
    lines = beside(shape)
    if lines:
        look["xlabel"] = _lines(*(text for _, text in lines))
    tooltip = [shape.label, shape.name, shape.type, shape.place]
    look["tooltip"] = _plain(", ".join(clean(text) for text in tooltip if text))
    return look


def _label(shape: Shape) -> str:
    """What stands inside: the word, and for what has a name of its own the type below it."""
    below = [shorten(shape.type)] if shape.keeps_name_inside and shape.type.strip() else []
    return _lines(shorten(shape.label), *below)


def _plain(text: str) -> str:
    """Text that Graphviz takes as it is."""
    return _lines(clean(text))


def _lines(*texts: str) -> str:
    """Several lines as one plain label: Graphviz reads entities and backslashes even where it reads no HTML."""
    import graphviz

    plain: str = graphviz.nohtml("\\n".join(graphviz.escape(text.replace("&", "&amp;")) for text in texts))
    return plain
