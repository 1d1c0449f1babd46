"""The settings, and the object that holds their values.

Floor 1. Read `kinds` and `sources` before. A new setting is one line of the class `Config`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Generic, NoReturn, TypeVar, overload

from ..graph.errors import SettingError, UnknownSettingError
from .kinds import Device, Directory, Kind, Names, OneOf, RefusedError, Whole, YesOrNo, nearest
from .sources import BLOCK, CODE, DEFAULT, ENVIRONMENT, FLAGS, Given, Origin, chosen_files, mistakes_told, parse_flags, read_file

Value = TypeVar("Value")
RULES = Names("rule set and no rule")
DIGITS_OF_A_FLOAT64 = 17  # as many tell any float64 from its neighbours


class Setting(Generic[Value]):
    """One setting: its default, what it can hold, and what it means. It is an attribute of `Config`."""

    def __init__(self, default: Value, kind: Kind[Value], meaning: str) -> None:
        self.default, self.kind, self.meaning = default, kind, meaning
        self.name = ""
        self.__doc__ = f"{meaning} (default {default!r})"  # what help(tl.config) shows beside the name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, config: None, owner: type) -> Setting[Value]: ...
    @overload
    def __get__(self, config: Config, owner: type) -> Value: ...
    def __get__(self, config: Config | None, owner: type) -> Setting[Value] | Value:
        return self if config is None else config._values.get(self.name, self.default)

    def __set__(self, config: Config, value: Any) -> None:
        config._set(self.name, value, CODE)

    def parse(self, value: Any, origin: Origin = CODE) -> Value:
        """Return a value, which may be a text, as the setting holds it.

        Raises:
            SettingError: the setting does not take it; the error names the place that it comes from.
        """
        try:
            return self.kind.parse(self.name, self.kind.read_in(origin.folder, value) if origin.folder else value)
        except RefusedError as problem:
            instead = problem.instead
            if origin not in (CODE, BLOCK):  # there everything is text
                value, instead = value if isinstance(value, str) else self.kind.written(value), self.kind.written(instead)
            raise SettingError(origin.asked.format(name=self.name, value=value), problem.found,
                               origin.advice.format(name=self.name, value=instead)) from None


class Config:
    """The settings of tensorlab. Read and write them as attributes: `tl.config.floatX = "float32"`.

    They can also stand in the file `~/.tensorlabrc`, be given when Python is started, `TENSORLAB_FLAGS=floatX=float32,mode=FAST_RUN python
    your.py`, or hold for the length of a block, `with tl.config.change_flags(floatX="float32"):`. Code wins over the environment, which
    wins over the file. Print `tl.config` to see all values and where each comes from; so does `python -m tensorlab config`.
    """

    _values: dict[str, Any]
    _origins: dict[str, Origin]
    _at_start: dict[str, tuple[Any, Origin]]

    floatX = Setting("float64", OneOf("float64", "float32", "float16"),  # noqa: N815 - Theano's name
                     "dtype of symbols made without one, and of floats that arise from no floating tensor")
    device = Setting("cpu", Device(), "where functions run: on the CPU, or on a GPU (gpu is gpu0), where shared variables then live too")
    force_device = Setting(False, YesOrNo(),
                           "what happens where the device cannot be used: True for an error, False for a warning and the CPU")
    mode = Setting("FAST_RUN", OneOf("FAST_RUN", "FAST_COMPILE", "DEBUG_MODE", "NanGuardMode", aliases={"DebugMode": "DEBUG_MODE"}),
                   "how functions are compiled: FAST_RUN applies all rewrites, FAST_COMPILE only those that keep values finite, DEBUG_MODE "
                   "checks every step against the reference back end, NanGuardMode ends a call at the first nan or infinity")
    optimizer_including = Setting((), RULES, "rule sets and rules that functions are compiled with, beside those of their mode's word")
    optimizer_excluding = Setting((), RULES, "rule sets and rules that functions are compiled without, though their mode's word has them")
    threads = Setting(0, Whole(), "threads for one call, 0 for one per core that this process may use; the reference back end uses one")
    cache_directory = Setting("auto", Directory(),
                              "where compiled code is kept for the next process: auto for this system's usual place, off for nowhere, or a "
                              "directory that nobody else may write into")
    on_unused_input = Setting("raise", OneOf("raise", "warn", "ignore"), "what tl.function does with an input on which no output depends")
    compute_test_value = Setting("off", OneOf("off", "warn", "raise", "ignore"),
                                 "whether expressions are computed while they are written, on the test values in x.tag.test_value, and "
                                 "what happens where one is missing or does not fit")
    warn_float64 = Setting("ignore", OneOf("ignore", "warn", "raise", "pdb"),
                           "what happens when a symbol or a shared variable of dtype float64 is made; pdb opens the debugger there")
    profile = Setting(False, YesOrNo(), "whether functions count and time their calls; when Python ends, a table says where the time went")
    exception_verbosity = Setting("low", OneOf("low", "high"),
                                  "low: errors in at most eight lines; high: with the program around the step that failed")
    print_precision = Setting(4, Whole(1, DIGITS_OF_A_FLOAT64), "significant digits of the numbers that tl.printing.short writes")

    def __init__(self, flags: str = "", files: Iterable[str] = ()) -> None:
        for store in ("_values", "_origins", "_at_start"):
            object.__setattr__(self, store, {})
        for path in files:
            for given in read_file(path):
                self._begin(given)
        for name, value in parse_flags(flags):
            self._begin(Given(name, value, FLAGS))

    def _begin(self, given: Given) -> None:
        """Take a value that was there before any code ran."""
        self._set(*given)
        self._at_start[given.name] = self._values[given.name], self._origins[given.name]

    def _set(self, name: str, value: Any, origin: Origin) -> None:
        parsed = setting_called(name, value, origin).parse(value, origin)
        self._values[name], self._origins[name] = parsed, origin

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what Python and IPython look for on any object
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        setting_called(name)  # raises: an existing one would have been found before
        raise AssertionError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._set(name, value, CODE)

    def __delattr__(self, name: str) -> None:
        """Forget what code has set: back to the environment, the file or the default."""
        setting_called(name)
        self._values.pop(name, None)
        self._origins.pop(name, None)
        if name in self._at_start:
            self._values[name], self._origins[name] = self._at_start[name]

    def __dir__(self) -> list[str]:
        return [*SETTINGS, "change_flags", "origin"]

    def __repr__(self) -> str:
        return "\n".join(f"{name} = {getattr(self, name)!r}  ({self.origin(name)}): {each.meaning}" for name, each in SETTINGS.items())

    def origin(self, name: str) -> str:
        """Where the value of a setting comes from.

        Returns:
            "default", "file …, line …", "environment (TENSORLAB_FLAGS)", "code" or "change_flags".

        Raises:
            UnknownSettingError: there is no such setting.

        >>> tl.config.origin("exception_verbosity")
        'default'
        """
        setting_called(name)
        return self._origins.get(name, DEFAULT).text

    def change_flags(self, **values: Any) -> AbstractContextManager[None]:
        """Change settings for the length of a `with` block; nothing changes if one of the values is refused.

        Raises:
            SettingError: a setting does not exist or does not take the value.

        >>> with tl.config.change_flags(floatX="float32"):
        ...     T.scalar().dtype
        'float32'
        """
        return self._changed({name: setting_called(name).parse(value, BLOCK) for name, value in values.items()})

    @contextmanager
    def _changed(self, new: Mapping[str, Any]) -> Iterator[None]:
        """Let settings have values that are known to be good, for the length of a block."""
        values_before, origins_before = dict(self._values), dict(self._origins)
        try:
            self._values.update(new)
            self._origins.update(dict.fromkeys(new, BLOCK))
            yield
        finally:
            for store, before in ((self._values, values_before), (self._origins, origins_before)):
                for name in new:
                    if name in before:
                        store[name] = before[name]
                    else:
                        store.pop(name, None)


SETTINGS: dict[str, Setting[Any]] = {name: each for name, each in vars(Config).items() if isinstance(each, Setting)}


def setting_called(name: str, value: Any = None, origin: Origin | None = None) -> Setting[Any]:
    """Return a setting by name.

    Args:
        name: of the setting.
        value, origin: what was given for it and where, for the message.

    Raises:
        UnknownSettingError: there is none; the error names the nearest.
    """
    return SETTINGS[name] if name in SETTINGS else unknown(name, value, origin)


def unknown(name: str, value: Any, origin: Origin | None) -> NoReturn:
    """Raise the error for a setting that does not exist."""
    near = nearest(name, SETTINGS, cutoff=0.6)  # the names are long: at 0.4 most of them are like one another
    found = f"there is no setting {name!r}; there are {', '.join(sorted(SETTINGS))}"
    if origin is None or origin in (CODE, BLOCK):
        raise UnknownSettingError(f"config.{name}", found, f"tl.config.{near}" if near else CODE.otherwise)
    raise UnknownSettingError(origin.asked.format(name=name, value=value), found,
                              origin.advice.format(name=near, value=value) if near else origin.otherwise)


def names_are_known(known: Callable[[], Iterable[str]]) -> None:
    """Tell which rule sets and rules there are: from now on others are refused, and those given before are looked at.

    Raises:
        SettingError: the environment or a file names one that does not exist.
    """
    RULES.known = known
    for name, setting in SETTINGS.items():
        if setting.kind is RULES and name in config._at_start:
            with mistakes_told():
                setting.parse(*config._at_start[name])


with mistakes_told():
    config = Config(os.environ.get(ENVIRONMENT, ""), chosen_files())
