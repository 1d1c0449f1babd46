"""Functions of neural networks on single elements: sigmoids, softplus, rectifiers.

Floor 2. What looks at whole rows (softmax) and at targets (cross-entropies) is in `classification.py`. Whole numbers become floats first.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import tanh
from typing import Any

from ..graph.convert import is_weak
from ..graph.node import Node
from .arithmetic import sgn
from .choices import clip, switch
from .dtype_rules import floating
from .families import Elementwise
from .functions import expm1


class Sigmoid(Elementwise):
    """Squashes every element into (0, 1): 1 / (1 + exp(-x)).

    >>> T.nnet.sigmoid(T.constant(0.0)).eval()
    array(0.5)
    """

    latex, glyph = r"\sigma\left({x}\right)", "σ"
    dtype = floating
    sample, same_as = (-6, 6), "1 / (1 + exp(-x))"
    word = "sigmoid"

    def formula(self, m: Any, x: Any) -> Any:
        return 1 / (1 + m.exp(-x))

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [out * (1 - out)]


class Softplus(Elementwise):
    """A smooth rectifier, log(1 + exp(x)), in a form that neither overflows nor loses digits.

    >>> T.nnet.softplus(T.constant([-1000.0, 0.0, 1000.0])).eval()
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """

    latex = r"\operatorname{{softplus}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-6, 6), "log(1 + exp(x))"

    def formula(self, m: Any, x: Any) -> Any:
        return m.maximum(x, 0) + m.log1p(m.exp(-m.abs(x)))

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [sigmoid(x)]


class Softsign(Elementwise):
    """Squashes every element into (-1, 1): x / (1 + |x|).

    >>> T.nnet.softsign(T.constant([-1.0, 0.0, 3.0])).eval()
    array([-0.5 ,  0.  ,  0.75])
    """

    latex = r"\operatorname{{softsign}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "x / (1 + fabs(x))"

    def formula(self, m: Any, x: Any) -> Any:
        return x / (1 + m.abs(x))

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [1 / (1 + abs(x)) ** 2]


class Relu(Elementwise):
    """Rectifier: the element where it is positive, else 0. The derivative at 0 is 0.5, as in Theano.

    >>> T.nnet.relu(T.constant([-2.0, 0.0, 3.0])).eval()
    array([0., 0., 3.])
    """

    latex = r"\operatorname{{relu}}\left({x}\right)"
    dtype = floating
    sample, same_as = (-3, 3), "max(x, 0)"

    def formula(self, m: Any, x: Any) -> Any:
        return m.maximum(x, 0)

    def partials(self, out: Node, x: Node) -> Sequence[Any]:
        return [0.5 * (1 + sgn(x))]


class LeakyRelu(Elementwise):
    """Rectifier with a slope below 0: x where it is positive, else the second operand times x.

    The derivative at 0 is the mean of both slopes, as in Theano.

    >>> T.nnet.relu(T.constant([-2.0, 0.0, 3.0]), 0.1).eval()
    array([-0.2,  0. ,  3. ])
    """

    latex = r"\operatorname{{relu}}_{{{y}}}\left({x}\right)"
    dtype, arity = floating, 2
    sample, same_as = [(-3, 3), (0, 1)], "x if x > 0 else y * x"

    def formula(self, m: Any, x: Any, alpha: Any) -> Any:
        return m.where(x > 0, x, alpha * x)

    def partials(self, out: Node, x: Node, alpha: Node) -> Sequence[Any]:
        return [0.5 * ((1 + alpha) + (1 - alpha) * sgn(x)), switch(x > 0, 0, x)]


class Elu(Elementwise):
    """Exponential linear unit: x where it is positive, else the second operand times (exp(x) - 1).

    >>> T.nnet.elu(T.constant([0.0, 3.0])).eval()
    array([0., 3.])
    """

    latex = r"\operatorname{{elu}}_{{{y}}}\left({x}\right)"
    dtype, arity = floating, 2
    sample, same_as = [(-3, 3), (0.5, 2)], "x if x > 0 else y * expm1(x)"

    def formula(self, m: Any, x: Any, alpha: Any) -> Any:
        return m.where(x > 0, x, alpha * m.expm1(m.minimum(x, 0)))

    def partials(self, out: Node, x: Node, alpha: Node) -> Sequence[Any]:
        return [switch(x > 0, 1, out + alpha), expm1(-relu(-x))]


sigmoid, softplus, softsign, rectifier, leaky_rectifier, exponential_unit = Sigmoid(), Softplus(), Softsign(), Relu(), LeakyRelu(), Elu()


def relu(x: Any, alpha: Any = 0) -> Node:
    """Return the elements where they are positive, else `alpha` times them.

    Args:
        x: any expression.
        alpha: slope below 0, a number or an expression that stretches against `x`.

    >>> x = T.scalar("x")
    >>> T.grad(T.nnet.relu(x), x).eval({x: 0.0})
    array(0.5)
    """
    return rectifier(x) if is_weak(alpha) and alpha == 0 else leaky_rectifier(x, alpha)


def elu(x: Any, alpha: Any = 1) -> Node:
    """Return the elements where they are positive, else `alpha (exp(x) - 1)`.

    Clevert, Unterthiner and Hochreiter 2015, "Fast and Accurate Deep Network Learning by Exponential Linear Units".

    >>> T.nnet.elu(T.constant(-1.0), alpha=2).eval()
    array(-1.26424112)
    """
    return exponential_unit(x, alpha)


def selu(x: Any) -> Node:
    """Return `elu` scaled so that mean 0 and variance 1 are kept from layer to layer.

    Klambauer, Unterthiner, Mayr and Hochreiter 2017, "Self-Normalizing Neural Networks", equation 14.

    >>> T.nnet.selu(T.constant(1.0)).eval()
    array(1.05070099)
    """
    alpha, scale = 1.6732632423543772, 1.0507009873554805  # the fixed point for mean 0 and variance 1, from the paper
    return scale * elu(x, alpha)


def hard_sigmoid(x: Any) -> Node:
    """Return a sigmoid of three straight lines: 0.2 x + 0.5, limited to [0, 1].

    >>> T.nnet.hard_sigmoid(T.constant([-9.0, 0.0, 1.0])).eval()
    array([0. , 0.5, 0.7])
    """
    slope, shift = 0.2, 0.5  # Theano's line
    return clip(x * slope + shift, 0, 1)


def ultra_fast_sigmoid(x: Any) -> Node:
    """Return Theano's rough sigmoid, wrong by up to 0.05, for old material; `sigmoid` costs little more.

    It is (1 + z) / 2, where z stands for tanh(x / 2): with t = |x| / 2, z is 1.5 t / (1 + t) below 1.7, a straight line up to 3, then
    constant; the line touches tanh at both ends.

    >>> T.nnet.ultra_fast_sigmoid(T.constant([-1.0, 0.0, 1.0])).eval()
    array([0.25, 0.5 , 0.75])
    """
    near, far = 1.7, 3.0  # where Theano's pieces meet
    slope = (tanh(far) - tanh(near)) / (far - near)
    t = abs(x * 0.5)
    z = switch(t < near, 1.5 * t / (1 + t), switch(t < far, tanh(near) + slope * (t - near), tanh(far)))
    return 0.5 * (1 + sgn(x) * z)
