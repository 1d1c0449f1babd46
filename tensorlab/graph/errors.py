"""Every error that tensorlab raises on purpose: one class per mistake, three parts per message.

The parts are what was asked (in the reader's own names), what was found (types, and where each operand
was made) and what to try (code that can be pasted). Each class is also the built-in exception that a
Python reader would expect, so `except ValueError` goes on working.
"""

from __future__ import annotations

from collections.abc import Callable

INDENTED = "\n" + " " * len("  found: ")  # further lines of a part stand below its first


class LazyText:
    """A text that is written only if somebody reads it, for what is passed along in case that there is an error to tell.

    What a reader calls a node is looked up in the reader's source, which takes milliseconds the first time.

    >>> f"{LazyText(lambda: 'x.sum')} with axis=2"
    'x.sum with axis=2'
    """

    def __init__(self, write: Callable[[], str]) -> None:
        self._write = write

    def __str__(self) -> str:
        return self._write()


class TensorlabError(Exception):
    """Base of all errors raised on purpose; `asked`, `found` and `advice` are kept apart for the notebook."""

    def __init__(self, asked: str | LazyText, found: str = "", advice: str = "") -> None:
        self.asked, self.found, self.advice = str(asked), found, advice
        super().__init__(self.asked, found, advice)

    def __str__(self) -> str:
        lines = [self.asked]
        if self.found:
            lines.append("  found: " + self.found.replace("\n", INDENTED))
        if self.advice:
            lines.append("  try:   " + self.advice.replace("\n", INDENTED))
        return "\n".join(lines)


class ShapeError(TensorlabError, ValueError):
    """Lengths that do not fit together, when building a graph or when running it."""


class BroadcastError(ShapeError):
    """A run-time length of 1 that the type does not allow to be stretched."""


class RankError(TensorlabError, TypeError):
    """A value or symbol with the wrong number of axes."""


class AxisError(TensorlabError, ValueError):
    """An axis that the array does not have, or one named twice."""


class DtypeError(TensorlabError, TypeError):
    """A dtype that an operation does not take, or an unknown one."""


class ConversionError(TensorlabError, TypeError):
    """A Python object that cannot become part of a graph."""


class DowncastError(TensorlabError, TypeError):
    """A value that would lose precision if it were cast to the dtype asked for."""


class IndexingError(TensorlabError, IndexError):
    """An index that does not fit the array it is applied to."""


class ComputationError(TensorlabError, ValueError):
    """Values that an operation cannot compute with, when a function runs: a whole number to a negative power."""


class AssertionFailedError(TensorlabError, AssertionError):
    """A condition of `T.ensure` that does not hold when a function runs."""


class SymbolTruthError(TensorlabError, TypeError):
    """A symbol used as a condition: `if x > 0`."""


class SymbolIterationError(TensorlabError, TypeError):
    """A symbol iterated over or measured with `len`: its length is known only when it runs."""


class SymbolNumberError(TensorlabError, TypeError):
    """A symbol turned into a Python or NumPy number: it has no value yet."""


class SymbolAssignmentError(TensorlabError, TypeError):
    """An assignment into a symbol: `x[0] = 1`."""


class CostError(TensorlabError, TypeError):
    """A gradient asked of something that is not a single number."""


class DisconnectedInputError(TensorlabError, ValueError):
    """A gradient asked with respect to a variable on which the cost does not depend."""


class GradientUndefinedError(TensorlabError, TypeError):
    """A gradient asked through an operation that has none."""


class GradientCheckError(TensorlabError, AssertionError):
    """A derived gradient that disagrees with central differences."""


class InputError(TensorlabError, TypeError):
    """Something is wrong with the list of inputs of a function, or with the arguments of a call."""


class MissingInputError(TensorlabError, TypeError):
    """An output that depends on a symbol which is not among the inputs."""


class UnusedInputError(TensorlabError, ValueError):
    """An input on which no output depends."""


class OutputError(TensorlabError, TypeError):
    """An output that is not an expression."""


class UpdateError(TensorlabError, TypeError):
    """An update whose target or new value does not fit."""


class DuplicateUpdateError(UpdateError, ValueError):
    """Two updates for one shared variable."""


class ReentryError(TensorlabError, RuntimeError):
    """An update from inside another update, by a signal handler or a callback, that would have to wait for it."""


class GivenError(TensorlabError, TypeError):
    """A replacement in `givens` that does not fit what it replaces."""


class ChoiceError(TensorlabError, ValueError):
    """A word for an argument that takes one of a few words."""


class SettingError(TensorlabError, ValueError):
    """A setting with an unknown name or a value that it does not take."""


class UnknownSettingError(SettingError, AttributeError):
    """A setting that does not exist."""


class PictureError(TensorlabError, ValueError):
    """Something that cannot be drawn, or a picture in a format that there is none of."""


class MissingPackageError(TensorlabError, ImportError):
    """An optional package that is not installed."""


class DeviceError(TensorlabError, RuntimeError):
    """A device that is not there, or that could not do what it was asked to."""


class ProfileError(TensorlabError, ValueError):
    """A profile of what was not timed."""


class UnwantedNumberError(TensorlabError, AssertionError):
    """A nan, an infinity or a huge number where a mode watches for them."""


class TestValueError(TensorlabError, ValueError):
    """A test value that is missing, does not fit its symbol, or with which an expression cannot be computed."""

    __test__ = False  # no test of pytest, whatever its name begins with


class OpFaultError(TensorlabError, AssertionError):
    """An op that does not do what its card says: another value, dtype or shape, memory that it shares or writes to, a wrong derivative."""


class RuleFaultError(TensorlabError, AssertionError):
    """A rewrite rule that puts something else in place of what was written."""


class RewriteError(TensorlabError, RuntimeError):
    """A rewrite rule that is itself wrong: it changes a type, or rewrites for ever. A bug of the rule, never of the reader."""
