"""Reading what a reader wrote between the brackets of `x[…]`.

Floor 2. Read `index_templates.py` first. The result is a template and the nodes for its markers; every mistake that can be seen
before a function runs is told here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.convert import as_node, shorten
from ..graph.errors import ConversionError, DtypeError, IndexingError
from ..graph.node import Constant, Node
from ..graph.types import is_floating, is_integer
from ..graph.wording import a_kind, in_code
from .families import describe
from .index_templates import ARRAY, POINT, WHOLE, Asked, Cut, Entry, Template, mask_rank


def read_index(x: Node, index: Any) -> tuple[Template, list[Node]]:
    """Return the template of `x[index]` and the nodes for its markers.

    A missing rest and an Ellipsis are written out as whole slices. An Ellipsis of no axes stays if there are index arrays: it
    keeps them apart, which moves their axes to the front (NumPy's rule).

    Raises:
        IndexingError: too many indices, a bool, two Ellipses, or something that is no index.
        DtypeError: a floating index.
    """

    def asked() -> str:
        return f"{x.label}[{spell(index)}]"

    given = list(index) if isinstance(index, tuple) else [index]
    entries: list[Entry] = []
    inputs: list[Node] = []
    axes: list[int] = []  # how many axes of x each entry uses
    for each in given:
        entry, nodes = read_entry(each, asked, x)
        entries.append(entry)
        inputs += nodes
        axes.append(0 if entry is None or entry is ... else mask_rank(nodes[0]) if entry == ARRAY else 1)
    used = sum(axes)
    if used > x.type.ndim:
        found = f"{used} ind{'ex' if used == 1 else 'ices'} for {x.type.ndim} ax{'is' if x.type.ndim == 1 else 'es'}: {describe(x)}"
        fitting = f"{x.label}[{', '.join('ijklmn'[: x.type.ndim])}]"
        raise IndexingError(asked(), found, fitting if x.type.ndim else f"{x.label} itself: a scalar has no parts")
    if sum(entry is ... for entry in entries) > 1:
        raise IndexingError(asked(), "two Ellipses (...), so that their lengths cannot be told", "one ... and slices : for the other axes")
    if not any(entry is ... for entry in entries):
        entries.append(...)
    rest = [WHOLE] * (x.type.ndim - used)
    written: list[Entry] = []
    for entry in entries:
        written += (rest or [...]) if entry is ... else [entry]
    if ARRAY not in written or ... in (written[0], written[-1]):
        written = [entry for entry in written if entry is not ...]
    return tuple(written), inputs


def read_entry(each: Any, asked: Asked, x: Node) -> tuple[Entry, list[Node]]:
    """Return one entry of a template and the nodes that it needs."""
    if each is None or each is ...:
        return each, []
    if isinstance(each, slice):
        bounds = [read_bound(bound, asked) for bound in (each.start, each.stop, each.step)]
        if bounds[2] == 0:
            raise IndexingError(asked(), "a slice with step 0, which would never arrive", "a step of 1, or of -1 to go backwards")
        cut = Cut(*(POINT if isinstance(bound, Node) else bound for bound in bounds))
        return cut, [bound for bound in bounds if isinstance(bound, Node)]
    if isinstance(each, (bool, np.bool_)):
        advice = f"{x.label}[{int(each)}] for a position, {x.label}[mask] with a mask as long as {x.label}, or T.switch(condition, a, b)"
        raise IndexingError(asked(), f"the Python bool {each}, which is neither a position nor a mask", advice)
    if isinstance(each, (int, np.integer)):
        return int(each), []
    if isinstance(each, float):
        raise float_index(asked(), f"{each!r} is a float", f"{x.label}[int({each!r})]")
    if isinstance(each, (list, tuple)) and is_empty(each):
        each = np.zeros(np.shape(each), "int64")
    try:
        node = as_node(each)
    except ConversionError:
        raise IndexingError(asked(), f"{shorten(each)} is {a_kind(each)}, which is no index",
                            "a whole number, a slice, a list of whole numbers, a mask of bools, None or ...") from None
    if is_floating(node.type.dtype) and not isinstance(each, Node):
        written = shorten(each)
        raise float_index(asked(), f"{written} is {a_kind(each)} of {node.type.dtype}", f"T.cast({written}, 'int64')")
    return read_node(node, asked, x)


def is_empty(values: Any) -> bool:
    """Say whether nested lists hold nothing at all; NumPy would make floats of them."""
    return isinstance(values, (list, tuple)) and all(map(is_empty, values))


def read_node(node: Node, asked: Asked, x: Node) -> tuple[Entry, list[Node]]:
    """Return the entry for an index that is a node."""
    if is_floating(node.type.dtype):
        raise float_index(asked(), describe(node), f"T.cast({in_code(node, 'index')}, 'int64')")
    if node.type.ndim == 0:
        if not is_integer(node.type.dtype):
            raise IndexingError(asked(), f"{describe(node)}: a single bool is neither a position nor a mask",
                                f"T.switch({node.label}, a, b) to choose, or a mask as long as {x.label}")
        return (int(node.value), []) if isinstance(node, Constant) else (POINT, [node])
    return ARRAY, [node]


def read_bound(bound: Any, asked: Asked) -> int | Node | None:
    """Return one end or the step of a slice."""
    if bound is None:
        return None
    if isinstance(bound, (int, np.integer)) and not isinstance(bound, bool):
        return int(bound)
    if isinstance(bound, (float, bool, np.bool_)):
        raise float_index(asked(), f"the bound {bound!r} of a slice is {a_kind(bound)}", f"int({bound!r})")
    try:
        node = as_node(bound)
    except ConversionError:
        found = f"the bound {shorten(bound)} of a slice is {a_kind(bound)}"
        raise IndexingError(asked(), found, "whole numbers or symbols for the bounds") from None
    if not is_integer(node.type.dtype):
        raise float_index(asked(), describe(node), f"T.cast({node.label}, 'int64')")
    if node.type.ndim:
        raise IndexingError(asked(), f"{describe(node)}; the bounds of a slice are single numbers", f"{node.label}[0]")
    return int(node.value) if isinstance(node, Constant) else node


def float_index(asked: str, found: str, advice: str) -> DtypeError:
    """Build the error for an index that is not a whole number."""
    return DtypeError(asked, f"{found}; positions are whole numbers", advice)


def spell(index: Any) -> str:
    """Write an index as it would stand between brackets.

    >>> spell((slice(None, 3), None, 2))
    ':3, None, 2'
    """
    if isinstance(index, tuple):
        return ", ".join(map(spell, index))
    if isinstance(index, slice):
        start, stop, step = ("" if bound is None else spell(bound) for bound in (index.start, index.stop, index.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return "..." if index is ... else in_code(index, "index") if isinstance(index, Node) else shorten(index)
