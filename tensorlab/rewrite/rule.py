"""Rules: equations with a reason, and procedures for what an equation cannot say.

Floor 3. Read `match` and `context` before. An equation is a function that runs once, with holes, and leaves two little
graphs: before and after. A procedure looks at a node itself; it brings examples, so that the test of all rules can visit it too.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence, Set
from typing import Any

from ..graph.convert import as_node
from ..graph.errors import TensorlabError
from ..graph.node import Constant, Node
from ..graph.op import Op
from ..graph.types import FLOATS, INTEGERS, TensorType
from ..graph.walk import ancestors
from ..ops.arithmetic import Neg
from ..ops.choices import Fill, cast
from ..ops.families import Elementwise
from .context import Context
from .match import Bindings, Hole, matches

Example = Callable[..., Any]
NUMBERS = INTEGERS + FLOATS


class RuleSet:
    """Rules that serve one purpose.

    Attributes:
        name: one word.
        purpose: what its rules are for.
        rules: in the order of their definition.
    """

    def __init__(self, name: str, purpose: str) -> None:
        self.name, self.purpose = name, purpose
        self.rules: list[Rule] = []
        self._by_card: dict[type[Op], list[Rule]] = {}

    def add(self, rule: Rule) -> None:
        """Take in one more rule."""
        self.rules.append(rule)
        self._by_card.clear()

    def rules_on(self, card: type[Op]) -> list[Rule]:
        """Return the rules that look at nodes of a card."""
        if card not in self._by_card:
            self._by_card[card] = [rule for rule in self.rules if issubclass(card, rule.on)]
        return self._by_card[card]

    def __repr__(self) -> str:
        return f"<rule set {self.name}: {len(self.rules)} rules>"


canonicalize = RuleSet("canonicalize", "one way to write a thing, where several mean the same")
stabilize = RuleSet("stabilize", "every digit kept, where the way it is written loses some or all of them")
simplify = RuleSet("simplify", "cheaper ways to compute the same")
accumulate = RuleSet("accumulate", "products written straight to where they are wanted; it matters who else reads them, so this comes last")
display = RuleSet("display", "what a reader would write; only for the eye, because sums and products are reordered")
layout = RuleSet("layout", "the order in which a finished formula is written; only for the eye")
RULE_SETS = (canonicalize, stabilize, simplify, accumulate, display, layout)
FOR_THE_EYE = (display, layout)


class Rule:
    """What all rules have.

    Attributes:
        name: the name of the function that states it.
        reason: why the right side is better; the function's docstring.
        belongs_to: its rule set.
        on: classes of ops at the top of what it rewrites.
        dtypes: dtypes of results that it applies to.
    """

    on: tuple[type[Op], ...]
    needs: frozenset[type] = frozenset()
    """Classes that must all be found among the operands: of their ops, or Constant. A quick way to say no."""
    needs_any: frozenset[type] = frozenset()
    """Classes one of which must be found among the operands, unless there are none."""
    within: frozenset[type] = frozenset()
    """Classes of ops one of which must be somewhere in the graph, for rules that run in a pass of their own."""

    def __init__(self, function: Callable[..., Any], belongs_to: RuleSet, dtypes: Sequence[str]) -> None:
        self.name = function.__name__
        self.reason = " ".join((function.__doc__ or "").split())
        self.belongs_to = belongs_to
        self.dtypes = tuple(dtypes)
        self.function = function
        belongs_to.add(self)

    def apply(self, node: Node, context: Context) -> Node | None:
        """Return what to put in place of a node, or None if the rule has nothing to say about it."""
        raise NotImplementedError

    def takes(self, dtype: str, kinds: Set[type]) -> bool:
        """Say whether the rule may have something to say about a node whose result has a dtype, and whose operands are of some kinds."""
        return dtype in self.dtypes and self.needs <= kinds and not (self.needs_any and self.needs_any.isdisjoint(kinds))

    @property
    def examples(self) -> Sequence[Example]:
        """Functions from nodes to a graph that the rule rewrites."""
        raise NotImplementedError

    @property
    def statement(self) -> str:
        """What the rule does, in one line of text."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{self.belongs_to.name} rule {self.name}>"


