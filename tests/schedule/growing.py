"""Graphs that grow at random, with the values that NumPy gives them, for tests of schedules and of native code."""

from __future__ import annotations

import numpy as np

import tensorlab.tensor as T

ROWS, COLUMNS = 3, 5


class Pool:
    """Expressions to choose from, each with its value.

    Attributes:
        inputs, values: what all of them are made of.
        nodes: the expressions and their values.
        foreign: whether ops without native code may be among them.
    """

    def __init__(self, foreign=False):
        self.foreign = foreign
        x, y = T.matrices("x", "y")
        v, w = T.vectors("v", "w")
        s, i, n = T.scalar("s"), T.lvector("i"), T.lscalar("n")
        shapes = [(ROWS, COLUMNS), (ROWS, COLUMNS), (COLUMNS,), (ROWS,), ()]
        random = np.random.RandomState(0)
        self.inputs = [x, y, v, w, s, i, n]
        self.values = [*(random.uniform(0.5, 1.5, shape) for shape in shapes), np.array([2, 0, -1, 2]), np.asarray(2)]
        self.index, self.number = (i, self.values[5]), (n, 2)
        self.nodes = list(zip(self.inputs[:5], self.values[:5]))

    def add(self, node, array):
        if array.size <= 100 and array.ndim <= 3:
            self.nodes.append((node, np.asarray(array)))

    def grow(self, choose):
        """Add an expression made of those that are there; `choose(list)` chooses."""
        works = ("elementwise", "elementwise", "reduce", "view", "join", "product", "pick", "assign")
        (x, a), work = choose(self.nodes), choose((*works, "foreign", "foreign") if self.foreign else works)
        alike = [(y, b) for y, b in self.nodes if b.shape == a.shape and y.type.broadcastable == x.type.broadcastable]
        if work == "elementwise":
            pattern = x.type.broadcastable
            fitting = [
                (y, b) for y, b in self.nodes
                if b.ndim <= a.ndim and b.shape == a.shape[a.ndim - b.ndim :] and y.type.broadcastable == pattern[a.ndim - b.ndim :]
            ]  # fmt: skip
            y, b = choose(fitting)
            made = [(x + y, a + b), (x * y, a * b), (y - x, b - a), (T.tanh(x), np.tanh(a)), (T.maximum(x, y), np.maximum(a, b))]
            if a.ndim == 2 and a.size:
                weights = np.exp(a - a.max(axis=1, keepdims=True))
                made.append((T.nnet.softmax(x), weights / weights.sum(axis=1, keepdims=True)))
            self.add(*choose(made))
        elif work == "reduce" and a.ndim:
            axes = choose([(axis,) for axis in range(a.ndim)] + [tuple(range(a.ndim))])
            kept = choose((False, True))
            if a.size:
                word, same = choose(((T.sum, np.sum), (T.max, np.max), (T.prod, np.prod), (T.mean, np.mean)))
                self.add(word(x, axis=axes, keepdims=kept), same(a, axis=axes, keepdims=kept))
        elif work == "view" and a.ndim:
            n, number = self.number
            self.add(*choose((
                (x.T, a.T), (x[::-1], a[::-1]), (x[..., 1:], a[..., 1:]), (x[::2], a[::2]), (x[:n], a[:number]),
                (x.flatten(), a.reshape(-1)), (x.reshape((-1, 1)), a.reshape(-1, 1)),
                (x.dimshuffle(0, "x", *range(1, a.ndim)), np.expand_dims(a, 1)),
            )))  # fmt: skip
        elif work == "join" and a.ndim:
            y, b = choose(alike)
            self.add(*choose((
                (T.concatenate([x, y], axis=a.ndim - 1), np.concatenate([a, b], axis=-1)), (T.stack([y, x, y]), np.stack([b, a, b])),
                (T.concatenate([y, x, x]), np.concatenate([b, a, a])),
            )))  # fmt: skip
        elif work == "product" and a.ndim in (1, 2):
            y, b = choose([(y, b) for y, b in self.nodes if b.ndim in (1, 2) and b.shape[0] == a.shape[-1]] or [(x.T, a.T)])
            self.add(T.dot(x, y), a @ b)
        elif work == "foreign" and a.ndim:
            axis = choose(range(a.ndim))
            self.add(*choose(((T.sort(x, axis), np.sort(a, axis)), (T.cumsum(x, axis), np.cumsum(a, axis)))))
        elif work == "pick" and a.ndim and a.shape[0] > 2:
            (i, places), (n, number) = self.index, self.number
            self.add(*choose(((x[i], a[places]), (x[n], a[number]), (x[-1], a[-1]))))
        elif work == "assign" and a.ndim and a.shape[0] > 2:
            (i, places), (n, number) = self.index, self.number
            y, b = choose(alike)
            self.add(*choose((
                (T.set_subtensor(x[1:], y[1:]), changed(a, lambda c: c.__setitem__(slice(1, None), b[1:]))),
                (T.inc_subtensor(x[::-1], y), a + b[::-1]),
                (T.inc_subtensor(x[i], y[i]), changed(a, lambda c: np.add.at(c, places, b[places]))),
                (T.inc_subtensor(x[:n], 2.0), changed(a, lambda c: c.__setitem__(slice(number), c[:number] + 2))),
            )))  # fmt: skip


def changed(array, change):
    copy = np.array(array)
    change(copy)
    return copy


def grown_outputs(random, foreign=False):
    """A pool, and some of its expressions with their values."""
    pool = Pool(foreign)
    for _ in range(random.randint(3, 40)):
        pool.grow(random.choice)
    return pool, random.sample(pool.nodes, random.randint(1, min(5, len(pool.nodes))))
