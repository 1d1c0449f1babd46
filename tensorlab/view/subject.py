"""What can be drawn, and which graph lies in it: an expression, several of them, or a stage of a compiled function.

Floor 4, before `pictures.py`. A function is looked at from outside: its stages and its loops are attributes, so nothing of the compiler is
imported here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..graph.errors import PictureError
from ..graph.node import Node
from ..graph.wording import a_kind
from ..schedule.kernels import Kernel, Schedule

STAGES = ("written", "interned", "rewritten", "program")


@dataclass
class Subject:
    """A graph to draw.

    Attributes:
        outputs: the nodes that are wanted.
        given: the nodes at which it begins, though they may be expressions.
        own_names: names that come from outside of the graph: the keys of a dict, "new w" for the update of w.
        kernels: what each loop of a program computes.
    """

    outputs: list[Node]
    given: set[Node] = field(default_factory=set)
    own_names: dict[Node, str] = field(default_factory=dict)
    kernels: list[tuple[str, tuple[Node, ...]]] = field(default_factory=list)


def subject_of(what: Any, stage: str = "rewritten") -> Subject:
    """Return the graph that lies in something.

    Raises:
        PictureError: there is none, or no such stage.
    """
    if isinstance(what, Subject):
        return what
    if isinstance(what, Node):
        return Subject([what])
    stages = getattr(what, "stages", None)
    if stages is not None:
        if stage not in STAGES:
            raise PictureError(f"the stage {stage!r} of a function", f"the stages are {', '.join(STAGES)}", f"stage={STAGES[2]!r}")
        return stage_of(what, stages, stage)
    if isinstance(what, Mapping) and what and all(isinstance(each, Node) for each in what.values()):
        return Subject(list(what.values()), own_names={node: str(name) for name, node in what.items() if node.op is not None})
    if isinstance(what, Sequence) and not isinstance(what, str) and what and all(isinstance(each, Node) for each in what):
        return Subject(list(what))
    raise PictureError(f"a picture of {a_kind(what)}",
                       "only symbols, expressions, lists or dicts of them and compiled functions have a graph",
                       "tl.view.show(y) with an expression y")


def stage_of(function: Any, stages: Any, stage: str) -> Subject:
    """Return a stage of a compiled function: its program is the graph that its loops compute, or its rewritten graph where it has none."""
    schedule = loops_of(function) if stage == "program" else None
    kernels = []
    if schedule is not None:
        outputs, given = list(schedule.results), set(schedule.leaves)
        loops = [step for step in schedule.steps if isinstance(step, Kernel)]
        kernels = [(f"kernel {number}", kernel.nodes) for number, kernel in enumerate(loops, 1)]
    else:
        graph = getattr(stages, "rewritten" if stage == "program" else stage)
        outputs, given = list(graph.outputs), set(graph.inputs)
    updated = list(getattr(function, "updates", {}))
    new = zip(outputs[len(outputs) - len(updated):], updated)
    return Subject(outputs, given, {node: f"new {variable.label}" for node, variable in new if node.op is not None}, kernels)


def loops_of(function: Any) -> Schedule | None:
    """Return the loops that a compiled function runs, or None where it runs through Python."""
    native = getattr(getattr(function, "_doors", None), "native", None)
    schedule = getattr(native, "schedule", None)
    return schedule if isinstance(schedule, Schedule) else None
