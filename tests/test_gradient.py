"""`T.grad`: what it is given, what it gives back, what it refuses."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ConversionError, CostError, DisconnectedInputError, GradientUndefinedError, RankError
from tensorlab.graph.walk import ancestors


def value(expression, **values):
    """Evaluate an expression, given values for symbols by name."""
    return expression.eval(values)


# -- the form of the answer


def test_one_variable_gives_one_expression_and_a_list_a_list():
    x, y = T.scalar("x"), T.scalar("y")
    cost = x * y
    assert value(T.grad(cost, x), y=3.0) == 3
    assert isinstance(T.grad(cost, [x, y]), list) and isinstance(T.grad(cost, (x, y)), tuple)
    assert T.grad(cost, []) == [] and T.grad(cost, ()) == ()
    assert isinstance(T.grad(cost, [x]), list)


def test_any_node_of_the_graph_is_a_variable():
    x = T.scalar("x")
    h = x * 2
    cost = h**2 + x
    by_h, by_x = T.grad(cost, [h, x])
    assert value(by_h, x=3.0) == 12 and value(by_x, x=3.0) == 25
    assert value(T.grad(cost, cost)) == 1


def test_what_the_user_writes_keeps_its_identity():
    """`a = x*2; b = x*2` are two nodes: the derivative by one does not see the other."""
    x = T.scalar("x")
    a, b = x * 2, x * 2
    assert value(T.grad(a + 3 * b, a)) == 1
    assert value(T.grad(a + 3 * b, b)) == 3


def test_results_have_the_type_of_their_variables():
    for make in (T.dscalar, T.fvector, T.dmatrix, T.frow, T.dcol, T.ftensor3):
        x = make("x")
        gradient = T.grad((x * 2 + x**2).sum(), x)
        assert gradient.dtype == x.dtype and gradient.broadcastable == x.broadcastable


def test_names_are_added_when_cost_and_variable_have_one():
    w = T.scalar("w")
    cost = w**2
    assert T.grad(cost, w).name is None
    cost.name = "C"
    assert T.grad(cost, w).name == "(dC/dw)"
    assert T.grad(cost, w, add_names=False).name is None


def test_a_result_that_the_reader_has_made_is_not_renamed():
    """Guards: with known gradients the result may be the reader's own node, or one node for two variables."""
    x, y = T.scalar("x"), T.scalar("y")
    total = x + y
    known = T.exp(x)
    cost = T.exp(total)
    cost.name = "C"
    before = known.place
    by_x, by_y = T.grad(cost, [x, y], known_grads={total: known})
    assert by_x is known and by_y is known
    assert known.name is None and known.place is before
    both = T.grad(cost, [x, y])
    assert both[0] is both[1] and both[0].name is None


# -- costs


def test_a_cost_that_is_no_single_number_is_refused_with_advice():
    v = T.vector("v")
    doubled = v * 2
    with pytest.raises(CostError) as caught:
        T.grad(doubled, v)
    assert "doubled.sum()" in caught.value.advice and "doubled.mean()" in caught.value.advice
    assert isinstance(caught.value, TypeError)
    with pytest.raises(CostError):
        T.grad(v.sum(keepdims=True), v)
    with pytest.raises(CostError):
        T.grad(3.0, v)
    with pytest.raises(CostError):
        T.grad(None, v)


@pytest.mark.parametrize("bad", [2.0, np.zeros(3), "w", None])
def test_a_variable_that_is_no_node_is_refused(bad):
    x = T.scalar("x")
    with pytest.raises(ConversionError) as caught:
        T.grad(x**2, bad)
    assert type(bad).__name__ in caught.value.found
    with pytest.raises(ConversionError):
        T.grad(x**2, [x, bad])


@pytest.mark.parametrize("dtype", ["int64", "int8", "bool"])
def test_a_cost_of_whole_numbers_gives_zeros_of_floats(dtype):
    x = T.vector("x")
    cost = T.cast(x.sum(), dtype)
    gradient = T.grad(cost, x)
    assert gradient.dtype == "float64"
    np.testing.assert_array_equal(value(gradient, x=[1.0, 2.0]), [0, 0])


def test_by_whole_numbers_as_if_they_were_real():
    i = T.ivector("i")
    gradient = T.grad(T.sum(i * 2.0), i)
    assert gradient.dtype == tl.config.floatX
    np.testing.assert_array_equal(value(gradient, i=[1, 2]), [2, 2])
    tl.config.floatX = "float32"
    assert T.grad(T.sum(i * np.float64(2.0)), i).dtype == "float32"
    assert T.grad((i * 2).sum(), i).dtype == "float32"


# -- what is connected


