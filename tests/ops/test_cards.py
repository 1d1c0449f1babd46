"""Every card keeps its word: tests that loop over all cards of `tensorlab.ops`, also those written after these tests.

A card is found because its module is imported and it has a `sample`. Its inputs are those of its sample; its value is compared with the
oracle `same_as`, its derivatives with central differences.
"""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
import sys

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser
from oracles import expected

import tensorlab as tl
import tensorlab.ops
import tensorlab.tensor as T
from tensorlab.graph import syntax
from tensorlab.graph.node import Constant
from tensorlab.graph.types import TensorType, is_floating
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.families import Case, Elementwise, cards, instances
from tensorlab.view.latex import latex

for module in pkgutil.iter_modules(tensorlab.ops.__path__, "tensorlab.ops."):
    importlib.import_module(module.name)

CARDS = [card for card in cards() if card.__module__.startswith("tensorlab.")]
CASES = [(op, arrays) for card in CARDS for op, arrays in instances(card)]
LABELS = [f"{op}-{number}" for number, (op, _) in enumerate(CASES)]
ELEMENTWISE = [(op, arrays) for op, arrays in CASES if isinstance(op, Elementwise)]
ELEMENTWISE_LABELS = [f"{op}-{number}" for number, (op, _) in enumerate(ELEMENTWISE)]

every_card = pytest.mark.parametrize("card", CARDS, ids=[card.__name__ for card in CARDS])
every_case = pytest.mark.parametrize("op, arrays", CASES, ids=LABELS)
every_elementwise_case = pytest.mark.parametrize("op, arrays", ELEMENTWISE, ids=ELEMENTWISE_LABELS)


# -- helpers


def symbols(arrays, known=False):
    """Symbols for arrays: lengths known to the type, or only those of 1."""
    return [
        TensorType(array.dtype.name, [length if known or length == 1 else None for length in array.shape])(f"x{position}")
        for position, array in enumerate(arrays)
    ]


def evaluate(nodes, inputs, arrays):
    """Values of nodes, computed from arrays that nobody may write into."""
    frozen = [array.copy() for array in arrays]
    for array in frozen:
        array.flags.writeable = False
    with np.errstate(all="ignore"):
        return interpret(nodes, dict(zip(inputs, frozen)))


def apply(op, arrays, known=False):
    """The op on symbols for arrays, and its value."""
    inputs = symbols(arrays, known)
    out = op(*inputs)
    return out, evaluate([out], inputs, arrays)[0]


def digits(dtype):
    """How far a result of a dtype may be off: 64 units in the last place."""
    return 64 * np.finfo(dtype).eps if is_floating(np.dtype(dtype).name) else 0


def floats(arrays):
    """Positions of the inputs that can be moved a little."""
    return [position for position, array in enumerate(arrays) if array.dtype.kind == "f"]


def along(function, arrays, directions, step):
    """The derivative of a number along a direction: central differences at two steps, extrapolated (Richardson)."""

    def at(length):
        return function([array if towards is None else np.asarray(array + length * towards) for array, towards in zip(arrays, directions)])

    def difference(length):
        return (at(length) - at(-length)) / (2 * length)

    return (4 * difference(step) - difference(2 * step)) / 3


def direction(random, arrays):
    """A random direction; what is no float stays where it is."""
    return [np.asarray(random.uniform(-1, 1, array.shape)) if array.dtype.kind == "f" else None for array in arrays]


def inner(left, right):
    """Inner product of two lists of arrays, and the sum of the sizes of its terms."""
    products = [np.asarray(a * b, float) for a, b in zip(left, right)]
    return sum(each.sum() for each in products), sum(np.abs(each).sum() for each in products)


# -- the declaration


def test_all_modules_of_ops_have_cards_in_the_loop():
    names = {card.__name__ for card in CARDS}
    assert {"Add", "Exp", "Tanh", "Erf", "Floor", "Sigmoid", "Softmax", "Sum", "DimShuffle", "Dot", "Cast"} <= names
    assert len(CARDS) >= 100


