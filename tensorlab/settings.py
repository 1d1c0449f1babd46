"""The settings object `tl.config`: typed, validated, documented, discoverable by tab and `help`.

Floor 1. A value set in code wins over one in the environment variable `TENSORLAB_FLAGS`
(`TENSORLAB_FLAGS=floatX=float32,mode=FAST_RUN python your.py`), which wins over the default.
"""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar, overload

from .graph.errors import SettingError, UnknownSettingError

ENVIRONMENT = "TENSORLAB_FLAGS"
IMPORTED = time.time()
"""When the package was imported, in seconds as files have them: a source that is younger is not the one that runs."""

Value = TypeVar("Value")
Parse = Callable[[str, Any], Value]


class Setting(Generic[Value]):
    """One setting: its default, how a text becomes a value, and what it means. It is an attribute of `Config`."""

    def __init__(self, default: Value, parse: Parse[Value], meaning: str) -> None:
        self.default, self.parse, self.meaning = default, parse, meaning
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
        config._set(self.name, value, "code")


def one_of(*choices: str) -> Parse[str]:
    """Accept one of a few words."""

    def parse(name: str, value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.4)
        found = f"{name} takes one of {', '.join(choices)}"
        raise SettingError(f"config.{name} = {value!r}", found, f"tl.config.{name} = {(near or choices)[0]!r}")

    return parse


def device(name: str, value: Any) -> str:
    """Accept cpu, gpu, or gpu with a number."""
    if isinstance(value, str) and (value in ("cpu", "gpu") or (value.startswith("gpu") and value[3:].isdecimal())):
        return value
    raise SettingError(f"config.{name} = {value!r}", "a device is cpu, gpu, or gpu0, gpu1 …", f"tl.config.{name} = 'cpu'")