class Equation(Rule):
    """Two little graphs over the same holes; `before` is what is looked for, `after` what is put in its place."""

    def __init__(self, function: Callable[..., Any], belongs_to: RuleSet, dtypes: Sequence[str]) -> None:
        super().__init__(function, belongs_to, dtypes)
        number = TensorType("float64", ())
        holes = [Hole(number, name) for name in inspect.signature(function).parameters]
        before, after = function(*holes)
        self.before: Node = before
        self.after: Node = as_node(after, "float64")
        assert before.op is not None
        self.on = (type(before.op),)
        self.needs = frozenset(kind(each) for each in before.inputs if not isinstance(each, Hole))
        self.same = len(before.inputs) == 2 and before.inputs[0] is before.inputs[1]
        self.numbers = [each.value.item() for each in before.inputs if isinstance(each, Constant)]
        left, right = ancestors([before]), ancestors([self.after])
        self._parts_after = right
        self.kept_all = all(each in right for each in left if isinstance(each, Hole))
        self.as_it_is = {each for node in left for position, each in enumerate(node.inputs) if position in unlike(node)}

    def apply(self, node: Node, context: Context) -> Node | None:
        if node.type.dtype not in self.dtypes or not self._possible(node, context):
            return None
        for bound in matches(self.before, node, context):
            try:
                result = self.rebuilt(bound, node.type.dtype)
            except TensorlabError:
                continue  # a number that the dtype does not hold, or lengths that are now known to clash and shall be reported when it runs
            kept_all = self.kept_all and all(bound[each].type.ndim == 0 for each in bound if isinstance(each, Constant))
            fitting = context.fit(node, result, kept_all)
            if fitting is not None and not (isinstance(self.after, Hole) and isinstance(fitting.op, Fill) and fitting is not result):
                return fitting  # for v + zeros(3), fill(zeros(3), v) would save nothing, and its errors would not speak of the sum
        return None

    def _possible(self, node: Node, context: Context) -> bool:
        """Say quickly whether the node has the number, or the two equal operands, that the pattern asks for."""
        if self.same:
            return node.inputs[0] is node.inputs[1]
        return not self.numbers or any(context.number(each) == self.numbers[0] for each in node.inputs)

    def rebuilt(self, bound: Bindings, dtype: str) -> Node:
        """Return the right side on the nodes found, all arithmetic in one dtype."""
        value: dict[Node, Any] = {}
        for part in self._parts_after:
            if isinstance(part, Hole):
                value[part] = bound[part] if part in self.as_it_is else cast(bound[part], dtype)
            elif isinstance(part, Constant):
                number = part.value.item()
                value[part] = int(number) if number == number and number in (0.0, 1.0, -1.0, 2.0) else number
            elif isinstance(part.op, Neg) and isinstance(value[part.inputs[0]], Node) and isinstance(value[part.inputs[0]].op, Neg):
                value[part] = value[part.inputs[0]].inputs[0]  # the negative of a negative: in FAST_COMPILE nobody tidies up
            else:
                assert part.op is not None
                value[part] = part.op(*[value[each] for each in part.inputs])
        return as_node(value[self.after], dtype)

    @property
    def examples(self) -> Sequence[Example]:
        return [lambda *nodes: self.function(*nodes)[0]]

    @property
    def statement(self) -> str:
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.function)))
        answer = next(each for each in ast.walk(tree) if isinstance(each, ast.Return))
        assert isinstance(answer.value, ast.Tuple)
        return " → ".join(ast.unparse(side) for side in answer.value.elts)


class Procedure(Rule):
    """A function from a node and a context to what takes the node's place, or None."""

    def __init__(
        self,
        function: Callable[[Node, Context], Node | None],
        belongs_to: RuleSet,
        on: Sequence[type[Op]],
        examples: Sequence[Example],
        misses: Sequence[Example] = (),
        dtypes: Sequence[str] = NUMBERS,
        needs: Sequence[type] = (),
        needs_any: Sequence[type] = (),
        within: Sequence[type] = (),
    ) -> None:
        super().__init__(function, belongs_to, dtypes)
        self.on = tuple(on)
        self.needs, self.needs_any, self.within = frozenset(needs), frozenset(needs_any), frozenset(within)
        self.misses = tuple(misses)
        self._examples = tuple(examples)

    def apply(self, node: Node, context: Context) -> Node | None:
        if node.type.dtype not in self.dtypes:
            return None
        try:
            result: Node | None = self.function(node, context)
        except TensorlabError:
            return None  # as for equations
        return result

    @property
    def examples(self) -> Sequence[Example]:
        return self._examples

    @property
    def statement(self) -> str:
        return "for " + ", ".join(sorted(each.__name__ for each in self.on))


def kind(node: Node) -> type:
    """Return the class of a node's op, or of the node where it has none."""
    return type(node) if node.op is None else type(node.op)


def unlike(node: Node) -> Sequence[int]:
    """Return the operands that take no part in the arithmetic of a node (the condition of a switch)."""
    return node.op.unlike if isinstance(node.op, Elementwise) else ()


def rule(belongs_to: RuleSet, dtypes: Sequence[str] = NUMBERS) -> Callable[[Callable[..., Any]], Equation]:
    """Declare an equation.

    ```python
    @rule(stabilize)
    def log_of_one_minus_sigmoid(x):
        \"\"\"Past x = 37 sigmoid(x) rounds to 1, and log(0) is -inf; softplus keeps every digit.\"\"\"
        return log(1 - sigmoid(x)), -softplus(x)
    ```
    """
    return lambda function: Equation(function, belongs_to, dtypes)


def procedure(
    belongs_to: RuleSet,
    on: Sequence[type[Op]],
    examples: Sequence[Example],
    misses: Sequence[Example] = (),
    dtypes: Sequence[str] = NUMBERS,
    needs: Sequence[type] = (),
    needs_any: Sequence[type] = (),
    within: Sequence[type] = (),
) -> Callable[[Callable[[Node, Context], Node | None]], Procedure]:
    """Declare a procedure.

    Args:
        belongs_to: its rule set.
        on: classes of the ops (or families) it looks at.
        examples: functions from nodes to graphs that it rewrites; how many nodes they take says how many the test gives them.
        misses: functions from nodes to graphs, nearly alike, that it must leave alone.
        dtypes: dtypes of results that it applies to.
        needs: classes of ops (or Constant) that must all be found among the operands; a quick way to say no.
        needs_any: classes of ops (or Constant) one of which must be found among the operands.
        within: classes of ops one of which must be somewhere in the graph, for rules that run in a pass of their own.
    """
    return lambda function: Procedure(function, belongs_to, on, examples, misses, dtypes, needs, needs_any, within)