@every_card
def test_declaration_is_complete(card):
    first = (card.__doc__ or "").strip().split("\n\n")[0]
    assert first.endswith("."), "a card begins with a plain sentence"
    assert ">>>" in card.__doc__, "a card has an example that runs"
    assert callable(card.same_as) or (isinstance(card.same_as, (str, property)) and card.same_as), "a card has an independent oracle"
    assert getattr(sys.modules[card.__module__], card.__name__) is card
    assert list(instances(card)), "a card has inputs for the tests"


@every_card
def test_elementwise_cards_have_a_public_name(card):
    if not issubclass(card, Elementwise):
        return  # other families are reached through functions that normalise arguments
    namespaces = {**vars(T), **{f"nnet.{name}": value for name, value in vars(T.nnet).items()}, **syntax.table}
    found = [name for name, value in namespaces.items() if isinstance(value, card)]
    functions = {"Cast": T.cast, "Relu": T.nnet.relu, "LeakyRelu": T.nnet.relu, "Elu": T.nnet.elu, "Copy": syntax.table["copy"]}
    assert found or card.__name__ in functions, f"add {card.__name__} to tensorlab/tensor/__init__.py"


@every_case
def test_an_op_is_a_value(op, arrays):
    twin = pickle.loads(pickle.dumps(op))
    assert twin == op and hash(twin) == hash(op) and twin is not op
    assert op != object() and str(twin) == str(op)
    for other, _ in CASES:
        if type(other) is type(op) and vars(other) != vars(op):
            assert other != op


@every_case
def test_latex_renders(op, arrays):
    names = {"x": "x", "y": "y", "z": "z", **{f"x{position}": f"x_{position}" for position in range(9)}}
    if op.latex:
        written = op.latex.format(**names, **{key: str(value) for key, value in op.parameters.items()})
        check_latex(written)
    inputs = symbols(arrays)
    check_latex(latex(op(*inputs)))


SYNONYMS = {
    r"\\le": r"\leq", r"\\ge": r"\geq", r"\\land": r"\wedge", r"\\lor": r"\vee", r"\\lnot": r"\neg",
    r"\\bmod": r"\mathrm{mod}", r"\\mathrel": r"\mathrm",
}  # fmt: skip
"""LaTeX's commands that matplotlib knows under another name, or as something alike."""


def check_latex(written):
    """Braces and \\left … \\right balance, and matplotlib can draw what lies within its part of LaTeX."""
    plain = re.sub(r"\\[{}]", "", written)
    depth = 0
    for each in plain:
        depth += (each == "{") - (each == "}")
        assert depth >= 0, written
    assert depth == 0, written
    assert len(re.findall(r"\\left(?![a-z])", written)) == len(re.findall(r"\\right(?![a-z])", written)), written
    assert len(re.findall(r"\\begin", written)) == len(re.findall(r"\\end", written)), written
    if r"\begin" not in written:  # matplotlib has no environments
        for command, known in SYNONYMS.items():
            written = re.sub(command + "(?![a-z])", lambda found, known=known: known, written)
        MathTextParser("path").parse(f"${written}$")


# -- values


@every_case
def test_value_is_the_oracles(op, arrays):
    value = apply(op, arrays)[1]
    wanted = expected(op, arrays, value.dtype)
    assert value.shape == wanted.shape
    tolerance = digits(value.dtype)
    np.testing.assert_allclose(value, wanted, rtol=tolerance, atol=tolerance)


@every_case
@pytest.mark.parametrize("known", [False, True], ids=["lengths unknown", "lengths known"])
def test_value_has_the_declared_type(op, arrays, known):
    out, value = apply(op, arrays, known)
    assert isinstance(value, np.ndarray)
    assert out.type.holds(value), f"{out.type}, but the value is {value.dtype} of shape {value.shape}"


@every_case
def test_inputs_stay_as_they_are(op, arrays):
    before = [array.copy() for array in arrays]
    inputs = symbols(arrays)
    with np.errstate(all="ignore"):
        interpret([op(*inputs)], dict(zip(inputs, arrays)))
    for array, was in zip(arrays, before):
        np.testing.assert_array_equal(array, was)


