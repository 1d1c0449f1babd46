"""The door of a native function: whatever it is called with, it answers as `FAST_COMPILE` does, with the same values or the same words."""

from __future__ import annotations

import decimal
import fractions
import pickle

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T

pytestmark = pytest.mark.filterwarnings("ignore")  # what NumPy says of complex numbers is no matter here


class Float(float):
    pass


class Int(int):
    pass


class List(list):
    pass


class Array:
    def __array__(self, dtype=None, copy=None):
        return np.array(3.0, dtype)

    def __repr__(self):
        return "Array()"


class Index:
    def __index__(self):
        return 3

    def __repr__(self):
        return "Index()"


class Broken:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no numbers today")

    def __repr__(self):
        return "Broken()"


NUMBERS = [1, -1, 0, 2.5, True, False, 2**31, 2**31 - 1, -(2**31), 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**100, 1e308,
           float("nan"), float("inf"), -0.0, 1 + 0j, Float(1.5), Int(3), decimal.Decimal("1.5"), fractions.Fraction(1, 2)]  # fmt: skip
NUMPY = [kind(value) for kind, value in (
    (np.float64, 1.5), (np.float32, 1.5), (np.float16, 1.5), (np.longdouble, 1.5), (np.complex128, 1), (np.bool_, True), (np.str_, "a"),
    (np.int64, -3), (np.int32, 3), (np.int8, -3), (np.uint8, 200), (np.uint64, 2**63), (np.datetime64, "2020"),
)]  # fmt: skip
LISTS = [[], [1.0, 2.0], [1, 2], [1, 2.5], [True, False], [True, 1.5], (1.0, 2.0), [2**31, 1], [2**53 + 1], [2**100], [1j], [None],
         [1, "a"], [np.float64(1), 2], [np.float32(1), 2], [np.int64(1)], [np.array(1.0)], [float("nan"), float("inf")], List([1.0, 2.0]),
         range(3), list(range(32)), list(range(33)), [0.5] * 32, [0.5] * 33, [0.5] * 40 + [1], list(range(1000)),
         [[1.0, 2.0], [3, 4]], [[1], [2, 3]],
         [[]], [[], []], ((1, 2), (3, 4)), [[1.5] * 3] * 40, [[[1.0]]]]  # fmt: skip
ARRAYS = [np.array(value, dtype) for value in (1.5, [1.5, 2.5], [[1.5, 2.5]]) for dtype in ("f8", "f4", "f2", ">f8", "g")]
ARRAYS += [np.array(value, dtype) for value in (3, [1, 0], [[1, 0]]) for dtype in ("i8", "i4", "i1", "u1", "u8", "?", ">i8", "q", "Q")]
ARRAYS += [np.zeros(0), np.zeros((0, 0)), np.zeros((2, 0)), np.zeros((1, 2, 3)), np.array("a"), np.array(None, object),
           np.array([1.5], object), np.ma.array([1.0, 2.0]), np.rec.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
           np.arange(3.0).view(np.recarray), np.broadcast_to(np.float64(2), (3,)), np.arange(6.0).reshape(2, 3).T,
           pickle.loads(pickle.dumps(np.arange(3.0))), pickle.loads(pickle.dumps(np.arange(6, dtype="f4").reshape(2, 3)))]  # fmt: skip
OTHERS = [None, "1", "a", b"1", (), {}, set(), Array(), Index(), Broken(), memoryview(b"abc"), memoryview(np.arange(3.0)), bytearray(b"ab"),
          object(), T.scalar("q"), tl.shared(1.0), len]  # fmt: skip
VALUES = [*NUMBERS, *NUMPY, *LISTS, *ARRAYS, *OTHERS]
DTYPES = ("float64", "float32", "int64", "int8", "uint8", "uint64", "bool")


