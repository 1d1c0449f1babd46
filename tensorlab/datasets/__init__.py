"""Small data sets for the lessons: all made here, from formulas and a seed, so that nothing is downloaded and everybody sees the same.

Floor 6. `tl.datasets.picture()` is the one that the course trains a network on: points of the plane, and whether each lies in the drawing
or beside it. Every set is a pair of float32 arrays that hold one example a column, in the way that a network of matrices reads them.

>>> x, y_hat = tl.datasets.picture(size=1000)
>>> x.shape, y_hat.shape, x.dtype
((2, 1000), (1, 1000), dtype('float32'))
"""

from __future__ import annotations

from .clouds import circles, spirals, xor
from .columns import Columns, read_columns, save_columns
from .drawing import grid, picture, picture_function
from .handwriting import digits

__all__ = ["Columns", "circles", "digits", "grid", "picture", "picture_function", "read_columns", "save_columns", "spirals", "xor"]
