"""The settings object `tl.config`: typed, validated, documented, discoverable by tab and `help`.

Floor 1. `kinds` says what a setting can hold, `sources` where a value comes from, `table` lists the settings; start with `table`. Code wins
over the environment variable `TENSORLAB_FLAGS`, which wins over the file `~/.tensorlabrc`, which wins over the default.
"""

from __future__ import annotations

import time

from .sources import ENVIRONMENT, FILES, parse_flags
from .table import SETTINGS, Config, Setting, config, names_are_known, setting_called

IMPORTED = time.time()
"""When the package was imported, in seconds as files have them: a source that is younger is not the one that runs."""

__all__ = [
    "ENVIRONMENT",
    "FILES",
    "IMPORTED",
    "SETTINGS",
    "Config",
    "Setting",
    "config",
    "names_are_known",
    "parse_flags",
    "setting_called",
]
