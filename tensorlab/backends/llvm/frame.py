"""The frame of a compiled program: a function that CPython calls, with its table, its ways out and its clean-up.

Floor 4. Read `blocks.py` before. The function is a builtin (`METH_FASTCALL | METH_KEYWORDS`). Its `self` is an array of 64-bit numbers, the
*table*: addresses of Python objects, constants and cells, so that the code itself holds none and can be kept on disk. There are two ways
out beside success. Where something is unusual, nothing has happened yet, and the arguments are handed on to the function that the table
names, which knows every rule and every message. Where CPython has raised (no memory, Ctrl-C), NULL is returned. Either way what was
reserved is given back first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from .blocks import I8, I64, POINTER, Code, whole
from .objects import DATA, NULL
from .prelude import called

HANDED_ON = ir.Constant(I64, 1).inttoptr(POINTER)
"""What a call that is timed returns where it would hand on: no object lies there. Who called it then hands on."""


class Table:
    """What the table holds, in order: each entry a kind and what it refers to."""

    def __init__(self) -> None:
        self.entries: dict[tuple[Any, ...], int] = {}

    def position(self, *entry: Any) -> int:
        """Return the position of an entry, which is added if it is new."""
        return self.entries.setdefault(entry, len(self.entries))


class Frame:
    """The function being written, with what every part of it needs."""

    def __init__(self, module: ir.Module, name: str, *more: Any, table: Table | None = None) -> None:
        self.module = module
        self.function = ir.Function(module, ir.FunctionType(POINTER, [POINTER, POINTER, I64, POINTER, *more]), name)
        self.code = Code(self.function)
        self.code.found = {}
        self.owner, self.arguments, self.count, self.names, *self.more = self.function.args
        self.table = Table() if table is None else table
        self.base = self.load(self.owner, DATA, POINTER)
        self.undo: list[Callable[[], None]] = []
        self.places: list[Any] = []
        self.handed_on = self.function.append_basic_block("handed_on")
        self.raised = self.function.append_basic_block("raised")

    @property
    def builder(self) -> Any:
        """The builder, where the code has got to."""
        return self.code.builder

    # -- fields and the table
    def load(self, pointer: Any, offset: int, kind: Any) -> Any:
        """Read the field of an object that lies so many bytes behind its start."""
        return self.code.load(self.code.at(pointer, offset, I8), kind)

    def save(self, value: Any, pointer: Any, offset: int) -> None:
        """Write a field of an object."""
        self.code.store(value, self.code.at(pointer, offset, I8))

    def entry(self, *entry: Any) -> Any:
        """Read an entry of the table as an address. None of them changes during a call."""
        position = self.table.position(*entry)
        return self.code.once(("entry", position), lambda: self.code.load(self.code.at(self.base, position, I64), POINTER))

    def entry_address(self, *entry: Any) -> Any:
        """Return where an entry of the table lies: state that lives as long as the function."""
        return self.code.at(self.base, self.table.position(*entry), I64)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function from outside or of the prelude."""
        return self.builder.call(called(self.module, name), [whole(each) if isinstance(each, int) else each for each in arguments])

    # -- ways out
    def need(self, condition: Any) -> None:
        """Go on if a condition holds, else hand on."""
        self._branch(condition, self.handed_on)

    def need_no_error(self, condition: Any) -> None:
        """Go on if a condition holds, else return with the exception that CPython holds."""
        self._branch(condition, self.raised)

    def _branch(self, condition: Any, otherwise: Any) -> None:
        following = self.builder.append_basic_block("on")
        self.builder.cbranch(condition, following, otherwise)
        self.builder.position_at_end(following)

    def finish(
        self, result: Any, at_last: Callable[[], None] | None = None, when_failed: Callable[[Any], None] | None = None
    ) -> None:
        """Give back what was reserved, do what comes last and return; then write the other ways out, which give back the same.

        Args:
            result: what is returned.
            at_last: writes what comes last when the call has succeeded.
            when_failed: writes what comes last in the other ways out; given what a call that is timed returns there.
        """
        self._give_back()
        if at_last is not None:
            at_last()
        self.builder.ret(result)
        self.code.found = None  # from here on nothing that was worked out on the way can be relied on
        self.builder.position_at_end(self.handed_on)
        self._give_back()
        if when_failed is not None:
            when_failed(HANDED_ON)
        self.builder.ret(self.call("PyObject_Vectorcall", self.entry("object", "otherwise"), self.arguments, self.count, self.names))
        self.builder.position_at_end(self.raised)
        self._give_back()
        if when_failed is not None:
            when_failed(NULL)
        self.builder.ret(NULL)

    def _give_back(self) -> None:
        for each in self.undo:
            each()
        if self.places:
            self.call("tl_drop", self.places[0], len(self.places))

    def held(self) -> Any:
        """Return a place for a reference that is given up however the function ends; it starts empty."""
        self.places.append(self.code.place_in_row(len(self.places)))
        return self.places[-1]

    def empty(self) -> Any:
        """Return a place for an address that is empty when the function starts."""
        place = self.code.slot(POINTER)
        self.code.at_start(NULL, place)
        return place
