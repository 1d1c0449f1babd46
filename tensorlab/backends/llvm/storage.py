"""Where a program keeps what it computes: the stack for what is small, an arena for what is not, arrays for what is handed out.

Floor 4. Read `frame.py` and `schedule/memory.py` before. Arenas come from a list of free ones that belongs to the function, so several
threads can be inside one function; nothing is reserved per call once there is one of the right size. The new value of a shared variable is
written to its spare array, if nobody else holds that, or to a fresh one.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ...graph.node import Node
from ...schedule.arrays import Place
from ...schedule.kernels import Schedule
from ...schedule.memory import layout, root
from ...schedule.sizes import Size
from .blocks import BYTES, I8, I32, I64, MEMORY_TYPES, POINTER, number, whole
from .door import dtype_codes
from .frame import Frame
from .measures import Measures
from .objects import DATA, NULL
from .prelude import HEADER, LINE

ON_STACK = 512  # bytes up to which an array of known size lies on the stack, where LLVM can keep it in registers
STACK = 1 << 16  # bytes of such arrays together: threads have stacks of as little as half a megabyte


class Storage:
    """The memory of one program.

    Attributes:
        outputs: places that hold the arrays of the results, in order.
    """

    def __init__(self, frame: Frame, schedule: Schedule, measures: Measures, given: dict[Node, Any]) -> None:
        self.frame, self.code, self.schedule, self.measures = frame, frame.code, schedule, measures
        self.given = given
        self.layout = layout(schedule)
        self.slots: list[Any] = []
        self.results: dict[Node, Any] = {}
        self.scratch: dict[Any, Any] = {}

    # -- addresses
    def base(self, node: Node) -> Any:
        """Return the address of the memory of a node."""
        node = root(node, self.layout.stands_in)
        if node in self.given:
            return self.given[node]
        if node in self.results:
            return self.results[node]
        if node in self.layout.slot:
            return self.slots[self.layout.slot[node]]
        return self.frame.entry("constant", node)

    def address(self, node: Node, offset: tuple[Size, ...] | None = None) -> Any:
        """Return the address of the first element of a node, or of one that lies `offset` behind the start of its memory."""
        place: Place = self.schedule.places[node]
        steps = self.measures.sum(place.offset if offset is None else offset)
        return self.code.at(self.base(place.base), steps, MEMORY_TYPES[node.type.dtype])

    # -- the arena
    def reserve(self, extra: list[Any]) -> list[Any]:
        """Reserve memory for all slots, and for some more bytes; return the addresses of those."""
        code, sizes = self.code, []
        stack: dict[int, Any] = {}
        taken = 0
        for index, (elements, dtype) in enumerate(self.layout.slots):
            bytes_ = code.times(self.measures.number(elements), BYTES[dtype])
            if isinstance(bytes_, int) and bytes_ <= ON_STACK and taken + bytes_ <= STACK:
                taken += bytes_
                stack[index] = code.slot(ir.ArrayType(I8, max(bytes_, 1)), align=LINE if bytes_ >= LINE else 8)
            else:
                sizes.append(self._rounded(bytes_))
        sizes += [self._rounded(each) for each in extra]
        if not sizes:
            self.slots = [stack[index] for index in range(len(self.layout.slots))]
            return []
        total: Any = 0
        starts = []
        for bytes_ in sizes:
            starts.append(total)
            total = code.add(total, bytes_)
        memory = self._arena(total)
        places = [code.at(memory, start, I8) for start in starts]
        rest = iter(places)
        self.slots = [stack[index] if index in stack else next(rest) for index in range(len(self.layout.slots))]
        return list(rest)

    def _rounded(self, bytes_: Any) -> Any:
        """Return a number of bytes rounded up to whole cache lines."""
        if isinstance(bytes_, int):
            return -(-bytes_ // LINE) * LINE
        return self.code.once(("rounded", bytes_), lambda: self.code.builder.and_(self.code.add(bytes_, LINE - 1), whole(-LINE)))

    def _arena(self, total: Any) -> Any:
        """Take an arena of at least so many bytes from the free ones, or reserve one; it goes back however the function ends."""
        frame, code, builder = self.frame, self.code, self.code.builder
        held = frame.empty()
        arena = frame.call("tl_arena", frame.entry_address("state", "arenas"), total)
        frame.need(builder.icmp_unsigned("!=", arena, NULL))  # step by step a call needs less at a time, or can say which step is too large
        code.store(arena, held)
        frame.undo.append(lambda: frame.call("tl_free_again", frame.entry_address("state", "arenas"), code.load(held, POINTER)))
        start = builder.ptrtoint(arena, I64)
        return builder.inttoptr(builder.and_(builder.add(start, whole(HEADER - 1)), whole(-LINE)), POINTER)

    # -- arrays that are handed out
    def output(self, node: Node) -> Any:
        """Make a fresh array for a result; return the place that holds it."""
        kind, _ = dtype_codes(node.type.dtype)
        return self._hold(node, "tl_fresh", self.frame.entry("type", "array"), kind)

    def next_value(self, node: Node, cell: Any) -> Any:
        """Return a place that holds an array for the next value of a shared variable: its spare one, or a fresh one."""
        entry = self.frame.entry
        return self._hold(node, "tl_next_value", cell, entry("type", "array"), entry("object", "nothing"), *dtype_codes(node.type.dtype))

    def _hold(self, node: Node, name: str, *arguments: Any) -> Any:
        """Ask a function of the prelude for an array with the lengths of a node, and keep it in a place."""
        frame, code = self.frame, self.code
        lengths = self.schedule.places[node].lengths
        memory = code.slot(I64, max(len(lengths), 1))
        for axis, length in enumerate(lengths):
            code.store(number(self.measures.number(length)), code.at(memory, axis, I64))
        array = frame.call(name, *arguments, ir.Constant(I32, len(lengths)), memory)
        frame.need_no_error(code.builder.icmp_unsigned("!=", array, NULL))
        place = frame.held()
        code.store(array, place)
        self.results[node] = frame.load(array, DATA, POINTER)
        return place
