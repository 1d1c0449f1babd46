"""The backpropagation stepper: `tl.widgets.steps(cost, [w, b], at={x: [1, -1]})`, the twin of `%steps`.

Floor 6. Read `base.py`, `tracing.py`, `scene.py` and `telling.py` first; the page is `static/graph.js`. Everything that is shown is in the
state, so the steps of a saved notebook can be taken without a kernel. A kernel is asked for other values only, and works on copies: the
reader's own shared variables change when *Apply to notebook* is pressed, and then all at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets

from ..graph.errors import MissingInputError
from ..graph.node import Node
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..graph.wording import a_kind
from ..state import SharedVariable
from ..view import show
from ..view.escape import html_text
from ..view.words import alternative, words
from .base import Still, TensorlabWidget, WidgetError, size_of
from .messages import Real, Several, Whole
from .overview import overview_of, told_of
from .questions import FEW
from .scene import MOST, again_in, scene_of
from .sources import Given
from .telling import in_short, plus, told
from .tracing import Trace, trace, without_values

STEPS = 3 * MOST  # more than any scene can have: forward, back, and the start


def steps(
    cost: Node,
    wrt: Node | Sequence[Node] | None = None,
    at: Given | None = None,
    names: Mapping[str, Any] | None = None,
) -> GraphView:
    """Return a widget that steps through one run of backpropagation.

    Args:
        cost: a 0-d expression.
        wrt: the variable or variables to differentiate by; by default all shared variables, or all symbols if there are none.
        at: values by symbol or by name; others come from `.tag.test_value` and from copies of shared variables.
        names: variables to take names from, for nodes that know none: `globals()`.

    Raises:
        TensorlabError: as in `trace`; WidgetError for a graph of more than 300 shapes.

    A graph of more than 300 nodes is shown with its repeated blocks folded, without values and steps.

    >>> x, w = T.scalars("x", "w")
    >>> view = tl.widgets.steps((w * x) ** 2, w, at={x: 3.0, w: 2.0})
    >>> print(view.sentences[-1])
    Back, 3 of 3: 36 arrives at w from v₁: ∂v₂/∂w = 36. w is what we differentiate by.
    """
    return GraphView(cost if too_large(cost) else trace(cost, wrt, at, names), names)


class GraphView(TensorlabWidget):
    """A graph, with a recorded run forward and back that is stepped through on the page.

    Args:
        what: a trace, or an expression to trace. An expression that has no values yet is drawn without steps.
        names, wrt, at: as in `steps`, for an expression. One that is not 0-d is only computed forward.

    Attributes:
        step: which step is shown; 0 is before the first.
        trace: the recorded run, with the values that are shown now.

    Raises:
        TensorlabError: as in `trace`; WidgetError for a graph of more than 300 shapes, and for what is no expression.
    """

    scripts = ("page.js", "pieces.js", "camera.js", "graph.js")
    sheets = ("look.css", "graph.css")
    page_may_set: ClassVar = {"step": Whole(0, STEPS)}
    page_may_ask: ClassVar = {
        "value": {"node": Whole(0, MOST), "values": Several(Real(), 1, FEW)},
        "descend": {"rate": Real(-1e6, 1e6)},
        "reset": {},
        "apply": {},
    }
    scene = traitlets.Dict().tag(sync=True)
    run = traitlets.Dict().tag(sync=True)
    sources: Any = traitlets.List().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)

    def __init__(
        self, what: Trace | Node, names: Mapping[str, Any] | None = None, wrt: Node | Sequence[Node] | None = None, at: Given | None = None
    ) -> None:
        run = self.trace = self.first = what if isinstance(what, Trace) else run_of(what, names, wrt, at)
        self.names = dict(names or {})
        self.folded = len(run.order) > MOST
        scene = overview_of(run, self.names) if self.folded else scene_of(run, self.names)
        self.taken, self.again = size_of(scene), again_in(scene)
        shown = told_of(run, scene) if self.folded else told(run, self.taken, self.again)
        super().__init__(scene=scene, run=shown, sources=[] if self.folded else self._sources(run))

    @property
    def sentences(self) -> list[str]:
        """What is said at each step."""
        return [each["say"] for each in self.run["steps"]]

    # -- the values from outside
    def _sources(self, run: Trace) -> list[dict[str, Any]]:
        """Return what the page may change: small floating arrays, each with its numbers and whether they are the first ones."""
        listed = []
        for position, node in enumerate(run.order):
            if node not in run.at:
                continue
            value = run.at[node]
            changed = not np.array_equal(value, self.first.at[node], equal_nan=value.dtype.kind == "f")
            small = value.size <= FEW and value.ndim <= 1 and value.size > 0 and is_floating(node.type.dtype) and np.isfinite(value).all()
            known = {"now": [float(each) for each in plus(value).flat]} if small else {}
            listed.append({"node": position, "shared": isinstance(node, SharedVariable), "changed": bool(changed), **known})
        return listed

    def _show(self, run: Trace) -> None:
        """Take another run, with the same steps.

        Raises:
            WidgetError: the graph is too large for values and steps.
        """
        if self.folded:
            found = f"a graph of {len(run.order)} nodes is shown without any"
            raise WidgetError("other values", found, "a smaller network of the same kind")
        told_now, sources = told(run, self.taken, self.again), self._sources(run)
        self.trace = run
        with self.hold_sync():
            self.run, self.sources = told_now, sources

    # -- what the page asks
    def asked_value(self, node: int, values: list[float]) -> None:
        """Compute everything again with other numbers in one symbol or shared variable."""
        if node >= len(self.trace.order) or not any(each["node"] == node and "now" in each for each in self.sources):
            raise WidgetError("another value", "this node has none that can be changed here", "one of the fields below the graph")
        source = self.trace.order[node]
        before = self.trace.at[source]
        if len(values) != before.size:
            raise WidgetError("another value", f"{len(values)} numbers for {before.size} elements", "as many numbers as there are")
        self._show(self.trace.again({source: np.array(values, before.dtype).reshape(before.shape)}))

    def asked_descend(self, rate: float) -> None:
        """Move every variable against its gradient, once."""
        new = {}
        for node in self.trace.wrt:
            if node in self.trace.at:
                value = self.trace.at[node]
                new[node] = (value - rate * self.trace.gradients[node]).astype(value.dtype)
        self._show(self.trace.again(new))

    def asked_reset(self) -> None:
        """Go back to the values at the beginning."""
        self._show(self.first)

    def asked_apply(self) -> None:
        """Write the changed shared variables into those of the notebook."""
        changed = {}
        for each in self.sources:
            if each["changed"] and each["shared"]:
                node = self.trace.order[each["node"]]
                changed[node] = self.trace.at[node]
        for node, value in changed.items():
            node.set_value(value)
        text = ", ".join(f"{self.trace.labels[node]} = {in_short(value)}" for node, value in changed.items())
        self._answer("applied", text=f"In the notebook now {text}." if changed else "Nothing was changed.")

    # -- where the widget cannot be shown
    def still(self) -> Still:
        """Return the picture of the last step: all values and gradients, and the steps in words."""
        run = self.trace
        # where blocks are folded, labels that tell the same name in many copies apart say nothing
        labels = {} if self.folded else {label: node for node, label in run.labels.items() if node.op is not None}
        shown = show(run.cost, {**labels, **self.names}, values={node: plus(each) for node, each in run.values.items()},
                     gradients={node: plus(each) for node, each in run.gradients.items()},
                     contributions={edge: plus(each) for edge, each in run.contributions.items()},
                     collapse=None if self.folded else False)
        said = "\n".join(self.sentences)
        found = " and ".join(f"∂{run.labels[run.cost]}/∂{run.labels[node]} = {in_short(run.gradients[node])}" for node in run.wrt)
        alt = alternative(shown.drawing) + (f" The result: {found}." if found else "")
        picture = Still.picture(shown.image, alt, f"{words(shown.drawing)}\n\n{said}")
        listed = "".join(f"<li>{html_text(each)}</li>" for each in self.sentences)
        return Still(f"{picture.html}<details><summary>The steps in words</summary><ol>{listed}</ol></details>", picture.svg, picture.text)


def too_large(cost: Any) -> bool:
    """Return whether an expression has too many nodes to be stepped through: then nothing is compiled and computed for it."""
    return isinstance(cost, Node) and len(ancestors([cost])) > MOST


def run_of(what: Any, names: Mapping[str, Any] | None, wrt: Any, at: Given | None) -> Trace:
    """Return the trace of an expression, as far as there is one.

    Raises:
        WidgetError: it is no expression, or a list of several.
    """
    while isinstance(what, (list, tuple)) and len(what) == 1:
        what = what[0]
    if not isinstance(what, Node):
        raise WidgetError(f"a graph view of {a_kind(what)}", "one expression is shown, with its values and gradients",
                          "tl.widgets.GraphView(y), or tl.view.show(…) for a picture of several expressions")
    if too_large(what):
        return without_values(what, names)
    if wrt is None and what.type.ndim:
        wrt = []
    try:
        return trace(what, wrt, at, names)
    except MissingInputError:
        if at is not None or wrt:
            raise
        return without_values(what, names)
