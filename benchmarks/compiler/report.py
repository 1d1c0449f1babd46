"""Print what was measured as Markdown, and whether it reaches what was aimed at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from .contestants import FLOOR, OURS
from .costs import Figure
from .turns import Table
from .workloads import Goal

UNITS = ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (math.inf, 1.0, "s"))


def duration(seconds: float) -> str:
    """Write seconds with three digits and a unit.

    >>> duration(2.5e-7), duration(0.0623), duration(1.5)
    ('250 ns', '62.3 ms', '1.5 s')
    """
    for below, factor, unit in UNITS:
        if seconds < below:
            return f"{float(f'{seconds * factor:.3g}'):g} {unit}"
    return "nan"


def met(table: Table, goal: Goal) -> bool | None:
    """Whether a goal is met: not, if ours is wrong or failed; None if the other has no time."""
    if OURS not in table.times:
        return False
    other = table.best_peer if goal.other == "best peer" else goal.other
    if other is None or other not in table.times:
        return None
    return table.ratio(OURS, other) <= goal.limit


def mark(answers: Sequence[bool | None]) -> str:
    """Write yes, no, or ? for what could not be told; "no" if any is."""
    if not answers:
        return ""
    return "no" if False in answers else "?" if None in answers else "yes"


def line(*cells: str) -> str:
    """Write one line of a table."""
    return f"| {' | '.join(cells)} |"


def steps(tables: Sequence[Table]) -> Iterator[str]:
    """Write the table of steps: ours, the floor, the best peer, the ratios, what was to be reached, and whether it was."""
    heads = ("workload", OURS, FLOOR, "best peer", f"{OURS} / floor", f"best peer / {OURS}", "to reach", "met", "beyond", "met")
    yield line(*heads)
    yield line(*["---"] * len(heads))
    for table in tables:
        workload, ours = table.workload, OURS in table.times
        best = table.best_peer
        yield line(
            workload.name,
            duration(table.median(OURS)) if ours else table.absent.get(OURS, ""),
            duration(table.median(FLOOR)) if FLOOR in table.times else "",
            f"{best} {duration(table.median(best))}" if best else "",
            f"{table.ratio(OURS, FLOOR):.2f}" if ours and FLOOR in table.times else "",
            f"{table.ratio(best, OURS):.2f}" if ours and best else "",
            ", ".join(map(str, workload.reach)),
            mark([met(table, goal) for goal in workload.reach]),
            ", ".join(map(str, workload.beyond)),
            mark([met(table, goal) for goal in workload.beyond]),
        )


def everybody(tables: Sequence[Table]) -> Iterator[str]:
    """Write the table of all contestants, each with its time relative to ours."""
    names = list(dict.fromkeys(name for table in tables for name in (*table.times, *table.absent)))
    names.sort(key=lambda name: (name != OURS, name != FLOOR))
    yield line("workload", *names)
    yield line("---", *["---"] * len(names))
    for table in tables:
        cells = []
        for name in names:
            cell = duration(table.median(name)) if name in table.times else table.absent.get(name, "").partition(":")[0]
            if name in table.times and OURS in table.times and name != OURS:
                cell += f" ({table.ratio(name, OURS):.2f}×)"
            cells.append(cell)
        yield line(table.workload.name, *cells)


def remarks(tables: Sequence[Table]) -> Iterator[str]:
    """Write why a contestant has no time, and what else is to be said, once for each reason."""
    said: dict[tuple[str, str], list[str]] = {}
    for table in tables:
        for name, reason in (*table.absent.items(), *table.notes.items()):
            said.setdefault((name, reason), []).append(table.workload.name)
    for (name, reason), where in said.items():
        yield f"- {name}, {', '.join(where)}: {reason}"


def figures(found: Sequence[Figure]) -> Iterator[str]:
    """Write the table of what is not a step."""
    yield line("figure", OURS, "others", "to reach", "met")
    yield line(*["---"] * 5)
    for each in found:
        values = {name: f"{value:.3g} {each.unit}" for name, value in each.values.items()}
        ours = each.values.get(OURS)
        yield line(
            each.what,
            values.pop(OURS, ""),
            ", ".join(f"{name} {value}" for name, value in values.items()),
            f"≤ {each.limit:.3g} {each.unit}" if each.limit is not None else "",
            mark([ours is not None and ours <= each.limit] if each.limit is not None else []),  # nan is not, either
        )


def as_json(tables: Sequence[Table], found: Sequence[Figure], about: dict[str, Any]) -> dict[str, Any]:
    """Return everything measured as plain data: seconds of each round, ratios, and the answers."""
    return {
        "about": about,
        "steps": [
            {
                "workload": table.workload.name,
                "seconds": table.times,
                "median": {name: table.median(name) for name in table.times},
                "ours / other": {name: table.ratio(OURS, name) for name in table.times} if OURS in table.times else {},
                "absent": table.absent,
                "notes": table.notes,
                "reach": {str(goal): met(table, goal) for goal in table.workload.reach},
                "beyond": {str(goal): met(table, goal) for goal in table.workload.beyond},
            }
            for table in tables
        ],
        "figures": [each._asdict() for each in found],
    }
