"""The words sin, cos and tan.

Floor 4. Read `doubled` and `far_angles` before. x = k pi + r (k pi / 2 + r for tan) with pi as a sum of three floats, so that r has all
its digits also where x is close to a multiple of pi (W. J. Cody and W. Waite 1980). For sizes beyond `FAR` a branch, taken only if a lane
has one, leaves the fast way.
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

from ..values import Value
from . import tables
from .far_angles import FarAngles
from .speech import long

FAR = {"float32": 2.0**16, "float64": 2.0**40}
"""Up to here three floats of pi are enough: k has at most 15 (38) binary digits, and r keeps 24 (53) down to its smallest size."""


class Trigonometry(FarAngles):
    """Trigonometric functions."""

    def angle(self, x: Value, k: Value, unit: tuple[float, ...]) -> tuple[Value, Value]:
        """Return x - k unit as a pair; the first difference is exact, since x and k unit are close."""
        first = self.less_product(x, k, unit[0])
        middle, lost = self.product(k, self.number(unit[1], x.dtype))
        high, low = self.sum_of(first, -middle)
        return high, self.fma(-k, unit[2], low - lost)

    def half_turn(self, high: Value, low: Value) -> Value:
        """Return sin(high + low) for an angle within half a turn, -pi/2 to pi/2."""
        z, z_low = self.product(high, high)
        curved = high * self.polynomial(z, tables.SIN[high.dtype])
        slope = self.fma(z, -0.5, 1)  # of sin at the angle, roughly: low is small
        return high + self.fma(z, curved, self.fma(z_low, curved, low * slope))

    def signed(self, x: Value, whole: Value) -> Value:
        """Return x, or -x for an odd number."""
        return self.of_bits(self.bits(x) ^ (whole << (63 if whole.dtype == "int64" else 31)))

    @long
    def sin(self, x: Value) -> Value:
        k, whole = self.nearest(x, tables.ONE_OVER_PI[x.dtype][0])
        near = self.signed(self.half_turn(*self.angle(x, k, tables.PI[x.dtype])), whole)
        result = self.with_far_lanes(x, near, "sin", lambda m, high, low, turns: m.signed(m.half_turn(high, low), turns))
        return self.where(x == 0, x, result)

    @long
    def cos(self, x: Value) -> Value:
        """With x = (k + 1/2) pi + r, cos x = (-1)**(k + 1) sin r."""
        k, whole = self.nearest(self.fma(x, tables.ONE_OVER_PI[x.dtype][0], -0.5))
        near = -self.signed(self.half_turn(*self.angle(x, k + 0.5, tables.PI[x.dtype])), whole)
        return self.with_far_lanes(x, near, "cos", lambda m, high, low, turns: -m.signed(m.half_turn(high, low), turns))

    @long
    def tan(self, x: Value) -> Value:
        k, whole = self.nearest(x, 2 * tables.ONE_OVER_PI[x.dtype][0])
        near = self.quotient_of_legs(*self.angle(x, k, tables.HALF_PI[x.dtype]), whole)
        result = self.with_far_lanes(x, near, "tan", lambda m, high, low, turns: m.quotient_of_legs(high, low, turns))
        return self.where(x == 0, x, result)

    def quotient_of_legs(self, high: Value, low: Value, whole: Value) -> Value:
        """Return sin / cos of an angle within pi / 4, or -cos / sin for an odd number of quarter turns."""
        dtype = high.dtype
        z = high * high
        sin, sin_low = self.sum_of_ordered(high, self.fma(z * high, self.polynomial(z, tables.SIN_NEAR[dtype]), low * self.fma(z, -0.5, 1)))
        half = z * 0.5
        most = 1 - half
        rest = self.fma(z * z, self.polynomial(z, tables.COS_NEAR[dtype]), ((1 - most) - half) - high * low)
        cos, cos_low = self.sum_of_ordered(most, rest)
        odd = (whole & 1) != 0
        top, top_low = self.where(odd, -cos, sin), self.where(odd, -cos_low, sin_low)
        bottom, bottom_low = self.where(odd, sin, cos), self.where(odd, sin_low, cos_low)
        reciprocal = 1 / bottom
        result = top * reciprocal
        missing = self.fma(-result, bottom_low, self.less_product(top, result, bottom) + top_low)
        return self.fma(missing, reciprocal, result)

    def with_far_lanes(self, x: Value, near: Value, word: str, far: Callable[..., Value]) -> Value:
        """Return `near`, or in lanes with a large angle what `far` makes of the reduced one."""
        size = self.abs(x)
        is_far = (size > FAR[x.dtype]) & (size < float("inf"))
        builder = self.builder
        before = builder.block
        slow, after = (builder.function.append_basic_block(name) for name in ("slow", "after"))
        branch = builder.cbranch(self.any_lane(is_far), slow, after)
        branch.set_weights([1, 1 << 20])
        builder.position_at_end(slow)
        mended = self.far_lanes(x, near, is_far, word, far)
        builder.branch(after)
        slow = builder.block
        builder.position_at_end(after)
        result = builder.phi(near.ir.type)
        result.add_incoming(near.ir, before)
        result.add_incoming(mended.ir, slow)
        return Value(self, result, x.dtype)

    def any_lane(self, condition: Value) -> ir.Value:
        """Return whether a condition holds in any lane, as one i1."""
        if self.lanes == 1:
            return condition.ir
        kind = ir.IntType(self.lanes)
        return self.builder.icmp_unsigned("!=", self.builder.bitcast(condition.ir, kind), ir.Constant(kind, 0))
