"""The tables that `TENSORLAB_FLAGS=profile=true` prints when Python ends, on stderr, the function that took longest first.

Floor 4. Recordings are kept, functions are not: one that is long gone has its table too.
"""

from __future__ import annotations

import atexit
import sys
from typing import TYPE_CHECKING

from .limits import limits

if TYPE_CHECKING:
    from .recording import Recording

recordings: list[Recording] = []
"""Those to be shown."""


def show_at_exit(recording: Recording) -> None:
    """Let the profile of a function be printed when Python ends."""
    if not recordings:
        atexit.register(show_all)
        limits()  # now: when Python ends, no thread can be started any more
    recordings.append(recording)


def show_all() -> None:
    """Print the profiles of all functions that were called."""
    from .report import Profile

    compiled = [Profile(each, each.title) for each in recordings if each.meter is not None]  # the others failed to compile
    profiles = sorted((profile for profile in compiled if profile.calls), key=lambda profile: -profile.seconds)
    never = len(compiled) - len(profiles)
    for profile in profiles:
        print(profile, file=sys.stderr)
    if never:
        print(f"{never} compiled function{'s were' if never > 1 else ' was'} never called.", file=sys.stderr)
