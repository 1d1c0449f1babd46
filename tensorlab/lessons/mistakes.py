"""What goes wrong with lessons.

Floor 6.
"""

from __future__ import annotations

from ..graph.errors import TensorlabError


class LessonError(TensorlabError, ValueError):
    """A lesson that cannot be read, run, or made into a page."""