@every_case
def test_float32_stays_float32(op, arrays):
    out, value = apply(op, arrays)
    narrow = [array.astype("float32") if array.dtype == "float64" else array for array in arrays]
    inputs = symbols(narrow)
    small = op(*inputs)
    told = {"to", "dtype"} & set(op.parameters)  # its dtype is a parameter
    if not is_floating(out.type.dtype) or not floats(arrays) or told:
        assert small.type.dtype == out.type.dtype
        return
    assert small.type.dtype == "float32"
    found = evaluate([small], inputs, narrow)[0]
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, value, rtol=1e-4, atol=1e-5)
    variables = [inputs[position] for position in floats(arrays)]
    for gradient in T.grad(small.sum(), variables, disconnected_inputs="ignore"):
        assert gradient.type.dtype == "float32"
        assert evaluate([gradient], inputs, narrow)[0].dtype == "float32"


@every_elementwise_case
def test_float16_where_there_are_floats(op, arrays):
    if op.dtype.name == "bits" or getattr(op, "to", None) or not all(array.dtype.kind == "f" for array in arrays):
        return
    out, value = apply(op, [array.astype("float16") for array in arrays])
    wide = apply(op, [array.astype("float16").astype("float64") for array in arrays])[1]
    if op.dtype.name == "comparison":
        np.testing.assert_array_equal(value, wide)
        return
    assert out.type.dtype == value.dtype == "float16"
    if op.differentiable:  # a jump may lie on either side of a rounded number
        np.testing.assert_allclose(value, wide, rtol=0.02, atol=0.02)


@every_elementwise_case
def test_all_layouts_of_memory(op, arrays):
    """Empty arrays, numbers, columns first, backwards, every second element: the values are those of a plain copy."""
    for shape in ((0,), (0, 3), (), (4, 6)):
        plain = [np.resize(array, shape) for array in arrays]
        views = [plain, [np.asfortranarray(array) for array in plain]]
        if shape:
            views.append([np.ascontiguousarray(array[::-1])[::-1] for array in plain])
            views.append([np.repeat(array, 2, axis=-1)[..., ::2] for array in plain])
        wanted = apply(op, plain)[1]
        assert wanted.shape == shape
        for view in views:
            inputs = symbols(view)
            with np.errstate(all="ignore"):
                found = interpret([op(*inputs)], dict(zip(inputs, view)))[0]
            np.testing.assert_array_equal(found, wanted)


@every_elementwise_case
def test_operands_stretch_and_gradients_are_summed_back(op, arrays):
    """A column and a row of one operand each: the value is that of full arrays, a gradient has the shape of its operand."""
    if op.arity < 2 or arrays[0].ndim != 2:
        return
    small = [np.resize(array, (3, 1) if position % 2 == 0 else (1, 4)) for position, array in enumerate(arrays)]
    full = [np.broadcast_to(array, (3, 4)).copy() for array in small]
    np.testing.assert_array_equal(apply(op, small)[1], apply(op, full)[1])
    if not op.differentiable or not floats(arrays) or not is_floating(op(*symbols(full)).type.dtype):
        return
    gradients = []
    for given in (small, full):
        inputs = symbols(given)
        gradients.append(evaluate(T.grad((op(*inputs) ** 2).sum(), inputs), inputs, given))
    for position, (summed, whole) in enumerate(zip(*gradients)):
        np.testing.assert_allclose(summed, whole.sum(axis=1 - position % 2, keepdims=True), rtol=1e-12, atol=1e-13)


@every_elementwise_case
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int32", "uint64"])
def test_whole_numbers_are_the_oracles_too(op, arrays, dtype):
    if op.dtype.name == "conversion" or not all(array.dtype.kind == "f" for array in arrays):
        return
    try:
        op.result_dtype(*[dtype] * op.arity)
    except tl.TensorlabError:
        return  # refused, see test_promotion
    low, high = (0, 1) if dtype == "bool" else (1, 3)
    whole = [np.random.RandomState(3).randint(low, high + 1, (5,)).astype(dtype) for _ in range(op.arity)]
    if op.name in ("int_div", "mod", "true_div"):
        whole[1][:] = 1 if dtype == "bool" else 2
    value = apply(op, whole)[1]
    if op.dtype.name in ("promoted", "kept", "counted", "signed", "comparison"):
        np.testing.assert_array_equal(value, expected(op, whole, value.dtype))
    elif op.dtype.name == "floating":
        real = apply(op, [each.astype("float64") for each in whole])[1]
        np.testing.assert_array_equal(value, real)


