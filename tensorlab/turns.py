"""Turns: of two calls that update the same variable, one comes after the other, and calls that share none run at once.

Floor 1. A call takes the locks of all variables that it updates before it reads their values, and gives them back when the new values
stand. Three things go wrong with locks, and are dealt with here. *Two threads wait for each other*: locks are taken in the order in which
the variables were made; and a call inside another one, from a signal handler or a callback, does not wait at all, but raises.
*A call waits for itself*: it raises too. *An interrupt arrives between taking a lock and giving it back*: CPython runs signal handlers
after calls and at jumps back, so what must be done together is done by one call into C, or without a call.

A variable that a call only reads is not locked: the value that it had when the call began is never written to.

Native code holds no lock. It looks whether each variable is busy, runs from the first look to the last new value without giving up
the interpreter, and leaves the call to Python if one is.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable
from itertools import count, repeat
from operator import methodcaller, setitem
from threading import RLock, get_ident
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from .graph.errors import ReentryError

Result = TypeVar("Result")
wait_for: Callable[[Any], bool] = type(RLock()).acquire
take_at_once: Callable[[Any], bool] = methodcaller("acquire", False)
give_back: Callable[[Any], None] = type(RLock()).release
ZEROS = repeat(0)

numbers = count()
owners: WeakValueDictionary[int, Any] = WeakValueDictionary()
"""Every living variable by the number of its lock."""
inside: dict[int, bool] = {}
"""The threads that are inside a turn."""


class Turn:
    """The right to update some variables, one call at a time.

    Attributes:
        numbers: of the variables, in the order in which locks are taken.
        locks: one per variable.
        busy: one int64 per variable, at an address that stays: 0, or the thread that updates it. It is set before the old values are read
            and cleared after the new ones stand.
    """

    __slots__ = ("busy", "locks", "numbers")

    def __init__(self, numbers: list[int], locks: list[Any], busy: list[array[int]]) -> None:
        self.numbers, self.locks, self.busy = numbers, locks, busy

    @staticmethod
    def of_one() -> Turn:
        """Return the turn of a new variable, which is to be put among the owners."""
        return Turn([next(numbers)], [RLock()], [array("q", (0,))])

    @staticmethod
    def of_all(turns: Iterable[Turn]) -> Turn:
        """Return the turn of several different variables together."""
        ordered = sorted(turns, key=lambda each: each.numbers)
        return Turn([each.numbers[0] for each in ordered], [each.locks[0] for each in ordered], [each.busy[0] for each in ordered])

    def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Return `work(*arguments)`, and let no other call update these variables meanwhile.

        Raises:
            ReentryError: this thread is inside a turn, which has one of these variables, or which would have to wait for another thread.
        """
        thread = get_ident()
        if thread in inside:
            return self._run_inside(thread, work, arguments)
        if len(self.locks) != 1:
            return self._run_with_all(thread, work, arguments)
        (lock,), (busy,) = self.locks, self.busy  # the same as for several, without the detours through `map`
        held = False
        try:
            inside[thread] = True
            lock.acquire()
            try:
                held = True
                busy[0] = thread
                return work(*arguments)
            finally:
                busy[0] = 0
        finally:
            del inside[thread]
            try:
                lock.release()
            except RuntimeError:  # the lock was not taken, because of an interrupt
                if held:  # this is an interrupt too
                    raise

    def _run_with_all(self, thread: int, work: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
        # made before they are needed, so that each is one call, between whose parts no interrupt arrives
        take, clear, give = map(wait_for, self.locks), map(setitem, self.busy, ZEROS, ZEROS), map(give_back, self.locks)
        held = False
        try:
            inside[thread] = True
            all(take)
            try:
                held = True
                for each in self.busy:
                    each[0] = thread
                return work(*arguments)
            finally:
                any(clear)
        finally:
            del inside[thread]
            try:
                any(give)
            except RuntimeError:  # at the first lock that was not taken, because of an interrupt: those behind it were not either
                if held:
                    raise

    def _run_inside(self, thread: int, work: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
        """Do the same for a call that came while this thread was inside a turn already, without waiting."""
        take, clear, give = map(take_at_once, self.locks), map(setitem, self.busy, ZEROS, ZEROS), map(give_back, self.locks)
        held = False
        try:
            if not all(take):  # stops at the first that is refused, and so does giving back, since this thread does not own it
                refused = [lock._is_owned() for lock in self.locks].index(False)
                raise self._refusal("another thread is updating {}, and this call comes from a signal handler or a callback\n"
                                    "inside an update: each could wait for the other for ever", refused)
            held = True
            mine = [position for position, busy in enumerate(self.busy) if busy[0] == thread]
            if mine:
                raise self._refusal("this thread is updating {} already, and this call comes from a signal handler\n"
                                    "or a callback inside that update", *mine)
            try:
                for each in self.busy:
                    each[0] = thread
                return work(*arguments)
            finally:
                any(clear)
        finally:
            try:
                any(give)
            except RuntimeError:
                if held:
                    raise

    def _refusal(self, found: str, *positions: int) -> ReentryError:
        busy = named(self.numbers[position] for position in positions)
        advice = "only reading there, and updating after the call that it interrupts"
        return ReentryError(f"an update of {named(self.numbers)}", found.format(busy), advice)


def named(those: Iterable[int]) -> str:
    """Return what some variables are called."""
    labels = [owners[number].label for number in those if number in owners]
    return ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")


def renew() -> None:
    """Free, in a forked process, the locks of threads that do not exist there; this thread keeps its own."""
    thread = get_ident()
    for other in [each for each in inside if each != thread]:
        del inside[other]
    for reference in owners.valuerefs():
        variable = reference()
        if variable is None:
            continue
        lock, busy = variable.turn.locks[0], variable.turn.busy[0]
        if not lock._is_owned():
            lock._at_fork_reinit()  # in place, since functions hold the lock; what `threading` and `logging` do with theirs
            busy[0] = 0


if hasattr(os, "register_at_fork"):  # not on Windows, nor in a browser
    os.register_at_fork(after_in_child=renew)
