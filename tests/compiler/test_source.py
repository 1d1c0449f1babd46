"""The reference back end runs programs as written Python source; its meaning is that of the cards, called one by one."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends import reference
from tensorlab.backends.base import StepError
from tensorlab.backends.source import write_source
from tensorlab.backends.written import NotWritableError, TextWords, Written, lines_of
from tensorlab.graph.errors import ShapeError, TensorlabError
from tensorlab.graph.types import TensorType
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.families import Elementwise, Library, cards, instances
from tensorlab.schedule.plan import plan

CARDS = cards()


def same(found, wanted, what):
    assert type(found) is np.ndarray and found.dtype == wanted.dtype and found.shape == wanted.shape, what
    np.testing.assert_array_equal(found, wanted, err_msg=str(what))


def run_both(nodes, values):
    """Results of the program, and of the cards called one by one."""
    runner = reference.Reference().compile(plan(list(values), nodes))
    return runner.run(list(values.values())), one_by_one(nodes, values)


def one_by_one(nodes, values):
    with np.errstate(all="ignore"):
        return [np.asarray(each) for each in interpret(nodes, values)]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.__name__)
def test_a_program_means_what_the_card_says(card):
    for op, values in instances(card):
        symbols = [TensorType(value.dtype, (None,) * value.ndim)() for value in values]
        node = op(*symbols)
        (found,), (wanted,) = run_both([node], dict(zip(symbols, values)))
        same(found, wanted, op)


@pytest.mark.parametrize("card", [card for card in CARDS if issubclass(card, Elementwise)], ids=lambda card: card.__name__)
@pytest.mark.parametrize("dtype", ["float32", "float16", "int8", "uint64", "bool"])
def test_it_does_so_for_every_dtype(card, dtype):
    """The source leaves out casts only where NumPy's own rules make them needless: exp of a bool is no float16 here."""
    for op, values in instances(card):
        values = [np.abs(value).astype(dtype) for value in values]
        symbols = [TensorType(dtype, (None,) * value.ndim)() for value in values]
        for other in (None, np.int64(2), np.float32(0.5), True):
            operands = [*symbols[:-1], T.constant(other)] if other is not None and len(symbols) > 1 else symbols
            try:
                node = op(*operands)
            except TensorlabError:
                continue  # bits of a float
            try:
                wanted = one_by_one([node], dict(zip(symbols, values)))
            except (ValueError, TypeError):
                continue
            given = dict(list(zip(symbols, values))[: len(symbols) - (operands is not symbols)])
            (found,), _ = run_both([node], given)
            same(found, wanted[0], (op, dtype, other))


def test_the_source_can_be_read():
    x, w, b = T.vector("x"), tl.shared(np.zeros(2), name="w"), tl.shared(0.0, name="b")
    z = T.dot(w, x) + b
    y = 1 / (1 + T.exp(-z))
    text = tl.function([x], [y, x.T], mode="FAST_COMPILE").source()
    assert text.startswith(
        "def program(b0, b1, b2):\n    # b0 is x, float64 vector\n    # b1 is w, float64 vector\n    # b2 is b, float64 scalar\n"
    )
    assert "  # z, float64 scalar\n" in text and "  # y, float64 scalar\n" in text
    compile(text, "program", "exec")


def test_large_buffers_are_let_go():
    x = T.vector("x")
    program = plan([x], [T.exp(T.exp(T.exp(x))).sum()])
    assert write_source(program).text.count("del ") == 3


@pytest.mark.parametrize(
    "name", ["a\nimport os; os.abort()", "a\r\n    raise SystemExit", "\x0c\x00", "\u2028x", "\ud800", "#", '"""', "x" * 1000]
)
def test_a_hostile_name_stays_in_its_comment(name):
    x = T.scalar(name)
    y = x + 1
    y.name = name
    f = tl.function([x], [y * 2, y])
    assert [each.item() for each in f(1)] == [4, 2]
    assert all(len(line) < 200 and line.isprintable() for line in f.source().split("\n"))


def test_a_part_used_twice_is_computed_once():
    x = Written("x")
    words = TextWords()
    e = words.exp(-x)
    assert lines_of(e / (1 + e) ** 2, "t") == (["t_1 = exp(-x)"], "t_1 / (1 + t_1) ** 2")
    assert words.used == {"exp"}


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lambda x: (x + 1) * x, "(x + 1) * x"),
        (lambda x: x - (x - 1), "x - (x - 1)"),
        (lambda x: (x - 1) - x, "x - 1 - x"),
        (lambda x: (-x) ** 2, "(-x) ** 2"),
        (lambda x: -(x**2), "-x ** 2"),
        (lambda x: (x**2) ** x, "(x ** 2) ** x"),
        (lambda x: (x < 1) & (x > 0), "(x < 1) & (x > 0)"),
        (lambda x: ~(x == 1), "~(x == 1)"),
        (lambda x: (x < 1) != (x > 1), "(x < 1) != (x > 1)"),
        (lambda x: x**-2.0, "x ** (-2.0)"),
        (lambda x: x * -2, "x * -2"),
        (lambda x: -(2**-x), "-2 ** -x"),
    ],
)
def test_parentheses_stand_where_python_needs_them(formula, text):
    lines, found = lines_of(formula(Written("x")), "t")
    assert not lines
    for value in (0.5, 3.0):
        x = np.float64(value)
        array = eval(found, {"x": np.array([x])})
        np.testing.assert_array_equal(array, formula(np.array([x])))
    if "2 ** -x" not in text:
        assert found == text


