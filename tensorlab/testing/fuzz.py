"""The command: some thousand random graphs, computed in every mode, and one line for each that went wrong.

Floor 6. Read the list in `tensorlab/testing/__init__.py` before.

    python -m tensorlab.testing.fuzz --count 20000 --jobs 2      before a release
    python -m tensorlab.testing.fuzz --seed 17                   one graph again, and why it is wrong
    python -m tensorlab.testing.fuzz --recipe '{"lines": …}'     the same of a recipe, such as a shrunk one
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stdout
from dataclasses import dataclass, field

from ..graph.errors import ChoiceError
from ..graph.walk import ancestors
from ..settings import config
from .growing import grown
from .judging import Verdict, judge
from .recipes import RULE, Recipe, Step, build, from_json, known_cards
from .running import MODES
from .shrinking import shrunk

CHUNK = 100
"""Graphs that one process computes: a minute of work, of which starting takes a second."""
SECONDS_TO_SHRINK = 20.0


@dataclass
class Failure:
    """A seed whose graph goes wrong.

    Attributes:
        seed: of the graph.
        what: what is wrong with it.
        recipe: the smallest recipe found that still goes wrong.
    """

    seed: int
    what: str
    recipe: str = ""

    def __str__(self) -> str:
        again = f"--recipe '{self.recipe}'" if self.recipe else f"--seed {self.seed}"
        return f"seed {self.seed}: {self.what}\n    python -m tensorlab.testing.fuzz {again}"


@dataclass
class Tally:
    """What came of some graphs.

    Attributes:
        graphs, unjudged: how many there were, and how many of their results could not be judged.
        cards, rules: how many graphs held a card, or the pattern of a rule.
        failures: those that went wrong.
    """

    graphs: int = 0
    unjudged: int = 0
    cards: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take up another tally."""
        self.graphs += other.graphs
        self.unjudged += other.unjudged
        self.cards.update(other.cards)
        self.rules.update(other.rules)
        self.failures += other.failures

    @property
    def missing(self) -> list[str]:
        """The cards that no graph held."""
        return [name for name in known_cards() if not self.cards[name]]

    def __str__(self) -> str:
        rare = ", ".join(f"{name} {count}" for name, count in reversed(self.cards.most_common()[-8:]))
        missing = self.missing if len(self.missing) < 20 else [f"{len(self.missing)} cards"]
        lines = [
            f"{self.graphs} graphs, {len(self.failures)} wrong, {self.unjudged} results not judged",
            f"{len(+self.cards)} cards; the rarest: {rare}; missing: {', '.join(missing) or 'none'}",
        ]
        return "\n".join(lines)


def tried(seeds: Iterable[int], modes: Sequence[str] = tuple(MODES), shrink: bool = True) -> Tally:
    """Grow and judge the graphs of some seeds.

    >>> tally = tried(range(3))
    >>> tally.graphs, tally.failures
    (3, [])
    """
    tally = Tally()
    quiet = redirect_stdout(io.StringIO())  # graphs that print are not the command's own words
    with quiet, config.change_flags(cache_directory="off"):  # thousands of object files that nobody will ask for again
        for seed in seeds:
            try_one(seed, tally, modes, shrink)
    return tally


def try_one(seed: int, tally: Tally, modes: Sequence[str], shrink: bool) -> None:
    """Grow and judge the graph of a seed, and note what came of it."""
    tally.graphs += 1
    try:
        recipe = grown(seed)
        count(recipe, tally)
        verdict = judge(recipe, modes)
    except Exception as problem:  # of the generator or the oracle: to be mended as well
        tally.failures.append(Failure(seed, f"{type(problem).__name__}: {problem}"))
        return
    tally.unjudged += verdict.unjudged
    if verdict:
        smaller = smallest(recipe, verdict, modes) if shrink else recipe
        tally.failures.append(Failure(seed, str(judge(smaller, modes) or verdict), str(smaller)))


def count(recipe: Recipe, tally: Tally) -> None:
    """Note which cards and rules a recipe holds."""
    graph = build(recipe)
    tally.cards.update({type(node.op).__name__ for node in ancestors(graph.results) if node.op is not None})
    steps = [line.card for line in recipe.lines if isinstance(line, Step)]
    tally.rules.update({card[len(RULE):] for card in steps if card.startswith(RULE)})


