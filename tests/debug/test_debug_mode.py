"""`DebugMode` finds what is wrong, names the right culprit with a small graph, and finds nothing where all is right."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from seeded_faults import FAULTS, Normalize

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends.base import Runner, StepError
from tensorlab.compiler.function import Function
from tensorlab.debug.agreement import close, disagreement, within_sum
from tensorlab.debug.derivatives import check_derivative, has_rule
from tensorlab.debug.machines import without_watchers
from tensorlab.debug.on_trial import on_trial
from tensorlab.debug.smallest import alone, cut_at, smaller
from tensorlab.graph.errors import OpFaultError, RewriteError, RuleFaultError
from tensorlab.graph.walk import ancestors
from tensorlab.testing.growing import grown
from tensorlab.testing.recipes import build
from tensorlab.testing.running import called

x, v, m = T.scalar("x"), T.vector("v"), T.matrix("m")
KINDS = {"value", "dtype", "shape", "alias", "mutation", "gradient", "type"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_seeded_fault_is_found_and_its_culprit_named(fault):
    with fault.broken() as (inputs, output, arguments), pytest.raises((OpFaultError, RuleFaultError, RewriteError)) as caught:
        tl.function(inputs, output, mode="DEBUG_MODE")(*arguments)
    error = caught.value
    culprit = error.culprit if isinstance(error.culprit, str) else error.culprit.name
    assert (error.kind, culprit) == (fault.kind, fault.culprit)
    assert fault.culprit in error.asked and "shown by" in error.found
    graphs = error.graph if isinstance(error.graph, list) else [error.graph]
    assert all(sum(node.op is not None for node in ancestors([graph])) <= 3 for graph in graphs), "the graph is small"
    assert len(str(error).splitlines()) <= 8


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_same_graph_is_all_right_when_nothing_is_broken(fault):
    with fault.broken() as (inputs, output, arguments):
        own = any(type(node.op).__module__ == "seeded_faults" for node in ancestors([output]))
    if own or fault.name == "a rule that loses a check of lengths":
        return  # the op itself is the fault; the lengths do not fit
    tl.function(inputs, output, mode="DEBUG_MODE")(*arguments)


def test_there_are_at_least_ten_kinds_of_faults():
    assert len(FAULTS) >= 10 and {fault.kind for fault in FAULTS} == KINDS


def test_arrays_that_show_a_fault_are_short():
    fault = next(each for each in FAULTS if each.culprit == "tanh")
    with fault.broken() as (inputs, output, arguments), pytest.raises(OpFaultError) as caught:
        tl.function(inputs, output, mode="DEBUG_MODE")(*arguments)
    assert [value.tolist() for value in caught.value.values.values()] == [[-1.0]]
    assert "-1" in caught.value.evidence.picture.text


def test_nothing_changes_when_a_fault_is_found():
    w = tl.shared(np.array([1.0, 2.0]), name="w")
    step = tl.function([v], w.sum(), updates=[(w, Normalize()(w) + v)], mode="DEBUG_MODE")
    given = np.array([1.0, 2.0])
    with pytest.raises(OpFaultError) as caught:
        step(given)
    assert caught.value.kind == "mutation"
    assert w.get_value().tolist() == [1.0, 2.0] and given.tolist() == [1.0, 2.0]


def test_a_training_step_gives_what_it_gives_otherwise():
    random = np.random.RandomState(3)
    labels = T.lvector("labels")
    found = {}
    for mode in ("FAST_RUN", "DEBUG_MODE"):
        w, b = tl.shared(np.zeros((4, 3)), name="w"), tl.shared(np.zeros(3), name="b")
        p = T.nnet.softmax(T.dot(m, w) + b)
        cost = -T.log(p)[T.arange(labels.shape[0]), labels].mean()
        steps = [(each, each - 0.5 * slope) for each, slope in zip([w, b], T.grad(cost, [w, b]))]
        train = tl.function([m, labels], cost, updates=steps, mode=mode)
        random.seed(3)
        costs = [float(train(random.randn(6, 4), [0, 1, 2, 0, 1, 2])) for _ in range(3)]
        found[mode] = [*costs, w.get_value(), b.get_value()]
    for one, other in zip(*found.values()):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_errors_of_the_reader_are_told_as_usual():
    u = T.vector("u")
    for mode in ("FAST_RUN", "DEBUG_MODE"):
        with pytest.raises(ValueError, match="length"):
            tl.function([v, u], v + u, mode=mode)([1.0, 2.0], [1.0, 2.0, 3.0])


def test_prints_are_made_once_and_checks_hold(capsys):
    y = T.exp(tl.printing.Print("seen")(v)).sum() + T.ensure(x, x > 0)
    f = tl.function([v, x], [y, T.grad(y, v)], mode="DEBUG_MODE")
    f([1.0, -1.0], 1.0)
    assert capsys.readouterr().out == "seen [ 1. -1.]\n"
    with pytest.raises(AssertionError):
        f([1.0, -1.0], -1.0)


def test_parts_of_it_can_be_left_out():
    class Wrong(type(T.exp)):
        """A wrong derivative."""

        sample = None

        def partials(self, out, x):
            return [2 * out]

    cost = Wrong()(x)
    assert tl.function([x], cost, mode=tl.DebugMode(check_gradients=False))(0.0) == 1
    with pytest.raises(OpFaultError):
        tl.function([x], cost, mode=tl.DebugMode(other_arguments=False))(0.0)


def test_the_setting_spells_it_as_the_slides_do():
    with tl.config.change_flags(mode="DEBUG_MODE"):
        f = tl.function([x], x**2)
    assert isinstance(f.mode, tl.DebugMode) and f(3) == 9
    assert "mul" in f.source() or "sqr" in f.source()


def test_a_rule_of_the_cost_is_checked_though_the_gradient_no_longer_holds_its_op():
    class Square(type(T.sqr)):
        """A wrong derivative."""

        sample = None

        def partials(self, out, x):
            return [3 * x]

    slope = T.grad(Square()(x), x)
    assert not any(isinstance(node.op, Square) for node in ancestors([slope]))
    with pytest.raises(OpFaultError) as caught:
        tl.function([x], slope, mode="DEBUG_MODE")(1.0)
    assert caught.value.kind == "gradient"


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_random_graphs_raise_no_false_alarm(seed):
    recipe = grown(seed)
    graph = build(recipe)
    inputs = [node for _, node in graph.inputs]
    function = Function(inputs, graph.outputs, graph.updates, None, tl.DebugMode(), None, "ignore", None, False, None, False)
    call = called(recipe, graph, function, 0)
    assert not isinstance(call.error, (OpFaultError, RuleFaultError)), call.error
    assert not call.breaches


def patched(monkeypatch, compile_):
    """The reference back end with another way to compile."""
    from tensorlab.backends.reference import Reference

    right = Reference.compile
    monkeypatch.setattr(Reference, "compile", lambda self, program: compile_(right(self, program), program))


def test_a_back_end_that_writes_into_an_argument_is_found(monkeypatch):
    def compile_(runner, program):
        def run(given):
            results = runner.run(given)
            given[0][...] = 0
            return results

        return Runner(run, runner.fresh, runner.source)

    patched(monkeypatch, compile_)
    with pytest.raises(OpFaultError, match="the argument v") as caught:
        tl.function([v], T.exp(v), mode="DEBUG_MODE")([1.0, 2.0])
    assert caught.value.kind == "mutation" and "the reference back end" in caught.value.asked


def test_a_back_end_that_fails_is_found(monkeypatch):
    def compile_(runner, program):
        def run(given):
            step = program.steps[-1]
            raise StepError(step.node, [np.ones(2) for _ in step.node.inputs], ValueError("no such thing"))

        return Runner(run, runner.fresh, runner.source)

    patched(monkeypatch, compile_)
    with pytest.raises(OpFaultError, match="it fails where its card does not: no such thing"):
        tl.function([v], T.exp(v), mode="DEBUG_MODE")([1.0, 2.0])


def test_nodes_that_are_wrong_only_together_are_found(monkeypatch):
    """A back end that computes each op rightly, and exp of a sine wrongly when the sine is not asked for itself."""

    def compile_(runner, program):
        nodes = [step.node for step in program.steps]
        fused = len(program.results) == 1 and {"sin", "exp"} <= {str(node.op) for node in nodes}

        def run(given):
            results = runner.run(given)
            return [result + 1 for result in results] if fused else results

        return Runner(run, runner.fresh, runner.source)

    patched(monkeypatch, compile_)
    with pytest.raises(OpFaultError) as caught:
        tl.function([v], T.exp(T.sin(v * 3 + 1)).sum(), mode="DEBUG_MODE")([1.0, 2.0])
    assert [str(node.op) for node in ancestors([caught.value.graph]) if node.op is not None] == ["sin", "exp"]
    assert next(iter(caught.value.values.values())).size == 1


@pytest.mark.parametrize("wrong", ["added", "dtype", "position"])
def test_a_fused_program_on_large_arrays_is_judged_too(monkeypatch, wrong):
    """Each node is right; what is computed together is not, and long floats would take too long to be asked."""

    def compile_(runner, program):
        fused = len(program.results) == 1 and {"sin", "exp"} <= {str(step.node.op) for step in program.steps}

        def run(given):
            results = runner.run(given)
            if fused and wrong == "dtype":
                return [each.astype("float32") for each in results]
            if fused:
                results[0][-1 if wrong == "position" else slice(None)] += 1e-6
            return results

        return Runner(run, runner.fresh, runner.source)

    numbers = np.linspace(-1, 1, 30_000)
    output = T.exp(T.sin(v * 3 + 1)) / 2
    tl.function([v], output, mode="DEBUG_MODE")(numbers)  # nothing is wrong yet
    patched(monkeypatch, compile_)
    with pytest.raises(OpFaultError) as caught:
        tl.function([v], output, mode="DEBUG_MODE")(numbers)
    assert {"sin", "exp"} <= {str(node.op) for node in ancestors([caught.value.graph])}


def test_what_rounding_decides_in_large_arrays_is_no_fault(monkeypatch):
    """A mean in another order of its terms, and comparisons with it that come out otherwise in the fused program."""

    def compile_(runner, program):
        def run(given):
            results = runner.run(given)
            return [results[0], results[1] - 7] if len(results) == 2 else results

        return Runner(run, runner.fresh, runner.source)

    patched(monkeypatch, compile_)
    outputs = [T.exp(v - v.mean()), T.sum(v >= v.mean())]
    assert tl.function([v], outputs, mode="DEBUG_MODE")(np.full(30_000, 0.1))[1] >= 0
    with pytest.raises(OpFaultError):
        tl.function([v], outputs, mode="DEBUG_MODE")(np.full(30, 0.5))  # short ones are judged exactly


def test_nodes_taken_for_equal_that_are_not(monkeypatch):
    from tensorlab.rewrite import intern as interning

    right = interning.Interner.__call__

    def call(self, node, inputs):
        found = right(self, node, inputs)
        return self.seen.setdefault((node.op, node.type, frozenset(inputs)), found) if node.op == T.sub else found

    monkeypatch.setattr(interning.Interner, "__call__", call)
    u = T.vector("u")
    with pytest.raises(RuleFaultError) as caught:
        tl.function([v, u], (v - u) * T.exp(u - v), mode="DEBUG_MODE")([1.0, 2.0], [0.5, 0.25])
    assert caught.value.culprit == "interning of equal nodes"


def test_other_modes_by_setting_and_as_values():
    with tl.config.change_flags(mode="NanGuardMode"):
        assert isinstance(tl.function([x], x).mode, tl.NanGuardMode)
    without = tl.DebugMode().excluding("simplify")
    assert isinstance(without, tl.DebugMode) and tl.function([x], x * 2, mode=without)(2) == 4
    twin = pickle.loads(pickle.dumps(tl.function([x], x**2, mode=tl.DebugMode(other_arguments=False))))
    assert twin(3) == 9 and not twin.mode.other_arguments
    profiled = tl.function([x], x**2, mode="DEBUG_MODE", profile=True)
    assert profiled(3) == 9


# -- the parts


def test_limits_of_clip_that_cross():
    """What DebugMode found in the library's own cards: where low > high, the result is high, whatever low is."""
    low, high = T.scalars("low", "high")
    slopes = tl.function([x, low, high], T.grad(T.clip(x, low, high), [x, low, high]))
    assert [float(each) for each in slopes(1.0, 2.0, 1.5)] == [0, 0, 1]
    assert [float(each) for each in slopes(1.0, 2.0, 3.0)] == [0, 1, 0]
    assert [float(each) for each in slopes(2.5, 2.0, 3.0)] == [1, 0, 0]
    assert [float(each) for each in slopes(4.0, 2.0, 3.0)] == [0, 0, 1]


