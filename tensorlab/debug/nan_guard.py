"""`NanGuardMode`: the first step that makes a nan, an infinity or a huge number ends the call, and is named.

Floor 6. Read `stepping` and `numbers` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backends.base import Runner
from ..compiler.modes import Mode
from ..graph.errors import UnwantedNumberError
from ..graph.node import Node
from ..graph.wording import short_text, with_names
from ..ops.families import Elementwise
from ..state import SharedVariable
from .evidence import Evidence
from .numbers import Bad, first_bad, in_words, operands_in_short
from .stepping import stepwise

if TYPE_CHECKING:
    from ..compiler.function import Function

ADVICE = {
    "log": "T.log(T.maximum({x}, 1e-7)), or a formula that knows its limit: T.nnet.softplus, T.nnet.logsoftmax, T.log1p",
    "true_div": "T.switch(T.eq({y}, 0), 0, T.true_div({x}, {y})), or a divisor that cannot be 0",
    "reciprocal": "T.switch(T.eq({x}, 0), 0, T.inv({x})), or a divisor that cannot be 0",
    "sqrt": "T.sqrt(T.maximum({x}, 0)); near 0 its derivative is infinite, add a small number",
    "exp": "a formula that knows its limit: T.nnet.sigmoid, T.nnet.softmax, T.nnet.softplus; or a smaller learning rate",
    "pow": "T.maximum({x}, 0) below a power that is not whole",
}
"""What to try, by the name of the op that made the number."""
OTHERWISE = "smaller starting values or a smaller learning rate; node.tag.nan_guard_mode_check = False allows it here"
TITLES = {"nan": "a nan", "inf": "an infinity", "big": "a huge number"}


class NanGuardMode(Mode):
    """Runs a function step by step on NumPy, and stops at the first nan, infinity or huge number.

    Args:
        nan_is_error: stop at a nan.
        inf_is_error: stop at an infinity.
        big_is_error: stop at a number of at least 1e10 in size.
        rewrites: as for `tl.Mode`.

    A node with `node.tag.nan_guard_mode_check = False` is left alone. What a call raises is an UnwantedNumberError; it knows the `node`
    and its `values`, and has a `picture` of the part of the graph, with the node marked.

    >>> x = T.vector("x")
    >>> f = tl.function([x], T.log(x).sum(), mode=tl.NanGuardMode())
    >>> f([1.0, 1.0])
    array(0.)
    """

    name = "NanGuardMode"

    def __init__(self, nan_is_error: bool = True, inf_is_error: bool = True, big_is_error: bool = True, rewrites: Any = "FAST_RUN") -> None:
        super().__init__(rewrites, "numpy")
        self.nan_is_error, self.inf_is_error, self.big_is_error = bool(nan_is_error), bool(inf_is_error), bool(big_is_error)

    def find(self, node: Node, value: Any) -> Bad | None:
        """Return the first number in a value that this mode does not allow."""
        if node._tag is not None and not getattr(node._tag, "nan_guard_mode_check", True):
            return None
        return first_bad(np.asarray(value), self.nan_is_error, self.inf_is_error, self.big_is_error)

    def runner(self, function: Function) -> Runner:
        """Return the function's program with every value looked at, those that are given first."""
        program = function.stages.program
        given = program.leaves[: program.given]

        def begin(values: Sequence[Any]) -> None:
            for leaf, value in zip(given, values):
                bad = self.find(leaf, value)
                if bad is not None:
                    raise in_leaf(leaf, np.asarray(value), bad)

        def after(position: int, node: Node, values: list[Any], result: Any) -> None:
            bad = self.find(node, result)
            if bad is not None:
                raise in_node(node, values, np.asarray(result), bad)

        return stepwise(program, after=after, begin=begin)


def in_leaf(leaf: Node, value: Any, bad: Bad) -> UnwantedNumberError:
    """Return the error for a number that came from outside."""
    what, advice = "the argument", "other values, or a cleaned data set"
    if isinstance(leaf, SharedVariable):
        what, advice = "the shared variable", "an earlier update made it so: the same mode for that function"
    found = f"{bad.among(value)}\n{leaf.label} {in_words(value)}"
    error = UnwantedNumberError(f"{what} {leaf.label} with {TITLES[bad.kind]}", found, advice)
    return Evidence(leaf, {leaf: value}, "nan").attached_to(error)


def in_node(node: Node, values: Sequence[Any], result: Any, bad: Bad) -> UnwantedNumberError:
    """Return the error for a number that a step made."""
    assert node.op is not None
    place = f", made at {node.place}" if node.place is not None else ""
    position = bad.position if isinstance(node.op, Elementwise) else None
    found = "\n".join([bad.among(result), *operands_in_short(node, values, position)])
    text = short_text(node)
    what = node.label if node.label == text else f"{node.label} = {text}"
    advice = with_names(ADVICE.get(node.op.name, OTHERWISE), node)
    error = UnwantedNumberError(f"{TITLES[bad.kind]} first appears in {what}{place}", found, advice)
    return Evidence(node, {**dict(zip(node.inputs, values)), node: result}, "nan").attached_to(error)