def smallest(recipe: Recipe, verdict: Verdict, modes: Sequence[str]) -> Recipe:
    """Return a smaller recipe that goes wrong in the same mode and in the same way."""
    alone = [verdict.mode] if verdict.mode in modes else modes
    return shrunk(recipe, lambda smaller: judge(smaller, alone).kind == verdict.kind, SECONDS_TO_SHRINK)


def in_processes(start: int, count: int, jobs: int, modes: Sequence[str]) -> Iterator[Tally]:
    """Yield the tallies of all chunks of seeds, each computed by a process of its own, several at a time."""
    chunks = [range(first, min(first + CHUNK, start + count)) for first in range(start, start + count, CHUNK)]
    with ThreadPoolExecutor(jobs) as threads:
        for task in as_completed([threads.submit(in_own_process, chunk, modes) for chunk in chunks]):
            yield task.result()


def in_own_process(seeds: range, modes: Sequence[str]) -> Tally:
    """Return the tally of some seeds; if the process crashes, find the seed at which it does, by halves."""
    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            return pool.submit(tried, seeds, modes).result()
    except BrokenProcessPool:
        if len(seeds) == 1:
            return Tally(1, failures=[Failure(seeds.start, "the process crashed")])
    middle = len(seeds) // 2
    total = in_own_process(seeds[:middle], modes)
    total.add(in_own_process(seeds[middle:], modes))
    if not any("crashed" in failure.what for failure in total.failures):
        total.failures.append(Failure(seeds.start, f"the process crashed between seeds {seeds.start} and {seeds.stop - 1}, and not again"))
    return total


def shown(done: int, count: int, wrong: int, began: float) -> None:
    """Show on a terminal how far the work is."""
    if sys.stderr.isatty():
        left = (time.monotonic() - began) / max(done, 1) * (count - done)
        print(f"\r{done} of {count} graphs, {wrong} wrong, {left:.0f} s left ", end="", file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command's arguments."""
    made = argparse.ArgumentParser("python -m tensorlab.testing.fuzz", description=(__doc__ or "").split("\n")[0])
    made.add_argument("--count", type=int, default=500, help="how many graphs")
    made.add_argument("--start", type=int, default=0, help="the first seed")
    made.add_argument("--jobs", type=int, default=1, help="how many processes")
    made.add_argument("--modes", default=",".join(MODES), help="which modes to compare with the graph as written")
    made.add_argument("--seed", type=int, help="one graph alone, by its seed")
    made.add_argument("--recipe", help="one graph alone, by its recipe")
    made.add_argument("--cards", action="store_true", help="list how often every card was met")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 if a graph went wrong, else 0.

    Raises:
        ChoiceError: an unknown mode.
    """
    given = parser().parse_args(arguments)
    modes = tuple(given.modes.split(","))
    for mode in modes:
        if mode not in MODES:
            raise ChoiceError(f"--modes {given.modes}", f"{mode!r} is none of {', '.join(MODES)}", f"--modes {','.join(MODES)}")
    if given.recipe is not None or given.seed is not None:
        recipe = from_json(given.recipe) if given.recipe is not None else grown(given.seed)
        verdict = judge(recipe, modes)
        print(f"{recipe}\n{verdict}")
        return int(bool(verdict))
    total, began = Tally(), time.monotonic()
    one_by_one = (tried([seed], modes) for seed in range(given.start, given.start + given.count))
    for tally in one_by_one if given.jobs == 1 else in_processes(given.start, given.count, given.jobs, modes):
        for failure in tally.failures:
            print(f"{failure}", flush=True)
        total.add(tally)
        shown(total.graphs, given.count, len(total.failures), began)
    if given.cards:
        print("\n".join(f"{name:>24} {number}" for name, number in total.cards.most_common()))
    print(f"\n{total}\n{time.monotonic() - began:.0f} s")
    return int(bool(total.failures))


if __name__ == "__main__":
    raise SystemExit(main())
