"""Symbols, their types and how they print: the first page of the slides."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ConversionError, DtypeError, RankError, ShapeError
from tensorlab.ops.symbols import PATTERNS, PLURALS, PREFIXES, makers


def test_symbols_print_as_on_the_slides():
    assert str(T.scalar()) == repr(T.scalar()) == "<TensorType(float64, scalar)>"
    assert str(T.matrix()) == "<TensorType(float64, matrix)>"
    assert str(T.matrix("ha ha ha")) == repr(T.matrix("ha ha ha")) == "ha ha ha"


@pytest.mark.parametrize(
    ("maker", "pattern"),
    [("vector", "vector"), ("row", "row"), ("col", "col"), ("tensor3", "3D"), ("tensor4", "4D")],
)
def test_the_type_is_printed_in_words(maker, pattern):
    assert str(getattr(T, maker)(dtype="float32")) == f"<TensorType(float32, {pattern})>"


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(("prefix", "dtype"), PREFIXES.items())
def test_typed_forms(pattern, prefix, dtype):
    symbol = getattr(T, prefix + pattern)("s")
    assert (symbol.dtype, symbol.type.shape, symbol.name) == (dtype, PATTERNS[pattern], "s")
    assert symbol.broadcastable == tuple(length == 1 for length in PATTERNS[pattern])


@pytest.mark.parametrize("name", sorted(PLURALS.values()))
def test_plurals(name):
    a, b = getattr(T, name)("a", "b")
    assert [a.name, b.name] == ["a", "b"]
    left, right = getattr(T, "d" + name)(2)
    assert left.name is None and left.known_name == "left" and right.known_name == "right"
    assert a.type == left.type


def test_every_maker_is_in_the_namespace():
    assert all(hasattr(T, name) for name in makers())


def test_float_x_decides_the_default_dtype():
    with tl.config.change_flags(floatX="float32"):
        assert T.scalar().dtype == T.constant(2.0).dtype == "float32"
        assert T.dscalar().dtype == "float64"
    assert T.scalar().dtype == "float64"


def test_the_type_takes_a_pattern_or_lengths():
    assert (
        T.TensorType("float64", (False, True))
        == T.TensorType("float64", (None, 1))
        == T.TensorType(dtype="float64", broadcastable=[False, True])
    )
    assert T.TensorType("float32", (True, False))("r").type == T.frow().type
    assert T.tensor("int64", (2, None), "n").type.shape == (2, None)
    assert str(T.tensor("float64", (2, 3))) == "<TensorType(float64, (2, 3))>"
    with pytest.raises(ShapeError):
        T.TensorType("float64")
    with pytest.raises(ShapeError):
        T.TensorType("float64", (-1,))
    with pytest.raises(DtypeError):
        T.scalar(dtype="complex128")
    with pytest.raises(AttributeError):
        T.TensorType("float64", ()).dtype = "int8"


def test_a_name_must_be_a_text():
    with pytest.raises(ConversionError, match="the first argument is the name"):
        T.scalar(3.0)


def test_constants_keep_dtype_shape_and_bytes():
    assert T.constant(2).dtype == "int64" and T.constant(True).dtype == "bool"
    assert T.constant(np.float32(2)).dtype == "float32"
    assert T.constant([[1.0, 2.0]]).type == T.TensorType("float64", (1, 2))
    assert T.constant(3, ndim=2).type.shape == (1, 1)
    assert str(T.constant(2.0)) == "TensorConstant{2.0}" and str(T.constant([1.0] * 3)) == "TensorConstant{(3,) of 1.0}"
    assert T.constant(0.0).signature != T.constant(-0.0).signature
    with pytest.raises(RankError):
        T.constant([1.0], ndim=0)
    with pytest.raises(ConversionError):
        T.constant(T.scalar())
    with pytest.raises(ConversionError):
        T.as_tensor_variable("text")


def test_a_constant_does_not_follow_the_array_it_was_made_from():
    array = np.zeros(2)
    constant = T.constant(array)
    array[0] = 1
    assert constant.value[0] == 0 and not constant.value.flags.writeable


def test_facts_of_a_node():
    x = T.matrix("x")
    y = T.exp(x)
    assert (y.ndim, y.dtype, y.type, y.broadcastable, y.name) == (2, "float64", x.type, (False, False), None)
    assert y.owner.inputs == (x,) and y.owner.op is T.exp and x.owner is None
    assert y.T.eval({x: [[1, 2]]}).shape == (2, 1)


def test_ifelse_chooses_whole_values():
    c, v, w = T.scalar("c"), T.vector("v"), T.vector("w")
    chosen = tl.ifelse(c, v, w)
    f = tl.function([c, v, w], [chosen, *T.grad((chosen**2).sum(), [v, w])])
    assert [list(each) for each in f(1, [1, 2], [3])] == [[1, 2], [2, 4], [0]]
    assert [list(each) for each in f(0, [1, 2], [3])] == [[3], [0, 0], [6]]
    with pytest.raises(RankError):
        tl.ifelse(v, v, w)
    assert len(tl.ifelse(c, [v, c], [w, 1.0])) == 2


def test_clone_replaces_and_shares_the_rest():
    x, y, z = T.scalars("x", "y", "z")
    kept = z**2
    copied = tl.clone(x * 3 + kept, replace={x: y})
    assert kept in copied.owner.inputs
    assert copied.eval({y: 2.0, z: 1.0}) == 7
    with pytest.raises(tl.graph.errors.GivenError):
        tl.clone(x, replace={x: T.vector()})


def test_a_name_set_later_is_checked_too():
    s = T.scalar("s")
    with pytest.raises(ConversionError, match="a name of type int"):
        s.name = 3
    assert s.name == "s"
    s.name = None
    assert str(s) == "<TensorType(float64, scalar)>"


def test_equality_is_identity_also_beside_numpy():
    x, y = T.vector("x"), T.vector("x")
    assert x == x and x != y and len({x, y, x}) == 2
    assert (x == np.ones(3)) is False and x in [np.float64, y, x]
