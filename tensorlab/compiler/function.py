"""`tl.function`: symbols in, something that can be called out.

Floor 5. A call reads the arguments, runs the program on them and on the shared values, makes sure that no result shares memory with
anything else, and commits all updates in one step that cannot be interrupted (see `state.py`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..backends.base import StepError
from ..backends.reference import Reference
from ..graph import syntax
from ..graph.convert import as_node, is_weak
from ..graph.errors import (
    DuplicateUpdateError,
    GivenError,
    InputError,
    MissingInputError,
    OutputError,
    TensorlabError,
    UnusedInputError,
    UpdateError,
)
from ..graph.node import Constant, Node
from ..graph.types import is_floating
from ..graph.walk import ancestors, leaves, rebuild
from ..ops.families import describe
from ..settings import config
from ..state import SharedVariable, store
from .explain import explained
from .inputs import In, read_slowly, reader
from .pipeline import compile_stages


class Out:
    """An output of a function; `borrow` is accepted for Theano's sake (results never share memory here)."""

    def __init__(self, variable: Node, borrow: bool = False) -> None:
        self.variable, self.borrow = variable, borrow


def function(
    inputs: Sequence[Node | In],
    outputs: Any = None,
    updates: Any = None,
    givens: Any = None,
    mode: str | None = None,
    name: str | None = None,
    on_unused_input: str | None = None,
    allow_input_downcast: bool | None = None,
    no_default_updates: bool | Sequence[SharedVariable] = False,
    profile: bool | None = None,
) -> Function:
    """Compile a graph into a function.

    Args:
        inputs: a list of symbols (or `tl.In`), in the order of the arguments; an expression in the list cuts the graph there.
        outputs: one expression (a call returns one array), a list (a list), a dict (a dict) or None (an empty list).
        updates: pairs of shared variable and expression, or a dict; all new values are computed from the old ones and take effect together.
        givens: pairs or a dict of replacements made in the graph before compiling.
        mode: "FAST_RUN" or "FAST_COMPILE"; by default `config.mode`.
        name: name of the function, for messages and pictures.
        on_unused_input: "raise", "warn" or "ignore"; by default `config.on_unused_input`.
        allow_input_downcast: True accepts arguments that lose precision; None accepts Python floats in floatX inputs.
        no_default_updates: True, or a list of shared variables, to leave out their default updates.
        profile: reserved for the profiler.

    Raises:
        InputError, MissingInputError, UnusedInputError: something is wrong with the inputs.
        OutputError, UpdateError, DuplicateUpdateError, GivenError: something is wrong with an output, an update or a given.

    >>> from tensorlab import tensor as T
    >>> x = T.scalar("x")
    >>> function([x], x ** 2)(-2)
    array(4.)
    """
    return Function(inputs, outputs, updates, givens, mode, name, on_unused_input, allow_input_downcast, no_default_updates, profile)


