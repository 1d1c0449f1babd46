"""`DebugMode`: every op, back end, rule and derivative of a function on trial, at the values of the call.

Floor 6. Read `on_trial`, `machines`, `rules_on_trial` and `derivatives` before, which do the work. A call costs as much as some hundred
plain ones, the first one as much as some ten compilations. What it returns is what the reference back end computes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backends.base import Runner, StepError
from ..compiler.modes import Mode
from ..gradient.origins import origin
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors
from ..state import SharedVariable
from .derivatives import check_derivative, has_rule
from .machines import Machines
from .on_trial import on_trial, quietly
from .rules_on_trial import check_interning, check_rules

if TYPE_CHECKING:
    from ..compiler.function import Function

SAMPLES = 2  # further sets of arguments at the first call: negatives of those given, and others of either sign
EACH_OP = 3  # nodes of one op on operands of the same types whose derivatives are compared: at their own values


class DebugMode(Mode):
    """Checks all that a function is made of while it runs, and names what is wrong.

    Every op runs on the reference back end and as native code, before and after every rewrite. Checked are values, dtypes and shapes,
    memory that a result shares with an operand, operands that are written to, and derivative rules against central differences. The
    first call also tries other numbers than it was given (negative ones, others of either sign), so that a rule that is right for these
    arguments only is found.

    Args:
        rewrites: as for `tl.Mode`.
        check_gradients: compare derivative rules with differences.
        other_arguments: try other numbers at the first call.

    A fault raises OpFaultError or RuleFaultError, with the `culprit` (the op or the rule), the smallest `graph` that shows it and the
    `values` of its symbols. Nothing has changed then: no shared variable is updated.

    >>> x = T.scalar("x")
    >>> f = tl.function([x], T.grad(T.tanh(x) ** 2, x), mode="DEBUG_MODE")
    >>> tl.printing.short(f(0.5))
    '0.7269'
    """

    name = "DEBUG_MODE"

    def __init__(self, rewrites: Any = "FAST_RUN", check_gradients: bool = True, other_arguments: bool = True) -> None:
        super().__init__(rewrites, "numpy")
        self.check_gradients, self.other_arguments = bool(check_gradients), bool(other_arguments)

    def runner(self, function: Function) -> Runner:
        """Return a runner that checks the function's program whenever it runs it."""
        trial = Trial(function, self)
        program = function.stages.program

        def run(values: Sequence[Any]) -> list[Any]:
            with np.errstate(all="ignore"):
                return trial.run(values)

        return Runner(run, (False,) * len(program.results), lambda: f"{program}\n")


