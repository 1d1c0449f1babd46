"""`tl.printing`: Theano's names for looking at graphs as text, and numbers with four digits.

Floor 6. It re-exports and defines nothing.
"""

from __future__ import annotations

from .ops.watching import Print
from .view.digits import short
from .view.files import pydotprint
from .view.text import pp
from .view.tree import debugprint

pprint = pp

__all__ = ["Print", "debugprint", "pp", "pprint", "pydotprint", "short"]
