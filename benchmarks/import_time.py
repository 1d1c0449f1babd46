"""How long `import tensorlab` takes beside `import numpy`: medians of fresh processes, measured in turn.

Run: python benchmarks/import_time.py [rounds]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

CASES = {
    "python": "pass",
    "numpy": "import numpy",
    "tensorlab": "import tensorlab, tensorlab.tensor",
}


def main(rounds: int) -> None:
    """Print the median of every case, and what tensorlab adds to numpy."""
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(rounds):
        for name, code in CASES.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, median in medians.items():
        print(f"{name:10s} {median * 1000:7.1f} ms")
    print(
        f"tensorlab - numpy: {(medians['tensorlab'] - medians['numpy']) * 1000:.1f} ms; ratio {medians['tensorlab'] / medians['numpy']:.2f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
