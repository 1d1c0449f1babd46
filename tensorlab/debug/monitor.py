"""`MonitorMode`: functions of the reader's own are called before and after every step.

Floor 6. Read `stepping` before. The signature is Theano's: `pre_func(i, node, fn)`, where `fn.inputs` and `fn.outputs` hold one cell for
each value (`fn.outputs[0][0]` is the result), so that its examples run as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backends.base import Runner
from ..compiler.modes import Mode
from ..graph.node import Node
from .numbers import first_bad
from .stepping import stepwise

if TYPE_CHECKING:
    from ..compiler.function import Function

Watch = Callable[[int, Node, "Step"], Any]


@dataclass(frozen=True)
class Step:
    """What a step reads and makes, each value in a cell of its own.

    Attributes:
        node: what it computes.
        inputs: cells with the values that it reads.
        outputs: a cell with the result; None before there is one.
    """

    node: Node
    inputs: list[list[Any]]
    outputs: list[list[Any]]


class MonitorMode(Mode):
    """Runs a function step by step on NumPy, and calls functions before and after each step.

    Args:
        pre_func: called with the step's position, its node and a `Step`, before it is computed.
        post_func: called so afterwards.
        rewrites: as for `tl.Mode`.

    >>> def tell(i, node, fn):
    ...     print(i, node.label, [cell[0] for cell in fn.inputs], fn.outputs[0][0])
    >>> x = T.scalar("x")
    >>> f = tl.function([x], x ** 2 + 1, mode=tl.MonitorMode(post_func=tell))
    >>> f(3)
    0 sqr(x) [array(3.)] 9.0
    1 sqr(x) + 1 [array(9.), array(1.)] 10.0
    array(10.)
    """

    name = "MonitorMode"

    def __init__(self, pre_func: Watch | None = None, post_func: Watch | None = None, rewrites: Any = "FAST_RUN") -> None:
        super().__init__(rewrites, "numpy")
        self.pre_func, self.post_func = pre_func, post_func

    def runner(self, function: Function) -> Runner:
        """Return the function's program with the two functions called around every step."""
        pre, post = self.pre_func, self.post_func

        def before(position: int, node: Node, values: list[Any]) -> None:
            assert pre is not None
            pre(position, node, Step(node, [[value] for value in values], [[None]]))

        def after(position: int, node: Node, values: list[Any], result: Any) -> None:
            assert post is not None
            post(position, node, Step(node, [[value] for value in values], [[result]]))

        return stepwise(function.stages.program, before if pre is not None else None, after if post is not None else None)


def detect_nan(i: int, node: Node, fn: Step) -> None:
    """Print a step whose result has a nan in it, with what it was made of: `tl.MonitorMode(post_func=tl.debug.detect_nan)`.

    >>> x = T.scalar("x")
    >>> tl.function([x], T.log(x), mode=tl.MonitorMode(post_func=tl.debug.detect_nan))(-1)
    nan in step 0: log(x)
      x = -1
    array(nan)
    """
    if first_bad(np.asarray(fn.outputs[0][0]), nan=True) is None:
        return
    from ..view.digits import array

    print(f"nan in step {i}: {node.label}")
    for each, cell in zip(node.inputs, fn.inputs):
        if each.known_name or each.op is not None:
            print(f"  {each.label} = {array(cell[0])}")