def test_disconnected_inputs():
    x, y = T.scalar("x"), T.vector("y")
    cost = x**2
    with pytest.raises(DisconnectedInputError) as caught:
        T.grad(cost, y)
    assert "y" in caught.value.asked and "cost" in caught.value.found and "disconnected_inputs" in caught.value.advice
    with pytest.warns(UserWarning, match="does not depend on y") as warned:
        zeros = T.grad(cost, y, disconnected_inputs="warn")
    assert warned[0].filename == __file__
    np.testing.assert_array_equal(value(zeros, y=[1.0, 2.0]), [0, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradients = T.grad(cost, [x, y], disconnected_inputs="ignore")
    np.testing.assert_array_equal(value(gradients[1], y=[1.0, 2.0]), [0, 0])
    with pytest.raises(ValueError, match="'raise', 'warn' or 'ignore'"):
        T.grad(cost, y, disconnected_inputs="maybe")


def test_return_disconnected():
    x, y = T.scalar("x"), T.vector("y")
    by_x, by_y = T.grad(x**2, [x, y], disconnected_inputs="ignore", return_disconnected="None")
    assert by_y is None and value(by_x, x=1.0) == 2
    gone = T.grad(x**2, y, disconnected_inputs="ignore", return_disconnected="Disconnected")
    assert isinstance(gone.type, tl.gradient.DisconnectedType)
    with pytest.raises(ValueError, match="'zero', 'none' or 'disconnected'"):
        T.grad(x**2, y, return_disconnected="nothing")


def test_a_zero_gradient_is_no_disconnection():
    """Through floor, argmax and comparisons the cost is connected: the gradient is 0, not an error."""
    x = T.vector("x")
    for cost in (T.floor(x).sum(), 1.0 * T.argmax(x), (x > 0).sum(), 1.0 * T.eq(x, 1).sum(), (x // 2).sum(), T.round(x).sum()):
        np.testing.assert_array_equal(value(T.grad(cost, x), x=[0.5, 1.5]), [0, 0])


def test_shapes_are_no_connection():
    x = T.vector("x")
    with pytest.raises(DisconnectedInputError):
        T.grad(1.0 * x.shape[0], x)
    np.testing.assert_array_equal(value(T.grad((x / x.shape[0]).sum(), x), x=[1.0, 2.0]), [0.5, 0.5])


# -- constants and known gradients


def test_consider_constant_stops_at_expressions():
    x = T.scalar("x")
    h = x**2
    assert value(T.grad(h * x, x, consider_constant=[h]), x=3.0) == 9
    with pytest.raises(DisconnectedInputError):
        T.grad(h * 2, x, consider_constant=[h])


def test_consider_constant_does_not_stop_at_the_variable_itself():
    v = T.vector("v")
    np.testing.assert_array_equal(value(T.grad((v * v).sum(), v, consider_constant=[v]), v=[1.0, 2.0]), [2, 4])
    h = v * 2
    np.testing.assert_array_equal(value(T.grad((h * h).sum(), h, consider_constant=[h]), v=[1.0, 2.0]), [4, 8])


def test_known_grads():
    x = T.vector("x")
    y = x**2
    np.testing.assert_array_equal(value(T.grad(None, x, known_grads={y: [1.0, 10.0]}), x=[1.0, 2.0]), [2, 40])
    assert value(T.grad(None, [y], known_grads={y: [1.0, 10.0]})[0]).tolist() == [1, 10]
    with pytest.raises(RankError):
        T.grad(None, x, known_grads={y: 1.0})
    with pytest.raises(ConversionError):
        T.grad(None, x, known_grads={"y": 1.0})


def test_a_known_gradient_replaces_what_the_walk_would_find():
    x = T.scalar("x")
    h = x * 2
    cost = h**2 + x
    assert value(T.grad(cost, x, known_grads={h: 100.0})) == 201


def test_subgraph_grad_joins_into_the_whole():
    x, w, b = T.scalar("x"), T.scalar("w"), T.scalar("b")
    h = T.tanh(w * x) if hasattr(T, "tanh") else T.exp(w * x)
    cost = (h + b) ** 2
    top_params, top = tl.gradient.subgraph_grad([b], [h], cost=cost)
    below, _ = tl.gradient.subgraph_grad([w], [x], start={h: top[0]})
    values = {"x": 0.3, "w": 0.7, "b": 0.1}
    np.testing.assert_allclose(below[0].eval(values), T.grad(cost, w).eval(values))
    np.testing.assert_allclose(top_params[0].eval(values), T.grad(cost, b).eval(values))
    with pytest.raises(CostError):
        tl.gradient.subgraph_grad([w], [x])


# -- ops that steer


def test_steering_ops_keep_the_value():
    x = T.vector("x")
    for op in (tl.gradient.disconnected_grad, tl.gradient.zero_grad, tl.gradient.undefined_grad, tl.gradient.consider_constant,
               lambda each: tl.gradient.grad_clip(each, -1, 1), lambda each: tl.gradient.grad_scale(each, 3), T.tensor_copy):  # fmt: skip
        result = op(x)
        assert result is not x and result.type == x.type
        np.testing.assert_array_equal(value(result, x=[1.0, 2.0]), [1, 2])


def test_steering_ops_change_the_gradient():
    x = T.scalar("x")
    with pytest.raises(DisconnectedInputError):
        T.grad(tl.gradient.disconnected_grad(x), x)
    assert value(T.grad(x * tl.gradient.disconnected_grad(x), x), x=3.0) == 3
    assert value(T.grad(tl.gradient.zero_grad(x), x), x=3.0) == 0
    assert value(T.grad(tl.gradient.consider_constant(x) * x, x), x=3.0) == 3
    assert value(T.grad(tl.gradient.grad_clip(x, -1, 1) ** 2, x), x=-3.0) == -1
    assert value(T.grad(tl.gradient.grad_scale(x, -0.5) ** 2, x), x=3.0) == -3
    assert value(T.grad(x.copy() ** 2, x), x=3.0) == 6
    with pytest.raises(GradientUndefinedError) as caught:
        T.grad(tl.gradient.undefined_grad(x) * 2, x)
    assert "x" in caught.value.found and "disconnected_grad(x)" in caught.value.advice


# -- dtypes and shapes of cotangents


def test_a_float32_graph_stays_float32_beside_float64():
    x, y = T.fvector("x"), T.dvector("y")
    by_x, by_y = T.grad(((x * y) ** 2).sum(), [x, y])
    assert by_x.dtype == "float32" and by_y.dtype == "float64"
    tl.config.floatX = "float32"
    z = T.vector("z")
    gradient = T.grad((T.switch(z > 0, 1.0, 0.1) * z * 0.5).mean(), z)
    assert gradient.dtype == "float32"
    assert {node.dtype for node in ancestors([gradient]) if node.dtype.startswith("float")} == {"float32"}


patterns = st.lists(st.sampled_from([True, False]), min_size=0, max_size=3)


@settings(max_examples=60, deadline=None)
@given(patterns, patterns, st.sampled_from(["x * y", "x + y * y", "x - y", "x / (y + 4)"]))
def test_a_stretched_operand_gets_the_sum(one, other, expression):
    """All patterns of axes of length 1, and operands of different ranks: shape and value against a plain loop."""
    rank = max(len(one), len(other))
    full = (2, 3, 4)[3 - rank :]
    shapes = [tuple(1 if flag else length for flag, length in zip(pattern, full[rank - len(pattern) :])) for pattern in (one, other)]
    x, y = (T.tensor("float64", broadcastable=tuple(pattern), name=name) for pattern, name in ((one, "x"), (other, "y")))
    result = eval(expression, {"x": x, "y": y})
    random = np.random.RandomState(1)
    at = [random.uniform(-1, 1, shape) for shape in shapes]
    weights = random.uniform(0.5, 1, np.broadcast_shapes(*shapes))
    gradients = tl.function([x, y], T.grad((result * weights).sum(), [x, y], disconnected_inputs="ignore"), on_unused_input="ignore")(*at)
    for position, (gradient, point) in enumerate(zip(gradients, at)):
        assert gradient.shape == point.shape
        measured = np.zeros(point.shape)
        for place in np.ndindex(point.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [each.copy() for each in at]
                moved[position][place] += step
                ends.append((eval(expression, {"x": moved[0], "y": moved[1]}) * weights).sum())
            measured[place] = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(gradient, measured, rtol=1e-6, atol=1e-8)


def test_an_operand_read_twice_gets_both_shares():
    x = T.scalar("x")
    assert value(T.grad(x * x * x, x), x=2.0) == 12
    m = T.matrix("m")
    np.testing.assert_array_equal(value(T.grad((m + m.T).sum(), m), m=np.ones((2, 2))), 2 * np.ones((2, 2)))


def test_what_is_computed_forward_is_shared():
    """The gradient reads the nodes of the cost; it does not compute them again, and several gradients share their steps."""
    x, w = T.vector("x"), T.vector("w")
    h = T.exp(x * w)
    cost = h.sum()
    by_x, by_w = T.grad(cost, [x, w])
    assert h in ancestors([by_x])
    assert sum(str(node.op) == "exp" for node in ancestors([by_x, by_w])) == 1
    alone = len(set(ancestors([by_x])) - set(ancestors([cost])))
    together = len(set(ancestors([by_x, by_w])) - set(ancestors([cost])))
    assert together == alone + 1


def test_results_are_called_what_they_are_assigned_to():
    x = T.vector("x")
    cost = (x**3).sum()
    H = tl.gradient.hessian(cost, x)
    J, K = tl.gradient.jacobian(x**2, [x, x])
    R = T.Rop(cost, x, x)
    both = T.grad(cost, [x])
    assert (H.label, R.label, both[0].label) == ("H", "R", "both[0]")
    assert J.known_name == "J" and K.known_name == "K"


def test_third_derivative():
    x = T.scalar("x")
    y = x**5
    for power, factor in ((4, 5), (3, 20), (2, 60)):
        y = T.grad(y, x)
        np.testing.assert_allclose(value(y, x=1.5), factor * 1.5**power)


# -- cost in time


def test_a_doubling_chain_is_linear():
    """60 doublings have 2^60 paths; a walk over paths would not end."""
    x = T.scalar("x")
    y = x
    for _ in range(60):
        y = y + y
    gradient = T.grad(y, x)
    assert len(ancestors([gradient])) < 400
    assert value(gradient) == 2.0**60
    second = T.grad(T.grad(y * y, x), x)
    assert len(ancestors([second])) < 4000
    assert value(second) == 2.0**121
