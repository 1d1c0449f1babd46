"""Floor 6: the notebook. Magics, formatters, pictures; thin, over functions that work anywhere.

Those functions, the twins of the magics, are here: `graph` (`%%graph`), `chain_rule` and `check_gradient` (`%grad --steps`, `--check`),
`code` (`%code`), `about` (`%tensorlab`). They are imported when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chain import chain_rule
    from .codes import code
    from .differences import check_gradient
    from .graphs import graph
    from .installed import about

# No module bears one of these names: importing it later would take the place of the function.
_LATER = {"graph": "graphs", "chain_rule": "chain", "check_gradient": "differences", "code": "codes", "about": "installed"}
__all__ = ["about", "chain_rule", "check_gradient", "code", "graph"]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
