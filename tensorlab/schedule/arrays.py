"""Where every array of a program lies: lengths, strides and offset as sizes, before anything runs.

Floor 3. Read `sizes` first. Arrays that are computed lie row by row in memory of their own; a view lies in the memory of what it looks
at. Which views are understood is said in `views.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..graph.node import Node
from .sizes import ONE, ZERO, Size

Lengths = tuple[Size, ...]


@dataclass(frozen=True)
class Place:
    """Where the elements of an array lie.

    Attributes:
        base: the node whose memory they lie in.
        lengths: per axis how many.
        strides: per axis how many elements of memory from one to the next.
        offset: sizes that add up to the distance of the first element from the start of that memory, in elements.
    """

    base: Node
    lengths: Lengths
    strides: tuple[Size, ...]
    offset: tuple[Size, ...] = ()

    @property
    def in_rows(self) -> bool:
        """Whether the elements lie one after the other, row by row."""
        return self.strides == row_strides(self.lengths) or all(
            stride == wanted or length == ONE for stride, wanted, length in zip(self.strides, row_strides(self.lengths), self.lengths)
        )


def row_strides(lengths: Sequence[Size]) -> tuple[Size, ...]:
    """Return the strides of an array that lies row by row.

    >>> [str(each) for each in row_strides([Size(2), Size(3), Size(4)])]
    ['12', '4', '1']
    """
    strides: list[Size] = []
    step = ONE
    for length in reversed(lengths):
        strides.insert(0, step)
        step = step * length
    return tuple(strides)


def stretched(place: Place, node: Node, axes: int) -> tuple[Size, ...]:
    """Return, for each of the last axes that an array is stretched to, the stride to walk with: 0 where it stretches or has no axis."""
    own = [ZERO if stretches else stride for stretches, stride in zip(node.type.broadcastable, place.strides)]
    return (*[ZERO] * (axes - len(own)), *own)