class Function:
    """A compiled function. Call it with the values of its inputs, by position or by name.

    Attributes:
        inputs, outputs, updates: what it was made of.
        stages: the graph as written, interned and rewritten, and the program.
        name, mode: as given.
    """

    def __init__(self, inputs: Any, outputs: Any, updates: Any, givens: Any, mode: str | None, name: str | None,
                 on_unused_input: str | None, allow_input_downcast: bool | None, no_default_updates: Any, profile: bool | None) -> None:
        self._arguments = (inputs, outputs, updates, givens, mode, name, on_unused_input, allow_input_downcast, no_default_updates, profile)
        self.name, self.mode = name, mode or config.mode
        self.inputs = declared_inputs(inputs, allow_input_downcast)
        self._outputs, self._shape_of_result = listed_outputs(outputs)
        replacements = checked_givens(givens)
        targets = dict(checked_updates(updates))
        self._containers = self._make_containers(targets)
        wanted = rebuild([*self._outputs, *targets.values()], replacements)
        self._outputs, new_values = wanted[: len(self._outputs)], wanted[len(self._outputs):]
        targets = dict(zip(targets, new_values))
        add_default_updates(targets, self._outputs, no_default_updates, replacements)
        self.updates = targets
        variables = [each.variable for each in self.inputs]
        results = [*self._outputs, *targets.values()]
        check_inputs(variables, results, on_unused_input or config.on_unused_input)
        passed = set(variables)
        self.shared = [node for node in ancestors(results, stop_at=variables) if isinstance(node, SharedVariable) and node not in passed]
        self.stages = compile_stages([*variables, *self.shared], results, self.mode)
        self._prepare()

    def _make_containers(self, targets: dict[SharedVariable, Node]) -> dict[int, SharedVariable]:
        """Make a hidden shared variable for every input with a default, so that its update commits with the others."""
        containers = {}
        for position, each in enumerate(self.inputs):
            if each.value is None:
                if each.update is not None:
                    raise UpdateError(f"tl.In({each.variable}, update=…)", "no default value that the update could replace", "tl.In(x, value=…, update=…)")
                continue
            value = each.value.get_value() if isinstance(each.value, SharedVariable) else each.value
            label = each.name or each.variable.label
            array = read_slowly(value, each.variable.type, label, each.strict, each.allow_downcast)
            containers[position] = SharedVariable(each.variable.type, np.array(array), each.name)
            if each.update is not None:
                targets[containers[position]] = checked_update(containers[position], each.update)
        return containers

    def _prepare(self) -> None:
        """Make what a call needs, once."""
        self._run = Reference().compile(self.stages.program)
        self._readers = [reader(each.variable, each.name or each.variable.label, each.strict, each.allow_downcast) for each in self.inputs]
        self._names = {each.name: position for position, each in reversed(list(enumerate(self.inputs))) if each.name is not None}
        self._keys = [variable.key for variable in self.shared]
        self._commits = [(variable.key, variable) for variable in self.updates]
        constants = {id(leaf.value) for leaf in self.stages.program.leaves if isinstance(leaf, Constant)}
        self._constants = constants

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Run the function and return its outputs as fresh arrays (0-d ones for scalars).

        Raises:
            InputError: too many, too few or unknown arguments.
            DowncastError, RankError, ShapeError, ConversionError: an argument does not fit its input.
            ShapeError, IndexingError: lengths do not fit together inside the graph.
        """
        given = self._read(arguments, named)
        given += [store[key] for key in self._keys]
        try:
            results = self._run(given)
        except StepError as problem:
            raise explained(problem) from None
        held = {id(value) for value in given} | self._constants
        for position, value in enumerate(results):
            if value.base is not None or id(value) in held:
                results[position] = value = value.copy()
            held.add(id(value))
        count = len(self._outputs)
        if self._commits:
            new = {}
            for (key, variable), value in zip(self._commits, results[count:]):
                if not variable.type.holds(value):
                    raise UpdateError(f"the update of {variable.label}", f"a new value of shape {value.shape}, but {describe(variable)}",
                                      "an expression of the declared shape, or tl.shared without broadcastable=")
                new[key] = value
            store.update(new)
        return self._shape_of_result(results[:count])

    def _read(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """Return the values of all inputs."""
        count = len(arguments)
        if count > len(self._readers):
            raise InputError(f"{self._title()} called with {count} arguments", f"it has {self._listing()}", "a call with one value an input")
        if count == len(self._readers) and not named:
            return [read(value) for read, value in zip(self._readers, arguments)]
        values: dict[int, Any] = dict(enumerate(arguments))
        for key, value in named.items():
            position = self._names.get(key)
            if position is None:
                raise InputError(f"{self._title()} called with {key}=…", f"no input has that name; it has {self._listing()}", "T.scalar('name') gives an input a name")
            if position in values:
                raise InputError(f"{self._title()} called with {key}=…", "that input was already given by position", "each input once")
            values[position] = value
        result = []
        for position, read in enumerate(self._readers):
            if position in values:
                result.append(read(values[position]))
            elif position in self._containers:
                result.append(store[self._containers[position].key])
            else:
                raise InputError(f"{self._title()} called with {count} arguments", f"no value for input {self._label(position)}; it has {self._listing()}",
                                 "a call with one value an input; tl.In(x, value=…) gives a default")
        return result

    def _label(self, position: int) -> str:
        each = self.inputs[position]
        return each.name or each.variable.label

    def _title(self) -> str:
        return f"the function {self.name!r}" if self.name else "the function"

    def _listing(self) -> str:
        count = len(self.inputs)
        return f"{count} input{'s' * (count != 1)}" + (f": {', '.join(map(self._label, range(count)))}" if count else "")

    @property
    def outputs(self) -> list[Node]:
        """The output expressions, as written (with givens replaced)."""
        return list(self._outputs)

    def _position(self, key: Any) -> int:
        for position, each in enumerate(self.inputs):
            if key is each.variable or (isinstance(key, str) and key == each.name):
                return position
        raise KeyError(f"{key!r} is not an input; there are {self._listing()}")

    def __getitem__(self, key: Node | str) -> Any:
        """Return the default value of an input, or the value of a shared variable that the function uses."""
        if isinstance(key, SharedVariable):
            return key.get_value()
        position = self._position(key)
        return self._containers[position].get_value() if position in self._containers else None

    def __setitem__(self, key: Node | str, value: Any) -> None:
        if isinstance(key, SharedVariable):
            key.set_value(value)
            return
        position = self._position(key)
        if position not in self._containers:
            raise InputError(f"f[{key!r}] = …", "this input has no default value", "tl.In(x, value=…)")
        self._containers[position].set_value(value)

    def __repr__(self) -> str:
        outputs = ", ".join(node.label for node in self._outputs)
        return f"<Function {self.name or ''}({', '.join(map(self._label, range(len(self.inputs))))}) -> [{outputs}]>".replace(" (", "(")

    def __reduce__(self) -> tuple[Any, ...]:
        return Function, self._arguments

    def copy(self, name: str | None = None) -> Function:
        """Return another function made of the same parts, sharing the same shared variables."""
        arguments = list(self._arguments)
        arguments[5] = name or self.name
        return Function(*arguments)


# -- what tl.function was given, checked


def declared_inputs(inputs: Any, allow_downcast: bool | None) -> list[In]:
    """Return the inputs as `In`s."""
    if not isinstance(inputs, (list, tuple)):
        label = inputs.label if isinstance(inputs, Node) else repr(inputs)
        raise InputError(f"tl.function({label}, …)", "the inputs must be a list, even if there is only one", f"tl.function([{label}], …)")
    declared = []
    for each in inputs:
        if isinstance(each, SharedVariable):
            raise InputError(f"tl.function([…, {each.label}, …])", f"{each.label} is a shared variable: functions see its value without being given it",
                             f"leave it out, or givens=[({each.label}, x)]")
        if isinstance(each, Constant) or not isinstance(each, (Node, In)):
            raise InputError(f"tl.function([…, {each!r}, …])", f"a {type(each).__name__} instead of a symbol", "a symbol such as T.scalar('x') (perhaps its name now stands for a value)")
        new = In(each) if isinstance(each, Node) else each
        if new.allow_downcast is None and allow_downcast is not None:
            new = In(new.variable, new.name, new.value, new.update, strict=new.strict, borrow=new.borrow, allow_downcast=allow_downcast)
        declared.append(new)
    variables = [each.variable for each in declared]
    for each in variables:
        if variables.count(each) > 1:
            raise UnusedInputError(f"tl.function([…, {each.label}, …, {each.label}, …])", f"{each.label} stands twice in the list of inputs", "each input once")
    return declared


def listed_outputs(outputs: Any) -> tuple[list[Node], Any]:
    """Return the outputs as a list, and the function that gives results back in the form that was asked for."""

    def checked(each: Any) -> Node:
        if isinstance(each, Out):
            each = each.variable
        if isinstance(each, Node):
            return each
        try:
            return as_node(each)
        except TensorlabError:
            raise OutputError(f"an output {each!r}", f"a {type(each).__name__} instead of an expression", "expressions built from the inputs") from None

    if outputs is None:
        return [], list
    if isinstance(outputs, (list, tuple)):
        return [checked(each) for each in outputs], list
    if isinstance(outputs, Mapping):
        for key in outputs:
            if not isinstance(key, str):
                raise OutputError(f"outputs={{{key!r}: …}}", "keys of outputs are texts", "outputs={'cost': cost}")
        keys = list(outputs)
        return [checked(outputs[key]) for key in keys], lambda results: dict(zip(keys, results))
    return [checked(outputs)], lambda results: results[0]


def pairs(given: Any, what: str) -> list[tuple[Any, Any]]:
    """Return updates or givens as a list of pairs."""
    if given is None:
        return []
    if isinstance(given, Mapping):
        return list(given.items())
    try:
        return [(key, value) for key, value in given]
    except (TypeError, ValueError):
        raise (UpdateError if what == "updates" else GivenError)(f"{what}={given!r}", "not a list of pairs", f"{what}=[(variable, expression)]") from None


def checked_updates(updates: Any) -> list[tuple[SharedVariable, Node]]:
    """Return the updates as pairs of shared variable and expression that fit together."""
    result: dict[SharedVariable, Node] = {}
    for variable, value in pairs(updates, "updates"):
        if not isinstance(variable, SharedVariable):
            label = variable.label if isinstance(variable, Node) else repr(variable)
            raise UpdateError(f"updates=[({label}, …)]", f"{label} is not a shared variable", f"{label} = tl.shared(value), so that it has a value to update")
        if variable in result:
            raise DuplicateUpdateError(f"updates with two new values for {variable.label}", "one variable can get one new value a call", "one expression that does both")
        result[variable] = checked_update(variable, value)
    return list(result.items())


def checked_update(variable: SharedVariable, value: Any) -> Node:
    """Return the new value of a shared variable as a node of a type that fits."""
    node = as_node(value, variable.type.dtype if is_weak(value) else None)
    if node.type.contradicts(variable.type):
        advice = f"({variable.label}, T.cast(expression, {variable.type.dtype!r}))" if node.type.dtype != variable.type.dtype else "an expression of the same shape"
        if node.type.dtype != variable.type.dtype and is_floating(node.type.dtype):
            advice += "; or make its inputs and constants " + variable.type.dtype
        raise UpdateError(f"the update of {variable.label}", f"{variable.label} is {variable.type.dtype} {variable.type.pattern}, the new value {describe(node)}", advice)
    return node


def checked_givens(givens: Any) -> dict[Node, Node]:
    """Return the replacements to make in the graph."""
    result: dict[Node, Node] = {}
    for variable, value in pairs(givens, "givens"):
        if not isinstance(variable, Node):
            raise GivenError(f"givens=[({variable!r}, …)]", f"a {type(variable).__name__} instead of a symbol", "givens=[(x, value)] with a symbol x of the graph")
        if variable in result:
            raise GivenError(f"givens with two replacements for {variable.label}", "a variable can be replaced by one thing", "one pair a variable")
        node = as_node(value, variable.type.dtype if is_weak(value) else None)
        if node.type.contradicts(variable.type):
            raise GivenError(f"givens=[({variable.label}, …)]", f"{describe(variable)}; the replacement {describe(node)}", f"T.cast(replacement, {variable.type.dtype!r}), and the same number of axes")
        result[variable] = node
    return result


def add_default_updates(targets: dict[SharedVariable, Node], outputs: Sequence[Node], excluded: Any, replacements: Mapping[Node, Node]) -> None:
    """Add the default updates of all shared variables in the graph, and of those that the new ones bring in."""
    if excluded is True:
        return
    left_out = set(excluded or ())
    pending = [*outputs, *targets.values()]
    while pending:
        for node in leaves(pending):
            if isinstance(node, SharedVariable) and node.default_update is not None and node not in targets and node not in left_out:
                targets[node] = rebuild([checked_update(node, node.default_update)], replacements)[0]
                pending = [targets[node]]
                break
        else:
            return
    return


def check_inputs(variables: Sequence[Node], results: Sequence[Node], on_unused: str) -> None:
    """Raise if a symbol has no value, or (as asked) if an input has no use."""
    passed = set(variables)
    order = ancestors(results, stop_at=variables)
    missing = [node for node in order if node.op is None and node not in passed and not isinstance(node, (Constant, SharedVariable))]
    if missing:
        raise missing_input(missing[0], variables, results)
    used = set(order)
    for variable in variables:
        if variable in used or on_unused == "ignore":
            continue
        error = UnusedInputError(f"tl.function([…, {variable.label}, …], …)", f"no output and no update depends on {describe(variable)}",
                                 "leave it out, or on_unused_input='ignore'")
        if on_unused == "raise":
            raise error
        warnings.warn(str(error), stacklevel=5)


def missing_input(symbol: Node, variables: Sequence[Node], results: Sequence[Node]) -> MissingInputError:
    """Build the error for a symbol without a value; if an input has its name, the cell was probably run again."""
    reader_of = next((result for result in results if symbol in ancestors([result])), None)
    what = reader_of.label if reader_of is not None else "an output"
    name = symbol.known_name
    namesake = next((each for each in variables if name is not None and each.known_name == name), None)
    if namesake is not None:
        return MissingInputError(
            f"tl.function([{', '.join(each.label for each in variables)}], {what})",
            f"{what} was built from an earlier {name}, made at {symbol.place}; the input is another {name}, made at {namesake.place}",
            f"run the {'cell' if symbol.place is not None and symbol.place.cell is not None else 'code'} that builds {what} again",
        )
    return MissingInputError(
        f"tl.function([{', '.join(each.label for each in variables)}], {what})",
        f"{what} depends on {describe(symbol)}, which is not among the inputs",
        f"add {symbol.label} to the list of inputs, or givens=[({symbol.label}, value)]",
    )


def evaluate(node: Node, inputs_to_values: Mapping[Any, Any] | None = None) -> Any:
    """Return the value of an expression, given a dictionary from symbols (or their names) to values."""
    given = dict(inputs_to_values or {})
    named = {each.known_name: each for each in leaves([node])}
    values = {}
    for key, value in given.items():
        symbol = named.get(key) if isinstance(key, str) else key
        if not isinstance(symbol, Node):
            raise InputError(f"eval({{{key!r}: …}})", f"no symbol of {node.label} is called {key!r}", "x.eval({x: value}) with the symbol itself")
        values[symbol] = value
    symbols = tuple(values)
    if node._evaluators is None:
        node._evaluators = {}
    if symbols not in node._evaluators:
        node._evaluators[symbols] = function(list(symbols), node)
    return node._evaluators[symbols](*values.values())


syntax.define(eval=evaluate)
