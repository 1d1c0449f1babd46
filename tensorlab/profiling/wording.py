"""Figures and names of a profile as a reader reads them.

Floor 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..graph.node import Node
from ..graph.place import Place

LONGEST = 52  # characters of what a step computes: with the figures before it, a line fits into a wide terminal
SECONDS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
BYTES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("bytes", 1.0))


def scaled(value: float, units: Sequence[tuple[str, float]]) -> str:
    """Return a number with the first unit that leaves at least 1 of it, three digits."""
    unit, size = next(((unit, size) for unit, size in units if value >= 0.9995 * size), units[-1])
    number = value / size
    return f"{number:.3g} {unit}" if number < 999.5 else f"{number:.0f} {unit}"


def seconds(value: float) -> str:
    """Return a time.

    >>> seconds(0.000457), seconds(1.5), seconds(0.0), seconds(0.9999)
    ('457 µs', '1.5 s', '0 ns', '1 s')
    """
    return scaled(value, SECONDS)


def bytes_(value: float) -> str:
    """Return an amount of memory.

    >>> bytes_(784920), bytes_(8)
    ('785 kB', '8 bytes')
    """
    return scaled(value, BYTES)


def shown(text: str, longest: int = LONGEST) -> str:
    """Return a name of the reader's on one line, cut where it is too long."""
    line = "".join(letter if letter.isprintable() else "�" for letter in " ".join(text.split()))
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def called(nodes: Iterable[Node], given: Mapping[Node, str], longest: int = LONGEST) -> str:
    """Return what some nodes are called together: those that the reader named (or that have a name given here), else the last one."""
    nodes = list(nodes)
    found = (given.get(node, node.known_name) for node in nodes)
    names = list(dict.fromkeys(name for name in found if name))
    if not names:
        return shown(nodes[-1].label, longest) if nodes else ""
    rest = len(nodes) - len(names)
    text, taken = "", 0
    for name in names:
        longer = f"{text}, {name}" if text else name
        if text and len(longer) > longest - 12:
            break
        text, taken = longer, taken + 1
    rest += len(names) - taken
    return shown(f"{text} and {rest} more" if rest > 0 else text, longest)


def lines_of(nodes: Iterable[Node]) -> str:
    """Return where some nodes were made: "train.py:4, 7" or "cell 3:2"."""
    found: dict[str, set[int]] = {}
    for node in nodes:
        place: Place | None = node.place
        if place is not None:
            where = f"cell {place.cell}" if place.cell is not None else place.filename.replace("\\", "/").rpartition("/")[2]
            found.setdefault(where, set()).add(place.line)
    return "; ".join(f"{shown(where, 30)}:{', '.join(map(str, sorted(lines)))}" for where, lines in found.items())
