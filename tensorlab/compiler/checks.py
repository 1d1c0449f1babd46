"""What `tl.function` was given as inputs and outputs, checked: every mistake is named here, before anything is compiled.

Floor 5. Updates and givens are checked in `changes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from copy import copy
from typing import Any

from ..graph.convert import as_node, shorten
from ..graph.errors import ChoiceError, InputError, MissingInputError, OutputError, TensorlabError, UnusedInputError
from ..graph.node import Constant, Node
from ..graph.telling import warn_reader
from ..graph.walk import ancestors
from ..graph.wording import a_kind, in_code
from ..ops.families import noun
from ..settings import SETTINGS, config
from ..settings.kinds import RefusedError
from ..state import SharedVariable
from .inputs import In


class Out:
    """An output of a function; `borrow` is accepted for Theano's sake (results never share memory here)."""

    def __init__(self, variable: Node, borrow: bool = False) -> None:
        self.variable, self.borrow = variable, borrow


Form = Callable[[list[Any]], Any]


def declared_inputs(inputs: Any, allow_downcast: bool | None) -> list[In]:
    """Return the inputs as `In`s.

    Raises:
        InputError: not a list, or something in it that is not a symbol.
        UnusedInputError: a symbol stands twice in the list.
    """
    if not isinstance(inputs, (list, tuple)):
        label = shorten(inputs.variable if isinstance(inputs, In) else inputs)
        several = isinstance(inputs, (Set, Mapping))  # with an order that nobody chose
        names = ", ".join(shorten(each) for each in inputs) if several else label
        raise InputError(f"tl.function({label}, …)", "the inputs must be a list, even if there is only one", f"tl.function([{names}], …)")
    declared: list[In] = []
    seen: set[Node] = set()
    for each in inputs:
        variable = each.variable if isinstance(each, In) else each
        if isinstance(variable, SharedVariable):
            label = in_code(variable, "w")
            found = f"{label} is a shared variable: functions see its value without being given it"
            raise InputError(f"tl.function([…, {label}, …])", found, f"leave it out, or givens=[({label}, x)] with a symbol x")
        if isinstance(variable, Constant) or not isinstance(variable, Node):
            advice = "a symbol such as T.scalar('x') (perhaps its name now stands for a value)"
            raise InputError(f"tl.function([…, {shorten(variable)}, …])", f"{a_kind(variable)} instead of a symbol", advice)
        if variable in seen:
            label = in_code(variable)
            found = f"{label} stands twice in the list of inputs"
            raise UnusedInputError(f"tl.function([…, {label}, …, {label}, …])", found, f"tl.function([{label}, …]), with each input once")
        seen.add(variable)
        new = In(variable) if isinstance(each, Node) else each
        if new.allow_downcast is None and allow_downcast is not None:
            new = copy(new)
            new.allow_downcast = allow_downcast
        declared.append(new)
    return declared


def listed_outputs(outputs: Any) -> tuple[list[Node], Form]:
    """Return the outputs as a list, and the function that gives results back in the form that was asked for.

    Raises:
        OutputError: something that is not an expression, or a dict with keys that are not texts.
    """
    if outputs is None:
        return [], list
    if isinstance(outputs, (list, tuple)):
        return [checked_output(each) for each in outputs], list
    if isinstance(outputs, Mapping):
        for key in outputs:
            if not isinstance(key, str):
                raise OutputError(f"outputs={{{shorten(key)}: …}}", "the keys of outputs are texts", "outputs={'cost': cost}")
        keys = list(outputs)
        return [checked_output(outputs[key]) for key in keys], lambda results: dict(zip(keys, results))
    return [checked_output(outputs)], lambda results: results[0]


def checked_output(each: Any) -> Node:
    """Return an output as a node."""
    if isinstance(each, Out):
        each = each.variable
    if isinstance(each, Node):
        return each
    try:
        return as_node(each)
    except TensorlabError:
        advice = "outputs=expression, built from the inputs"
        raise OutputError(f"tl.function(…, outputs={shorten(each)})", f"{a_kind(each)} instead of an expression", advice) from None


def checked_word(name: str, value: Any, setting: str) -> str:
    """Return an argument that overrides a setting, or the setting if it is None.

    Raises:
        ChoiceError: the setting does not take this value.
    """
    if value is None:
        return str(getattr(config, setting))
    try:
        return str(SETTINGS[setting].kind.parse(setting, value))
    except RefusedError as problem:
        raise ChoiceError(f"tl.function(…, {name}={shorten(value)})", problem.found, f"{name}={problem.instead!r}") from None


def check_inputs(inputs: Sequence[In], results: Sequence[Node], on_unused: str) -> None:
    """Raise if a symbol has no value, or (as asked) if an input has no use.

    Raises:
        MissingInputError, UnusedInputError
    """
    variables = [each.variable for each in inputs]
    passed = set(variables)
    order = ancestors(results, stop_at=variables)
    missing = [node for node in order if node.op is None and node not in passed and not isinstance(node, (Constant, SharedVariable))]
    if missing:
        raise missing_input(missing[0], variables, results)
    used = set(order)
    for each in inputs:
        if each.variable in used or on_unused == "ignore":
            continue
        label = in_code(each.variable)
        error = UnusedInputError(f"tl.function([…, {label}, …], …)", f"no output and no update depends on {noun(each.variable)}",
                                 "leave it out, or on_unused_input='ignore'")
        if on_unused == "raise":
            raise error
        warn_reader(str(error))


def missing_input(symbol: Node, variables: Sequence[Node], results: Sequence[Node]) -> MissingInputError:
    """Build the error for a symbol without a value; if an input has its name, the cell was probably run again."""
    reads = next((result for result in results if symbol in ancestors([result], stop_at=variables)), None)
    what = reads.label if reads is not None else "an output"
    asked = f"tl.function([{', '.join(in_code(each) for each in variables)}], {what})"
    name = symbol.known_name
    namesake = next((each for each in variables if name is not None and each.known_name == name), None)
    if namesake is None:
        found = f"{what} depends on {noun(symbol)}, which is not among the inputs"
        return MissingInputError(asked, found, f"add {in_code(symbol)} to the list of inputs, or givens=[({in_code(symbol)}, value)]")
    cell = symbol.place is not None and symbol.place.cell is not None
    return MissingInputError(
        asked,
        f"{what} was built from an earlier {name}, made in {symbol.place}; the input is another {name}, made in {namesake.place}",
        f"run the {'cell' if cell else 'code'} that builds {what} again, so that it is built from the new {name}",
    )


announced: set[str] = set()
