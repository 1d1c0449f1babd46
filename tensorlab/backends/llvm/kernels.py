"""From a kernel of the loop language to a native function.

Floor 4. Read `schedule/kernels.py` and `blocks.py` before. The innermost loop walks in vectors of a fixed number of lanes, written
out explicitly; what is left at the end of a row is done by the same body under a mask. So the bits of a result depend neither on the
number of threads nor on alignment, and elementwise results not even on the processor. A sum keeps one running total a lane, is
closed every `BLOCK` steps, and adds up its blocks in float64: its error stays near that of a pairwise sum.

    void kernel(ptr context, i64 low, i64 high, i64 chunk)

runs rows low … high of the outermost loop. The context holds addresses of arrays, then the sizes that the kernel asks for. A fold over
all axes writes what it found to place `chunk` of its array, in the dtype it adds up in; whoever calls puts the chunks together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

from ...schedule.kernels import Fold, Indexed, Kernel, Length, Number, Operand, Position, Read, Take
from ...schedule.sizes import Size
from .blocks import BYTES, I1, I8, I32, I64, MEMORY_TYPES, POINTER, VOID, Code, number, whole
from .forms import adds_in, all_long_words, closing_axis, form, is_small, is_whole, neutral
from .machine import vector_bytes
from .origins import comes_from
from .speaking import spoken
from .values import Value
from .vectors import joined, masked_load, masked_store
from .words import Words
from .words.speech import with_aligned_stack

BLOCK = 128  # steps between two closings of a sum: the error of a block grows with its steps, that of the total with their number
SHORT = 4  # lines up to which a body is so cheap that several vectors a step hide the latency of its operations
MOST_INLINE = 8  # long words (exp, tanh …) up to which a body takes them in; more would take LLVM too long, and are called


class KernelCode:
    """Writes one kernel as a function."""

    def __init__(self, module: ir.Module, name: str, kernel: Kernel) -> None:
        self.kernel, self.rank = kernel, len(kernel.axes)
        self.sizes = form(kernel).sizes
        self.function = ir.Function(module, ir.FunctionType(VOID, [POINTER, I64, I64, I64]), name)
        self.function.linkage = "internal"
        self.function.attributes.add("nounwind")
        if not is_small(kernel):
            self.function.attributes.add("noinline")  # it is called from two places, and takes LLVM its time
        with_aligned_stack(self.function)
        self.code = Code(self.function)
        self.lanes, several = self._lanes()
        self.words = Words(module, self.lanes * several)
        self.lanes *= several
        self.words.builder = self.code.builder
        self.inline = all_long_words(kernel) <= MOST_INLINE
        self._write()

    # -- vectors
    def _lanes(self) -> tuple[int, int]:
        """Return how many elements a vector holds, and how many vectors a step takes."""
        kernel = self.kernel
        if kernel.picks or any(access.strides[-1].known not in (0, 1) for access in kernel.accesses):
            return 1, 1
        dtypes = {access.node.type.dtype for access in kernel.accesses} | {line.dtype for line in kernel.lines}
        dtypes |= {"int64"} if kernel.sizes else set()
        widest = max(max(BYTES[dtype] for dtype in dtypes), 4)  # bytes of a register a lane: narrower loops would only unroll further
        lanes = vector_bytes() // widest
        length = kernel.axes[-1].known
        if length is not None and length <= lanes // 2:
            return 1 << max(length - 1, 0).bit_length(), 1
        if all_long_words(kernel) or len(kernel.lines) > SHORT:
            return lanes, 1
        return lanes, 2 if kernel.folds else 1

    def _write(self) -> None:
        code, kernel = self.code, self.kernel
        context, self.low, self.high, self.chunk = self.function.args
        self.addresses = [code.load(code.at(context, position, I64), POINTER) for position, _ in enumerate(kernel.accesses)]
        self.known: dict[Size, Any] = {
            size: code.load(code.at(context, len(kernel.accesses) + position, I64), I64) for position, size in enumerate(self.sizes)
        }
        if kernel.picks:
            self.missed = code.load(code.at(context, len(kernel.accesses) + len(self.sizes), I64), POINTER)
        self.counters: list[Any] = []
        self.totals: dict[int, Any] = {}
        self._level(0)
        code.builder.ret_void()

    def size(self, size: Size) -> Any:
        """Return a size as a number."""
        return size.known if size.known is not None else self.known[size]

    def _level(self, axis: int) -> None:
        """Write the loop over one axis and all inside it."""
        closing = [position for position, fold in enumerate(self.kernel.folds) if closing_axis(fold, self.rank) == axis < self.rank]
        for position in closing:
            with self._line("fold", position):
                self._begin(position)
        with self._line("axis", axis):
            if axis == self.rank - 1:
                self._row()
            else:
                low, high = (self.low, self.high) if axis == 0 else (0, self.size(self.kernel.axes[axis]))
                with self.code.loop(low, high, name=f"axis{axis}") as counter:
                    self.counters.append(counter)
                    self._level(axis + 1)
                    self.counters.pop()
        for position in closing:
            with self._line("fold", position):
                self._close(position)

    def _line(self, part: str, number: int) -> Any:
        """Note which line of the loops the instructions come from that are written inside."""
        return comes_from(self.code.builder, self.kernel, part, number)

    def _address(self, position: int, inner: Any = 0) -> Any:
        """Return the address of the element that access `position` has reached, `inner` along the innermost axis."""
        access = self.kernel.accesses[position]
        offset: Any = self.code.times(inner, self.size(access.strides[-1]))
        for counter, stride in zip(self.counters, access.strides):
            offset = self.code.add(offset, self.code.times(counter, self.size(stride)))
        return self.code.at(self.addresses[position], offset, MEMORY_TYPES[self._dtype(position)])

    def _dtype(self, position: int) -> str:
        """Return the dtype of the memory of an access."""
        kernel = self.kernel
        if position < len(kernel.reads):
            return kernel.reads[position].node.type.dtype
        position -= len(kernel.reads)
        return kernel.stores[position].dtype if position < len(kernel.stores) else kernel.folds[position - len(kernel.stores)].dtype

    # -- the innermost loop
    def _row(self) -> None:
        """Write the innermost loop: whole vectors, then what is left."""
        code, axis = self.code, self.rank - 1
        low, high = (self.low, self.high) if axis == 0 else (0, self.size(self.kernel.axes[axis]))
        still = [access.strides[-1].known == 0 for access in self.kernel.reads]
        self.fixed = {position: self._load(position, 0, None) for position, stands in enumerate(still) if stands}
        summed = [position for position, fold in enumerate(self.kernel.folds) if fold.combine == "add" and position in self.totals
                  and fold.dtype.startswith("float")]
        self.running = {position: code.slot(self._vector(self.kernel.folds[position].dtype)) for position in summed}
        self.words.inline = self.inline
        if self.lanes == 1:
            with self._blocks(low, high, 1, summed) as (start, stop), code.loop(start, stop, name="element") as place:
                self._point(place, None)
            return
        count = code.builder.sub(number(high), number(low)) if not (isinstance(low, int) and low == 0) else number(high)
        rest = code.builder.and_(count, whole(self.lanes - 1))
        full = code.builder.sub(number(high), rest)
        known = self.kernel.axes[-1].known if axis else None
        if known is None or known >= self.lanes:
            with self._blocks(low, full, self.lanes, summed) as (start, stop), code.loop(start, stop, self.lanes, "vector") as place:
                self._point(place, None)
        if known is not None and known % self.lanes == 0:
            return
        with code.when(code.builder.icmp_signed(">", rest, whole(0))):
            lanes = ir.Constant(ir.VectorType(I64, self.lanes), list(range(self.lanes)))
            mask = code.builder.icmp_signed("<", lanes, self._spread(rest))
            self.words.inline = False
            with self._blocks(full, high, self.lanes, summed, once=True) as (start, _):
                self._point(start, mask)

    def _blocks(self, low: Any, high: Any, step: int, summed: Sequence[int], once: bool = False) -> Any:
        return blocks(self, low, high, step, summed, once)

    def _vector(self, dtype: str) -> Any:
        """Return the type of a register of this kernel's lanes as it lies in a stack slot."""
        return self.words.ir_type(dtype)

    def _spread(self, value: Any) -> Any:
        """Return a scalar in all lanes."""
        if self.lanes == 1:
            return value
        kind = ir.VectorType(value.type, self.lanes)
        first = self.code.builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(I32, 0))
        everywhere = ir.Constant(ir.VectorType(I32, self.lanes), [0] * self.lanes)
        return self.code.builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), everywhere)

    def _load(self, position: int, place: Any, mask: Any, away: Any = 0) -> Value:
        """Read a vector (or one element, in all lanes) from memory, `away` elements from where the loops have come to."""
        code, dtype = self.code, self._dtype(position)
        kind, bytes_ = MEMORY_TYPES[dtype], BYTES[dtype]
        address = code.at(self._address(position, place), away, kind)
        still = self.kernel.accesses[position].strides[-1].known == 0
        if self.lanes == 1 or still:
            raw = self._spread(code.load(address, kind, bytes_))
        elif mask is None:
            raw = code.load(address, ir.VectorType(kind, self.lanes), bytes_)
        else:
            raw = masked_load(code, address, kind, self.lanes, bytes_, mask)
        if dtype == "bool":
            raw = code.builder.icmp_unsigned("!=", raw, ir.Constant(raw.type, 0 if self.lanes == 1 else [0] * self.lanes))
        return self.words.value(raw, dtype)

    def _save(self, value: Value, position: int, place: Any, mask: Any, away: Any = 0) -> None:
        """Write a vector to memory, `away` elements from where the loops have come to."""
        code, dtype = self.code, self._dtype(position)
        raw = value.ir
        if dtype == "bool":
            raw = code.builder.zext(raw, I8 if self.lanes == 1 else ir.VectorType(I8, self.lanes))
        address = code.at(self._address(position, place), away, MEMORY_TYPES[dtype])
        if mask is None:
            code.store(raw, address, BYTES[dtype])
        else:
            masked_store(code, raw, address, BYTES[dtype], mask)

    def _point(self, place: Any, mask: Any) -> None:
        """Write what is done at one vector of points."""
        kernel, words = self.kernel, self.words
        values: list[Value] = []
        loaded = dict(self.fixed)

        def operand(each: Operand) -> Value:
            if isinstance(each, Number):
                return words.number(each.value, each.dtype)
            if isinstance(each, Length):
                return words.value(self._spread(number(self.size(kernel.sizes[each.position]))), "int64")
            if isinstance(each, Read):
                if each.position not in loaded:
                    loaded[each.position] = self._load(each.position, place, mask)
                return loaded[each.position]
            return values[each.line]

        def away(where: Indexed | None) -> Any:
            return 0 if where is None else self._away(where, list(map(operand, where.positions)))

        for number_, line in enumerate(kernel.lines):
            with self._line("line", number_):
                if isinstance(line, Position):
                    values.append(self._position(line, place))
                elif isinstance(line, Take):
                    values.append(self._load(line.read, place, mask, away(line.where)))
                else:
                    values.append(spoken(words, line.op, list(map(operand, line.operands)), line.dtypes, line.dtype))
        for number_, store in enumerate(kernel.stores):
            with self._line("store", number_):
                position, distance, value = len(kernel.reads) + number_, away(store.where), operand(store.value)
                if store.adds:
                    value = self._load(position, place, mask, distance) + value
                self._save(value, position, place, mask, distance)
        for number_, fold in enumerate(kernel.folds):
            with self._line("fold", number_):
                self._fold(number_, fold, operand(fold.value), place, mask)

    def _position(self, line: Position, place: Any) -> Value:
        """Return how far the loop over an axis has come, in every lane."""
        counter = place if line.axis == self.rank - 1 else self.counters[line.axis]
        value = self._spread(number(counter))
        if self.lanes > 1 and line.axis == self.rank - 1:
            value = self.code.builder.add(value, ir.Constant(value.type, list(range(self.lanes))))
        return self.words.cast(self.words.value(value, "int64"), line.dtype)

    def _away(self, where: Indexed, positions: list[Value]) -> Any:
        """Return how far away an element lies whose positions are computed; one that does not exist is noted, and read as the first."""
        code, builder = self.code, self.code.builder
        total: Any = 0
        for value, length, stride in zip(positions, where.lengths, where.strides):
            place, extent = self.words.cast(value, "int64").ir, number(self.size(length))
            place = builder.select(builder.icmp_signed("<", place, whole(0)), builder.add(place, extent), place)
            exists = builder.icmp_unsigned("<", place, extent)
            with code.when(builder.not_(exists), likely=False):
                code.store(whole(1), self.missed)
            total = code.add(total, code.times(builder.select(exists, place, whole(0)), self.size(stride)))
        return total

    # -- folds
    def _begin(self, position: int) -> None:
        """Start a fold over the innermost axes: a total in every lane."""
        fold = self.kernel.folds[position]
        dtype = adds_in(fold)
        self.totals[position] = self.code.slot(self._vector(dtype)) if position not in self.totals else self.totals[position]
        self.code.store(self.words.number(neutral(fold.combine, dtype), dtype).ir, self.totals[position])

    def _fold(self, position: int, fold: Fold, value: Value, place: Any, mask: Any) -> None:
        """Join one vector to what is there."""
        code, words = self.code, self.words
        value = words.cast(value, fold.dtype) if fold.value_dtype != fold.dtype else value
        if position in self.totals:
            if mask is not None:
                idle = words.number(neutral(fold.combine, fold.dtype), fold.dtype)
                value = words.value(code.builder.select(mask, value.ir, idle.ir), fold.dtype)
            slot = self.running.get(position, self.totals[position])
            held = words.value(code.load(slot, self._vector(fold.dtype)), fold.dtype)
            code.store(joined(words, fold.combine, held, value).ir, slot)
            return
        access = len(self.kernel.reads) + len(self.kernel.stores) + position
        held = self._load(access, place, mask)
        first = self._first(fold)
        idle = words.number(neutral(fold.combine, fold.dtype), fold.dtype)
        held = words.value(code.builder.select(first, idle.ir, held.ir), fold.dtype)
        self._save(joined(words, fold.combine, held, value), access, place, mask)

    def _part(self, vector: Any, lanes: Sequence[int]) -> Any:
        """Return some lanes of a vector: a shorter vector, or a scalar."""
        if len(lanes) == 1:
            return self.code.builder.extract_element(vector, ir.Constant(I32, lanes[0]))
        wanted = ir.Constant(ir.VectorType(I32, len(lanes)), list(lanes))
        return self.code.builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), wanted)

    def _first(self, fold: Fold) -> Any:
        """Return whether nothing has been joined at this place yet: the counters of all folded outer axes stand at their start."""
        code = self.code
        first: Any = ir.Constant(I1, 1)
        for axis, counter in enumerate(self.counters):
            if axis in fold.axes:
                first = code.builder.and_(first, code.builder.icmp_signed("==", counter, whole(0)))
        return first

    def _close(self, position: int) -> None:
        """Join the lanes of a total and write the result."""
        fold, code, words = self.kernel.folds[position], self.code, self.words
        dtype = adds_in(fold)
        total = words.value(code.load(self.totals[position], self._vector(dtype)), dtype)
        while words.lanes > 1:
            width = words.lanes // 2
            words = Words(self.function.module, width)
            words.builder = code.builder
            low, high = (self._part(total.ir, range(start, start + width)) for start in (0, width))
            total = joined(words, fold.combine, words.value(low, dtype), words.value(high, dtype))
        scalar = total.ir
        access = len(self.kernel.reads) + len(self.kernel.stores) + position
        if is_whole(fold, self.rank):
            raw = code.builder.zext(scalar, I8) if dtype == "bool" else scalar
            code.store(raw, code.at(self.addresses[access], self.chunk, MEMORY_TYPES[dtype]), BYTES[dtype])
            return
        one = words
        result = one.cast(one.value(scalar, dtype), fold.dtype)
        address = self._address(access)
        outer = [axis for axis in fold.axes if axis < closing_axis(fold, self.rank)]
        if outer:
            raw = code.load(address, MEMORY_TYPES[fold.dtype], BYTES[fold.dtype])
            held = one.value(code.builder.icmp_unsigned("!=", raw, ir.Constant(I8, 0)) if fold.dtype == "bool" else raw, fold.dtype)
            idle = one.number(neutral(fold.combine, fold.dtype), fold.dtype)
            held = one.value(code.builder.select(self._first(fold), idle.ir, held.ir), fold.dtype)
            result = joined(one, fold.combine, held, result)
        code.store(code.builder.zext(result.ir, I8) if fold.dtype == "bool" else result.ir, address, BYTES[fold.dtype])


