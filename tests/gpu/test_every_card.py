"""Every card on the stand-in for CuPy: the values of NumPy, the dtype of the card, and no array that crosses unasked."""

from __future__ import annotations

import numpy as np
import pytest
import stand_in

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.types import TensorType
from tensorlab.ops.evaluate import interpret
from tensorlab.ops.families import Elementwise, cards, instances

CARDS = cards()


def compiled(symbols, nodes):
    return tl.function(symbols, nodes, mode=tl.Mode(None), on_unused_input="ignore")


def same(found, wanted, what):
    assert type(found) is np.ndarray and found.dtype == wanted.dtype and found.shape == wanted.shape, what
    np.testing.assert_array_equal(found, wanted, err_msg=str(what))


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.__name__)
def test_a_card_on_the_device_computes_what_it_computes_here(gpu, card):
    for op, values in instances(card):
        symbols = [TensorType(value.dtype, (None,) * value.ndim)() for value in values]
        node = op(*symbols)
        with np.errstate(all="ignore"):
            (wanted,) = interpret([node], dict(zip(symbols, values)))
        f = compiled(symbols, [node])
        assert f.device == "gpu"
        stand_in.count.clear()
        found = f(*values)[0]
        same(found, np.asarray(wanted), op)
        fetched = sum(value.nbytes for value in values) if op.by_host else found.nbytes
        assert stand_in.count.up <= len(values), op
        assert stand_in.count.bytes_down <= fetched + 1, op  # 1: the flag of positions out of range


@pytest.mark.parametrize("card", [card for card in CARDS if issubclass(card, Elementwise)], ids=lambda card: card.__name__)
@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_it_does_so_in_other_dtypes(gpu, card, dtype):
    for op, values in instances(card):
        values = [np.abs(value).astype(dtype) for value in values]
        symbols = [TensorType(dtype, (None,) * value.ndim)() for value in values]
        try:
            node = op(*symbols)
            with np.errstate(all="ignore"):
                (wanted,) = interpret([node], dict(zip(symbols, values)))
        except tl.TensorlabError:
            continue  # bits of a float
        except ValueError:
            continue  # a whole number to a negative power
        same(compiled(symbols, [node])(*values)[0], np.asarray(wanted), (op, dtype))


@pytest.mark.parametrize("card", [card for card in CARDS if card.differentiable], ids=lambda card: card.__name__)
def test_derivatives_run_there_too(gpu, card):
    for op, values in instances(card):
        symbols = [TensorType(value.dtype, (None,) * value.ndim)() for value in values]
        wrt = [symbol for symbol in symbols if symbol.type.dtype.startswith("float")]
        node = op(*symbols)
        if not wrt or not node.type.dtype.startswith("float"):
            continue
        gradients = T.grad(node.sum(), wrt, disconnected_inputs="ignore")
        found = compiled(symbols, gradients)(*values)
        with np.errstate(all="ignore"):
            wanted = interpret(gradients, dict(zip(symbols, values)))
        for one, other in zip(found, wanted):
            same(one, np.asarray(other), op)
