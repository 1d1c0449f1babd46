"""Pairs of floats: sums and products with twice the digits, for the few places where the last bit of a word depends on them.

Floor 4. Read `scaling` before. A pair (high, low) stands for high + low, with low below the last digit of high. Two sums and products of
floats are exact as pairs (O. Møller 1965; T. J. Dekker 1971, "A floating-point technique for extending the available precision").
"""

from __future__ import annotations

from ..values import Value
from .scaling import Scaling

Pair = tuple[Value, Value]
SPLITTERS = {"float32": 2.0**12 + 1, "float64": 2.0**27 + 1}  # Dekker's: cuts a float into halves whose products are exact


class Doubled(Scaling):
    """Exact sums and products."""

    def sum_of(self, x: Value, y: Value) -> Pair:
        """Return x + y as a pair, for floats of any size."""
        total = x + y
        part = total - x
        return total, (x - (total - part)) + (y - part)

    def sum_of_ordered(self, x: Value, y: Value) -> Pair:
        """Return x + y as a pair if x is the larger in size, or 0."""
        total = x + y
        return total, y - (total - x)

    def product(self, x: Value, y: Value) -> Pair:
        """Return x y as a pair."""
        x, y = self.meet(x, y)
        high = x * y
        if self.fused:
            return high, self.fma(x, y, -high)
        x_high, x_low = self.halves(x)
        y_high, y_low = self.halves(y)
        return high, ((x_high * y_high - high) + x_high * y_low + x_low * y_high) + x_low * y_low

    def halves(self, x: Value) -> Pair:
        """Return x as the sum of two floats with half the digits each."""
        far = x * SPLITTERS[x.dtype]
        high = far - (far - x)
        return high, x - high

    def less_product(self, x: Value, y: Value, z: Value | float) -> Value:
        """Return x - y z where that is a float, exactly also without a fused multiply-add."""
        if self.fused:
            return self.fma(-y, z, x)
        high, low = self.product(*self.meet(y, z))
        return (x - high) - low