def whole(name: str, value: Any) -> int:
    """Accept a whole number of at least 0, also as text."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if number < 0 or isinstance(value, bool) or (isinstance(value, float) and value != number):
        raise SettingError(f"config.{name} = {value!r}", "a whole number of at least 0 is needed", f"tl.config.{name} = 1")
    return number


def yes_or_no(name: str, value: Any) -> bool:
    """Accept True or False, also as text in any case: in the environment people write `profile=true`."""
    words = {"true": True, "false": False}
    if isinstance(value, bool) or (isinstance(value, str) and value.lower() in words):
        return words[str(value).lower()]
    raise SettingError(f"config.{name} = {value!r}", f"{name} is True or False", f"tl.config.{name} = True")


def directory(name: str, value: Any) -> str:
    """Accept auto, off, or a path, which is made absolute: the working directory may change."""
    if isinstance(value, (str, os.PathLike)):
        path = os.fspath(value)
        if isinstance(path, str) and path.strip() and "\0" not in path:
            return path.lower() if path.lower() in ("auto", "off") else os.path.abspath(os.path.expanduser(path))
    raise SettingError(f"config.{name} = {value!r}", "a path is needed, or 'auto' or 'off'", f"tl.config.{name} = 'auto'")


class Config:
    """The settings of tensorlab. Read and write them as attributes: `tl.config.floatX = "float32"`.

    They can also be given when Python is started, `TENSORLAB_FLAGS=floatX=float32,mode=FAST_RUN python your.py`, or for the length of a
    block, `with tl.config.change_flags(floatX="float32"):`. Print `tl.config` to see all values and where each comes from.
    """

    _values: dict[str, Any]
    _origins: dict[str, str]

    floatX = Setting("float64", one_of("float64", "float32", "float16"),  # noqa: N815 - Theano's name
                     "dtype of symbols made without one, and of floats that arise from no floating tensor")
    mode = Setting("FAST_RUN", one_of("FAST_RUN", "FAST_COMPILE", "DEBUG_MODE"),
                   "how functions are compiled: FAST_RUN applies all rewrites, FAST_COMPILE only those that keep values finite; "
                   "DEBUG_MODE is accepted, but this version has no debug mode: it compiles as FAST_RUN")
    device = Setting("cpu", device, "where functions run; a gpu is accepted, but this version computes on the CPU only")
    profile = Setting(False, yes_or_no, "True is accepted, but this version has no profiler: functions run as without it")
    threads = Setting(0, whole, "threads for one call, 0 for one per core that this process may use; the reference back end uses one")
    on_unused_input = Setting("raise", one_of("raise", "warn", "ignore"), "what tl.function does with an input on which no output depends")
    cache_directory = Setting("auto", directory,
                              "where compiled code is kept for the next process: auto for this system's usual place, off for nowhere, or a "
                              "directory that nobody else may write into")
    exception_verbosity = Setting("low", one_of("low", "high"),
                                  "low: errors in at most eight lines; high: with the program around the step that failed")

    def __init__(self, flags: str = "") -> None:
        object.__setattr__(self, "_values", {})
        object.__setattr__(self, "_origins", {})
        for name, value in parse_flags(flags):
            try:
                self._set(name, value, f"environment ({ENVIRONMENT})")
            except SettingError as problem:
                raise type(problem)(f"{ENVIRONMENT}={name}={value}", problem.found, flag_instead(problem.advice, value)) from None

    def _set(self, name: str, value: Any, origin: str) -> None:
        parsed = setting_called(name).parse(name, value)
        self._values[name], self._origins[name] = parsed, origin

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what Python and IPython look for on any object
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        setting_called(name)  # raises: an existing one would have been found before
        raise AssertionError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._set(name, value, "code")

    def __delattr__(self, name: str) -> None:
        """Go back to the default."""
        setting_called(name)
        self._values.pop(name, None)
        self._origins.pop(name, None)

    def __dir__(self) -> list[str]:
        return [*SETTINGS, "change_flags", "origin"]

    def __repr__(self) -> str:
        return "\n".join(f"{name} = {getattr(self, name)!r}  ({self.origin(name)}): {each.meaning}" for name, each in SETTINGS.items())

    def origin(self, name: str) -> str:
        """Where the value of a setting comes from: "default", "environment (TENSORLAB_FLAGS)", "code" or "change_flags".

        Raises:
            UnknownSettingError: there is no such setting.

        >>> tl.config.origin("exception_verbosity")
        'default'
        """
        setting_called(name)
        return self._origins.get(name, "default")

    @contextmanager
    def change_flags(self, **values: Any) -> Iterator[None]:
        """Change settings for the length of a `with` block; nothing changes if one of the values is refused.

        Raises:
            SettingError: a setting does not exist or does not take the value.

        >>> with tl.config.change_flags(floatX="float32"):
        ...     T.scalar().dtype
        'float32'
        """
        new = {name: setting_called(name).parse(name, value) for name, value in values.items()}
        values_before, origins_before = dict(self._values), dict(self._origins)
        try:
            self._values.update(new)
            self._origins.update(dict.fromkeys(new, "change_flags"))
            yield
        finally:
            for store, before in ((self._values, values_before), (self._origins, origins_before)):
                for name in new:
                    if name in before:
                        store[name] = before[name]
                    else:
                        store.pop(name, None)


SETTINGS: dict[str, Setting[Any]] = {name: each for name, each in vars(Config).items() if isinstance(each, Setting)}


def setting_called(name: str) -> Setting[Any]:
    """Return a setting by name.

    Raises:
        UnknownSettingError: there is none; the error names the nearest.
    """
    if name in SETTINGS:
        return SETTINGS[name]
    small = {each.lower(): each for each in SETTINGS}
    near = difflib.get_close_matches(name.lower(), small, n=1, cutoff=0.4)
    found = f"there is no setting {name!r}; there are {', '.join(sorted(SETTINGS))}"
    raise UnknownSettingError(f"config.{name}", found, f"tl.config.{small[near[0]]}" if near else "dir(tl.config)")


def flag_instead(advice: str, value: str) -> str:
    """Return advice for code as advice for the environment, where the flag came from.

    >>> flag_instead("tl.config.mode = 'FAST_RUN'", "SLOW"), flag_instead("tl.config.floatX", "float32")
    ('TENSORLAB_FLAGS=mode=FAST_RUN', 'TENSORLAB_FLAGS=floatX=float32')
    """
    if not advice.startswith("tl.config."):
        return f"one of these names in {ENVIRONMENT}=name=value,name=value"
    name, _, better = advice.removeprefix("tl.config.").partition(" = ")
    return f"{ENVIRONMENT}={name}={better.strip(chr(39)) or value}"


def parse_flags(flags: str) -> Iterator[tuple[str, str]]:
    """Split "floatX=float32,mode=FAST_RUN" into pairs.

    Raises:
        SettingError: a part has no "=".
    """
    for part in filter(None, (part.strip() for part in flags.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise SettingError(f"{ENVIRONMENT}={flags!r}", f"{part!r} has no '='", f"{ENVIRONMENT}=floatX=float32,mode=FAST_RUN")
        yield name.strip(), value.strip()


config = Config(os.environ.get(ENVIRONMENT, ""))
