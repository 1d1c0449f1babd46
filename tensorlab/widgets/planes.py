"""A plane in the space of all parameters: what a picture of a cost is drawn over when there are more than two of them.

Floor 6. All parameters, one behind the other, are one long vector θ; a plane is a point of that space and two directions, so that
θ = origin + u · across + v · up. Along two parameters the directions are axes; along a path they are the two in which it moved most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .base import WidgetError

Vector = np.ndarray[Any, Any]
MOST_AXES = 8  # parameters that are offered as axes; with more, the path's own directions say more


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through the space of parameters.

    Attributes:
        origin: the point (0, 0) of the plane, a vector of all parameters.
        across, up: how far θ moves for one unit to the right, and for one unit upwards.
        labels: what stands at the two axes.
        note: what a reader has to know about what the picture leaves out, or nothing.
    """

    origin: Vector
    across: Vector
    up: Vector
    labels: tuple[str, str]
    note: str = ""

    def at(self, u: float, v: float) -> Vector:
        """Return θ at a point of the plane."""
        return self.origin + u * self.across + v * self.up

    def seen(self, path: Vector) -> Vector:
        """Return where the points of a path (n, parameters) lie above the plane: (n, 2), by least squares."""
        directions = np.stack([self.across, self.up], axis=1)
        return np.linalg.lstsq(directions, (path - self.origin).T, rcond=None)[0].T

    def share(self, path: Vector) -> float:
        """Return which part of a path's movement the plane shows, between 0 and 1, as squared lengths of its steps."""
        steps = np.diff(path, axis=0)
        whole = float(np.sum(steps**2))
        if not whole:
            return 1.0
        inside = np.diff(self.seen(path), axis=0) @ np.stack([self.across, self.up])
        return min(float(np.sum(inside**2)) / whole, 1.0)


def along_two(start: Vector, first: int, second: int, names: Sequence[str]) -> Plane:
    """Return the plane of two parameters, with all others as they are at the start.

    >>> plane = along_two(np.array([1.0, 2.0, 3.0]), 0, 2, ["w[0]", "w[1]", "b"])
    >>> plane.labels, plane.at(5, 7)
    (('w[0]', 'b'), array([5., 2., 7.]))
    """
    origin = start.copy()
    origin[[first, second]] = 0
    across, up = np.zeros_like(start), np.zeros_like(start)
    across[first], up[second] = 1, 1
    note = "" if len(start) == 2 else "All other parameters are as they were at the start."
    return Plane(origin, across, up, (names[first], names[second]), note)


def along_path(path: Vector) -> Plane:
    """Return the plane through the end of a path along the two directions in which it moved most.

    The directions are the principal components of the points seen from the last one: H. Li, Z. Xu, G. Taylor, C. Studer and T. Goldstein,
    "Visualizing the loss landscape of neural nets" (2018), section 7.2.
    """
    end = path[-1]
    directions = np.linalg.svd(path - end, full_matrices=False)[2][:2]
    if len(directions) < 2:  # a path of two points has one direction; any second one completes the plane
        directions = np.stack([directions[0], other_direction(directions[0])])
    # a singular vector has no sign of its own: the largest element is made positive, so that the picture does not depend on the library
    signs = np.sign([each[np.argmax(np.abs(each))] or 1.0 for each in directions])
    across, up = directions * np.where(signs == 0, 1, signs)[:, None]
    plane = Plane(end, across, up, ("first direction of the path", "second direction"))
    shown = plane.share(path)
    return Plane(end, across, up, plane.labels, f"The plane shows {shown:.0%} of the path's movement; it lies through its end.")


def at_random(start: Vector, sizes: Sequence[int], seed: int) -> Plane:
    """Return a plane through the start along two random directions.

    Each direction is scaled, parameter by parameter, to the length that the parameter itself has, so that one unit means as much in each:
    the idea of "filter normalization" in the paper named in `along_path`, section 4.

    Args:
        start: all parameters.
        sizes: how many numbers each parameter has.
        seed: of the directions.
    """
    random = np.random.default_rng(seed)
    across, up = random.standard_normal((2, len(start)))
    up -= up @ across / (across @ across) * across
    ends = np.cumsum(sizes)
    for begin, end in zip(ends - np.asarray(sizes), ends):
        part = slice(int(begin), int(end))
        length = float(np.linalg.norm(start[part])) or 1.0  # a bias that starts at 0 moves as one that is 1 long
        for direction in (across, up):
            direction[part] *= length / (float(np.linalg.norm(direction[part])) or 1.0)
    return Plane(start.copy(), across, up, ("a random direction", "another one"), "A random plane through the start.")


def other_direction(direction: Vector) -> Vector:
    """Return a unit vector at a right angle to a given one."""
    least = np.zeros_like(direction)
    least[np.argmin(np.abs(direction))] = 1
    least -= least @ direction * direction
    return least / np.linalg.norm(least)


class Planes:
    """The planes that a reader may choose from.

    Attributes:
        names: of all parameters, number by number.
        choices: each plane's label, and two places of parameters, "path" or "random".
    """

    def __init__(self, names: Sequence[str], sizes: Sequence[int], seed: int) -> None:
        self.names, self._sizes, self._seed = list(names), sizes, seed
        self.choices: list[tuple[str, tuple[int, int] | str]] = []
        if len(names) <= MOST_AXES:
            self.choices = [(f"{names[a]} and {names[b]}", (a, b)) for a in range(len(names)) for b in range(a + 1, len(names))]
        if len(names) > 2:
            self.choices += [("two main directions of the path", "path"), ("a random plane", "random")]

    @property
    def labels(self) -> list[str]:
        """What the planes are called."""
        return [label for label, _ in self.choices]

    def place_of(self, over: Sequence[str] | str | None) -> int:
        """Return which plane is asked for, and offer it if it is not among the usual ones.

        Raises:
            WidgetError: it is neither two names of parameters nor a word that is offered.

        >>> Planes(["w[0]", "w[1]", "b"], [2, 1], seed=0).place_of(("w[1]", "b"))
        2
        """
        if over is None:
            return 0
        names, asked = self.names, f"tl.widgets.descent(…, over={over!r})"
        wanted: tuple[int, int] | str
        if isinstance(over, str):
            wanted = over
        else:
            missing = [each for each in over if each not in names]
            if len(over) != 2 or missing or over[0] == over[1]:
                found = f"{missing[0]!r} is none of the parameters" if missing else f"{len(over)} names"
                called = ", ".join(names[:8]) + " …" * (len(names) > 8)
                raise WidgetError(asked, f"{found}; they are called {called}", f"over={tuple(names[:2])}")
            wanted = (names.index(over[0]), names.index(over[1]))
            if wanted not in [what for _, what in self.choices]:
                self.choices.insert(0, (f"{over[0]} and {over[1]}", wanted))
        for place, (_, what) in enumerate(self.choices):
            if what == wanted:
                return place
        raise WidgetError(asked, "it is neither two names, nor 'path' or 'random' for three numbers or more", f"over={tuple(names[:2])}")

    def make(self, which: int, path: Vector) -> Plane:
        """Return a plane for a path (n, parameters)."""
        what = self.choices[which][1]
        if what == "path":
            return along_path(path)
        if what == "random":
            return at_random(path[0], self._sizes, self._seed)
        assert not isinstance(what, str)
        return along_two(path[0], *what, self.names)
