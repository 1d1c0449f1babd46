"""DescentView: the cost as a landscape, and the paths that gradient descent takes over it, side by side.

Floor 6. Read `runs.py`, `planes.py` and `surfaces.py` before. Everything that is shown is computed here, by compiled functions on copies of
the parameters, and recorded in the widget's state; the page (`static/descent.js`) steps through it, and asks for another run. A bank
of runs, every recipe at several rates, is recorded too, so that a saved notebook without a kernel still answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import traitlets

from ..graph.node import Node
from ..graph.walk import ancestors
from ..optimizers import RECIPES
from ..state import SharedVariable
from ..view.digits import array
from ..view.escape import latex_name
from ..view.mathml import tree_of
from .base import Still, TensorlabWidget, WidgetError
from .descent_code import call_of, code_of
from .descent_recipes import offered, told
from .descent_still import named, sentence, still_of
from .messages import Real, Truth, Whole
from .planes import Planes
from .runs import Model, Path, Trainer
from .surfaces import Window, around, contours, rounded, sampled, side_for

MOST_RUNS = 4  # as many as have a colour and a dash that nobody confuses
MOST_STEPS = 600  # of one run: four of them are 60 kB of state
BANK_STEPS, FEWEST = 60, 5  # of the runs in the bank: as many as show where they go, and the fewest that do
BANK_WORK = 3e9  # products of one of them, so that all together take a few seconds
FASTEST = 1e3  # a learning rate above it has never been meant
MOST_WRITTEN = 60  # nodes of a cost that is written as a formula; a longer one is called by its name


@dataclass
class Run:
    """One path, with what it was made of."""

    recipe: int
    rate: float
    path: Path

    @property
    def start(self) -> Any:
        """All parameters before the first step."""
        return self.path.points[0]


def descent(
    cost: Node,
    parameters: Sequence[SharedVariable],
    at: Mapping[Any, Any] | None = None,
    *,
    recipe: str | Callable[..., Any] = "gradient_descent",
    rate: float = 0.1,
    steps: int = 60,
    updates: Callable[..., Any] | Sequence[Callable[..., Any]] = (),
    over: Sequence[str] | str | None = None,
    span: Sequence[float] | None = None,
    seed: int = 0,
) -> DescentView:
    """Return a widget that shows gradient descent on a cost.

    Your parameters keep their values: all runs work on copies, until *Apply to notebook* is pressed, or `apply` is called.

    Args:
        cost: a scalar expression.
        parameters: shared variables of floats, with two numbers or more together.
        at: values for the symbols of the cost; those that are not given come from `.tag.test_value`.
        recipe: the first run's: a name of `tl.optimizers`, or a function of yours.
        rate: the first run's learning rate.
        steps: of every run; more are asked for by pressing on.
        updates: functions of yours like `MyUpdate(parameters, gradients)` that are offered beside those of `tl.optimizers`; one with a
            parameter `rate` gets the rate of the widget.
        over: two numbers to draw the cost over, such as ("w[0]", "b"), or "path" (the two directions in which the first run moves most)
            or "random". By default the first two of up to 8 numbers, and "path" for larger models.
        span: (left, right, low, high) of the picture; by default what the first run needs.
        seed: of the random plane.

    Raises:
        WidgetError: something of this is not what it should be; the message says what.

    >>> w = tl.shared([4.0, 1.0], name="w")
    >>> print(tl.widgets.descent(w[0] ** 2 + 10 * w[1] ** 2, [w], rate=0.02, steps=20).still().text)
    The cost w[0] ** 2 + 10 * w[1] ** 2 over w[0] and w[1].
    Run 1, gradient descent with rate 0.02: from (4, 1) to (1.768, 3.656e-05), cost 26 → 3.126 in 20 steps.
    """
    return DescentView(cost, parameters, at, recipe=recipe, rate=rate, steps=steps, updates=updates, over=over, span=span, seed=seed)


class DescentView(TensorlabWidget):
    """The widget that `descent` makes; its arguments are those of `descent`.

    Attributes:
        runs: what the page draws, a dict a run.
    """

    scripts = ("page.js", "asking.js", "descent.js")
    sheets = ("look.css", "descent.css")
    page_may_ask: ClassVar = {
        "run": {
            "number": Whole(0, MOST_RUNS - 1), "recipe": Whole(0, 30), "rate": Real(1e-9, FASTEST),
            "u": Real(-1e6, 1e6), "v": Real(-1e6, 1e6), "moved": Truth(),
        },
        "more": {"number": Whole(0, MOST_RUNS - 1)},
        "drop": {"number": Whole(0, MOST_RUNS - 1)},
        "plane": {"which": Whole(0, 100)},
        "apply": {"number": Whole(0, MOST_RUNS - 1), "step": Whole(0, MOST_STEPS)},
    }  # fmt: skip
    title = traitlets.Unicode("").tag(sync=True)
    formula: traitlets.List[Any] = traitlets.List([]).tag(sync=True)
    landscape = traitlets.Dict({}).tag(sync=True)
    planes: traitlets.List[Any] = traitlets.List([]).tag(sync=True)
    recipes: traitlets.List[Any] = traitlets.List([]).tag(sync=True)
    runs: traitlets.List[Any] = traitlets.List([]).tag(sync=True)
    bank: traitlets.List[Any] = traitlets.List([]).tag(sync=True)

    def __init__(
        self, cost: Node, parameters: Sequence[SharedVariable], at: Mapping[Any, Any] | None, *,
        recipe: str | Callable[..., Any], rate: float, steps: int, updates: Callable[..., Any] | Sequence[Callable[..., Any]],
        over: Sequence[str] | str | None, span: Sequence[float] | None, seed: int,
    ) -> None:  # fmt: skip
        asked = "tl.widgets.descent(…)"
        if not isinstance(steps, int) or not 1 <= steps <= MOST_STEPS:
            raise WidgetError(asked, f"steps={steps!r} is no whole number from 1 to {MOST_STEPS}", "steps=60")
        if not isinstance(rate, (int, float)) or not 0 < rate <= FASTEST:
            raise WidgetError(asked, f"rate={rate!r} is no number between 0 and {FASTEST:g}", "rate=0.1")
        self._cost, self._steps = cost, steps
        self._model = Model(cost, parameters, at)
        self._recipes = offered(recipe, updates)
        self._trainers: dict[int, Trainer] = {}
        first = next(place for place, name in enumerate(self._recipes) if recipe in (name, self._recipes[name]))
        self._start, self._first_rate = self._model.start, float(rate)
        path = self._trainer(first).run(self._start, self._first_rate, steps)
        self._runs = [Run(first, float(rate), path)]
        self._planes = Planes(self._model.names, self._model.sizes, seed)
        wanted = self._planes.place_of(over)
        self._plane = self._planes.make(wanted, path.points)
        self._window = checked_span(span) if span is not None else around(self._plane.seen(path.points))
        super().__init__(
            title=self._model.label,
            formula=formula_of(cost),
            planes=self._planes.labels,
            recipes=[told(name, self._trainer(place).takes_rate) for place, name in enumerate(self._recipes)],
            landscape=self._landscape(wanted),
            runs=[self._told(run) for run in self._runs],
            bank=self._make_bank(),
        )

    # -- what is computed
    def _trainer(self, place: int) -> Trainer:
        """Return a recipe compiled, once."""
        if place not in self._trainers:
            self._trainers[place] = Trainer(self._model, list(self._recipes.values())[place])
        return self._trainers[place]

    def _landscape(self, which: int) -> dict[str, Any]:
        """Return the contours of the cost over the plane, as data for the page."""
        side = side_for(self._model.work)
        grid = sampled(self._model.cost_at, self._plane, self._window, side)
        window = self._window
        return {
            **contours(grid),
            "window": [window.left, window.right, window.low, window.high],
            "labels": list(self._plane.labels), "note": self._plane.note, "plane": which,
        }  # fmt: skip

    def _told(self, run: Run) -> dict[str, Any]:
        """Return a run as data for the page."""
        name = list(self._recipes)[run.recipe]
        trainer = self._trainer(run.recipe)
        updates = call_of(name, trainer.takes_rate, run.rate, name in RECIPES)
        return {
            "recipe": run.recipe, "rate": run.rate, "lost": run.path.lost,
            "points": rounded(self._plane.seen(run.path.points)),
            "costs": [float(f"{cost:.5g}") if np.isfinite(cost) else None for cost in run.path.costs],
            "code": code_of(self._model, self._cost, run.start, updates, len(run.path) + run.path.lost),
        }  # fmt: skip

    def _make_bank(self) -> list[dict[str, Any]]:
        """Return one run of every recipe at several rates around the first one, from the same start; none where they would take minutes."""
        rate, steps = self._first_rate, min(self._steps, BANK_STEPS, int(BANK_WORK / self._model.work))
        if steps < min(self._steps, FEWEST):
            return []
        rates = [float(f"{rate * factor:.2g}") for factor in (0.1, 0.3, 1, 3, 10)]
        bank = []
        for place in range(len(self._recipes)):
            trainer = self._trainer(place)
            for each in rates if trainer.takes_rate else [rate]:
                bank.append(self._told(Run(place, each, trainer.run(self._start, each, steps))))
        return bank

    # -- what the page asks, and Python too
    def asked_run(self, number: int, recipe: int, rate: float, u: float, v: float, moved: bool) -> None:
        """Make a run, in place of another or as a new one."""
        if recipe >= len(self._recipes) or number > len(self._runs):
            raise WidgetError("a run", "there is no such recipe or place for a run", "one that is offered")
        old = self._runs[number] if number < len(self._runs) else None
        start = self._plane.at(u, v) if moved else old.start if old is not None else self._runs[0].start
        steps = max(self._steps, len(old.path) if old is not None else 0)
        run = Run(recipe, rate, self._trainer(recipe).run(start, rate, min(steps, MOST_STEPS)))
        self._keep([*self._runs[:number], run, *self._runs[number + 1:]], [*self.runs[:number], self._told(run), *self.runs[number + 1:]])

    def asked_more(self, number: int) -> None:
        """Let a run go on."""
        old = self._run(number)
        steps = min(self._steps, MOST_STEPS - len(old.path))
        run = Run(old.recipe, old.rate, self._trainer(old.recipe).run(old.start, old.rate, steps, old.path))
        self._keep([*self._runs[:number], run, *self._runs[number + 1:]], [*self.runs[:number], self._told(run), *self.runs[number + 1:]])

    def asked_drop(self, number: int) -> None:
        """Take a run away; one stays."""
        self._run(number)
        if len(self._runs) == 1:
            raise WidgetError("the last run taken away", "nothing would be left to see", "another rate or recipe for it")
        self._keep([*self._runs[:number], *self._runs[number + 1:]], [*self.runs[:number], *self.runs[number + 1:]])

    def asked_plane(self, which: int) -> None:
        """Draw the cost over another plane."""
        if which >= len(self._planes.labels):
            raise WidgetError("another plane", "there is no such plane", "one that is offered")
        before = self._plane, self._window
        try:
            points = np.concatenate([run.path.points for run in self._runs])
            self._plane = self._planes.make(which, self._runs[0].path.points)
            self._window = around(self._plane.seen(points))
            landscape, runs = self._landscape(which), [self._told(run) for run in self._runs]
            bank = self._make_bank()
        except BaseException:
            self._plane, self._window = before
            raise
        with self.hold_sync():
            self.landscape, self.runs, self.bank = landscape, runs, bank

    def asked_apply(self, number: int, step: int) -> None:
        """Give the notebook's parameters the values of a run."""
        self.apply(number + 1, step)
        named = [f"{each.label} = {array(each.get_value(borrow=True))}" for each in self._model.originals]
        self._answer("applied", text=f"The notebook now has {', '.join(named)}.")

    def apply(self, run: int = 1, step: int | None = None) -> None:
        """Give your parameters the values that a run had after a step: what *Apply to notebook* does.

        Args:
            run: its number, as the widget shows it.
            step: 0 for the start; by default the last.

        Raises:
            WidgetError: there is no such run or step.
        """
        path = self._run(run - 1).path
        if step is not None and not 0 <= step <= len(path):
            raise WidgetError(f"apply(run={run}, step={step})", f"run {run} has the steps 0 to {len(path)}", f"step={len(path)}")
        for original, value in zip(self._model.originals, self._model.parts(path.points[-1 if step is None else step])):
            original.set_value(value)

    def path(self, run: int = 1) -> Path:
        """Return where a run went: `points` (steps + 1, numbers) and `costs`.

        Raises:
            WidgetError: there is no such run.
        """
        return self._run(run - 1).path

    def _run(self, place: int) -> Run:
        if not 0 <= place < len(self._runs):
            raise WidgetError(f"run {place + 1}", f"the runs are 1 to {len(self._runs)}", "run=1")
        return self._runs[place]

    def _keep(self, runs: list[Run], shown: list[dict[str, Any]]) -> None:
        """Show other runs, if there is room for them."""
        before = self._runs
        self._runs = runs
        try:
            self.runs = shown
            self.check_room()
        except BaseException:
            self._runs = before
            raise

    # -- what is shown where the widget cannot be
    def still(self) -> Still:
        """Return the landscape with all runs as a picture and in words."""
        return still_of(named(self.title), self.landscape, self.runs, [each["name"] for each in self.recipes], self._words())

    def _words(self) -> str:
        lines = [f"The {named(self.title)} over {self.landscape['labels'][0]} and {self.landscape['labels'][1]}."]
        for place, (run, told_run) in enumerate(zip(self._runs, self.runs), 1):
            recipe = self.recipes[run.recipe]
            rate = run.rate if recipe["takes_rate"] else None
            lines.append(sentence(place, recipe["name"], rate, told_run["points"], run.path))
        return "\n".join(lines)


def formula_of(cost: Node) -> list[Any]:
    """Return a cost as a tree of MathML, or nothing for a long one."""
    nodes = ancestors([cost])
    if len(nodes) > MOST_WRITTEN:
        return []
    return tree_of(cost, {each: latex_name(each.known_name) for each in nodes if each.op is None and each.known_name})


def checked_span(span: Sequence[float]) -> Window:
    """Return the window that a reader asked for."""
    numbers = [float(each) for each in span]
    if len(numbers) != 4 or not np.all(np.isfinite(numbers)) or not (numbers[0] < numbers[1] and numbers[2] < numbers[3]):
        raise WidgetError(f"tl.widgets.descent(…, span={span!r})", "it is not left < right and low < high", "span=(-2, 2, -1, 1)")
    return Window(*numbers)
