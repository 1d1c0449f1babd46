"""The settings object `tl.config`: typed, validated, documented, discoverable by tab and `help`.

Floor 1. A value set in code wins over one in the environment variable `TENSORLAB_FLAGS`
(`TENSORLAB_FLAGS=floatX=float32,mode=FAST_RUN python your.py`), which wins over the default.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .graph.errors import SettingError, UnknownSettingError

ENVIRONMENT = "TENSORLAB_FLAGS"


@dataclass(frozen=True)
class Setting:
    """One setting: its default, how a text becomes a value, and what it means."""

    name: str
    default: Any
    parse: Callable[[str, Any], Any]
    meaning: str
    choices: tuple[str, ...] = ()


def one_of(*choices: str) -> Callable[[str, Any], Any]:
    """Accept one of a few words."""

    def parse(name: str, value: Any) -> str:
        if isinstance(value, str) and value in choices:
            return value
        near = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.4)
        raise SettingError(
            f"config.{name} = {value!r}",
            f"{name} takes one of {', '.join(choices)}",
            f"tl.config.{name} = {(near or choices)[0]!r}",
        )

    parse.choices = choices  # type: ignore[attr-defined]
    return parse


def device(name: str, value: Any) -> str:
    """Accept cpu, gpu, or gpu with a number."""
    if isinstance(value, str) and (value in ("cpu", "gpu") or (value[:3] == "gpu" and value[3:].isdigit())):
        return value
    raise SettingError(f"config.{name} = {value!r}", "a device is cpu, gpu, or gpu0, gpu1 …", f"tl.config.{name} = 'cpu'")


def whole(name: str, value: Any) -> int:
    """Accept a whole number of at least 0."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < 0 or isinstance(value, float) and value != number:
        raise SettingError(f"config.{name} = {value!r}", "a whole number of at least 0 is needed", f"tl.config.{name} = 1")
    return number


SETTINGS: dict[str, Setting] = {
    each.name: each
    for each in (
        Setting("floatX", "float64", one_of("float64", "float32", "float16"),
                "dtype of symbols made without one, and of floats that arise from no floating tensor"),
        Setting("mode", "FAST_RUN", one_of("FAST_RUN", "FAST_COMPILE"),
                "how functions are compiled: FAST_RUN applies all rewrites, FAST_COMPILE only those that keep values finite"),
        Setting("device", "cpu", device, "where functions run; this version computes on the CPU only"),
        Setting("threads", 1, whole, "threads for one call, 0 for one per core; the reference back end uses one"),
        Setting("on_unused_input", "raise", one_of("raise", "warn", "ignore"),
                "what tl.function does with an input on which no output depends"),
        Setting("exception_verbosity", "low", one_of("low", "high"),
                "low: errors in at most eight lines; high: with the whole graph around the mistake"),
    )
}


class Config:
    """The settings of tensorlab. Read and write them as attributes: `tl.config.floatX = "float32"`."""

    def __init__(self, flags: str = "") -> None:
        object.__setattr__(self, "_values", {})
        object.__setattr__(self, "_origins", {})
        for name, value in parse_flags(flags):
            self._set(name, value, f"environment ({ENVIRONMENT})")

    def _find(self, name: str) -> Setting:
        try:
            return SETTINGS[name]
        except KeyError:
            near = difflib.get_close_matches(name, SETTINGS, n=1, cutoff=0.4)
            raise UnknownSettingError(
                f"config.{name}",
                f"there is no setting {name!r}; there are {', '.join(sorted(SETTINGS))}",
                f"tl.config.{near[0]}" if near else "dir(tl.config)",
            ) from None

    def _set(self, name: str, value: Any, origin: str) -> None:
        setting = self._find(name)
        self._values[name] = setting.parse(name, value)
        self._origins[name] = origin

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        setting = self._find(name)
        return self._values.get(name, setting.default)

    def __setattr__(self, name: str, value: Any) -> None:
        self._set(name, value, "code")

    def __dir__(self) -> list[str]:
        return [*SETTINGS, "change_flags", "origin"]

    def __repr__(self) -> str:
        rows = (f"{name} = {getattr(self, name)!r}  ({self.origin(name)}): {SETTINGS[name].meaning}" for name in SETTINGS)
        return "\n".join(rows)

    def origin(self, name: str) -> str:
        """Where the value of a setting comes from: "default", "environment (TENSORLAB_FLAGS)" or "code"."""
        self._find(name)
        return str(self._origins.get(name, "default"))

    @contextmanager
    def change_flags(self, **values: Any) -> Iterator[None]:
        """Change settings for the length of a `with` block; nothing changes if one of the values is refused."""
        new = {name: self._find(name).parse(name, value) for name, value in values.items()}
        old = {name: (self._values.get(name), self._origins.get(name)) for name in new}
        for name, value in new.items():
            self._set(name, value, "change_flags")
        try:
            yield
        finally:
            for name, (value, origin) in old.items():
                if origin is None:
                    self._values.pop(name, None)
                    self._origins.pop(name, None)
                else:
                    self._values[name], self._origins[name] = value, origin


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
