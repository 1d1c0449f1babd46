"""Pickles and deep copies of graphs."""

from __future__ import annotations

import copy
import io
import pickle
import sys

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.copying import LEVELS, landmarks
from tensorlab.graph.node import Constant, Symbol
from tensorlab.graph.walk import ancestors
from tensorlab.state import SharedVariable


def by_pickle(value):
    return pickle.loads(pickle.dumps(value))


def by_python_pickle(value):
    stream = io.BytesIO()
    pickle._Pickler(stream).dump(value)  # the same format, written by Python's own slower code
    return pickle.loads(stream.getvalue())


def by_old_protocol(value):
    return pickle.loads(pickle.dumps(value, protocol=2))


ways = pytest.mark.parametrize("way", [by_pickle, by_python_pickle, by_old_protocol, copy.deepcopy], ids=lambda each: each.__name__)


@ways
def test_everything_about_a_node_survives(way):
    x = T.matrix("x")
    y = T.dot(x, x.T).sum(axis=0) + 0.5
    y.name = "result"
    y.tag.note = "mine"
    again = way(y)
    assert again is not y and again.name == "result" and again.type == y.type and again.tag.note == "mine"
    assert again.op == y.op and str(again.place) == str(y.place)
    assert [str(each.op) for each in ancestors([again])] == [str(each.op) for each in ancestors([y])]
    at = np.arange(6.0).reshape(2, 3)
    symbol = next(each for each in ancestors([again]) if isinstance(each, Symbol))
    np.testing.assert_array_equal(again.eval({symbol: at}), y.eval({x: at}))


@ways
def test_one_object_in_a_container_stays_one(way):
    x, w = T.scalar("x"), tl.shared(2.0, "w")
    y = x * w
    a, b, c, d = way([x, y, w, y + x])
    assert b.inputs == (a, c) and d.inputs == (b, a)
    by_key = way({"y": y, "x": x})
    assert by_key["y"].inputs[0] is by_key["x"]


@ways
def test_constants_keep_dtype_and_every_bit(way):
    values = [2, 2.5, -0.0, np.float32(0.1), np.nan, np.inf, True, np.int8(-3), np.uint64(2**64 - 1), np.float16(0.1),
              np.arange(6.0).reshape(2, 3), np.zeros((0, 3)), np.array(1e-320)]  # fmt: skip
    for value in values:
        constant = T.constant(value, name="c")
        again = way(constant)
        assert isinstance(again, Constant) and again.name == "c" and again.signature == constant.signature and again.type == constant.type
        assert not again.value.flags.writeable


@ways
def test_shared_variables_keep_their_value_and_nothing_more(way):
    w = tl.shared(np.array([1.0, 2.0]), "w")
    again, product = way([w, w * 2])
    assert isinstance(again, SharedVariable) and again is not w and product.inputs[0] is again
    np.testing.assert_array_equal(again.get_value(), [1, 2])
    again.set_value([5.0, 6.0])
    np.testing.assert_array_equal(w.get_value(), [1, 2])
    w.get_value(borrow=True)[0] = 9
    np.testing.assert_array_equal(again.get_value(), [5, 6])


@ways
def test_a_default_update_may_read_its_own_variable(way):
    """Guards: the update refers to the variable that has it."""
    count = tl.shared(0, "count")
    count.default_update = count + 1
    again = way(count)
    assert again.default_update.inputs[0] is again
    f = tl.function([], again)
    assert [int(f()), int(f())] == [0, 1] and int(count.get_value()) == 0


@ways
def test_a_tag_may_refer_to_its_own_node(way):
    x = T.scalar("x")
    x.tag.double = x * 2
    again = way(x)
    assert again.tag.double.inputs[0] is again


@ways
def test_ops_with_parameters(way):
    m = T.matrix("m")
    y = m.dimshuffle(1, "x", 0).sum(axis=(0, 2)).astype("int32")
    assert [each.op for each in ancestors([way(y)])] == [each.op for each in ancestors([y])]


def test_a_shallow_copy_shares_what_it_is_made_of():
    x = T.scalar("x")
    y = x * 2
    y.name, y.tag.note = "y", 1
    twin = copy.copy(y)
    assert twin is not y and twin.inputs == y.inputs and twin.name == "y" and twin.tag.note == 1
    w = tl.shared(1.0)
    other = copy.copy(w)
    other.set_value(2.0)
    assert w.get_value() == 1


def deep(levels: int):
    x = T.scalar("x")
    y = x
    for _ in range(levels):
        y = y * x
    return x, y


@ways
def test_depth_does_not_matter(way):
    x, y = deep(3000)
    again_x, again = way([x, y])
    assert len(ancestors([again])) == 3001 and ancestors([again])[0] is again_x
    assert len(ancestors([way(y)])) == 3001


@ways
def test_deep_graphs_in_tags_and_default_updates(way):
    """Guards: what hangs beside a node is as deep as it likes, too."""
    x, y = deep(1500)
    count = tl.shared(0.0)
    count.default_update = y * count
    x.tag.deep = y
    again = way([count, x])
    assert len(ancestors([again[0].default_update])) == len(ancestors([count.default_update]))
    assert ancestors([again[1].tag.deep])[0] is again[1]


def test_several_outputs_of_one_deep_graph():
    _, y = deep(1000)
    nodes = ancestors([y])
    again = by_pickle(nodes)
    assert ancestors([again[-1]]) == again


def test_landmarks_are_close_enough():
    _, y = deep(1000)
    found = landmarks(y)
    assert len(found) == 1001 // LEVELS
    level = {node: number for number, node in enumerate(ancestors([y]))}
    assert max(b - a for a, b in zip([0, *map(level.get, found)], [*map(level.get, found), 1000])) <= LEVELS


def test_pickles_are_small():
    """Guards: a pickle of 100,000 nodes had 18 MB, most of it the same place and the same types again and again."""
    _, y = deep(5000)
    assert len(pickle.dumps(y)) < 5000 * 25
    x = T.scalar("x")
    for _ in range(1000):
        x = x * 2.5
    assert len(pickle.dumps(x)) < 1000 * 60


def test_a_hundred_thousand_nodes():
    """The chain builds, differentiates, is pickled, copied, walked and let go, with Python's usual limit of recursion."""
    assert sys.getrecursionlimit() <= 10_000
    x, y = deep(100_000)
    assert str(y) == "mul.0" and len(y.label) < 60
    gradient = T.grad(y, x)
    assert len(ancestors([gradient])) > 100_000
    assert len(ancestors([by_pickle(y)])) == 100_001
    twin = copy.deepcopy(y)
    assert twin is not y and len(ancestors([twin])) == 100_001
    del twin, gradient, y
    assert x.type.ndim == 0


def test_unpicklable_tags_leave_no_trace():
    """Guards: a pickle that fails on the way leaves the next one whole."""
    _, y = deep(2000)
    ancestors([y])[1000].tag.bad = lambda: 0
    for _ in range(2):
        with pytest.raises((pickle.PicklingError, AttributeError)):
            pickle.dumps(y)
    _, other = deep(2000)
    assert len(ancestors([by_pickle(other)])) == 2001