class blocks:
    """The loop around the innermost loop that closes running sums every `BLOCK` steps; yields where a block starts and stops."""

    def __init__(self, kernel: KernelCode, low: Any, high: Any, step: int, summed: Sequence[int], once: bool) -> None:
        self.kernel, self.low, self.high, self.step, self.summed, self.once = kernel, low, high, step, summed, once
        self.outer: Any = None

    def __enter__(self) -> tuple[Any, Any]:
        kernel, code = self.kernel, self.kernel.code
        if not self.summed:
            return self.low, self.high
        start, stop = self.low, self.high
        if not self.once:
            self.outer = code.loop(self.low, self.high, BLOCK * self.step, "block")
            start = self.outer.__enter__()
            stop = code.smaller(code.add(start, BLOCK * self.step), self.high)
        for position in self.summed:
            dtype = kernel.kernel.folds[position].dtype
            code.store(kernel.words.number(0, dtype).ir, kernel.running[position])
        return start, stop

    def __exit__(self, *problem: Any) -> None:
        if problem[0] is not None or not self.summed:
            return
        kernel, code, words = self.kernel, self.kernel.code, self.kernel.words
        for position in self.summed:
            fold = kernel.kernel.folds[position]
            dtype, total = adds_in(fold), kernel.totals[position]
            found = words.cast(words.value(code.load(kernel.running[position], kernel._vector(fold.dtype)), fold.dtype), dtype)
            held = words.value(code.load(total, kernel._vector(dtype)), dtype)
            code.store((held + found).ir, total)
        if self.outer is not None:
            self.outer.__exit__(None, None, None)
