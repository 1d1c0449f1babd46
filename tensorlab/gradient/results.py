"""What every derivative is asked for and gives back: one variable or a list of them, results in the same form, under the reader's names.

Floor 3.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ..graph.convert import shorten
from ..graph.errors import ConversionError, DisconnectedInputError, LazyText
from ..graph.node import Node
from ..graph.place import Place, here, made_at
from ..graph.wording import a_kind
from ..ops.choices import zeros_like
from ..ops.families import noun
from .reverse import Cotangent, gradient_dtype


class DisconnectedType:
    """The type of a derivative that does not exist, because nothing depends on the variable."""

    def __str__(self) -> str:
        return "DisconnectedType"

    __repr__ = __str__


class Disconnected:
    """Stands for a derivative that does not exist; `T.grad(…, return_disconnected="disconnected")` gives it."""

    type = DisconnectedType()

    def __str__(self) -> str:
        return f"<{self.type}>"

    __repr__ = __str__


def listed(nodes: Any, asked: str | LazyText) -> list[Node]:
    """Return one node or a list or tuple of them as a list.

    Raises:
        ConversionError: something among them is not a node.
    """
    found: list[Any] = list(nodes) if isinstance(nodes, (list, tuple)) else [nodes]
    for each in found:
        if not isinstance(each, Node):
            raise ConversionError(
                str(asked).format(shorten(each)),
                f"{a_kind(each)}, which is not part of any graph",
                "the symbol or shared variable itself (perhaps its name now stands for a value)",
            )
    return found


def in_form_of(form: Any, results: Sequence[Any]) -> Any:
    """Return results as they were asked for: a tuple for a tuple, a list for a list, else the only one."""
    if isinstance(form, tuple):
        return tuple(results)
    return list(results) if isinstance(form, list) else results[0]


@contextmanager
def one_call() -> Iterator[Place | None]:
    """Within the block all new nodes count as made where the reader called; that place is an object of this call's own."""
    place = here()
    own = replace(place) if place is not None else None
    with made_at(own):
        yield own


def put_in_place(results: Sequence[Any], place: Place | None, several: bool) -> list[Node]:
    """Let results stand for the variables that they are assigned to (`dw, db = T.grad(…)`); return those that the call has made.

    A node that the reader had before keeps its place, and one that is the result for two variables stands for neither.
    """
    made = []
    times = Counter(map(id, results))
    for position, result in enumerate(results):
        if isinstance(result, Node) and place is not None and (result.place is place or result.place is place.on_the_way):
            if times[id(result)] > 1:
                result.place = place.on_the_way
            else:
                result.place = place.at(position) if several else place
                made.append(result)
    return made


def zeros_of(variable: Node) -> Node:
    """Return a derivative of zeros."""
    return zeros_like(variable, gradient_dtype(variable))


def as_expressions(
    found: Sequence[Cotangent | None],
    variables: Sequence[Node],
    asked: str | LazyText,
    if_disconnected: str = "ignore",
    instead: str = "zero",
) -> list[Any]:
    """Return what arrived at variables as results: zeros where no change arrives; where nothing is connected, what was asked for.

    Args:
        found: as `pull_back` gives it.
        variables: where it arrived.
        asked: the call as far as the variable, for the message: "T.grad(C".
        if_disconnected: "raise", "warn" or "ignore".
        instead: "zero", "none" or "disconnected".

    Raises:
        DisconnectedInputError: nothing arrived, and `if_disconnected` is "raise".
    """
    results: list[Any] = []
    for cotangent, variable in zip(found, variables):
        if isinstance(cotangent, Node):
            results.append(cotangent)
            continue
        if cotangent is None and if_disconnected != "ignore":
            error = DisconnectedInputError(
                f"{asked}, {variable.label})",
                f"{str(asked).partition('(')[2]} does not depend on {noun(variable)}",
                "an expression built from this very variable, or disconnected_inputs='ignore' for a gradient of zeros",
            )
            if if_disconnected == "raise":
                raise error
            warnings.warn(str(error), stacklevel=3)  # the reader's call of the function that called this one
        if cotangent is None and instead != "zero":
            results.append(None if instead == "none" else Disconnected())
        else:
            results.append(zeros_of(variable))
    return results


def checked_options(disconnected_inputs: str, return_disconnected: str = "zero") -> str:
    """Return `return_disconnected` in small letters, or raise ValueError for options that do not exist."""
    if disconnected_inputs not in ("raise", "warn", "ignore"):
        raise ValueError(f"disconnected_inputs={disconnected_inputs!r}: it is 'raise', 'warn' or 'ignore'")
    instead = str(return_disconnected).lower()
    if instead not in ("zero", "none", "disconnected"):
        raise ValueError(f"return_disconnected={return_disconnected!r}: it is 'zero', 'none' or 'disconnected'")
    return instead
