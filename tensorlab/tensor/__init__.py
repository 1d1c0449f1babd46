"""The namespace `T`: everything that makes or changes symbols. It re-exports and defines nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..gradient import Lop, grad
from ..graph.convert import as_node as as_tensor_variable
from ..graph.node import Constant as TensorConstant
from ..graph.node import Node as TensorVariable
from ..graph.node import Node as Variable
from ..graph.types import TensorType
from ..ops import symbols as _symbols
from ..ops.arithmetic import abs_, add, int_div, mod, mul, neg, pow, sgn, sqr, sub, true_div
from ..ops.arithmetic import reciprocal as inv
from ..ops.choices import cast, clip, fill, maximum, minimum, ones_like, switch, zeros_like
from ..ops.comparisons import and_, eq, ge, gt, invert, isinf, isnan, le, lt, neq, or_, xor
from ..ops.functions import exp, log
from ..ops.products import dot, transpose
from ..ops.reductions import sum_of as sum
from ..ops.shapes import dimshuffle
from ..ops.shapes import shape_of as shape
from ..ops.symbols import tensor

constant = as_tensor_variable
globals().update(_symbols.makers())
