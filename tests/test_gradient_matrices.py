"""Products with Jacobians, whole Jacobians and Hessians, and the op that maps a graph over rows."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ConversionError, CostError, DisconnectedInputError, RankError, ShapeError
from tensorlab.graph.walk import ancestors
from tensorlab.ops.control import MapRows, map_rows
from tensorlab.rewrite.intern import intern

POINT = np.array([0.3, -1.2, 0.7])


def differences(f, at, step=1e-5):
    """The Jacobian by central differences, as a plain loop."""
    at = np.array(at, "float64")
    columns = []
    for place in np.ndindex(at.shape):
        above, below = at.copy(), at.copy()
        above[place] += step
        below[place] -= step
        columns.append((np.asarray(f(above)) - np.asarray(f(below))) / (2 * step))
    return np.stack(columns, -1).reshape(np.shape(f(at)) + at.shape)


def vector_function(x):
    """A function of a vector, to a longer vector, in which every element matters for every other."""
    return T.concatenate([T.exp(x) * x.sum(), x[::-1] ** 2])


@pytest.mark.parametrize("length", [0, 1, 3])
def test_jacobian_of_unknown_length(length):
    x = T.vector("x")
    y = vector_function(x)
    f, jacobian = tl.function([x], y), tl.function([x], tl.gradient.jacobian(y, x))
    found = jacobian(POINT[:length])
    assert found.shape == (2 * length, length)
    if length:
        np.testing.assert_allclose(found, differences(f, POINT[:length]), rtol=1e-8, atol=1e-8)


def test_jacobian_by_a_matrix_and_by_several():
    w, x = T.matrix("w"), T.vector("x")
    y = T.exp(T.dot(w, x))
    by_w, by_x = tl.gradient.jacobian(y, [w, x])
    at = np.arange(6.0).reshape(2, 3) / 10
    f = tl.function([w, x], y)
    run = tl.function([w, x], [by_w, by_x])
    found = run(at, POINT)
    assert found[0].shape == (2, 2, 3) and found[1].shape == (2, 3)
    np.testing.assert_allclose(found[0], differences(lambda each: f(each, POINT), at), atol=1e-8)
    np.testing.assert_allclose(found[1], differences(lambda each: f(at, each), POINT), atol=1e-8)
    assert run(np.zeros((0, 3)), POINT)[0].shape == (0, 0, 3), "no rows, and still the shape of w behind them"
    assert isinstance(tl.gradient.jacobian(y, (w,)), tuple)


def test_jacobian_of_a_scalar_is_its_gradient():
    x = T.vector("x")
    np.testing.assert_allclose(tl.gradient.jacobian((x**2).sum(), x).eval({x: POINT}), 2 * POINT)


def test_jacobian_where_nothing_changes_is_zero():
    x = T.vector("x")
    y = T.concatenate([x, x]) * 0 + 1.0 * (T.concatenate([x, x]) > 0)
    np.testing.assert_array_equal(tl.gradient.jacobian(1.0 * (y > 0), x).eval({x: POINT}), np.zeros((6, 3)))


def test_jacobian_refuses():
    x, m, z = T.vector("x"), T.matrix("m"), T.vector("z")
    with pytest.raises(RankError, match="flatten"):
        tl.gradient.jacobian(m**2, m)
    with pytest.raises(DisconnectedInputError):
        tl.gradient.jacobian(x**2, z)
    np.testing.assert_array_equal(
        tl.gradient.jacobian(x**2, z, disconnected_inputs="ignore").eval({x: POINT, z: [1.0, 2.0]}), np.zeros((3, 2))
    )
    with pytest.raises(ConversionError):
        tl.gradient.jacobian(x**2, 3.0)
    with pytest.raises(ConversionError):
        tl.gradient.jacobian(np.ones(3), x)


@pytest.mark.parametrize("length", [0, 1, 3])
def test_hessian(length):
    x = T.vector("x")
    cost = (x**3).sum() + T.exp(x.sum())
    at = POINT[:length]
    found = tl.gradient.hessian(cost, x).eval({x: at})
    np.testing.assert_allclose(found, np.diag(6 * at) + np.exp(at.sum()) * np.ones((length, length)), rtol=1e-12)


def test_hessian_of_several_and_of_a_linear_cost():
    x, y = T.vector("x"), T.vector("y")
    cost = (x * y).sum() + (y**2).sum()
    by_x, by_y = tl.gradient.hessian(cost, [x, y])
    values = {x: POINT, y: POINT}
    np.testing.assert_array_equal(by_x.eval(values), np.zeros((3, 3)))
    np.testing.assert_array_equal(by_y.eval(values), 2 * np.eye(3))


def test_hessian_refuses():
    x, m, s = T.vector("x"), T.matrix("m"), T.scalar("s")
    with pytest.raises(CostError):
        tl.gradient.hessian(x**2, x)
    with pytest.raises(RankError):
        tl.gradient.hessian((m**2).sum(), m)
    with pytest.raises(RankError):
        tl.gradient.hessian(s**2, s)
    with pytest.raises(DisconnectedInputError):
        tl.gradient.hessian(s**2, x)


def test_third_derivatives_through_the_mapped_rows():
    """The op has a gradient of its own: the Jacobian of the Hessian, and the gradient of a sum of its squares."""
    x = T.vector("x")
    cost = (x**4).sum() + x.prod() if hasattr(T, "prod") else (x**4).sum()
    hessian = tl.gradient.hessian(cost, x)
    third = tl.function([x], tl.gradient.jacobian(hessian.flatten(), x))
    np.testing.assert_allclose(third(POINT).reshape(3, 3, 3), differences(tl.function([x], hessian), POINT), atol=1e-6)
    energy = (hessian**2).sum()
    np.testing.assert_allclose(T.grad(energy, x).eval({x: POINT}), differences(tl.function([x], energy), POINT), rtol=1e-6)
    fourth = T.grad(T.grad(energy, x).sum(), x)
    np.testing.assert_allclose(
        fourth.eval({x: POINT}), differences(tl.function([x], T.grad(energy, x).sum()), POINT), rtol=1e-5
    )


# -- products


def test_left_and_right_products_agree_with_the_jacobian():
    x = T.vector("x")
    y = vector_function(x)
    left, right = np.arange(6.0), np.array([1.0, -2.0, 0.5])
    jacobian = tl.gradient.jacobian(y, x).eval({x: POINT})
    np.testing.assert_allclose(T.Lop(y, x, left).eval({x: POINT}), left @ jacobian)
    np.testing.assert_allclose(T.Rop(y, x, right).eval({x: POINT}), jacobian @ right)
    assert T.Rop(y, x, np.zeros(0)).eval({x: np.zeros(0)}).shape == (0,)


def test_right_product_of_several_functions_and_variables():
    w, x = T.matrix("w"), T.vector("x")
    y, z = T.exp(T.dot(w, x)), (x**2).sum()
    v, u = T.matrix("v"), T.vector("u")
    by_y, by_z = T.Rop([y, z], [w, x], [v, u])
    values = {w: np.arange(6.0).reshape(2, 3) / 7, x: POINT, v: np.ones((2, 3)), u: np.array([1.0, 0.0, 2.0])}
    step = 1e-6
    f = tl.function([w, x], [y, z])
    above = f(values[w] + step * values[v], values[x] + step * values[u])
    below = f(values[w] - step * values[v], values[x] - step * values[u])
    np.testing.assert_allclose(by_y.eval(values), (above[0] - below[0]) / (2 * step), rtol=1e-7)
    np.testing.assert_allclose(by_z.eval({x: values[x], u: values[u]}), (above[1] - below[1]) / (2 * step), rtol=1e-7)


def test_hessian_times_a_vector():
    x, v = T.vector("x"), T.vector("v")
    cost = T.exp((x**2).sum())
    product = T.Rop(T.grad(cost, x), x, v)
    values = {x: POINT, v: np.array([1.0, 2.0, 3.0])}
    np.testing.assert_allclose(product.eval(values), tl.gradient.hessian(cost, x).eval({x: POINT}) @ values[v])


def test_products_refuse():
    x, z = T.vector("x"), T.vector("z")
    with pytest.raises(RankError):
        T.Lop(x**2, x, 1.0)
    with pytest.raises(RankError):
        T.Rop(x**2, x, 1.0)
    with pytest.raises(ConversionError):
        T.Rop([x**2], [x, z], [x])
    with pytest.raises(DisconnectedInputError):
        T.Lop(x**2, z, x)
    with pytest.raises(DisconnectedInputError):
        T.Rop(x**2, z, x)
    np.testing.assert_array_equal(T.Rop(x**2, z, z, disconnected_outputs="ignore").eval({x: POINT}), np.zeros(3))
    assert T.Rop(x**2, z, z, disconnected_outputs="ignore", return_disconnected="none") is None
    np.testing.assert_array_equal(T.Rop(1.0 * (x > 0), x, x).eval({x: POINT}), np.zeros(3))


def test_left_product_adds_what_arrives_from_outputs_that_depend_on_one_another():
    x = T.vector("x")
    h = x**2
    np.testing.assert_allclose(T.Lop([h, h * 3], x, [x, x]).eval({x: POINT}), 2 * POINT * POINT * 4)


# -- the op that maps


def test_map_rows_runs_the_graph_on_each_row():
    row, w = T.vector("row"), T.vector("w")
    rows = T.matrix("rows")
    mapped = map_rows([row], T.exp(w).sum() * row, [rows])
    at = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(mapped.eval({rows: at, w: [0.0, 1.0]}), at * (1 + np.e))
    assert mapped.eval({rows: np.zeros((0, 2)), w: [0.0, 1.0]}).shape == (0, 2)
    captured = [node for node in mapped.inputs if node is not rows]
    assert len(captured) == 1 and captured[0].ndim == 0, "exp(w).sum() is computed once, outside"


def test_map_rows_refuses_sequences_of_different_lengths():
    a, b = T.scalar("a"), T.scalar("b")
    x, y = T.vector("x"), T.vector("y")
    mapped = map_rows([a, b], a * b, [x, y])
    with pytest.raises(ShapeError, match="2, 3"):
        mapped.eval({x: [1.0, 2.0], y: [1.0, 2.0, 3.0]})


def test_an_op_that_holds_a_graph_is_a_value():
    """Equal graphs are equal ops, whatever their symbols are called: interning makes one of two Jacobians."""
    x = T.vector("x")
    y = x**2
    one, other, different = tl.gradient.jacobian(y, x), tl.gradient.jacobian(y, x), tl.gradient.jacobian(x * x.sum(), x)
    assert isinstance(one.op, MapRows)
    assert one.op == other.op and hash(one.op) == hash(other.op) and one.op != different.op
    a, b = intern([one, other])
    assert a is b
    assert copy.deepcopy(one).op == one.op
    again = pickle.loads(pickle.dumps([x, one]))
    assert again[1].op == one.op
    np.testing.assert_array_equal(again[1].eval({again[0]: POINT}), one.eval({x: POINT}))


def test_a_deep_graph_can_be_held_by_an_op():
    """Guards: an inner graph of thousands of levels is compared, pickled and run without recursion."""
    x = T.vector("x")
    y = x
    for _ in range(2000):
        y = T.exp(y) * 0.1
    jacobian = tl.gradient.jacobian(y, x)
    again = pickle.loads(pickle.dumps(jacobian))
    assert again.op == jacobian.op
    assert len(ancestors([again])) == len(ancestors([jacobian]))


# -- measured gradients


def test_verify_grad_accepts_what_is_right():
    tl.gradient.verify_grad(lambda x, y: T.exp(x) * y, [POINT, POINT[::-1].copy()])
    tl.gradient.verify_grad(lambda x: [x**2, x.sum()], [POINT], n_tests=3, rng=np.random.RandomState(0))
    tl.gradient.verify_grad(lambda x: x**2, [POINT.astype("float32")])
    tl.gradient.verify_grad(lambda x: T.exp(x), [0.5])
    w = tl.shared(POINT, "w")
    tl.gradient.verify_grad(lambda x: x * w, [POINT])


def test_verify_grad_finds_what_is_wrong():
    from tensorlab.graph.errors import GradientCheckError

    with pytest.raises(GradientCheckError) as caught:
        tl.gradient.verify_grad(lambda x: tl.gradient.grad_scale(x, 1.01) ** 2, [POINT])
    assert "input 0" in caught.value.found and "element" in caught.value.found and caught.value.advice
    with pytest.raises(GradientCheckError):
        tl.gradient.verify_grad(lambda x: tl.gradient.zero_grad(x), [POINT])
    with pytest.raises(AssertionError):
        tl.gradient.verify_grad(T.sqrt if hasattr(T, "sqrt") else lambda x: x**0.5, [np.array([-1.0])])
    with pytest.raises(ConversionError):
        tl.gradient.verify_grad(lambda x: x**2, [np.array([1, 2])])


def test_numeric_grad():
    measured = tl.gradient.numeric_grad(lambda x, y: (x * y).sum(), [POINT, 2 * POINT])
    np.testing.assert_allclose(measured.gf[0], 2 * POINT, rtol=1e-9)
    np.testing.assert_allclose(measured.gf[1], POINT, rtol=1e-9)
    number, place, absolute, relative = measured.max_err([2 * POINT + [0, 0, 0.5], POINT], 1e-4, 1e-4)
    assert (number, place) == (0, (2,)) and abs(absolute - 0.5) < 1e-6 and 0 < relative < 1
    assert POINT.tolist() == [0.3, -1.2, 0.7], "the point itself is left alone"
