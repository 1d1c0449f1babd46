"""Sizes as numbers: every quantity of a schedule is worked out and checked before anything else happens.

Floor 4. Read `schedule/sizes.py` and `schedule/views.py` before. Whatever does not fit is handed on (see `frame.py`), never told from here.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ...graph.node import Constant, Node
from ...ops.shapes import AxisLength
from ...schedule.kernels import Schedule
from ...schedule.sizes import Quantity, Size, product
from .blocks import F64, MEMORY_TYPES, number, whole
from .frame import Frame
from .speaking import spoken
from .values import Value
from .words import Words

MOST = 2**46  # elements: processors have addresses for 2**47 bytes or fewer, so whatever asks for more has gone wrong
MOST_FACTOR = 2**14  # of one number below MOST, with 8 bytes an element: the bytes are still a whole number of 64 bits


class Measures:
    """The numbers of one schedule.

    Args:
        arrays: per given leaf the address of its elements and its lengths.
    """

    def __init__(self, frame: Frame, schedule: Schedule, arrays: dict[Node, tuple[Any, list[Any]]]) -> None:
        self.frame, self.schedule, self.arrays = frame, schedule, arrays
        self.code = frame.code
        self.words = Words(frame.module, 1)
        self.words.inline = False
        self.found: dict[Quantity, Any] = {}
        self.scalars: dict[Node, Value] = {}
        for quantity in schedule.sizes.quantities:
            self.found[quantity] = value = getattr(self, f"_{quantity.kind}")(*quantity.origin)
            if quantity.bound is not None:
                self._equal(value, self.number(schedule.sizes.settled(quantity.bound)))
        for one, other in schedule.sizes.equal:
            self._equal(self.number(schedule.sizes.settled(one)), self.number(schedule.sizes.settled(other)))
        for size in dict.fromkeys(schedule.checked):
            if size.known is None or size.known == 0:
                self._need("!=", self.number(size), 0)
        self._look_for_too_many()

    def _look_for_too_many(self) -> None:
        """Hand on if an array would have more elements than fit in memory: their number may not even fit in 64 bits."""
        places = self.schedule.places
        there = {product(places[leaf].lengths) for leaf in self.arrays if leaf in places}
        builder = self.code.builder
        for total in dict.fromkeys(product(place.lengths) for place in places.values()):
            if total in there or (len(total.parts) < 2 and total.factor < MOST_FACTOR):
                continue
            count: Any = ir.Constant(F64, float(total.factor))
            for part in total.parts:
                extent = self.code.larger(self.number(Size(1, (part,))), 1)
                count = builder.fmul(count, self.code.once(("real", extent), lambda extent=extent: builder.sitofp(number(extent), F64)))
            self.frame.need(builder.fcmp_ordered("<", count, ir.Constant(F64, float(MOST))))

    def number(self, size: Size) -> Any:
        """Return a size as a number: a plain int if it is known."""
        result: Any = size.factor
        for part in size.parts:
            value = self.number(part.bound) if part.bound is not None else self.found[part]
            result = self.code.times(result, value)
        return result

    def product(self, sizes: Any) -> Any:
        """Return the product of several sizes."""
        result: Any = 1
        for size in sizes:
            result = self.code.times(result, self.number(size))
        return result

    def sum(self, sizes: Any) -> Any:
        """Return the sum of several sizes."""
        result: Any = 0
        for size in sizes:
            result = self.code.add(result, self.number(size))
        return result

    def _need(self, relation: str, one: Any, other: Any) -> None:
        self.frame.need(self.code.builder.icmp_signed(relation, number(one), number(other)))

    def _equal(self, one: Any, other: Any) -> None:
        if one is not other:
            self._need("==", one, other)

    # -- how each kind of quantity comes to be
    def _length(self, leaf: Node, axis: int) -> Any:
        return self.arrays[leaf][1][axis]

    def _value(self, node: Node) -> Any:
        found = self.whole(node)
        self.frame.need(self.code.builder.icmp_unsigned("<", found, whole(MOST)))
        return found

    def _fits(self, start: Size, count: Size, whole_size: Size, last: bool) -> Any:
        end = self.code.add(self.number(start), self.number(count))
        self._need("==" if last else "<=", end, self.number(whole_size))
        return end

    def _sum(self, *sizes: Size) -> Any:
        return self.sum(sizes)

    def _rest(self, total: Size, others: Size) -> Any:
        divisor, dividend = number(self.number(others)), number(self.number(total))
        self._need(">", divisor, 0)
        self._need("==", self.code.builder.urem(dividend, divisor), 0)
        return self.code.builder.udiv(dividend, divisor)

    def _position(self, whole_size: Size, index: int | Node) -> Any:
        builder, length = self.code.builder, number(self.number(whole_size))
        place = number(index) if isinstance(index, int) else self.whole(index)
        place = builder.select(builder.icmp_signed("<", place, whole(0)), builder.add(place, length), place)
        self.frame.need(builder.icmp_unsigned("<", place, length))
        return place

    def _start(self, whole_size: Size, low: Any, high: Any, step: int) -> Any:
        return self._bounds(whole_size, low, high, step)[0]

    def _count(self, whole_size: Size, low: Any, high: Any, step: int) -> Any:
        builder = self.code.builder
        start, stop = self._bounds(whole_size, low, high, step)
        span = builder.sub(stop, start) if step > 0 else builder.sub(start, stop)
        steps = builder.sdiv(builder.add(span, whole(abs(step) - 1)), whole(abs(step)))
        return self.code.larger(builder.select(builder.icmp_signed(">", span, whole(0)), steps, whole(0)), 0)

    def _bounds(self, whole_size: Size, low: Any, high: Any, step: int) -> tuple[Any, Any]:
        """Return where a slice starts and stops, by Python's rules (`slice.indices`)."""
        builder, length = self.code.builder, number(self.number(whole_size))
        least, most = (whole(0), length) if step > 0 else (whole(-1), builder.sub(length, whole(1)))

        def clipped(bound: Any, left_out: Any) -> Any:
            if bound is None:
                return left_out
            place = whole(bound) if isinstance(bound, int) else self.whole(bound)
            place = builder.select(builder.icmp_signed("<", place, whole(0)), builder.add(place, length), place)
            return self.code.smaller(self.code.larger(place, least), most)

        return clipped(low, least if step > 0 else most), clipped(high, most if step > 0 else least)

    # -- whole scalars that sizes are made of
    def whole(self, node: Node) -> Any:
        """Return a whole scalar that is known ahead (see `known_ahead`) as an i64."""
        found = self.words.cast(self._scalar(node), "int64").ir
        if node.type.dtype == "uint64":  # what lies beyond int64 would be negative
            self._need(">=", found, 0)
        return found

    def _scalar(self, node: Node) -> Value:
        self.words.builder = self.code.builder
        pending = [node]
        while pending:
            each = pending[-1]
            asks = each not in self.arrays and not isinstance(each.op, AxisLength)
            unknown = [one for one in each.inputs if one not in self.scalars] if asks else []
            if each in self.scalars or not unknown:
                pending.pop()
                if each not in self.scalars:
                    self.scalars[each] = self._one(each)
            else:
                pending.extend(unknown)
        return self.scalars[node]

    def _one(self, node: Node) -> Value:
        dtype = node.type.dtype
        if node in self.arrays:
            raw = self.code.load(self.arrays[node][0], MEMORY_TYPES[dtype])
            return self.words.value(raw if dtype != "bool" else self.code.builder.trunc(raw, self.words.ir_type("bool")), dtype)
        if isinstance(node, Constant):
            return self.words.number(node.value.item(), dtype)
        if isinstance(node.op, AxisLength):
            size = self.schedule.places[node.inputs[0]].lengths[node.op.axis]
            value = self.number(size)
            return self.words.value(number(value) if isinstance(value, int) else value, "int64")
        return spoken(self.words, node.op, [self.scalars[each] for each in node.inputs], [each.type.dtype for each in node.inputs], dtype)