def test_a_roll_by_an_unsigned_number_is_sent_back_the_other_way():
    """Found in the library's own cards too: the negative of a uint8 is another number of places."""
    shift = T.scalar("shift", dtype="uint8")
    cost = (T.roll(v, shift) * np.array([1.0, 2.0, 3.0])).sum()
    assert tl.function([v, shift], T.grad(cost, v))([1.0, 1.0, 1.0], 7).tolist() == [2, 3, 1]


def test_a_glance_is_strict_about_digits_and_types():
    one = np.array([1.0, np.nan, np.inf, 0.0])
    assert close(one, one) and close(one * (1 + 2**-51), one)
    assert not close(one.astype("float32"), one) and not close(one + 1e-7, one) and not close(-one, one)
    assert not close(np.array([1, 2]), np.array([1, 3]))


def test_sums_may_be_added_up_in_another_order():
    terms = np.array([1e16, 1.0, -1e16, 1.0])
    node = v.sum()
    assert within_sum(node, [terms], np.array(0.0), np.array(2.0))
    assert not within_sum(node, [np.ones(4)], np.array(4.001), np.array(4.0))
    assert not disagreement(node, {v: terms}, np.array(0.0))
    assert disagreement(node, {v: np.ones(4)}, np.array(4.001))


def test_kinks_and_ops_without_a_derivative_are_left_alone():
    u = T.vector("u")
    for node, values in [
        (abs(v), [np.array([0.0, 1.0, -1.0])]),
        (T.maximum(v, u), [np.zeros(3), np.zeros(3)]),
        (T.nnet.relu(v), [np.zeros(2)]),
        (T.sqrt(v), [np.array([0.0, 2.0])]),
        (m.max(axis=1), [np.ones((2, 2))]),
    ]:
        assert has_rule(node)
        check_derivative(node, values)
    assert not has_rule(T.floor(v)) and not has_rule(tl.disconnected_grad(v)) and not has_rule(v > 0) and not has_rule(v)


def test_an_op_gets_copies():
    value = np.array([3.0, 1.0])
    with pytest.raises(OpFaultError):
        on_trial(Normalize()(v), [value])
    assert value.tolist() == [3.0, 1.0]


def test_arrays_of_one_length_are_cut_together():
    found = smaller([np.ones((4, 3)), np.ones((3, 5))], lambda arrays: (arrays[0] @ arrays[1]).sum() > 0)
    assert [each.shape for each in found] == [(1, 1), (1, 1)]
    assert smaller([np.array([0.37, -5.21])], lambda arrays: bool(arrays[0].min() < -2))[0].tolist() == [-5.0]


def test_graphs_are_cut_and_freed_of_what_watches():
    y = T.exp(tl.printing.Print()(T.sin(x))) * 2
    (quiet,) = without_watchers([y])
    assert [str(node.op) for node in ancestors([quiet]) if node.op is not None] == ["sin", "exp", "mul"]
    inner = y.inputs[0]
    (cut,), stand_ins = cut_at([y], [inner])
    assert list(stand_ins) == [inner] and cut.op == y.op and ancestors([cut])[0].op is None
    top, symbols = alone(y)
    assert len(symbols) == 1 and top.op == y.op