@every_elementwise_case
def test_nan_stays_nan(op, arrays):
    if op.dtype.name == "floating" and op.arity == 1 and floats(arrays):
        assert np.isnan(apply(op, [np.array([np.nan])])[1]).all()


# -- derivatives


def cost_and_gradients(op, arrays):
    """A number made of the op's result with random weights, and its derivatives."""
    inputs = symbols(arrays)
    out = op(*inputs)
    value = evaluate([out], inputs, arrays)[0]
    weights = Constant(np.random.RandomState(7).uniform(0.5, 1.5, value.shape))
    cost = (out * weights).sum()
    wrt = [inputs[position] for position in floats(arrays)]
    return inputs, cost, wrt, T.grad(cost, wrt, disconnected_inputs="ignore")


@every_case
def test_first_derivative_is_that_of_differences(op, arrays):
    chosen = floats(arrays)
    if not chosen or not is_floating(op(*symbols(arrays)).type.dtype):
        return
    inputs, cost, _, gradients = cost_and_gradients(op, arrays)
    found = evaluate(gradients, inputs, arrays)
    for position, gradient in zip(chosen, found):
        assert gradient.shape == arrays[position].shape and gradient.dtype == arrays[position].dtype
    if not op.differentiable:
        assert all((gradient == 0).all() for gradient in found)
        return
    random = np.random.RandomState(11)
    # a result that is float32 whatever the inputs are (a cast) rounds the differences
    step, relative = (1e-4, 1e-6) if op(*inputs).type.dtype == "float64" else (1e-2, 1e-3)
    for _ in range(3):
        towards = direction(random, arrays)
        analytic, size = inner(found, [towards[position] for position in chosen])
        numeric = along(lambda values: float(evaluate([cost], inputs, values)[0]), arrays, towards, step)
        assert abs(analytic - numeric) <= relative * max(size, abs(numeric)) + 1e-11, f"{analytic} by the card, {numeric} by differences"


@every_case
def test_second_derivative_is_that_of_differences(op, arrays):
    chosen = floats(arrays)
    if not chosen or not op.differentiable or not is_floating(op(*symbols(arrays)).type.dtype):
        return
    inputs, _, wrt, gradients = cost_and_gradients(op, arrays)
    random = np.random.RandomState(13)
    first = direction(random, arrays)
    slope = sum((gradient * Constant(first[position])).sum() for position, gradient in zip(chosen, gradients))
    found = evaluate(T.grad(slope, wrt, disconnected_inputs="ignore"), inputs, arrays)
    for _ in range(2):
        towards = direction(random, arrays)
        analytic, size = inner(found, [towards[position] for position in chosen])
        numeric = along(lambda values: float(evaluate([slope], inputs, values)[0]), arrays, towards, 1e-4)
        assert abs(analytic - numeric) <= 1e-4 * max(size, abs(numeric)) + 1e-9, f"{analytic} by the card, {numeric} by differences"


@every_case
def test_no_gradient_flows_from_whole_results(op, arrays):
    inputs = symbols(arrays)
    out = op(*inputs)
    if is_floating(out.type.dtype) or not floats(arrays):
        return
    wrt = [inputs[position] for position in floats(arrays)]
    for gradient in evaluate(T.grad(T.cast(out, "float64").sum(), wrt, disconnected_inputs="ignore"), inputs, arrays):
        assert (gradient == 0).all()


# -- the tests themselves


def test_a_wrong_card_is_found():
    """Guards the loops above: a card with a wrong value, and one with a wrong derivative, must not pass."""

    class Wrong(Elementwise):
        sample = None  # not among the cards
        same_as = "x * x"

        def formula(self, m, x):
            return x * x * 1.0000001

        def partials(self, out, x):
            return [2.00001 * x]

    arrays = [np.array([0.7, 1.3])]
    with pytest.raises(AssertionError):
        test_value_is_the_oracles(Wrong(), arrays)
    with pytest.raises(AssertionError):
        test_first_derivative_is_that_of_differences(Wrong(), arrays)
    with pytest.raises(AssertionError):
        check_latex(r"\frac{x}{y")
    assert Case((2,), axis=0).parameters == {"axis": 0}
