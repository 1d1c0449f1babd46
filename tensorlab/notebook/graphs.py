"""What `%%graph` draws, as a plain function: a graph with its values and gradients, a stage of its compilation, or all that was rewritten.

Floor 6, over `view/`, `widgets/tracing.py` and the compiler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..compiler.function import Function, function
from ..graph.errors import MissingPackageError, PictureError
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors, leaves
from ..state import SharedVariable
from ..view.rewrites import Film, film
from ..view.shown import Shown, show


def graph(
    what: Any, names: Mapping[str, Any] | None = None, *, grad: Node | Sequence[Node] | None = None, at: Mapping[Any, Any] | None = None,
    stage: str | None = None, depth: int = 0, why: bool = False, live: bool = False,
) -> Any:  # fmt: skip
    """Return the picture of a graph: what `%%graph` shows.

    Args:
        what: an expression, a list or dict of them, or a compiled function.
        names: the reader's variables, for nodes that know no name.
        grad: what to differentiate the expression by; dashed arrows show where gradients flow back.
        at: values by symbol or name; the picture then says what flows along every arrow.
        stage: "written", "interned", "rewritten" or "program"; an expression is compiled for it.
        depth: how many levels of repeated blocks are open.
        why: show what the compiler rewrote, rule by rule.
        live: the widget that steps through the graph (or through the rewrites), in place of a picture.

    Raises:
        PictureError: there is no graph in it.
        TensorlabError: the values do not fit, or there is no such gradient.

    >>> x = T.scalar("x")
    >>> print(graph(x ** 2, grad=x, at={"x": 3.0}).text)
    x   (input, float64 scalar, value 3, gradient 6)
    #1 = x ^ 2   (float64 scalar, output, value 9, gradient 1, sends back 6 to x)
    """
    if why:
        return widget("film", compiled(what)) if live else film(compiled(what))
    if live:
        return widget("GraphView", single(what), names=names, wrt=grad, at=at)
    if stage is not None:
        what = compiled(what)
    if grad is None and at is None:
        return show(what, names, stage or "rewritten", depth=depth)
    cost = single(what)
    wanted = [grad] if isinstance(grad, Node) else list(grad) if grad is not None else []
    if at is None and not all(has_value(leaf) for leaf in leaves([cost])):
        return show(cost, names, depth=depth, gradients=dict.fromkeys(on_the_way(cost, wanted)))
    from ..widgets.tracing import trace

    run = trace(cost, wanted or None, at, names)
    if not wanted:
        return show(cost, names, depth=depth, values=run.values)
    return show(cost, names, depth=depth, values=run.values, gradients=run.gradients, contributions=run.contributions)


def compiled(what: Any) -> Any:
    """Return a function that computes some expressions from their symbols; a compiled function is returned as it is."""
    if hasattr(what, "stages"):
        return what
    outputs = list(what.values()) if isinstance(what, Mapping) else list(what) if isinstance(what, (list, tuple)) else [what]
    if not outputs or not all(isinstance(each, Node) for each in outputs):
        return what  # whoever draws it says what is wrong
    symbols = [leaf for leaf in leaves(outputs) if not isinstance(leaf, (Constant, SharedVariable))]
    made: Function = function(symbols, outputs if len(outputs) > 1 else outputs[0], on_unused_input="ignore")
    return made


def single(what: Any) -> Node:
    """Return the one expression whose values or gradients are asked for.

    Raises:
        PictureError: there are several, or none.
    """
    while isinstance(what, (list, tuple)) and len(what) == 1:
        what = what[0]
    if not isinstance(what, Node):
        raise PictureError("values and gradients in a picture", "they belong to one expression, and this is none or several",
                           "%%graph cost --grad w --at x=1, with one expression")
    return what


def has_value(leaf: Node) -> bool:
    """Say whether a leaf of a graph has a value without being given one."""
    return isinstance(leaf, (Constant, SharedVariable)) or hasattr(leaf.tag, "test_value")


def on_the_way(cost: Node, wanted: Sequence[Node]) -> list[Node]:
    """Return the nodes through which the gradient of a cost by some variables flows.

    Raises:
        TensorlabError: there is no such gradient.
    """
    from ..gradient import grad

    grad(cost, list(wanted))
    reached: set[Node] = set(wanted)
    order = ancestors([cost])
    for node in order:
        if not reached.isdisjoint(node.inputs) and is_floating(node.type.dtype):
            reached.add(node)
    return [node for node in order if node in reached]


def widget(called: str, *arguments: Any, **options: Any) -> Any:
    """Return a widget of `tensorlab.widgets`.

    Raises:
        MissingPackageError: what widgets need is not installed.
    """
    try:
        import anywidget
        import ipywidgets
    except ImportError as problem:
        raise MissingPackageError("%%graph --live", f"a widget needs anywidget and ipywidgets, and one is missing: {problem}",
                                  "%%graph without --live, or %pip install anywidget") from None
    from .. import widgets

    assert anywidget and ipywidgets
    return getattr(widgets, called)(*arguments, **options)


__all__ = ["Film", "Shown", "graph"]