def pair(make):
    """A native function and one that runs through Python, made alike, with the variables that they update."""
    both = [make(mode) for mode in ("FAST_RUN", "FAST_COMPILE")]
    assert both[0][0]._doors is not None and both[1][0]._doors is None
    return both


def answer(function, arguments, named):
    try:
        return function(*arguments, **named)
    except Exception as problem:
        return problem


def alike(one, other):
    """Whether two answers are the same."""
    if isinstance(one, Exception) or isinstance(other, Exception):
        return (type(one), str(one)) == (type(other), str(other))
    if isinstance(one, np.ndarray):
        same = (type(one), one.dtype, one.shape) == (type(other), other.dtype, other.shape)
        return same and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(alike, one.values(), other.values()))
    return type(one) is type(other) is list and len(one) == len(other) and all(map(alike, one, other))


def check(both, *arguments, **named):
    """Call both; they answer alike, and their variables change alike: only if the call succeeds."""
    (native, variable), (python, twin) = both
    before = variable.get_value(borrow=True)
    found, wanted = answer(native, arguments, named), answer(python, arguments, named)
    assert alike(found, wanted), (arguments, named, found, wanted)
    assert (variable.get_value() == twin.get_value()).all()
    if isinstance(found, Exception):
        assert variable.get_value(borrow=True) is before, "a call that fails changes nothing"
    return found


def counting(dtype, rank, **options):
    """Makes a function of one input that also counts its calls."""

    def make(mode):
        x, count = T.TensorType(dtype, (None,) * rank)("x"), tl.shared(0.0, "count")
        outputs = [x if dtype == "bool" else x + x, T.cast(x, "float64").sum()]
        return tl.function([tl.In(x, **options)], outputs, updates=[(count, count + 1)], mode=mode), count

    return make


OPTIONS = [{}, {"strict": True}]
MORE_OPTIONS = [{"allow_downcast": True}, {"allow_downcast": False}]


