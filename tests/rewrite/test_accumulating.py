"""Products that are added to something: one Gemm, in every spelling; and none where it would cost more, or lose a check."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import BroadcastError, DtypeError, RankError, ShapeError
from tensorlab.graph.node import Constant
from tensorlab.graph.walk import ancestors
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.families import Elementwise
from tensorlab.ops.fused_products import Gemm, gemm
from tensorlab.ops.products import Dot
from tensorlab.ops.shapes import DimShuffle
from tensorlab.rewrite import rewritten

SHAPES = {"gemm": ((4, 3), (4, 5), (5, 3)), "gemv": ((4,), (4, 5), (5,)), "vector times matrix": ((3,), (5,), (5, 3))}
SPELLINGS = {
    "plus": lambda z, d, s: z + d,
    "product first": lambda z, d, s: d + z,
    "minus": lambda z, d, s: z - d,
    "product minus": lambda z, d, s: d - z,
    "negative sum": lambda z, d, s: -(z + d),
    "negative difference": lambda z, d, s: -(d - z),
    "both negative": lambda z, d, s: -z - d,
    "a number": lambda z, d, s: z + 0.1 * d,
    "a number behind": lambda z, d, s: z - d * 0.1,
    "a quotient": lambda z, d, s: z - d / 8,
    "a symbol": lambda z, d, s: z + s * d,
    "a number and a symbol": lambda z, d, s: z - s * (2 * d),
    "a number on each": lambda z, d, s: 0.9 * z - 0.1 * d,
    "a symbol on the other": lambda z, d, s: s * z + d,
    "both scaled": lambda z, d, s: -0.1 * (z + d),
    "a weight decay": lambda z, d, s: z - 0.1 * (d + 1e-4 * z),
    "decay first": lambda z, d, s: z - 0.1 * (2e-4 * z + 1e-4 * T.sgn(z) + d),
    "minus in the decay": lambda z, d, s: z - 0.1 * (2e-4 * z - d),
    "a difference in the decay": lambda z, d, s: z - 0.1 * (d - 2e-4 * z),
    "a symbolic rate": lambda z, d, s: z - s * (d + 1e-4 * z),
    "a mean": lambda z, d, s: z - 0.1 * (d / T.cast(z.shape[0], z.dtype)),
    "a stretched term": lambda z, d, s: z - 0.1 * (d + s),
}


def symbols(case, dtype="float64"):
    z, x, y = (T.TensorType(dtype, (None,) * len(shape))(name) for shape, name in zip(SHAPES[case], "zxy"))
    return z, x, y, T.scalar("s", dtype=dtype)


def values(case, dtype="float64"):
    random = np.random.RandomState(5)
    return [np.asarray(random.normal(size=shape), dtype) for shape in (*SHAPES[case], ())]


def ops(*outputs):
    return [node.op for node in ancestors(outputs) if node.op is not None]


def counted(card, *outputs):
    return sum(isinstance(op, card) for op in ops(*outputs))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("case", [case for case in SHAPES if case != "gemm"])
def test_products_with_vectors_stay(case, spelling):
    """Added into z term by term they would be rounded to the size of z term by term, and cost no less."""
    z, x, y, s = symbols(case)
    (done,) = rewritten([SPELLINGS[spelling](z, T.dot(x, y), s)]).outputs
    assert counted(Gemm, done) == 0 and counted(Dot, done) == 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("case", ["gemm"])
def test_every_spelling_becomes_one_gemm(case, spelling, dtype):
    given = symbols(case, dtype)
    z, x, y, s = given
    written = SPELLINGS[spelling](z, T.dot(x, y), s)
    (done,) = rewritten([written]).outputs
    assert isinstance(done.op, Gemm) and counted(Dot, done) == 0 and done.type == written.type
    arrays = values(case, dtype)
    with np.errstate(all="ignore"):
        (old,), (new,) = (interpret([each], dict(zip(given, arrays))) for each in (written, done))
    assert new.dtype == dtype
    np.testing.assert_allclose(new, old, rtol=0, atol=50 * np.finfo(dtype).eps * max(1, np.abs(old).max()))


@pytest.mark.parametrize("case", SHAPES)
def test_a_compiled_function_computes_it(case):
    z, x, y, s = symbols(case)
    arrays = values(case)
    f = tl.function([z, x, y, s], z - s * T.dot(x, y), updates=None)
    assert any(isinstance(step.node.op, Gemm) for step in f.stages.program.steps) == (case == "gemm")
    np.testing.assert_allclose(f(*arrays), arrays[0] - arrays[3] * (arrays[1] @ arrays[2]), rtol=1e-13)


def test_a_training_step_adds_into_the_new_values():
    x, t = T.matrices("x", "t")
    w = tl.shared(np.ones((5, 3)), "w")
    cost = T.sum((T.tanh(T.dot(x, w)) - t) ** 2) + 1e-3 * (w**2).sum() + 1e-3 * abs(w).sum()
    f = tl.function([x, t], cost, updates=[(w, w - 0.1 * T.grad(cost, w))])
    assert [type(step.node.op) for step in f.stages.program.steps].count(Gemm) == 1
    assert not any(isinstance(step.node.op, Dot) and step.node.type.shape == w.type.shape for step in f.stages.program.steps[2:])
    a, b = np.random.RandomState(0).normal(size=(4, 5)), np.zeros((4, 3))
    h = np.tanh(a @ np.ones((5, 3)))
    f(a, b)
    expected = 1 - 0.1 * (a.T @ (2 * h * (1 - h**2)) + 2e-3 + 1e-3)
    np.testing.assert_allclose(w.get_value(), expected, rtol=1e-12)


def test_two_products_make_one_chain():
    z, x, y, s = symbols("gemm")
    u, v = T.matrices("u", "v")
    (done,) = rewritten([z + T.dot(x, y) - 0.5 * T.dot(u, v)]).outputs
    assert counted(Gemm, done) == 2 and counted(Elementwise, done) == 0 and counted(Dot, done) == 0
    (recurrent,) = rewritten([T.tanh(T.dot(x, y) + T.dot(u, v) + s)]).outputs
    assert counted(Gemm, recurrent) == 1 and counted(Dot, recurrent) == 1, "one product is added into the memory of the other"


@pytest.mark.parametrize("turned", [lambda x, y: T.dot(x, y).T, lambda x, y: T.dot(y.T, x.T).T, lambda x, y: T.dot(x.T, y).T])
def test_a_transposed_product_is_written_as_it_is_wanted(turned):
    z, x, y = T.matrices("z", "x", "y")
    random = np.random.RandomState(1)
    a, b, c = (random.normal(size=(3, 3)) for _ in range(3))
    for make in (lambda: turned(x, y), lambda: z - 0.1 * turned(x, y), lambda: T.exp(z * turned(x, y))):
        written = make()
        (done,) = rewritten([written]).outputs
        products = [node for node in ancestors([done]) if isinstance(node.op, (Dot, Gemm))]
        assert len(products) == 1
        assert not any(node.op == DimShuffle((1, 0)) and node.inputs[0] in products for node in ancestors([done]))
        given = {z: a, x: b, y: c}
        np.testing.assert_allclose(interpret([done], given)[0], interpret([written], given)[0], rtol=1e-13)


def test_the_gradient_through_a_transpose_needs_no_copy():
    x, w = T.matrix("x"), T.matrix("w")
    cost = T.sum(T.tanh(T.dot(x, w.T)))
    (done,) = rewritten([w - 0.1 * T.grad(cost, w)]).outputs
    assert isinstance(done.op, Gemm)
    assert done.inputs[3] is x, "the second factor is x itself: (x'g)' = g'x"


MISSES = {
    "read by a loop": lambda z, x, y, s: [T.tanh(z + T.dot(x, y))],
    "read by a sum": lambda z, x, y, s: [T.sum(z + T.dot(x, y))],
    "read by a softmax": lambda z, x, y, s: [T.nnet.softmax(z + T.dot(x, y))],
    "the product is wanted too": lambda z, x, y, s: [z + (d := T.dot(x, y)), d],
    "the product is read twice": lambda z, x, y, s: [z + (d := T.dot(x, y)), T.exp(d)],
    "a term on the way is wanted": lambda z, x, y, s: [z - (g := 0.1 * T.dot(x, y)), g],
    "momentum, which a loop reads": lambda z, x, y, s: [v := 0.9 * z - 0.1 * T.dot(x, y), z + v],
    "a vector that stretches": lambda z, x, y, s: [z[0] + T.dot(x, y)],
    "a number": lambda z, x, y, s: [s + T.dot(x, y)],
    "ones": lambda z, x, y, s: [T.dot(x, y) + T.ones_like(z)],
    "constants": lambda z, x, y, s: [T.dot(x, y) + np.ones((4, 3))],
    "two numbers": lambda z, x, y, s: [z - s * (z.sum() * T.dot(x, y))],
    "a quotient by any number": lambda z, x, y, s: [z - T.dot(x, y) / s],
    "a factor near the end of the range": lambda z, x, y, s: [z + 1e-200 * T.dot(x, y)],
    "an elementwise product": lambda z, x, y, s: [z + z * T.dot(x, y)],
    "two vectors": lambda z, x, y, s: [s + T.dot(z[0], z[1])],
    "nothing to add to": lambda z, x, y, s: [0.1 * T.dot(x, y)],
    "zero": lambda z, x, y, s: [0 * z + T.dot(x, y)],
}


@pytest.mark.parametrize("miss", MISSES)
def test_no_gemm_where_it_would_cost_more(miss):
    given = symbols("gemm")
    written = MISSES[miss](*given)
    done = rewritten(written).outputs
    assert counted(Gemm, *done) == 0
    arrays = dict(zip(given, values("gemm")))
    for old, new in zip(interpret(written, arrays), interpret(done, arrays)):
        np.testing.assert_allclose(new, old, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["int64", "float16"])
def test_other_dtypes_have_no_routine(dtype):
    given = symbols("gemm", dtype)
    z, x, y, _ = given
    (done,) = rewritten([z + T.dot(x, y)]).outputs
    assert counted(Gemm, done) == 0


def test_mixed_dtypes_keep_the_dtype_of_the_sum():
    z, x, y = T.matrix("z", dtype="int8"), T.fmatrix("x"), T.fmatrix("y")
    (done,) = rewritten([z - np.float32(0.5) * T.dot(x, y)]).outputs
    assert isinstance(done.op, Gemm) and done.type.dtype == "float32"
    a, b, c = np.arange(4, dtype="int8").reshape(2, 2), np.ones((2, 2), "float32"), np.ones((2, 2), "float32")
    assert np.array_equal(interpret([done], {z: a, x: b, y: c})[0], a - 0.5 * (b @ c))
    wide = T.matrix("wide")
    (other,) = rewritten([wide + T.dot(x, y)]).outputs
    assert counted(Gemm, other) == 0, "the product is rounded to float32 before it is added"


def test_known_lengths_of_one_stretch_and_do_not_accumulate():
    z, x, y = T.matrix("z"), T.row("x"), T.matrix("y")
    (done,) = rewritten([z + T.dot(x, y)]).outputs
    assert counted(Gemm, done) == 0
    (row,) = rewritten([T.row("r") + T.dot(x, y)]).outputs
    assert isinstance(row.op, Gemm)


@pytest.mark.parametrize(
    ("shapes", "error", "words"),
    [
        (((4, 3), (4, 5), (6, 3)), ShapeError, ["T.dot(x, y)", "5 columns meet 6 rows"]),
        (((4, 3), (5, 4), (5, 3)), ShapeError, ["4 columns meet 5 rows", "T.dot(x.T, y)"]),
        (((4, 2), (4, 5), (5, 3)), ShapeError, ["z has shape (4, 2)", "(4, 3)"]),
        (((1, 3), (4, 5), (5, 3)), ShapeError, ["z has shape (1, 3)", "stretches only if the type says so"]),
    ],
)
def test_lengths_that_do_not_fit_are_told_in_the_readers_names(shapes, error, words):
    z, x, y = T.matrices("z", "x", "y")
    f = tl.function([z, x, y], z - 0.1 * T.dot(x, y))
    assert isinstance(f.stages.program.steps[-1].node.op, Gemm)
    with pytest.raises(error) as caught:
        f(*[np.ones(shape) for shape in shapes])
    assert all(word in str(caught.value) for word in words), caught.value


def test_lengths_that_the_rest_of_the_sum_checks_are_still_checked():
    w, r, x, y = T.matrices("w", "r", "x", "y")
    f = tl.function([w, r, x, y], w - 0.1 * (T.dot(x, y) + r))
    good = [np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 4)), np.ones((4, 3))]
    f(*good)
    for position in range(4):
        bad = [*good]
        bad[position] = np.ones((5, 7))
        with pytest.raises(ShapeError):
            f(*bad)


def test_the_card_refuses_what_does_not_fit_when_it_is_built():
    z, x, y, s = symbols("gemm")
    with pytest.raises(RankError, match="one number"):
        gemm(z, z, x, y, 1.0)
    with pytest.raises(RankError, match="the product is"):
        gemm(z[0], 1.0, x, y, 1.0)
    with pytest.raises(ShapeError, match="the product is"):
        gemm(T.row("r"), 1.0, x, y, 1.0)
    with pytest.raises(ShapeError):
        gemm(T.constant(np.ones((2, 2))), 1.0, T.constant(np.ones((3, 1))), y, 1.0)
    with pytest.raises(DtypeError, match="floats"):
        gemm(T.imatrix("n"), 1, T.imatrix("m"), T.imatrix("k"), 1)
    assert issubclass(BroadcastError, ShapeError) and s.type.ndim == 0


def test_history_and_names_tell_what_happened():
    z, x, y = T.matrices("z", "x", "y")
    new = z - 0.1 * T.dot(x, y)
    new.name = "new"
    (done,), history = rewritten([new])
    assert history[-1].rule.name == "sum_takes_product" and done.name == "new" and done.place == new.place
    assert str(history[-1]).startswith("sum_takes_product: The library routine adds")
    assert not any(isinstance(node, Constant) and node.name for node in ancestors([done]))


def test_rewriting_twice_is_rewriting_once():
    z, x, y, s = symbols("gemm")
    for make in SPELLINGS.values():
        (once,) = rewritten([make(z, T.dot(x, y), s)]).outputs
        assert not rewritten([once]).history


def test_a_long_chain_of_products_takes_linear_time():
    z, x, *_ = symbols("gemm")
    end = z
    for _ in range(400):
        end = end - 0.1 * T.dot(x, T.tanh(end))
    (done,), _ = rewritten([end])
    assert counted(Dot, done) + counted(Gemm, done) == 400


def test_fast_compile_leaves_sums_as_they_are():
    z, x, y, _ = symbols("gemm")
    (done,) = rewritten([z + T.dot(x, y)], "FAST_COMPILE").outputs
    assert counted(Gemm, done) == 0
