"""`tl.function`: symbols in, something that can be called out.

Floor 5. A call reads the arguments, runs the program on them and on the shared values, makes sure that no result shares memory with
anything else, and commits all updates in one step that cannot be interrupted (see `state.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cached_property
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backends.base import Runner, StepError, in_rows
from ..graph import syntax
from ..graph.collecting import full_searches_wait
from ..graph.convert import shorten
from ..graph.errors import InputError, UpdateError
from ..graph.node import Constant, Node
from ..graph.walk import ancestors, leaves, rebuild
from ..graph.wording import counted, in_code
from ..ops.families import describe
from ..rewrite.engine import Rewrite
from ..state import Cell, SharedVariable, at_home, replace_values, values_of
from ..turns import Turn
from .changes import checked_givens, checked_update, checked_updates, default_updates, pairs
from .checks import check_inputs, checked_word, declared_inputs, listed_outputs
from .explain import code, explained
from .inputs import In, read, reader
from .machines import chosen_device, doors, native_wanted, recording_for, runner, source_for
from .modes import Mode, checked_mode
from .pipeline import compile_stages

if TYPE_CHECKING:
    from ..profiling.report import Profile


def function(
    inputs: Sequence[Node | In],
    outputs: Any = None,
    updates: Any = None,
    givens: Any = None,
    mode: str | Mode | None = None,
    name: str | None = None,
    on_unused_input: str | None = None,
    allow_input_downcast: bool | None = None,
    no_default_updates: bool | SharedVariable | Sequence[SharedVariable] = False,
    profile: bool | None = None,
) -> Function:
    """Compile a graph into a function.

    Args:
        inputs: a list of symbols (or `tl.In`), in the order of the arguments; an expression in the list cuts the graph there.
        outputs: one expression (a call returns one array), a list (a list), a dict (a dict) or None (an empty list).
        updates: pairs of shared variable and expression, or a dict; all new values are computed from the old ones and take effect together.
        givens: pairs or a dict of replacements made in the graph before compiling.
        mode: "FAST_RUN", "FAST_COMPILE" or "DEBUG_MODE", or a `tl.Mode`; by default `config.mode`.
        name: name of the function, for messages and pictures.
        on_unused_input: "raise", "warn" or "ignore"; by default `config.on_unused_input`.
        allow_input_downcast: True accepts arguments that lose precision, None accepts Python floats in floatX inputs, False neither.
        no_default_updates: True, or a shared variable or a list of them, to leave out their default updates.
        profile: True counts and times calls, for `f.profile`; by default `config.profile`, which also shows the profiles when Python ends.

    Raises:
        InputError, MissingInputError, UnusedInputError: something is wrong with the inputs.
        OutputError, UpdateError, DuplicateUpdateError, GivenError: something is wrong with an output, an update or a given.
        ChoiceError: an unknown mode, or an unknown word for `on_unused_input`.

    >>> x = T.scalar("x")
    >>> tl.function([x], x ** 2)(-2)
    array(4.)
    >>> n = tl.shared(0, name="n")
    >>> count = tl.function([], n, updates=[(n, n + 1)])
    >>> count(), count(), n.get_value()
    (array(0), array(1), array(2))
    """
    with full_searches_wait():
        return Function(inputs, outputs, updates, givens, mode, name, on_unused_input, allow_input_downcast, no_default_updates, profile)


class Function:
    """A compiled function. Call it with the values of its inputs, by position or by name.

    Attributes:
        name: as given.
        mode: the mode in which it was compiled; it can be compared with a word, `f.mode == "FAST_RUN"`.
        inputs: its inputs, as `In`s.
        outputs: its output expressions, with givens replaced.
        updates: from shared variable to the expression of its new value.
        shared: the shared variables that it reads.
        stages: the graph as written, interned and rewritten, and the program.
    """

    def __init__(self, inputs: Any, outputs: Any, updates: Any, givens: Any, mode: str | Mode | None, name: str | None,
                 on_unused_input: str | None, allow_input_downcast: bool | None, no_default_updates: Any, profile: bool | None,
                 native: bool = True) -> None:
        updates, givens = pairs(updates, "updates"), pairs(givens, "givens")  # kept as lists: a zip can be read only once
        self.name, self.mode = name, checked_mode(mode)
        self.inputs = declared_inputs(inputs, allow_input_downcast)
        options = self.mode, name, on_unused_input, allow_input_downcast, no_default_updates, profile, native
        self._parts = list(inputs), outputs, updates, givens, *options
        self.outputs, self._form = listed_outputs(outputs)
        replacements = checked_givens(givens)
        targets = checked_updates(updates)
        self._defaults = self._make_defaults(targets)
        variables = [each.variable for each in self.inputs]
        wanted = rebuild([*self.outputs, *targets.values()], replacements)
        self.outputs, new_values = wanted[: len(self.outputs)], wanted[len(self.outputs):]
        self.updates = dict(zip(targets, new_values))
        self.updates |= default_updates(wanted, self.updates, no_default_updates, replacements, variables)
        results = [*self.outputs, *self.updates.values()]
        check_inputs(self.inputs, results, checked_word("on_unused_input", on_unused_input, "on_unused_input"))
        passed = set(variables)
        self.shared = [node for node in ancestors(results, stop_at=variables) if isinstance(node, SharedVariable) and node not in passed]
        self.device = chosen_device(self)
        self._recording = recording_for(profile, self._title)
        with self._recording.compiling() if self._recording is not None else nullcontext():
            self.stages = compile_stages([*variables, *self.shared], results, self.mode)
            self.native = native and self.device == "cpu" and native_wanted(self.mode)
            self._prepare(outputs)
        if self._recording is not None:
            self._recording.compiled(self.history)

    def _make_defaults(self, targets: dict[SharedVariable, Node]) -> dict[int, SharedVariable]:
        """Make a hidden shared variable for every input with a default, so that its update commits with the others."""
        defaults = {}
        for position, each in enumerate(self.inputs):
            if each.value is None:
                if each.update is not None:
                    name = in_code(each.variable)
                    asked = f"tl.In({name}, update=…)"
                    raise UpdateError(asked, "no default value that the update could replace", f"tl.In({name}, value=0, update=…)")
                continue
            value = each.value.get_value() if isinstance(each.value, SharedVariable) else each.value
            defaults[position] = SharedVariable(each.variable.type, np.array(read(value, each.variable.type, each)), each.label)
            if each.update is not None:
                targets[defaults[position]] = checked_update(defaults[position], each.update)
        return defaults

    def _prepare(self, outputs: Any) -> None:
        """Make what a call needs, once."""
        self._readers = [reader(each) for each in self.inputs]
        self._count = len(self.outputs)
        self._cells: list[Cell] = [variable.cell for variable in self.shared]
        self._targets: list[Cell] = [variable.cell for variable in self.updates]
        self._turn = Turn.of_all(variable.turn for variable in self.updates)
        types = [node.type for node in self.stages.rewritten.outputs[len(self.outputs):]]
        self._to_check = [
            (position, variable) for position, (variable, type) in enumerate(zip(self.updates, types)) if not variable.type.accepts(type)
        ]
        self._constants = {id(leaf.value) for leaf in self.stages.program.leaves if isinstance(leaf, Constant)}
        if self._recording is not None:
            self._recording.results = self._count
            self._recording.as_list = outputs is None or isinstance(outputs, (list, tuple, Mapping))
        self._doors = doors(self, outputs) if self.native else None
        if self._doors is None:
            assert self._runner
            if self._recording is not None:
                self.__class__ = type("Function", (Function,), {"__call__": self._recording.timed_call(Function.__call__), **like(self)})
        elif not isinstance(outputs, Mapping):
            # what Python calls is looked up in the class: a class of its own, whose __call__ is the builtin, saves a Python frame per call
            self.__class__ = type("Function", (Function,), {"__call__": self._doors.open, **like(self)})

    @cached_property
    def _runner(self) -> Runner:
        """What the way through Python runs; where all is native code, it is made when it is first needed."""
        return runner(self)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Run the function and return its outputs as fresh arrays (0-d ones for scalars).

        Calls that update the same shared variable take turns, so that several threads may train together; others run at once. Which values
        a call reads is settled at one moment, so that it never sees half of the updates of another.

        Raises:
            InputError: too many, too few or unknown arguments.
            DowncastError, RankError, ShapeError, ConversionError: an argument does not fit its input.
            ShapeError, BroadcastError, IndexingError, ComputationError: something goes wrong inside the graph. Nothing has changed then.
            ReentryError: called by a signal handler or a callback inside a call that updates the same variables.
        """
        if self._doors is not None:
            return self._form(self._doors.open(*arguments, **named))
        given = self._read(arguments, named)
        if not self._targets:
            return self._form(self._compute(given))
        return self._form(self._turn.run(Function._update, self, given))

    def _slowly(self, *arguments: Any, **named: Any) -> Any:
        """Take over a call from native code: read the arguments by all rules, wait for the turn, and try again with arrays."""
        for variable in (*self.shared, *self.updates):
            variable.bring_home()
        given = self._read(arguments, named)
        if not self._targets:
            return self._strictly(given)
        return self._turn.run(Function._strictly, self, given)

    def _strictly(self, given: list[Any]) -> Any:
        """Call native code with arrays that it can read."""
        assert self._doors is not None
        return self._doors.strict(*[in_rows(each[0] if type(each) is list else each) for each in given])

    def _by_reference(self, *given: Any) -> Any:
        """Take over what native code could not do, in the form in which it returns its outputs."""
        results = self._update(list(given))
        return results[0] if self._doors is not None and self._doors.native.interface.single else results

    def _update(self, given: list[Any]) -> list[Any]:
        """Return the values of the outputs, when the updates have taken effect."""
        results = self._compute(given)
        self._commit(results[self._count:])
        return results[: self._count]

    def _read(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """Return the values of all inputs, and for those that have their default value its cell."""
        if len(arguments) == len(self._readers) and not named:
            return [read_one(value) for read_one, value in zip(self._readers, arguments)]
        if len(arguments) > len(self._readers):
            raise InputError(f"{self._title} called with {counted(len(arguments), 'argument')}", f"it has {self._listing}", self._example)
        values: dict[int, Any] = dict(enumerate(arguments))
        for name, value in named.items():
            positions = [position for position, each in enumerate(self.inputs) if each.name == name]
            if len(positions) != 1:
                found = f"{len(positions)} inputs have that name" if positions else f"no input has that name; it has {self._listing}"
                raise InputError(f"{self._title} called with {name}=…", found, self._example + "; T.scalar('x') gives an input the name x")
            if positions[0] in values:
                raise InputError(f"{self._title} called with {name}=…", "that input was given by position already", self._example)
            values[positions[0]] = value
        result: list[Any] = []
        for position, read_one in enumerate(self._readers):
            if position in values:
                result.append(read_one(values[position]))
            elif position in self._defaults:
                result.append(self._defaults[position].cell)  # read in turn
            else:
                given = len(arguments) + len(named)
                raise InputError(f"{self._title} called with {counted(given, 'argument')}",
                                 f"no value for {self.inputs[position].label}; it has {self._listing}", self._example)
        return result

    def _compute(self, given: list[Any]) -> list[Any]:
        """Return the values of outputs and updates, each in memory that nobody else holds."""
        if self._defaults:
            given[:] = [each[0] if type(each) is list else each for each in given]
        given += values_of(self._cells)
        if not self._runner.takes_elsewhere:
            given[:] = map(at_home, given)
        try:
            results = self._runner.run(given)
        except StepError as problem:
            raise explained(problem, self.stages.program) from None
        unsure = [position for position, fresh in enumerate(self._runner.fresh) if not fresh]
        if unsure:
            held = {*map(id, given), *self._constants}
            held.update(id(value) for value, fresh in zip(results, self._runner.fresh) if fresh)
            for position in unsure:
                value = results[position]
                if value.base is not None or id(value) in held:
                    results[position] = value = value.copy()
                held.add(id(value))
        return results

    def _commit(self, values: Sequence[Any]) -> None:
        """Let all new values take effect at once."""
        for position, variable in self._to_check:
            if not variable.type.holds(values[position]):
                found = f"a new value of shape {values[position].shape}, but {describe(variable)}"
                raise UpdateError(f"the update of {variable.label}", found, f"tl.shared(value) for {variable.label} without broadcastable=")
        if self._doors is not None:  # native code reads the next time what lies row by row
            values = [np.asarray(value, order="C") for value in values]
        replace_values(self._targets, values)

    # -- for the eye
    def source(self, machine: str = "numpy") -> str:
        """Return the program as it runs.

        Args:
            machine: "numpy" for a Python function with one line a step, "loops" for the loops that native code is made of, "llvm" for its
                text, "asm" for the assembly of this processor.

        Raises:
            ValueError: another machine, or a function that has no native code of one piece.

        >>> x = T.scalar("x")
        >>> print(tl.function([x], 2 * x + 1).source())
        def program(b0):
            # b0 is x, float64 scalar
            b3 = 2.0 * b0  # 2 * x, float64 scalar
            b4 = b3 + 1.0  # 2 * x + 1, float64 scalar
            return [asarray(b4)]
        <BLANKLINE>
        """
        if machine == "numpy":
            return self._runner.source()
        return source_for(self._doors, machine)

    @property
    def profile(self) -> Profile:
        """Where the time of its calls went, if it was compiled with `profile=True`: print it, or show it in a notebook.

        >>> x = T.matrix("x")
        >>> f = tl.function([x], T.exp(x).sum(), profile=True)
        >>> f([[1.0, 2.0]]), f.profile.calls
        (array(10.10733793), 1)
        """
        from ..profiling.report import Profile

        return Profile(self._recording, self._title)

    @property
    def history(self) -> tuple[Rewrite, ...]:
        """What the compiler changed, in order: events with `rule`, `before` and `after`."""
        return self.stages.history

    @property
    def _title(self) -> str:
        return f"the function {self.name!r}" if self.name else "the function"

    @property
    def _listing(self) -> str:
        count = len(self.inputs)
        return counted(count, "input") + (f": {', '.join(each.label for each in self.inputs)}" if count else "")

    @property
    def _example(self) -> str:
        """A call that gives every input a value, as code."""
        names = [each.name or f"value_{position}" for position, each in enumerate(self.inputs)]
        return f"f({', '.join(name if name.isidentifier() else f'value_{position}' for position, name in enumerate(names))})"

    def __repr__(self) -> str:
        outputs = ", ".join(node.label for node in self.outputs)
        name = f" {self.name}" if self.name else ""
        return f"<Function{name}({', '.join(each.label for each in self.inputs)}) -> [{outputs}]>"

    # -- defaults and shared values by name or by variable
    def _default(self, key: Any) -> SharedVariable | None:
        for position, each in enumerate(self.inputs):
            if key is each.variable or (isinstance(key, str) and key == each.name):
                return self._defaults.get(position)
        raise KeyError(f"{key!r} is not an input of {self._title}; it has {self._listing}")

    def __getitem__(self, key: Node | str) -> Any:
        """Return the default value of an input (None if it has none), or the value of a shared variable."""
        variable = key if isinstance(key, SharedVariable) else self._default(key)
        return variable.get_value() if variable is not None else None

    def __setitem__(self, key: Node | str, value: Any) -> None:
        variable = key if isinstance(key, SharedVariable) else self._default(key)
        if variable is None:
            name = in_code(key) if isinstance(key, Node) else key
            raise InputError(f"f[{shorten(key)}] = …", "this input has no default value", f"tl.In({name}, value=…) in the list of inputs")
        variable.set_value(value)

    # -- copies
    def __reduce__(self) -> tuple[Any, ...]:
        return remade, (self._parts, {position: default.get_value() for position, default in self._defaults.items()})

    def copy(self, name: str | None = None) -> Function:
        """Return another function made of the same parts: it shares the shared variables, and has defaults of its own."""
        remake, (parts, defaults) = self.__reduce__()
        return remake((*parts[:5], name or self.name, *parts[6:]), defaults)  # type: ignore[no-any-return]


def like(function: Function) -> dict[str, Any]:
    """Return what a class of its own shows of itself: the same as `Function`."""
    return {"__module__": Function.__module__, "__doc__": Function.__doc__, "__signature__": signature(function.__call__)}


def remade(parts: tuple[Any, ...], defaults: Mapping[int, Any]) -> Function:
    """Remake a function that was copied or pickled, with the values that its defaults had."""
    new = Function(*parts)
    for position, value in defaults.items():
        new._defaults[position].set_value(value)
    return new


def evaluate(node: Node, inputs_to_values: Mapping[Any, Any] | None = None) -> Any:
    """Return the value of an expression, given a dictionary from symbols (or their names) to values.

    The function is compiled at the first call and kept with the node.

    Raises:
        InputError: a name that no symbol of the expression has.
        MissingInputError: a symbol without a value.

    >>> x = T.scalar("x")
    >>> (x + 1).eval({x: 2.0})
    array(3.)
    """
    values: dict[Node, Any] = {}
    named: dict[str | None, Node] | None = None
    for key, value in (inputs_to_values or {}).items():
        symbol = key
        if isinstance(key, str):
            named = named if named is not None else {each.known_name: each for each in leaves([node])}
            symbol = named.get(key)
        if not isinstance(symbol, Node):
            found = f"no symbol of {node.label} is called {key!r}"
            called = code(node)
            raise InputError(f"{called}.eval({{{key!r}: …}})", found, f"{called}.eval({{x: value}}) with the symbol x itself")
        values[symbol] = value
    symbols = tuple(values)
    if node._evaluators is None:
        node._evaluators = {}
    if symbols not in node._evaluators:
        # once is enough for most expressions, for which native code would not pay
        node._evaluators[symbols] = Function(list(symbols), node, None, None, None, None, "ignore", None, False, None, native=False)
    return node._evaluators[symbols](*values.values())


syntax.define(eval=evaluate)
