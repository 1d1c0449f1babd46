"""Whole numbers that have to lie in a range: positions, class numbers.

Floor 2. NumPy can be asked at once. A machine that works on its own while Python goes on would have to be waited for: it is told what to
watch (`xp.notice`), and asked once, when the whole function is through.
"""

from __future__ import annotations

from typing import Any


def outside(xp: Any, numbers: Any, low: int, high: int | None = None) -> list[int]:
    """Return the smallest and the largest of some whole numbers where they are not `low <= number < high`.

    Args:
        xp: a NumPy-like library. If it has a function `notice`, that gets an array which is true where there is such a number, and the
            list is empty: the machine itself will say later that something was wrong.

    >>> outside(np, np.array([0, 7, 3]), 0, 5), outside(np, np.array([2, 1]), 0)
    ([7], [])
    """
    if not numbers.size:
        return []
    notice = getattr(xp, "notice", None)
    if notice is not None:
        wrong = numbers < low
        notice(xp.any(wrong if high is None else wrong | (numbers >= high)))
        return []
    return [number for number in (int(numbers.min()), int(numbers.max())) if number < low or (high is not None and number >= high)]
