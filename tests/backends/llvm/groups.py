"""Groups of expressions over the same few symbols, each group one function: what loops compute, in all ways of walking over arrays."""

from __future__ import annotations

import itertools

import numpy as np

import tensorlab.tensor as T

AXES = [(0,), (1,), (0, 1)]
ALL_AXES = [axes for count in (1, 2, 3) for axes in itertools.combinations(range(3), count)]


class Symbols:
    """The symbols of all groups, in a dtype: two matrices and a tensor of the same lengths, a row, a column, a number, two index arrays."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.x, self.y, self.z = (T.TensorType(dtype, (None,) * rank)(name) for rank, name in ((2, "x"), (2, "y"), (3, "z")))
        self.v, self.w = T.TensorType(dtype, (None,))("v"), T.TensorType(dtype, (None,))("w")
        self.s = T.TensorType(dtype, ())("s")
        self.i, self.j = T.lvector("i"), T.ivector("j")

    @property
    def all(self):
        return [self.x, self.y, self.z, self.v, self.w, self.s, self.i, self.j]

    def values(self, random, rows, columns):
        """Arrays for them: x and y are rows × columns, z 2 × rows × columns, v as long as a row, w as a column."""
        shapes = [(rows, columns), (rows, columns), (2, rows, columns), (columns,), (rows,), ()]
        i = random.randint(-rows, rows, 4) if rows else np.zeros(0, np.int64)
        j = (random.randint(-columns, columns, 3) if columns else np.zeros(0)).astype(np.int32)
        return [*(numbers(random, self.dtype, shape) for shape in shapes), i, j]


def numbers(random, dtype, shape):
    """Random numbers of a dtype whose sums are far from 0, so that no result hangs on a rounding."""
    if dtype == "bool":
        return np.asarray(random.rand(*shape) > 0.3)
    if not dtype.startswith("float"):
        return np.asarray(random.randint(0 if dtype.startswith("u") else -5, 9, shape)).astype(dtype)
    return np.asarray(random.uniform(0.5, 1.5, shape) * np.where(random.rand(*shape) < 0.1, -1, 1)).astype(dtype)


def elementwise(g):
    x, y, z, v, w, s = g.x, g.y, g.z, g.v, g.w, g.s
    column = w.dimshuffle(0, "x")
    return [x * y + v, x + column, T.switch(x > y, x, s), T.exp(x) * y, T.cast(x, "float32") + v, T.cast(x > y, "int8"), x.T + w,
            T.maximum(x, v), x > v, v * v, s + 1, T.outer(w, v), z * x, z + column, z.dimshuffle(2, 0, 1) * 2]  # fmt: skip


def sums(g):
    x, y, z, v = g.x, g.y, g.z, g.v
    folds = [word(each, axis=axes) for each in (x, x * y, x.T) for axes in AXES for word in (T.sum, T.any)]
    folds += [T.all(x > y, axis=axes) for axes in AXES]
    deep = [T.sum(each, axis=axes) for each, axes in zip(itertools.cycle([z, z * y, z.dimshuffle(1, 2, 0)]), ALL_AXES)]
    rest = [v.sum(), T.sum(x, axis=0) + v, T.prod(x[:, :5], axis=1), x.mean(axis=0), x / (1 + T.sum(x * x, axis=1, keepdims=True))]
    return [*folds, *deep, *rest]


def extremes(g):
    x, y, z = g.x, g.y, g.z
    folds = [word(each, axis=axes) for each in (x, x * y) for axes in AXES for word in (T.max, T.min)]
    return [*folds, *(T.max(z.dimshuffle(2, 0, 1), axis=axes) for axes in ALL_AXES), T.argmax(x, axis=1), T.argmin(x, axis=0),
            T.nnet.softmax(x), T.exp(x - x.max(axis=1, keepdims=True))]  # fmt: skip


def views(g):
    x, v, z = g.x, g.v, g.z
    return [x.T, x[::-1], x[:, ::2], x[1:], x[1::2, ::-1], x[-2:, :-1], x.reshape((-1,)), x.dimshuffle(1, "x", 0), x.T.flatten(),
            z.flatten(2), x[::-1].reshape((-1,)), x[::3, ::-2] * 2, x.T[1:] + 1, v[::-1] + v, x[5:2], x[:, -3:], z[:, ::-1, 1:],
            z[1]]  # fmt: skip


def joins(g):
    x, y, z, v, w = g.x, g.y, g.z, g.v, g.w
    return [T.concatenate([x, y]), T.concatenate([x, y, x], axis=1), T.stack([x, y]), T.concatenate([v, w, v]), T.stack([v, v * 2], axis=1),
            T.concatenate([x.T, y.T], axis=1), T.concatenate([z, z * 2], axis=2)]  # fmt: skip


def picked(g):
    x, v, w = g.x, g.v, g.w
    return [x[0], x[:, -1], x[0, 0], x[-1] * v, v[0] + v[-1], x[:, 0] + w]


def gathers(g):
    x, z, v, i, j = g.x, g.z, g.v, g.i, g.j
    return [x[i], x[:, j], x[i][:, j], v[j], x[i] * 2, v[j] + 1, x[i].sum(axis=0), z[:, i], x[i[:3], j]]


def assignments(g):
    x, y, z, v, s, i, j = g.x, g.y, g.z, g.v, g.s, g.i, g.j
    return [T.set_subtensor(x[1:], y[1:]), T.inc_subtensor(x[:, ::2], s), T.set_subtensor(v[::-1], v), T.inc_subtensor(x[::-1], y),
            T.set_subtensor(x[:, 0:1], y[:, 0:1] * 2), T.inc_subtensor(x[i], v), T.set_subtensor(x[i], s), T.inc_subtensor(v[j], s),
            T.inc_subtensor(x[i], y[i]), T.set_subtensor(z[:, 1:, ::2], y[1:, ::2])]  # fmt: skip


def products(g):
    x, y, v, w = g.x, g.y, g.v, g.w
    return [T.dot(x, y.T), T.dot(x.T, y), T.dot(x, v), T.dot(w, x), T.dot(v, v), T.dot(x[::-1], y.T), T.dot(x[:, ::2], y[:, ::2].T),
            T.dot(x, y.T) * 2 + w, T.dot(x.T, w) + v]  # fmt: skip


GROUPS = (elementwise, sums, extremes, views, joins, picked, gathers, assignments, products)


def refused(group, dtype):
    """Whether a dtype has no such arithmetic."""
    return (group is products and not dtype.startswith("float")) or (dtype == "bool" and group not in (views, joins, picked, gathers))
