"""Floor 4: looking at graphs. No stage of the compiler imports this; it looks at any of them.

`tl.view.show(y)` draws a graph, `tl.view.picture(y)` is the same as data, `tl.view.display_latex(y)` typesets an expression;
`tl.view.place_of_trouble(y, "nan")` draws the place where something went wrong.
"""

from .formula import display_latex
from .pictures import picture
from .shown import Shown, show
from .trouble import trouble as place_of_trouble

__all__ = ["Shown", "display_latex", "picture", "place_of_trouble", "show"]
