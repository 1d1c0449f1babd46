"""The steps of a program: which function runs which rows of which arrays, on which threads; and the calls of products.

Floor 4. Read `schedule/nests.py`, `kernels.py` and `storage.py` before. Long loops and products of a heavy call give up Python's lock and
run on all threads; the chunks of rows are fixed by the shape, so results do not depend on how many threads there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from ...graph.node import Node
from ...schedule.kernels import Fold, Kernel, Length, Number, Operand, Position, Product, Read, Schedule, Take
from ...schedule.nests import nests
from ...schedule.sizes import Size, product
from .blocks import BYTES, F32, F64, I8, I32, I64, MEMORY_TYPES, POINTER, Code, number, whole
from .forms import CHUNK, adds_in, cost, form, is_small, is_whole, neutral
from .frame import Frame
from .kernels import KernelCode
from .measures import Measures
from .objects import API
from .origins import comes_from
from .speaking import spoken
from .storage import Storage
from .vectors import joined
from .words import Words

LONG = 1 << 19  # operations (about 0.1 ms) from which one loop is worth several threads: waking one takes 0.01 ms


class Steps:
    """Writes what a program computes."""

    def __init__(self, frame: Frame, schedule: Schedule, measures: Measures) -> None:
        self.frame, self.code, self.module = frame, frame.code, frame.module
        self.schedule, self.measures = schedule, measures
        self.nests = nests(schedule)
        self.functions: dict[Any, KernelCode] = {}
        self.words = Words(frame.module, 1)
        self.words.inline = False

    def operations(self, step: Kernel | Product) -> Any:
        """Return about how many operations a step takes."""
        if isinstance(step, Kernel):
            return self.code.times(self.measures.product(step.axes), cost(step)) if step.axes else 0
        inner = self.schedule.places[step.left].lengths[-1]
        return self.measures.product([*self.schedule.places[step.node].lengths, inner])

    def reserve(self, storage: Storage) -> None:
        """Reserve memory for computed arrays, and for what the chunks of folds find."""
        self.storage = storage
        whole_folds = [(step, position, fold) for step in self.schedule.steps if isinstance(step, Kernel)
                       for position, fold in enumerate(step.folds) if is_whole(fold, len(step.axes))]
        self.rows: dict[int, tuple[Any, Any]] = {}
        for nest in self.nests:
            kernels = [step for step in nest if isinstance(step, Kernel) and step.axes]
            if len(kernels) > 1 or any(is_whole(fold, len(step.axes)) for step in kernels for fold in step.folds):
                chunks = self._chunks(kernels)
                self.rows.update({id(step): chunks for step in kernels})
        extra = [self.code.times(self.rows[id(step)][1], BYTES[adds_in(fold)]) for step, _, fold in whole_folds]
        places = self.storage.reserve(extra)
        self.partial = {(id(step), position): place for (step, position, _), place in zip(whole_folds, places)}

    def write(self, heavy: Any, after_each: Callable[[], None] | None = None) -> None:
        """Write all steps; `heavy` says whether the call is one, `after_each` is called between them."""
        self.heavy = heavy
        for nest in self.nests:
            first = nest[0]
            if isinstance(first, Product):
                with comes_from(self.code.builder, first, "call"):
                    self._product(first)
            elif first.axes:
                with comes_from(self.code.builder, first, "axis"):
                    self._loops([step for step in nest if isinstance(step, Kernel)])
            else:
                self._scalars(first)
            if after_each is not None:
                after_each()

    def _chunks(self, kernels: Sequence[Kernel]) -> tuple[Any, Any]:
        """Return how many rows of the outermost loop make a chunk, and how many chunks there are (at least one)."""
        code = self.code
        inner: Any = 1
        for step in kernels:
            inner = code.larger(inner, self.measures.product(step.axes[1:]))
        rows: Any = CHUNK if isinstance(inner, int) and inner == 1 else code.larger(code.quotient(CHUNK, inner), 1)
        length = self.measures.number(kernels[0].axes[0])
        return rows, code.larger(code.quotient(code.add(length, code.add(rows, -1)), rows), 1)

    # -- kernels
    def _scalars(self, step: Kernel) -> None:
        """Write a kernel without loops in place."""
        words, code = self.words, self.code
        words.builder = code.builder
        values: list[Any] = []
        loaded: dict[int, Any] = {}

        def operand(each: Operand) -> Any:
            if isinstance(each, Number):
                return words.number(each.value, each.dtype)
            if isinstance(each, Length):
                return words.value(number(self.measures.number(step.sizes[each.position])), "int64")
            if isinstance(each, Read):
                if each.position not in loaded:
                    loaded[each.position] = self._get(step.reads[each.position].node)
                return loaded[each.position]
            return values[each.line]

        for position, line in enumerate(step.lines):
            if isinstance(line, Position):
                values.append(words.number(0, line.dtype))
                continue
            assert not isinstance(line, Take)  # which has a loop, be it of one element
            with comes_from(code.builder, step, "line", position):
                values.append(spoken(words, line.op, list(map(operand, line.operands)), line.dtypes, line.dtype))
        for position, store in enumerate(step.stores):
            with comes_from(code.builder, step, "store", position):
                value, address = operand(store.value), self.storage.address(store.access.node, store.access.offset)
                if store.adds:
                    value = self._get(store.access.node, address) + value
                self._put(value, store.dtype, address)
        for position, fold in enumerate(step.folds):
            with comes_from(code.builder, step, "fold", position):
                value = words.cast(operand(fold.value), fold.dtype)
                self._put(value, fold.dtype, self.storage.address(fold.access.node))

    def _get(self, node: Node, address: Any = None) -> Any:
        raw = self.code.load(self.storage.address(node) if address is None else address, MEMORY_TYPES[node.type.dtype])
        if node.type.dtype == "bool":
            raw = self.code.builder.icmp_unsigned("!=", raw, ir.Constant(I8, 0))
        return self.words.value(raw, node.type.dtype)

    def _put(self, value: Any, dtype: str, address: Any) -> None:
        raw = self.code.builder.zext(value.ir, I8) if dtype == "bool" else value.ir
        self.code.store(raw, address)

    def _loops(self, kernels: list[Kernel]) -> None:
        """Write the call of kernels with loops: in one go, in chunks of rows, or in chunks on several threads."""
        code, builder = self.code, self.code.builder
        calls = []
        for step in kernels:
            with comes_from(builder, step, "axis"):
                calls.append(self._call(step))
        missed = [place for _, _, place in calls if place is not None]
        first = kernels[0]
        chunked = id(first) in self.rows
        length = self.measures.number(first.axes[0])
        rows, chunks = self.rows.get(id(first), (None, None))
        if all(map(may_spread, kernels)) and not all(map(is_small, kernels)):
            operations: Any = 0
            for step in kernels:
                operations = code.add(operations, self.operations(step))
            long = builder.and_(self.heavy, builder.icmp_signed(">=", number(operations), whole(LONG)))
            with code.either(long, likely=False) as (threaded, plain):
                with threaded:
                    if len(kernels) == 1:
                        self._spread_one(first, calls[0], length)
                    else:
                        self._spread(calls, length, rows, chunks)
                with plain:
                    self._run(calls, length, rows, chunks, chunked)
        elif all(map(is_small, kernels)):
            self._run(calls, length, rows, chunks, chunked)
        else:  # on one thread, which looks for Ctrl-C between two chunks of a heavy call
            rows, chunks = (rows, chunks) if chunked else self._chunks(kernels)
            with code.either(self.heavy, likely=False) as (heavy, light):
                with heavy:
                    self._run(calls, length, rows, chunks, True, polling=True)
                with light:
                    self._run(calls, length, rows, chunks, chunked)
        for place in missed:
            self.frame.need(builder.icmp_signed("==", code.load(place, I64), whole(0)))
        for step in kernels:
            for position, fold in enumerate(step.folds):
                if is_whole(fold, len(step.axes)):
                    with comes_from(builder, step, "fold", position):
                        self._gather(step, position, chunks)

    def _call(self, step: Kernel) -> tuple[Any, Any, Any]:
        """Return the function of a kernel, its context, and where it notes a position that does not exist (None if it never looks)."""
        code = self.code
        shape = form(step)
        if shape.key not in self.functions:
            self.functions[shape.key] = KernelCode(self.module, f"tl_kernel_{len(self.functions)}", step)
        for fold in step.folds:
            if not is_whole(fold, len(step.axes)):
                self._some(step, fold)
        end = len(step.accesses) + len(shape.sizes)
        context = code.slot(I64, end + 1)
        missed = None
        if step.picks:
            self._something_to_pick(step)
            missed = code.slot(I64)
            code.store(whole(0), missed)
            code.store(missed, code.at(context, end, I64))
        for position, _ in enumerate(step.accesses):
            code.store(self._start(step, position), code.at(context, position, I64))
        for position, size in enumerate(shape.sizes, len(step.accesses)):
            code.store(number(self.measures.number(size)), code.at(context, position, I64))
        return self.functions[shape.key].function, context, missed

    def _run(
        self, calls: Sequence[tuple[Any, Any, Any]], length: Any, rows: Any, chunks: Any, chunked: bool, polling: bool = False
    ) -> None:
        """Write calls on this thread."""
        builder = self.code.builder
        if not chunked:
            for function, context, _ in calls:
                builder.call(function, [context, whole(0), number(length), whole(0)])
            return
        with self.code.loop(0, chunks, name="chunk") as chunk:
            low = self.code.times(chunk, rows)
            high = number(self.code.smaller(self.code.add(low, rows), length))
            for function, context, _ in calls:
                builder.call(function, [context, number(low), high, chunk])
            if polling:
                self.frame.need_no_error(builder.icmp_signed("==", self.frame.call("tl_poll"), ir.Constant(I32, 0)))

    def _spread_one(self, step: Kernel, call: tuple[Any, Any, Any], length: Any) -> None:
        """Write the call of chunks of one kernel on several threads."""
        function, context, _ = call
        inner = self.measures.product(step.axes[1:])
        arguments = self.code.address_of(function), context, number(length), number(inner), CHUNK, self._threads()
        self.frame.need_no_error(self.code.builder.icmp_signed("==", self.frame.call("tl_spread", *arguments), ir.Constant(I32, 0)))

    def _spread(self, calls: Sequence[tuple[Any, Any, Any]], length: Any, rows: Any, chunks: Any) -> None:
        """Write the call of chunks on several threads."""
        code, builder = self.code, self.code.builder
        outer = code.slot(I64, len(calls) + 2)
        for position, value in enumerate([*(context for _, context, _ in calls), number(length), number(rows)]):
            code.store(value, code.at(outer, position, I64))
        threads = self._threads()
        task = code.address_of(self._task([function for function, _, _ in calls]))
        status = self.frame.call("tl_parallel", task, outer, number(chunks), threads)
        self.frame.need_no_error(builder.icmp_signed("==", status, ir.Constant(I32, 0)))

    def _threads(self) -> Any:
        """Return how many threads may work."""
        return self.code.builder.ptrtoint(self.frame.entry("state", "threads"), I64)

    def _task(self, functions: Sequence[Any]) -> Any:
        """Return the function that runs one chunk of some kernels on any thread."""
        name = "_".join(["tl_chunk", *(function.name.removeprefix("tl_kernel_") for function in functions)])
        if name in self.module.globals:
            return self.module.globals[name]
        task = ir.Function(self.module, ir.FunctionType(I32, [POINTER, I64]), name)
        task.linkage = "internal"
        code = Code(task)
        code.builder.debug_metadata = self.code.builder.debug_metadata
        outer, chunk = task.args
        length, rows = (code.load(code.at(outer, len(functions) + each, I64), I64) for each in range(2))
        low = code.times(chunk, rows)
        high = code.smaller(code.add(low, rows), length)
        for position, function in enumerate(functions):
            code.builder.call(function, [code.load(code.at(outer, position, I64), POINTER), low, high, chunk])
        code.builder.ret(ir.Constant(I32, 0))
        return task

    def _start(self, step: Kernel, position: int) -> Any:
        """Return the address at which a kernel begins to walk over an array."""
        if position < len(step.reads):
            return self.storage.address(step.reads[position].node)
        position -= len(step.reads)
        if position < len(step.stores):
            return self.storage.address(step.stores[position].access.node, step.stores[position].access.offset)
        position -= len(step.stores)
        return self.partial.get((id(step), position)) or self.storage.address(step.folds[position].access.node)

    def _some(self, step: Kernel, fold: Fold) -> None:
        """Require something to fold where a fold over outer axes would otherwise never begin."""
        for axis in fold.axes:
            if step.axes[axis].known is None or step.axes[axis].known == 0:
                self.frame.need(self.code.builder.icmp_signed(">", number(self.measures.number(step.axes[axis])), whole(0)))

    def _something_to_pick(self, step: Kernel) -> None:
        """Require that arrays have a first element, which a kernel reads and writes in place of one that does not exist."""
        picked = [line.where for line in step.lines if isinstance(line, Take)] + [store.where for store in step.stores if store.where]
        for length in dict.fromkeys(length for where in picked for length in where.lengths):
            self.frame.need(self.code.builder.icmp_signed(">", number(self.measures.number(length)), whole(0)))

    def _gather(self, step: Kernel, position: int, chunks: Any) -> None:
        """Join what the chunks of a kernel have found."""
        fold, code, words = step.folds[position], self.code, self.words
        dtype = adds_in(fold)
        memory = MEMORY_TYPES[dtype]
        total = code.slot(memory)
        idle = words.number(neutral(fold.combine, dtype), dtype)
        words.builder = code.builder
        self._put(idle, dtype, total)
        with code.loop(0, chunks, name="gather") as chunk:
            found, held = (code.load(each, memory) for each in (code.at(self.partial[id(step), position], chunk, memory), total))
            if dtype == "bool":
                found, held = (code.builder.icmp_unsigned("!=", each, ir.Constant(I8, 0)) for each in (found, held))
            self._put(joined(words, fold.combine, words.value(held, dtype), words.value(found, dtype)), dtype, total)
        raw = code.load(total, memory)
        value = words.value(code.builder.icmp_unsigned("!=", raw, ir.Constant(I8, 0)) if dtype == "bool" else raw, dtype)
        self._put(words.cast(value, fold.dtype), fold.dtype, self.storage.address(fold.access.node))

    # -- products
    def _product(self, step: Product) -> None:
        """Write the call of a routine: C = b C + a A B, row by row."""
        code, builder, places = self.code, self.code.builder, self.schedule.places
        dtype = step.node.type.dtype
        real = F32 if dtype == "float32" else F64
        left, right = places[step.left], places[step.right]
        target = self.storage.address(step.node)
        factor = self._number(step.factor, dtype, 1.0)
        kept = self._number(step.kept, dtype, 1.0 if step.start is not None else 0.0)
        if step.start is not None:
            source = self.storage.address(step.start)
            bytes_ = code.times(self.measures.product(places[step.node].lengths), BYTES[dtype])
            with code.when(builder.icmp_unsigned("!=", source, target)):
                self._copy(target, source, bytes_)
        rows: Size | int = left.lengths[0] if len(left.lengths) == 2 else 1
        columns: Size | int = right.lengths[1] if len(right.lengths) == 2 else 1
        strides = [
            *(left.strides if len(left.strides) == 2 else (product(left.lengths), left.strides[0])),
            *(right.strides if len(right.strides) == 2 else (right.strides[0], Size(1))),
        ]
        m, n, k, ars, acs, brs, bcs = (
            number(each if isinstance(each, int) else self.measures.number(each)) for each in (rows, columns, left.lengths[-1], *strides)
        )
        short = "f32" if dtype == "float32" else "f64"
        name = f"tl_gemm_{short}"
        kinds = [I64, I64, I64, real, POINTER, I64, I64, POINTER, I64, I64, real, POINTER, I64, I64]
        API.setdefault(name, (I32, kinds))
        threads = code.once(("threads of products",), lambda: builder.select(self.heavy, self._threads(), whole(0)))
        one, other = self.storage.address(step.left), self.storage.address(step.right)
        status = self.frame.call(name, m, n, k, factor, one, ars, acs, other, brs, bcs, kept, target, n, threads)
        self.frame.need_no_error(builder.icmp_signed("==", status, ir.Constant(I32, 0)))

    def _number(self, node: Node | None, dtype: str, otherwise: float) -> Any:
        if node is None:
            return self.words.number(otherwise, dtype).ir
        base = self.schedule.places[node].base
        if base in self.schedule.literals:
            return self.words.number(self.schedule.literals[base].value, dtype).ir
        return self._get(node).ir

    def _copy(self, target: Any, source: Any, bytes_: Any) -> None:
        self.frame.call("memcpy", target, source, number(bytes_))


def may_spread(step: Kernel) -> bool:
    """Say whether chunks of rows of a kernel may run at the same time: none writes where another does."""
    together = any(0 in fold.axes and not is_whole(fold, len(step.axes)) for fold in step.folds)
    return not together and not any(store.where is not None for store in step.stores)