class Trial:
    """One function on trial.

    Args:
        function: what is compiled.
        mode: what to check.
    """

    def __init__(self, function: Function, mode: DebugMode) -> None:
        self.mode, self.stages = mode, function.stages
        self.given = list(self.stages.rewritten.inputs)
        self.asked = [*nodes_in(function._parts[1]), *nodes_in(function._parts[2]), *self.stages.written.outputs]
        self.machines = Machines(self.given, self.stages.rewritten.outputs, self.stages.interned.outputs)
        self.first = True

    def run(self, values: Sequence[Any]) -> list[Any]:
        """Compute the results, and raise if anything is wrong on the way."""
        values = [np.asarray(value) for value in values]
        known: dict[Node, Any] = dict(zip(self.given, values))
        program = self.stages.program
        known |= {leaf: leaf.value for leaf in program.leaves[program.given :] if isinstance(leaf, Constant)}
        for step in program.steps:  # in their order, which is also that of what is printed
            known[step.node] = on_trial(step.node, [known[each] for each in step.node.inputs])
        self.check(values, watched=True)
        if self.first and self.mode.other_arguments:
            for number in range(SAMPLES):
                self.check(others(values, number), watched=False)
        self.first = False
        return [known[node] for node in self.stages.rewritten.outputs]

    def check(self, values: Sequence[Any], watched: bool) -> None:
        """Check everything at some values; those that nobody has given may not suit the graph at all."""
        check_interning(self.stages.written.outputs, self.stages.written.inputs, values)
        check_rules(self.stages.history, self.given, values)
        if watched:
            self.watch_written(values)
        try:
            self.machines.check(values)
        except StepError:
            if watched:
                pass  # the graph as it was written fails where the rewritten one does not, and may: no length is wrong
        if self.mode.check_gradients and (self.first or not watched):
            self.check_gradients(values)

    def watch_written(self, values: Sequence[Any]) -> None:
        """Put every op of the graph as it was written on trial too: rules may have replaced it."""
        known: dict[Node, Any] = dict(zip(self.given, values))
        for node in ancestors(self.stages.interned.outputs, stop_at=self.given):
            if node in known:
                continue
            if isinstance(node, Constant):
                known[node] = node.value
                continue
            operands = [known[each] for each in node.inputs]
            try:
                known[node] = on_trial(node, operands) if node.op is not None and node.op.merges else quietly(node, operands)
            except StepError:
                return  # told by the rewritten graph, if it is to be told

    def check_gradients(self, values: Sequence[Any]) -> None:
        """Compare the derivative rules of all ops in the graph, and in the graphs of costs whose gradients are in it, with differences."""
        known: dict[Node, Any] = {**shared_in(self.asked), **dict(zip(self.stages.written.inputs, values))}
        costs = [cost for node in ancestors(self.asked) if (cost := origin(node)) is not None]
        done: dict[Any, int] = {}
        for node in ancestors([*costs, *self.asked], stop_at=known.keys()):
            if node in known:
                continue
            if isinstance(node, Constant):
                known[node] = node.value
                continue
            if node.op is None or any(each not in known for each in node.inputs):
                continue  # a symbol of the cost that the gradient does not need, and what is made of it
            operands = [known[each] for each in node.inputs]
            try:
                known[node] = quietly(node, operands)
            except StepError:
                continue
            key = node.op, *((each.type.dtype, each.type.ndim, isinstance(each, Constant)) for each in node.inputs)
            if has_rule(node) and done.get(key, 0) < EACH_OP:
                done[key] = done.get(key, 0) + 1
                try:
                    check_derivative(node, operands)
                except (TensorlabError, StepError) as problem:
                    if hasattr(problem, "culprit"):
                        raise
                    # a card without a rule: asking for its gradient is an error of its own


def nodes_in(what: Any) -> list[Node]:
    """Return the expressions among the outputs or updates that a function was given."""
    if isinstance(what, Node):
        return [what]
    if isinstance(what, Mapping):
        what = list(what.values())
    if isinstance(what, Iterable) and not isinstance(what, (str, bytes, np.ndarray)):
        return [node for each in what for node in nodes_in(each)]
    inner = getattr(what, "variable", None)
    return [inner] if isinstance(inner, Node) else []


def shared_in(nodes: Sequence[Node]) -> dict[Node, Any]:
    """Return the values of the shared variables that expressions and their costs are made of."""
    costs = [cost for node in ancestors(nodes) if (cost := origin(node)) is not None]
    return {leaf: leaf.get_value(borrow=True) for leaf in ancestors([*nodes, *costs]) if isinstance(leaf, SharedVariable)}


def others(values: Sequence[Any], number: int) -> list[Any]:
    """Return other arguments of the same shapes: floats with the other sign first, then drawn; whole numbers may be positions, and stay."""
    random = np.random.RandomState(number)
    result = []
    for value in values:
        if not is_floating(value.dtype.name):
            result.append(value)
        elif number == 0:
            result.append(-value)
        else:
            size = float(np.abs(value[np.isfinite(value)]).max(initial=0)) or 1.0
            result.append(np.asarray(random.uniform(-2, 2, value.shape) * min(size, 10.0)).astype(value.dtype))
    return result