@pytest.mark.parametrize("rank", [0, 1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
def test_whatever_it_is_called_with(dtype, rank):
    for options in OPTIONS + (MORE_OPTIONS if dtype in ("float64", "float32", "int8") else []):
        both = pair(counting(dtype, rank, **options))
        good = sum(not isinstance(check(both, value), Exception) for value in VALUES)
        assert 1 <= good < len(VALUES)
        fitting = np.zeros((2,) * rank, dtype)
        for arguments, named in (
            ((), {}), ((fitting,) * 2, {}), ((), {"x": fitting}), ((fitting,), {"x": fitting}), ((), {"y": fitting}),
            ((fitting,), {"y": 1}),
        ):  # fmt: skip
            check(both, *arguments, **named)


def test_what_is_read_at_once(handed):
    """None of these is handed on, by position; each of those is, once, and native code computes it all the same."""
    s, v, m, f, n, b = T.scalar("s"), T.vector("v"), T.matrix("m"), T.fscalar("f"), T.lscalar("n"), T.bscalar("b")
    function = tl.function([s, v, m, f, n, b], [s + v.sum(), m * 2, f + 1, n + b])
    fast = [
        [1.5, 2, -(2**31), True + 0, np.float64(1.5), np.array(1.5), float("nan")],
        [[1.5, 2], [0.5] * 32, np.arange(3.0), np.zeros(0), [2**31]],
        [np.zeros((2, 3)), np.zeros((0, 3))],
        [np.array(1, "f4")],
        [3, -(2**63), 2**63 - 1, np.int64(3), np.array(3)],
        [3, -128, 127, np.int8(3), np.array(3, "i1")],
    ]
    slow = [
        [2**40, True, Float(1.5), np.float32(1.5), np.array(3)],
        [[], (1.5, 2), [0.5] * 33, [True], np.arange(6.0)[::2], np.arange(3.0).astype(">f8"), range(3)],
        [[[1.5]], np.zeros((2, 3), order="F").T[::-1], np.zeros((2, 3), "f4")],
        [1, np.float16(1.5)],
        [True, np.int8(3)],
        [False, np.bool_(True)],
    ]
    usual = [1.5, [1.0, 2.0], np.ones((2, 2)), np.array(1, "f4"), 3, 3]
    for cases, wanted in ((fast, {}), (slow, {"slowly": 1})):
        for position, values in enumerate(cases):
            for value in values:
                handed.clear()
                function(*usual[:position], value, *usual[position + 1 :])
                assert handed == wanted, (position, value)


def test_defaults():
    def make(mode):
        x, step, count = T.scalar("x"), T.scalar("step"), T.lscalar("count")
        total = tl.shared(0.0, "total")
        inputs = [x, tl.In(step, value=0.5), tl.In(count, value=0, update=count + 1)]
        return tl.function(inputs, [x + step, count], updates=[(total, total + x * step)], mode=mode), total

    both = pair(make)
    for arguments, named in (
        ((1.0,), {}), ((1.0, 2.0), {}), ((1.0, 2.0, 7), {}), ((1.0,), {"count": 3}), ((), {"x": 2}), ((), {"step": 3.0}),
        ((1.0,), {"step": "a"}), ((1.0,), {}), ((1.0, 2.0, 7, 8), {}), ((None,), {}), ((1.0, None), {}), ((np.ones(2),), {}),
        ((1.0,), {"x": 1.0}),
    ):  # fmt: skip
        check(both, *arguments, **named)
        assert both[0][0]["count"] == both[1][0]["count"]
    for function, _ in both:
        function["step"] = 10.0
    check(both, 1.0)


def test_forms_of_what_is_returned():
    x = T.vector("x")
    forms = {
        "single": (x * 2, np.ndarray), "list": ([x * 2], list), "tuple": ((x * 2, x), list), "dict": ({"b": x * 2, "a": x.sum()}, dict),
        "empty": ([], list), "nothing": (None, list),
    }  # fmt: skip

    def make(form):
        def made(mode):
            count = tl.shared(0.0, "count")
            return tl.function([x], forms[form][0], updates=[(count, count + x.sum())], mode=mode, name=form), count

        return made

    for form, (_, kind) in forms.items():
        both = pair(make(form))
        for value in ([1.0, 2.0], np.arange(3.0), (1, 2)):
            assert type(check(both, value)) is kind
            assert type(check(both, x=value)) is kind
        for wrong in (1.0, "a", np.ones((2, 2))):
            assert isinstance(check(both, wrong), Exception)


def test_a_list_is_read_as_it_is_when_the_call_begins():
    """A conversion inside the call may change a list: it is read before or after, but not in between."""
    x, y = T.vectors("x", "y")
    function = tl.function([x, y], x.sum() + y.sum())
    values = [1.0, 2.0]

    class Changing:
        def __array__(self, dtype=None, copy=None):
            values.append(3.0)
            return np.ones(2)

    assert function(values, Changing()) in (5.0, 8.0)
    assert values == [1.0, 2.0, 3.0] and function(values, np.ones(2)) == 8.0


ERRORS = {
    "lengths": (lambda x, y, i: x + y, [np.ones((2, 3)), np.ones((2, 4)), [0]]),
    "a length of 1": (lambda x, y, i: x * y, [np.ones((2, 3)), np.ones((1, 3)), [0]]),
    "inner lengths": (lambda x, y, i: T.dot(x, y), [np.ones((2, 3)), np.ones((2, 3)), [0]]),
    "a place": (lambda x, y, i: x[5] + y[0], [np.ones((2, 3)), np.ones((2, 3)), [0]]),
    "places": (lambda x, y, i: x[i] + y[0], [np.ones((2, 3)), np.ones((2, 3)), [0, 1, 2]]),
    "places to set": (lambda x, y, i: T.inc_subtensor(x[:, i], y[:, i]), [np.ones((2, 3)), np.ones((2, 3)), [0, -4]]),
    "places in nothing": (lambda x, y, i: T.set_subtensor(x[i], 1.0) + y, [np.ones((0, 900)), np.ones((0, 900)), [0, 1]]),
    "an extreme of nothing": (lambda x, y, i: x.max() + y.sum(), [np.ones((0, 3)), np.ones((2, 3)), [0]]),
    "a shape": (lambda x, y, i: x.reshape((4, -1)).sum() + y.sum(), [np.ones((2, 3)), np.ones((2, 3)), [0]]),
    "joined": (lambda x, y, i: T.concatenate([x, y]), [np.ones((2, 3)), np.ones((2, 4)), [0]]),
    "a part": (lambda x, y, i: T.set_subtensor(x[1:], y), [np.ones((2, 3)), np.ones((2, 3)), [0]]),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_inside_the_graph(name):
    """The sentences are those of the reference, made from the same graph, and the variables keep their values."""
    make, values = ERRORS[name]
    x, y, i = T.matrix("x"), T.matrix("y"), T.lvector("i")
    variable = tl.shared(np.zeros((2, 3)), "variable")
    function = tl.function([x, y, i], make(x, y, i), updates=[(variable, variable + 1)], on_unused_input="ignore")
    before = variable.get_value(borrow=True)
    with pytest.raises(Exception) as caught:
        function(*values)
    with pytest.raises(type(caught.value)) as wanted:
        function._compute([np.asarray(value) for value in values])
    assert str(caught.value) == str(wanted.value) and "found:" in str(wanted.value)
    assert variable.get_value(borrow=True) is before


n, m, u = T.lscalar("n"), T.lscalar("m"), T.TensorType("uint64", ())("u")
s, v = T.scalar("s"), T.vector("v")
FAR = {
    "an array too large": (lambda: [T.exp(T.alloc(s, n, m)).flatten()[:1]], [1.0, [1.0], 2**31, 2**30, 0]),
    "an array much too large": (lambda: [T.alloc(s, n, m) * 2], [1.0, [1.0], 2**62, 2**62, 0]),
    "a range too long": (lambda: [T.arange(n)[::-1].reshape((-1,))[:1] + m], [1.0, [1.0], 2**61, 0, 0]),
    "a shape too large": (lambda: [(v * 2).reshape((n, m)).T.flatten()], [1.0, np.zeros(0), 2**32, 2**32, 0]),
    "a negative length": (lambda: [T.alloc(s, n, m) * 2], [1.0, [1.0], -1, -1, 0]),
    "far ends": (lambda: [v[n:m] * 1, v[m:n:-1] * 1, v[2**65 :] + 1, v[-(2**65) : 2**64] + 1, v[:: 2**70] + 1, v[:: -(2**64)] + 1],
                 [1.0, [1.0, 2.0, 3.0], -(2**63), 2**63 - 1, 0]),
    "an end beyond int64": (lambda: [v[u:] + 1, v[:u] + 1], [1.0, [1.0, 2.0, 3.0], 0, 0, np.uint64(2**64 - 2)]),
    "a place beyond int64": (lambda: [v[u] + 1], [1.0, [1.0, 2.0, 3.0], 0, 0, np.uint64(2**64 - 2)]),
    "a place far away": (lambda: [v[2**64] + 1], [1.0, [1.0, 2.0, 3.0], 0, 0, 0]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAR)
def test_numbers_that_are_far_too_large(name):
    """Their products do not fit in 64 bits, or they lie outside of every array: an answer like NumPy's, and no crash."""
    make, values = FAR[name]
    outputs = make()
    function = tl.function([s, v, n, m, u], outputs, on_unused_input="ignore")
    assert function._doors is not None
    found = answer(function, values, {})
    given = [np.asarray(value, each.type.dtype) for value, each in zip(values, (s, v, n, m, u))]
    wanted = answer(function._compute, [given], {})
    assert alike(found, wanted)