def test_formulas_that_ask_about_values_are_left_to_their_card():
    class Odd(Elementwise):
        """Looks at its argument."""

        def formula(self, m, x):
            return x if np.all(x > 0) else -x

    x = T.vector("x")
    assert tl.function([x], Odd()(x))([-1, -2]).tolist() == [1, 2]
    for wrong in (
        lambda: bool(Written("x")),
        lambda: TextWords().nonsense,
        lambda: Written("1", literal=True) + 1,
        lambda: Written("x") + object(),
    ):
        with pytest.raises(NotWritableError):
            wrong()


def test_plain_numbers_never_meet():
    """1 / 0 is inf in an array and an error in Python."""
    zero = T.constant(0.0)
    for mode in ("FAST_RUN", "FAST_COMPILE"):
        x = T.scalar("x")
        assert tl.function([x], x + 1 / zero, mode=mode)(1) == np.inf
        assert tl.function([x], x * zero ** (-1.0), mode=mode)(1) == np.inf
        assert np.isnan(tl.function([x], x + T.log(zero - 1), mode=mode)(1))


def test_constants_keep_their_dtype():
    """0.1 as float32 is not 0.1: a constant is written as a number only beside operands of its own dtype."""
    x = T.fvector("x")
    tenth = np.array([0.1], "float32")
    assert tl.function([x], T.eq(x, T.constant(0.1)))(tenth).tolist() == [False]
    assert tl.function([x], T.eq(x, T.constant(np.float32(0.1))))(tenth).tolist() == [True]
    assert tl.function([x], x + T.constant(0.1))(tenth).dtype == "float64"
    b = T.bvector("b")
    assert tl.function([b], b + T.constant(100))(np.array([100], "int8")).tolist() == [200]


def test_a_failed_step_names_its_node_and_values():
    x, v = T.vector("x"), T.vector("v")
    node = x * v
    runner = reference.Reference().compile(plan([x, v], [T.exp(node)]))
    a, b = np.ones(2), np.ones(3)
    with pytest.raises(StepError) as caught:
        runner.run([a, b])
    assert caught.value.node is node and caught.value.values[0] is a and caught.value.values[1] is b


def test_no_warning_escapes_and_none_is_lost_afterwards():
    x = T.vector("x")
    f = tl.function([x], [1 / x, T.log(x), x * 1e308 * 10])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f([0.0, -1.0])
    with pytest.warns(RuntimeWarning):
        np.array([1.0]) / np.array([0.0])


def test_cards_are_given_arrays_also_of_no_axes():
    """NumPy makes numbers of what is computed with 0-d arrays; a card that works on whole arrays must not see them."""

    class Inside(Library):
        """Looks at the kind of its operand."""

        def type(self, x):
            return x.type

        def numpy(self, xp, x):
            assert type(x) is np.ndarray
            return x

    x = T.scalar("x")
    for node in (x + 1, x.sum(), T.dot([x], [x]), T.switch(x > 0, x, 1), x):
        assert tl.function([x], Inside()(Inside()(node)), mode="FAST_COMPILE")(3).shape == ()


def test_a_program_of_many_steps():
    x = T.scalar("x")
    y = x
    for _ in range(3000):
        y = y + x
    assert tl.function([x], y, mode="FAST_COMPILE")(1) == 3001


@pytest.mark.parametrize("longest", [0, 10**6], ids=["in a loop", "as one function"])
def test_a_very_long_program_runs_in_a_loop_and_means_the_same(longest, monkeypatch):
    monkeypatch.setattr(reference, "LONGEST", longest)
    x, v, w = T.vector("x"), T.vector("v"), tl.shared(np.ones(2))
    f = tl.function([x, v], [x, T.exp(x), x.T, x.sum(), w, x[0]], updates=[(w, w * v + x)])
    a = np.array([1.0, 2.0])
    results = f(a, [3, 4])
    assert all(type(each) is np.ndarray and not np.shares_memory(each, a) for each in results)
    np.testing.assert_array_max_ulp(results[1], np.exp(a), 2)  # which is what exp promises
    assert w.get_value().tolist() == [4, 6]
    with pytest.raises(ShapeError) as caught:
        f(a, [1, 2, 3])
    assert "v is float64 (3,)" in caught.value.found and caught.value.asked.startswith("mul(w, v)")
    assert w.get_value().tolist() == [4, 6] and f.source().startswith("def program(")
