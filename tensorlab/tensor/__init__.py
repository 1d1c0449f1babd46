"""The namespace `T`: everything that makes or changes symbols. It re-exports and defines nothing."""

from ..gradient import Lop, Rop, consider_constant, grad, hessian, jacobian, numeric_grad, verify_grad
from ..graph.node import Constant as TensorConstant
from ..graph.node import Node as TensorVariable
from ..graph.node import Node as Variable
from ..graph.types import TensorType
from ..ops import from_numpy as _from_numpy
from ..ops import symbols as _symbols
from ..ops import test_values as _test_values
from ..ops.advanced_indexing import flatnonzero, nonzero, nonzero_values
from ..ops.along_axis import take_along_axis
from ..ops.arithmetic import abs_, add, int_div, mod, mul, neg, pow, reciprocal, sgn, sqr, sub, true_div
from ..ops.arithmetic import abs_ as abs
from ..ops.arithmetic import abs_ as absolute
from ..ops.arithmetic import int_div as floor_div
from ..ops.arithmetic import int_div as floor_divide
from ..ops.arithmetic import mod as remainder
from ..ops.arithmetic import mul as multiply
from ..ops.arithmetic import neg as negative
from ..ops.arithmetic import pow as power
from ..ops.arithmetic import reciprocal as inv
from ..ops.arithmetic import sgn as sign
from ..ops.arithmetic import sqr as square
from ..ops.arithmetic import sub as subtract
from ..ops.arithmetic import true_div as divide
from ..ops.arithmetic import true_div as true_divide
from ..ops.asserting import ensure
from ..ops.assigning import inc_subtensor, set_subtensor
from ..ops.averages import mean, norm, std, var
from ..ops.axes import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    expand_dims,
    moveaxis,
    shape_padaxis,
    shape_padleft,
    shape_padright,
    squeeze,
    swapaxes,
)
from ..ops.batched_products import batched_dot, batched_tensordot, matmul
from ..ops.broadcasting import addbroadcast, patternbroadcast, specify_shape, unbroadcast
from ..ops.choices import cast, clip, fill, maximum, minimum, ones_like, switch, zeros_like
from ..ops.choices import switch as where
from ..ops.comparisons import (
    allclose,
    and_,
    eq,
    ge,
    gt,
    invert,
    isclose,
    isinf,
    isnan,
    le,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    lt,
    neq,
    or_,
    xor,
)
from ..ops.comparisons import and_ as bitwise_and
from ..ops.comparisons import invert as bitwise_not
from ..ops.comparisons import or_ as bitwise_or
from ..ops.comparisons import xor as bitwise_xor
from ..ops.control import disconnected_grad, tensor_copy, zero_grad
from ..ops.cumulative import cumprod, cumsum, diff
from ..ops.diagonals import diag, diagonal, fill_diagonal, fill_diagonal_offset, trace
from ..ops.extremes import argmax, argmin, max_and_argmax, ptp
from ..ops.extremes import max_of as max
from ..ops.extremes import min_of as min
from ..ops.filling import alloc, broadcast_to, empty, empty_like, full, full_like, ones, zeros
from ..ops.functions import cbrt, exp, exp2, expm1, log, log1p, log2, log10, sqrt
from ..ops.joining import concatenate, horizontal_stack, join, split, vertical_stack
from ..ops.products import dot, inner, outer, tensordot, transpose, vdot
from ..ops.ranges import arange, eye, identity_like, linspace, tri, tril, triu
from ..ops.reductions import all_of as all
from ..ops.reductions import any_of as any
from ..ops.reductions import prod
from ..ops.reductions import sum_of as sum
from ..ops.repeating import repeat, roll, tile
from ..ops.reshaping import flatten, ravel, reshape
from ..ops.rounding import ceil, floor, iround, round, round_half_away_from_zero, round_half_to_even, trunc
from ..ops.selections import bincount, choose, compress, searchsorted, take, to_one_hot
from ..ops.shapes import dimshuffle, size
from ..ops.shapes import shape_of as shape
from ..ops.sorting import argsort, argtopk, sort, topk, topk_and_argtopk
from ..ops.special import erf, erfc, erfcinv, erfcx, erfinv, gamma, gammaln, psi, tri_gamma
from ..ops.stacking import stack, stacklists
from ..ops.symbols import as_tensor_variable, constant, tensor
from ..ops.trigonometry import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cos,
    cosh,
    deg2rad,
    rad2deg,
    sin,
    sinh,
    tan,
    tanh,
)
from . import nnet, opt

as_tensor = as_tensor_variable
globals().update(_symbols.makers())
_from_numpy.connect()
_test_values.connect()

__all__ = [_name for _name in list(globals()) if not _name.startswith("_")]


def __dir__() -> list[str]:
    return sorted(__all__)
