"""Sizes: whole numbers that are known when a function runs, and products of them.

Floor 3. Lengths, strides and offsets are written with them before anything runs, so that one compiled program serves all shapes. A
`Quantity` is one such number (the length of an axis of an input, the start of a slice); a `Size` is a product of quantities and a plain
number. Where two lengths must agree, one quantity is *bound* to the other: the program checks it once, and from then on they are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


class ImpossibleError(Exception):
    """Two lengths that must agree are known to differ: the program fails whenever it runs, which the reference back end says best."""


class Quantity:
    """A whole number that is known when the function runs.

    Attributes:
        number: the order in which quantities are found; one is only ever bound to a size made of earlier ones.
        kind: how it comes to be: "length" (of an axis of a given array), "value" (of a whole scalar), "start" and "count" (of a slice),
            "sum" (of several sizes) or "rest" (a quotient of two sizes).
        origin: what it comes from, by kind.
        bound: the size it must be equal to, or None.
    """

    __slots__ = ("bound", "kind", "number", "origin")

    def __init__(self, number: int, kind: str, origin: tuple[Any, ...]) -> None:
        self.number, self.kind, self.origin = number, kind, origin
        self.bound: Size | None = None

    def __repr__(self) -> str:
        return f"n{self.number}"


@dataclass(frozen=True)
class Size:
    """A plain number times quantities, in the order of their numbers.

    >>> n, m = Quantity(0, "length", ()), Quantity(1, "length", ())
    >>> print(Size(2) * Size(1, (m,)) * Size(1, (n,)))
    2*n0*n1
    """

    factor: int = 1
    parts: tuple[Quantity, ...] = ()

    def __mul__(self, other: Size) -> Size:
        factor = self.factor * other.factor
        if not factor:
            return ZERO
        if not self.parts or not other.parts:
            return Size(factor, self.parts or other.parts)
        return Size(factor, tuple(sorted((*self.parts, *other.parts), key=lambda part: part.number)))

    @property
    def known(self) -> int | None:
        """The number, if it is known before anything runs."""
        return None if self.parts else self.factor

    def __str__(self) -> str:
        factors = [*([str(self.factor)] if self.factor != 1 or not self.parts else []), *map(repr, self.parts)]
        return "*".join(factors)


ZERO, ONE = Size(0), Size(1)


def product(sizes: Iterable[Size]) -> Size:
    """Return the product of sizes."""
    result = ONE
    for size in sizes:
        result = result * size
    return result


@dataclass
class Sizes:
    """All quantities of a program, and what must hold between them.

    Attributes:
        quantities: in the order in which they were found.
        equal: pairs of sizes that must be equal and could not be made one.
    """

    quantities: list[Quantity] = field(default_factory=list)
    equal: list[tuple[Size, Size]] = field(default_factory=list)

    def new(self, kind: str, *origin: Any) -> Size:
        """Return a new quantity as a size."""
        quantity = Quantity(len(self.quantities), kind, origin)
        self.quantities.append(quantity)
        return Size(1, (quantity,))

    def settled(self, size: Size) -> Size:
        """Return a size with every bound quantity replaced by what it is bound to."""
        if all(part.bound is None for part in size.parts):
            return size
        return product([Size(size.factor), *(Size(1, (part,)) if part.bound is None else self.settled(part.bound) for part in size.parts)])

    def agree(self, one: Size, other: Size) -> Size:
        """Require two sizes to be equal and return the size that stands for both from now on.

        Raises:
            ImpossibleError: they are known to differ.
        """
        one, other = self.settled(one), self.settled(other)
        if one == other:
            return one
        if not one.parts and not other.parts:
            raise ImpossibleError(f"{one} is not {other}")
        for free, kept in sorted(((one, other), (other, one)), key=lambda pair: -newest(pair[0])):
            if free.factor == 1 and len(free.parts) == 1 and newest(kept) < free.parts[0].number:
                free.parts[0].bound = kept
                return kept
        self.equal.append((one, other))
        return one


def newest(size: Size) -> int:
    """Return the number of the newest quantity in a size, -1 if there is none."""
    return max((part.number for part in size.parts), default=-1)
