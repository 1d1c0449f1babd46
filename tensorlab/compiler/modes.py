"""Modes: which rules rewrite a graph, and which back end runs what is left.

Floor 5. Read `rewrite/selection.py` and `machines` before. A mode is a value: `including` and `excluding` make another one. What Theano
spells as words is in the table `WORDS`; modes that live on higher floors (the debug mode) are named in `LATER` and fetched when a
function first asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, TypeVar

from ..graph.convert import shorten
from ..graph.errors import ChoiceError
from ..graph.wording import a_kind
from ..rewrite.passes import BY_WORD
from ..rewrite.selection import Selection
from ..settings import SETTINGS, config
from ..settings.kinds import RefusedError, nearest

if TYPE_CHECKING:
    from ..backends.base import Runner
    from .function import Function

BACKENDS = {"llvm": "native code, and NumPy for what has none", "numpy": "one NumPy call a step: what every other back end is held to"}
ALIASES = {"native": "llvm", "reference": "numpy"}
AnyMode = TypeVar("AnyMode", bound="Mode")


class Mode:
    """How a function is compiled: the rules that rewrite its graph, and the back end that runs it.

    Args:
        rewrites: "FAST_RUN" (all rules), "FAST_COMPILE" (those that keep values finite), None (none), or a list of names of rule sets
            (canonicalize, stabilize, simplify, accumulate) and single rules.
        backend: "llvm" for native code, "numpy" for the reference back end.
        name: what messages call the mode.

    Attributes:
        name, backend: as given.
        rewrites: which rules run, as a `Selection`.

    Raises:
        ChoiceError: a rule, rule set or back end that does not exist.

    >>> quick = tl.Mode(rewrites=["canonicalize", "stabilize"], backend="numpy")
    >>> x = T.scalar("x")
    >>> f = tl.function([x], x * 1, mode=quick)
    >>> f.mode
    Mode(canonicalize + stabilize, backend='numpy')
    >>> tl.Mode("FAST_RUN").excluding("simplify", "times_one")
    Mode(canonicalize + stabilize + accumulate - times_one, backend='llvm')
    """

    name = "Mode"

    def __init__(self, rewrites: Any = "FAST_RUN", backend: str = "llvm", name: str | None = None) -> None:
        self.rewrites = selection(rewrites)
        self.backend = checked_backend(backend)
        if name is not None:
            self.name = name

    # -- what a subclass may override
    @property
    def native(self) -> bool:
        """Whether calls may go through native doors; False takes the way through Python, step by step."""
        return self.backend == "llvm"

    def runner(self, function: Function) -> Runner | None:
        """Return what the way through Python runs for a function of this mode, or None for the usual."""
        return None

    # -- other modes
    def including(self: AnyMode, *names: str) -> AnyMode:
        """Return the mode with rule sets or single rules more.

        Raises:
            ChoiceError: a name that neither a rule set nor a rule has.
        """
        return self._with(self.rewrites.including(*names))

    def excluding(self: AnyMode, *names: str) -> AnyMode:
        """Return the mode with rule sets or single rules less.

        Raises:
            ChoiceError: a name that neither a rule set nor a rule has.
        """
        return self._with(self.rewrites.excluding(*names))

    def _with(self: AnyMode, rewrites: Selection) -> AnyMode:
        other = copy(self)
        other.rewrites = rewrites
        return other

    # -- as a value
    def __eq__(self, other: object) -> bool:
        """Compare with a mode, or with the name of one: `f.mode == "FAST_RUN"`."""
        if isinstance(other, str):
            return self.name == other
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"{self.name}({self.rewrites!r}, backend={self.backend!r})"


def selection(rewrites: Any) -> Selection:
    """Return what was given as the rewrites of a mode as a selection of rules.

    Raises:
        ChoiceError: a name that nothing has, or something that holds no names.
    """
    if isinstance(rewrites, Selection):
        return rewrites
    if rewrites is None:
        return Selection()
    if isinstance(rewrites, str):
        return BY_WORD[rewrites] if rewrites in BY_WORD else Selection().including(rewrites)
    if not isinstance(rewrites, Iterable):
        found = f"{a_kind(rewrites)} instead of names of rule sets"
        raise ChoiceError(f"tl.Mode({shorten(rewrites)})", found, "tl.Mode(['canonicalize', 'stabilize'])")
    return Selection().including(*rewrites)


def checked_backend(backend: Any) -> str:
    """Return the name of a back end.

    Raises:
        ChoiceError: there is none of that name.
    """
    chosen = ALIASES.get(backend, backend) if isinstance(backend, str) else backend
    if isinstance(chosen, str) and chosen in BACKENDS:
        return chosen
    near = nearest(str(backend), [*BACKENDS, *ALIASES])
    raise ChoiceError(f"tl.Mode(…, backend={shorten(backend)})", f"the back ends are {' and '.join(BACKENDS)}",
                      f"tl.Mode(…, backend={near or 'llvm'!r})")


FAST_RUN = Mode("FAST_RUN", "llvm", "FAST_RUN")
"""All rules, native code."""
FAST_COMPILE = Mode("FAST_COMPILE", "numpy", "FAST_COMPILE")
"""Only the rules that keep values finite, on NumPy: for functions that are called a few times."""

WORDS: dict[str, Mode] = {"FAST_RUN": FAST_RUN, "FAST_COMPILE": FAST_COMPILE}
LATER = {"DEBUG_MODE": "tensorlab.debug:DebugMode", "NanGuardMode": "tensorlab.debug:NanGuardMode"}
"""Modes of higher floors: module and class, which is called without arguments."""


def called(word: str) -> Mode:
    """Return the mode that a word stands for, with the rules that `config.optimizer_including` and `…_excluding` name."""
    mode = WORDS[word] if word in WORDS else resolve_name(LATER[word])()
    including, excluding = config.optimizer_including, config.optimizer_excluding
    return mode.including(*including).excluding(*excluding) if including or excluding else mode


def checked_mode(mode: Any) -> Mode:
    """Return the argument `mode` of `tl.function` as a mode: a mode, a word, or None for `config.mode`.

    Raises:
        ChoiceError: neither a mode nor a word that stands for one.
    """
    if isinstance(mode, Mode):
        return mode
    if mode is None:
        return called(config.mode)
    if isinstance(mode, type) and issubclass(mode, Mode):
        name = mode.__name__
        raise ChoiceError(f"tl.function(…, mode={name})", f"{name} is a class of modes, not a mode", f"mode={name}()")
    try:
        return called(SETTINGS["mode"].kind.parse("mode", mode))
    except RefusedError as problem:
        found, instead = f"{problem.found}, or a tl.Mode", problem.instead
        raise ChoiceError(f"tl.function(…, mode={shorten(mode)})", found, f"mode={instead!r}") from None
