"""Recorded backpropagation: the numbers are those of `T.grad`, gradients are sums of contributions, and nothing of the reader's moves."""

from __future__ import annotations

import pkgutil

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
import tensorlab.widgets as room
from tensorlab.graph.errors import CostError, DisconnectedInputError, InputError, MissingInputError, RankError
from tensorlab.graph.walk import ancestors
from tensorlab.ops.families import cards, instances
from tensorlab.view.latex import formula
from tensorlab.widgets.labels import formulas_of, labels_of
from tensorlab.widgets.tracing import trace


def neuron():
    """The slides' neuron."""
    x, y_hat = T.vector("x"), T.scalar("y_hat")
    w, b = tl.shared(np.array([-1.0, 1.0]), name="w"), tl.shared(0.5, name="b")
    z = T.dot(w, x) + b
    y = 1 / (1 + T.exp(-z))
    return T.sum((y - y_hat) ** 2), x, y_hat, w, b


def network():
    """A small network on a batch."""
    x, target = T.matrix("x"), T.matrix("target")
    w1, b1 = tl.shared(np.linspace(-1, 1, 6).reshape(2, 3), name="w1"), tl.shared(np.array([0.1, -0.2, 0.3]), name="b1")
    w2 = tl.shared(np.array([[1.0], [-1.0], [0.5]]), name="w2")
    hidden = T.tanh(T.dot(x, w1) + b1)
    return T.mean((T.dot(hidden, w2) - target) ** 2), x, target, w1, b1, w2


def test_the_gradients_are_those_of_grad():
    cost, x, y_hat, w, b = neuron()
    run = trace(cost, [w, b], at={x: [1, -1], "y_hat": 1})
    expected = tl.function([x, y_hat], [cost, *T.grad(cost, [w, b])])([1, -1], 1)
    np.testing.assert_allclose([run.values[cost], run.gradients[b]], [expected[0], expected[2]])
    np.testing.assert_allclose(run.gradients[w], expected[1])
    assert run.values[x].tolist() == [1, -1] and run.gradients[cost] == 1


@pytest.mark.parametrize("make", [neuron, network])
def test_each_gradient_is_the_sum_of_its_contributions(make):
    cost, x, target, *variables = make()
    at = {x: [1, -1], target: 1} if make is neuron else {x: [[1, -1], [2, 0.5]], target: [[1], [0]]}
    run = trace(cost, variables, at=at)
    assert set(run.backward) == set(run.gradients) and set(variables) < set(run.gradients)
    for node in run.backward:
        if node is not cost:
            total = sum(run.contributions[edge] for edge in run.shares[node])
            np.testing.assert_allclose(total, run.gradients[node])
            assert run.gradients[node].shape == run.values[node].shape


def test_a_contribution_is_the_local_derivative_times_what_arrived():
    cost, x, target, *variables = network()
    run = trace(cost, variables, at={x: [[1, -1], [2, 0.5]], target: [[1], [0]]})
    checked = 0
    for (node, slot), local in run.locals.items():
        if local.value is None:
            continue
        sent = run.gradients[node] * local.value
        stretched = sent.ndim - run.values[node.inputs[slot]].ndim
        sent = sent.sum(axis=tuple(range(stretched))) if stretched > 0 else sent
        if sent.shape == run.contributions[node, slot].shape:
            np.testing.assert_allclose(sent, run.contributions[node, slot])
            checked += 1
    assert checked >= 5
    assert {node.op.name for (node, _), local in run.locals.items() if local.value is None} == {"dot"}


def test_both_paths_of_a_node_that_is_read_twice():
    x = T.scalar("x")
    run = trace(x * x * T.sin(x), [x], at={x: 2.0})
    assert len(run.shares[x]) == 3
    np.testing.assert_allclose(run.gradients[x], 2 * 2 * np.sin(2) + 4 * np.cos(2))


def test_an_operand_in_both_places_of_one_operation():
    x = T.scalar("x")
    run = trace(x * x, [x], at={x: 3.0})
    assert run.shares[x] == ((run.cost, 0), (run.cost, 1))
    assert [run.contributions[edge] for edge in run.shares[x]] == [3, 3]


def test_the_order_of_the_steps():
    cost, x, y_hat, w, b = neuron()
    run = trace(cost, [w, b], at={x: [1, -1], y_hat: 1})
    seen = set()
    for node in run.forward:
        assert all(each.op is None or each in seen for each in node.inputs)
        seen.add(node)
    done = set()
    for node in run.backward:
        assert all(reader in done for reader, _ in run.shares[node])
        done.add(node)
    assert run.backward[0] is cost and {w, b} <= set(run.backward[-3:])


def test_local_derivatives_read_as_on_paper():
    x = T.scalar("x")
    y = T.tanh(x)
    cost = y ** 2
    run = trace(cost, [x], at={x: 0.5})
    names = formulas_of(run.order)
    written = {run.labels[node]: formula(local.expression, {key: names[value] for key, value in local.names.items()}).text
               for (node, _), local in run.locals.items()}
    assert written == {"y": "1 - y^{2}", "cost": "2y"}


