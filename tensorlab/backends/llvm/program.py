"""A whole program as one native function: read, measure, reserve, compute, commit, hand out.

Floor 4. Read `frame.py`, `door.py`, `measures.py` and `storage.py` before; what is computed is written by `steps.py`. Light calls keep
Python's lock from start to end, so nothing can come between; a heavy one (by the number of operations, known once the lengths are) gives it
up inside its long loops and products, which run on all threads. If it also updates, it is handed on first, so that whoever takes the call
holds the turn of the variables; the table says whether that is so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from llvmlite import ir

from ...graph.node import Node
from ...schedule.kernels import Schedule
from .blocks import I32, POINTER, number, whole
from .counting import write_counting
from .door import Door
from .frame import Frame
from .interface import ENTRY, Interface
from .machine import processor
from .measures import Measures
from .objects import ITEMS, NULL
from .steps import Steps
from .storage import Storage
from .timing import Looks, Timing

HEAVY = 1 << 21  # operations (about 0.3 ms) from which a call gives up Python's lock in its long parts
LONG = 1 << 19  # operations (about 0.1 ms) from which one loop is worth several threads: waking one takes 0.01 ms


MANY = 2000  # instructions around kernels from which only those are optimized: LLVM would take longer than linear time, and gain nothing


@dataclass
class Written:
    """The text of a program for LLVM, and what its table holds."""

    text: str
    entries: list[tuple[Any, ...]] = field(default_factory=list)


class ProgramCode:
    """Writes one program."""

    def __init__(self, schedule: Schedule, interface: Interface) -> None:
        self.schedule, self.interface = schedule, interface
        self.module = ir.Module("tensorlab")
        self.module.triple = processor()[0]
        self.frame = Frame(self.module, ENTRY, *([POINTER] if interface.profiled else []))
        self.code = self.frame.code
        self.timing = Timing(self.frame, Looks(schedule)) if interface.profiled else None

    def written(self) -> Written:
        """Return the text of the program and the entries of its table."""
        frame, builder = self.frame, self.code.builder
        frame.need(builder.icmp_signed("==", frame.count, whole(self.interface.arguments)))
        frame.need(builder.icmp_unsigned("==", frame.names, NULL))
        cells = {cell: frame.entry("cell", cell) for cell in self._cells()}
        self.returned = None if self.interface.single else self._list()
        arrays = self._read(cells)
        self.measures = Measures(frame, self.schedule, arrays)
        self.steps = Steps(frame, self.schedule, self.measures)
        self.heavy = self._weigh()
        self._reserve(arrays, cells)
        if self.timing is not None:
            self.timing.look()
        self.steps.write(self.heavy, self.timing.look if self.timing is not None else None)
        result = self._hand_out(cells)
        if self.timing is None:
            frame.finish(result)
        else:
            timing = self.timing
            frame.finish(result, lambda: timing.finish(self.measures), timing.fail)
            write_counting(frame, timing.looks)
        if sum(len(block.instructions) for block in frame.function.blocks) > MANY:
            frame.function.attributes.add("noinline")
            frame.function.attributes.add("optnone")
        return Written(str(self.module), list(frame.table.entries))

    def _list(self) -> Any:
        """Make the list that is returned, and return the place that holds it.

        This comes before anything is read: up to Python 3.11 a new list may set off a search for garbage, whose finalizers run Python code.
        """
        frame = self.frame
        returned = frame.call("PyList_New", self.interface.outputs)
        frame.need_no_error(self.code.builder.icmp_unsigned("!=", returned, NULL))
        place = frame.held()
        self.code.store(returned, place)
        return place

    # -- reading
    def _cells(self) -> list[int]:
        """Return the numbers of all cells, as they stand in the table: those that get new values first, in a row."""
        read = [each.cell for each in self.interface.given if each.cell is not None]
        return list(dict.fromkeys([*self.interface.targets, *read]))

    def _read(self, cells: dict[int, Any]) -> dict[Node, tuple[Any, list[Any]]]:
        frame, builder = self.frame, self.code.builder
        alone = builder.icmp_unsigned("!=", frame.entry("state", "turn"), NULL)
        targets = self.interface.targets
        if targets:
            flags = [frame.entry_address("busy", cell) for cell in targets]  # a row, since they are new to the table
            idle = builder.icmp_unsigned("!=", frame.call("tl_idle", flags[0], len(targets)), ir.Constant(I32, 0))
            frame.need(builder.or_(alone, idle))
        self.alone = alone
        door = Door(frame)
        arrays = {}
        self.held: list[Any] = []
        for leaf, given in zip(self.schedule.leaves, self.interface.given):
            if given.argument is not None:
                arrays[leaf] = door.argument(given.argument, leaf.type, given.only_arrays)
                continue
            assert given.cell is not None
            value = self.code.load(frame.load(cells[given.cell], ITEMS, POINTER), POINTER)
            arrays[leaf] = door.array(value, leaf.type)
            self.held.append(value)
        return arrays

    def _weigh(self) -> Any:
        """Return whether the call is heavy; what it reads is then held, since others may run meanwhile."""
        code, builder = self.code, self.code.builder
        total: Any = 0
        for step in self.schedule.steps:
            total = code.add(total, self.steps.operations(step))
        heavy = builder.icmp_signed(">=", number(total), whole(HEAVY))
        if self.interface.targets:
            self.frame.need(builder.or_(self.alone, builder.not_(heavy)))
        places = [(self.frame.held(), value) for value in self.held]
        if places:
            with code.when(heavy):
                for place, value in places:
                    self.frame.call("Py_IncRef", value)
                    code.store(value, place)
        return heavy

    # -- memory
    def _reserve(self, arrays: dict[Node, tuple[Any, list[Any]]], cells: dict[int, Any]) -> None:
        given = {leaf: address for leaf, (address, _) in arrays.items()}
        self.storage = Storage(self.frame, self.schedule, self.measures, given)
        self.steps.reserve(self.storage)
        self.places = []
        for position, node in enumerate(self.schedule.results):
            if position < self.interface.outputs:
                self.places.append(self.storage.output(node))
            else:
                self.places.append(self.storage.next_value(node, cells[self.interface.targets[position - self.interface.outputs]]))

    # -- handing out
    def _hand_out(self, cells: dict[int, Any]) -> Any:
        """Let all new values take effect at once, and return the outputs."""
        frame, code, interface = self.frame, self.code, self.interface
        if interface.targets:
            cell, place = frame.entry_address("cell", interface.targets[0]), self.places[interface.outputs]
            frame.call("tl_commit", cell, place, len(interface.targets))
        handed_out = self.places[0] if self.returned is None else self.returned
        returned = code.load(handed_out, POINTER)
        code.store(NULL, handed_out)
        if self.returned is None:
            return returned
        for position, place in enumerate(self.places[: interface.outputs]):
            frame.call("PyList_SetItem", returned, position, code.load(place, POINTER))
            code.store(NULL, place)
        return returned


def write(schedule: Schedule, interface: Interface) -> Written:
    """Return a schedule as the text of a native function."""
    return ProgramCode(schedule, interface).written()


