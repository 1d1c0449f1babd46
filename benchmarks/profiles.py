"""What a profile costs, and whether its sums are the time that a caller measures.

Each case is a function compiled without and with a profile, each some times over, since where its code and its arrays happen to lie makes a
percent of difference. Blocks of calls alternate between the two, and the cost is the median of the ratios of neighbouring blocks, so that
what disturbs the machine disturbs both. It is measured twice: by the clock on the wall, and by
that of the caller's thread, which stands still while another process has the processor. (Where worker threads help, only the first says
anything.) The sum of the rows is held against the caller's time by the same two clocks, with nothing taken off: what the loop around the
calls takes (some 8 ns) is in it.

Run: python benchmarks/profiles.py [seconds [case ...]]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import repeat
from typing import Any

import numpy as np

BLOCK = 0.01  # seconds of one block of calls
COPIES = 5  # of each function


def neuron(**options: Any) -> tuple[Any, tuple[Any, ...]]:
    """The training step of the slides' neuron: two weights, a bias, some hundred nanoseconds."""
    import tensorlab as tl
    from tensorlab import tensor as T

    x, target = T.vector("x"), T.scalar("target")
    w, b = tl.shared(np.array([1.0, 1.0]), name="w"), tl.shared(0.0, name="b")
    y = T.nnet.sigmoid(T.dot(w, x) + b)
    cost = (y - target) ** 2
    gw, gb = T.grad(cost, [w, b])
    function = tl.function([x, target], [y, cost], updates=[(w, w - 0.1 * gw), (b, b - 0.1 * gb)], **options)
    return function, ([1.0, -1.0], 1.0)


def loop(**options: Any) -> tuple[Any, tuple[Any, ...]]:
    """One loop over a thousand elements."""
    import tensorlab as tl
    from tensorlab import tensor as T

    x = T.vector("x")
    return tl.function([x], T.exp(x) * x + 1, **options), (np.linspace(-1, 1, 1000),)


def layers(rows: int, **options: Any) -> tuple[Any, tuple[Any, ...]]:
    """The training step of two layers on some rows."""
    import tensorlab as tl
    from tensorlab import tensor as T

    dice = np.random.default_rng(1)
    x, target = T.matrix("x"), T.matrix("target")
    first, second = tl.shared(dice.normal(size=(20, 30)), name="first"), tl.shared(dice.normal(size=(30, 5)), name="second")
    cost = ((T.nnet.softmax(T.dot(T.tanh(T.dot(x, first)), second)) - target) ** 2).mean()
    updates = [(each, each - 0.1 * slope) for each, slope in zip((first, second), T.grad(cost, [first, second]))]
    function = tl.function([x, target], cost, updates=updates, **options)
    return function, (dice.normal(size=(rows, 20)), dice.normal(size=(rows, 5)))


def mixed(**options: Any) -> tuple[Any, tuple[Any, ...]]:
    """A sort, which has no native code, between two parts that have."""
    import tensorlab as tl
    from tensorlab import tensor as T

    x = T.vector("x")
    return tl.function([x], T.sort(T.exp(x) + 1) * 2 + T.tanh(x), **options), (np.linspace(1, 0, 5000),)


CASES: dict[str, Callable[..., tuple[Any, tuple[Any, ...]]]] = {
    "neuron": neuron,
    "loop of 1000": loop,
    "layers, 10 rows": lambda **options: layers(10, **options),
    "layers, 500 rows": lambda **options: layers(500, **options),
    "layers on NumPy": lambda **options: layers(100, mode="FAST_COMPILE", **options),
    "mixed": mixed,
}


def block(function: Any, arguments: tuple[Any, ...], calls: int) -> np.ndarray[Any, Any]:
    """Return the seconds of some calls, by the clock on the wall and by that of this thread."""
    first, *rest = arguments
    start = time.perf_counter(), time.thread_time()
    if rest:  # as a reader writes it: a call with an asterisk takes Python less time
        [second] = rest
        for _ in repeat(None, calls):
            function(first, second)
    else:
        for _ in repeat(None, calls):
            function(first)
    return np.array([time.perf_counter() - start[0], time.thread_time() - start[1]])


def measure(name: str, seconds: float) -> str:
    """Return the row of one case."""
    pairs = [(CASES[name](profile=False), CASES[name](profile=True)) for _ in range(COPIES)]
    for functions in pairs:
        for each, arguments in functions:
            block(each, arguments, 40)
    plain, arguments = pairs[0][0]
    calls = max(1, int(BLOCK / (block(plain, arguments, 20)[0] / 20)))
    for _, (profiled, arguments) in pairs:
        block(profiled, arguments, calls)
        profiled.profile.reset()
    ratios, spent, count = [], np.zeros(2), 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(ratios) < 5 * COPIES:
        for functions in pairs:
            (plain, own), (profiled, arguments) = functions
            if count // calls // COPIES % 2:  # each comes first as often as the other, and finds the caches as the other left them
                without, with_profile = block(plain, own, calls), block(profiled, arguments, calls)
            else:
                with_profile, without = block(profiled, arguments, calls), block(plain, own, calls)
            ratios.append(with_profile / without)
            spent += with_profile
            count += calls
    profiles = [profiled.profile for _, (profiled, _) in pairs]
    assert sum(profile.calls for profile in profiles) == count
    cost = 100 * (np.median(ratios, axis=0) - 1)
    share = sum(profile.seconds for profile in profiles) / spent
    timed, in_parts = sum(profile.timed for profile in profiles), sum(profile.timed_in_parts for profile in profiles)
    return (f"{name:18s} {1e6 * spent[0] / count:9.2f} {1e6 * spent[1] / count:9.2f} {cost[0]:+8.1f} % {cost[1]:+6.1f} % "
            f"{share[0]:9.3f} {share[1]:7.3f} {timed:8d} {in_parts:8d} {count:8d}")


def main() -> None:
    """Print one row a case."""
    print(f"{'':18s} {'µs a call':>19s} {'cost':>19s} {'sum / time':>17s}    calls: timed, in parts, all\n"
          f"{'':18s} {'wall':>9s} {'thread':>9s} {'wall':>10s} {'thread':>8s} {'wall':>9s} {'thread':>7s}")
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    for name in sys.argv[2:] or CASES:
        print(measure(name, seconds), flush=True)


if __name__ == "__main__":
    main()