def test_the_shared_values_stay_and_follow_nothing():
    cost, x, y_hat, w, b = neuron()
    before = w.get_value()
    run = trace(cost, [w, b], at={x: [1, -1], y_hat: 1})
    other = run.again({w: [5, 5], "b": -2})
    assert w.get_value().tolist() == before.tolist() and b.get_value() == 0.5
    assert run.values[w].tolist() == before.tolist() and other.values[w].tolist() == [5, 5]
    assert other.values[x].tolist() == [1, -1]  # what is not given keeps its value
    w.set_value([9, 9])
    assert run.again({}).values[w].tolist() == before.tolist()
    other.values[w][:] = 0
    assert w.get_value().tolist() == [9, 9]


def test_default_updates_do_not_run():
    n = tl.shared(1.0, name="n")
    n.default_update = n + 1
    trace(n ** 2, [n])
    assert n.get_value() == 1


def test_values_from_tags():
    x, y = T.scalar("x"), T.scalar("y")
    x.tag.test_value = 2.0
    assert trace(x * y, at={y: 3}).values[x] == 2
    with pytest.raises(MissingInputError, match=r"y has no value(.|\n)*at=\{'y': 1.0\}, or y.tag.test_value = 1.0"):
        trace(x * y)


def test_what_it_differentiates_by_when_nothing_is_said():
    cost, x, y_hat, w, b = neuron()
    assert set(trace(cost, at={x: [1, 1], y_hat: 0}).wrt) == {w, b}
    u, v = T.scalar("u"), T.lscalar("v")
    assert trace(u * v, at={u: 1, v: 2}).wrt == (u,)


def test_errors():
    x, y, v = T.scalar("x"), T.scalar("y"), T.vector("v")
    with pytest.raises(InputError, match=r"'z'(.|\n)*the graph is made of x"):
        trace(x ** 2, [x], at={"z": 1, "x": 1})
    with pytest.raises(CostError):
        trace(v * 2, [v], at={v: [1]})
    with pytest.raises(CostError):
        trace(3)
    with pytest.raises(DisconnectedInputError):
        trace(x ** 2, [y], at={x: 1})
    with pytest.raises(RankError):
        trace(x ** 2, [x], at={x: [1, 2]})
    twins = [T.scalar("p"), T.scalar("p")]
    with pytest.raises(InputError, match="2 symbols of the graph are called 'p'"):
        trace(twins[0] * twins[1], at={"p": 1})


def test_labels():
    v1, w = T.scalar("v1"), T.scalar("w")
    order = ancestors([T.exp(v1 * w) + 2])
    assert list(labels_of(order).values()) == ["v1", "w", "u₁", "u₂", "2", "u₃"]  # v is taken
    h = w
    for _ in range(2):
        h = T.tanh(h)
        h.name = "h"
    assert list(labels_of(ancestors([h])).values()) == ["w", "h⁽¹⁾", "h⁽²⁾"]
    assert list(formulas_of(ancestors([h])).values()) == ["w", "h^{(1)}", "h^{(2)}"]


def traceable():
    """Ops of all cards whose result holds floats that depend on floats, with test inputs."""
    for card in cards():
        for op, inputs in list(instances(card))[:3]:
            if any(np.asarray(value).dtype.kind == "f" for value in inputs) and card.differentiable:
                yield pytest.param(op, inputs, id=f"{card.__name__}-{len(inputs)}-{op}"[:60])


@pytest.mark.parametrize("op, inputs", list(traceable()))
def test_every_card_can_be_traced(op, inputs):
    """The sum of any op's result over floats has a trace whose gradients are those of `T.grad`."""
    symbols = [tl.shared(np.asarray(value)) for value in inputs]
    wanted = [each for each in symbols if each.type.dtype.startswith("float")]
    try:
        cost = T.sum(op(*symbols))
        expected = tl.function([], T.grad(cost, wanted, disconnected_inputs="ignore"), mode="FAST_COMPILE")()
        T.grad(cost, wanted)
    except tl.TensorlabError as refusal:
        with pytest.raises(type(refusal)):
            trace(T.sum(op(*symbols)), wanted)
        return
    run = trace(cost, wanted)
    for each, value in zip(wanted, expected):
        np.testing.assert_allclose(run.gradients[each], value, rtol=1e-9, atol=1e-12)
    for node in run.backward[1:]:
        np.testing.assert_allclose(sum(run.contributions[edge] for edge in run.shares[node]), run.gradients[node], rtol=1e-9, atol=1e-12)


def test_no_module_bears_a_public_name():
    modules = {found.name for found in pkgutil.iter_modules(room.__path__)}
    assert not modules & set(room.__all__)
    assert all(getattr(room, name) is not None for name in room.__all__)
