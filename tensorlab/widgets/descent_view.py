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
from ..view.digits import array, number
from ..view.escape import latex_name
from ..view.mathml import mathml, tree_of
from .base import Still, TensorlabWidget, WidgetError
from .descent_code import call_of, code_of
from .descent_still import still_of
from .messages import Real, Truth, Whole
from .planes import Plane, along_path, along_two, at_random
from .runs import Model, Path, Trainer
from .surfaces import Window, around, contours, rounded, sampled, side_for

MOST_RUNS = 4  # as many as have a colour and a dash that nobody confuses
MOST_STEPS = 600  # of one run: four of them are 60 kB of state
MOST_AXES = 8  # parameters that are offered as axes; with more, the path's own directions say more
BANK_STEPS, FEWEST = 60, 5  # of the runs in the bank: as many as show where they go, and the fewest that do
BANK_WORK = 3e9  # products of one of them, so that all together take a few seconds
FASTEST = 1e3  # a learning rate above it has never been meant
LABELS = {
    "gradient_descent": "gradient descent", "momentum": "momentum", "nesterov": "Nesterov", "adagrad": "AdaGrad", "rmsprop": "RMSprop",
    "adam": "Adam",
}  # fmt: skip
FORGETS = r"s \leftarrow 0.9 \, s + 0.1 \, g^{2}"
RULES = {
    "gradient_descent": [r"\theta \leftarrow \theta - \eta g"],
    "momentum": [r"v \leftarrow 0.9 \, v - \eta g", r"\theta \leftarrow \theta + v"],
    "nesterov": [r"v \leftarrow 0.9 \, v - \eta g", r"\theta \leftarrow \theta + 0.9 \, v - \eta g"],
    "adagrad": [r"s \leftarrow s + g^{2}", r"\theta \leftarrow \theta - \frac{\eta}{\sqrt{s}} g"],
    "rmsprop": [FORGETS, r"\theta \leftarrow \theta - \frac{\eta}{\sqrt{s}} g"],
    "adam": [
        r"m \leftarrow 0.9 \, m + 0.1 \, g", r"s \leftarrow 0.999 \, s + 0.001 \, g^{2}",
        r"\theta \leftarrow \theta - \eta \frac{\hat{m}}{\sqrt{\hat{s}}}",
    ],
}  # fmt: skip
"""What each recipe does in a step, in the letters of the papers, with the numbers that they set."""
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

    scripts = ("making.js", "descent.js")
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
        self._cost, self._steps, self._seed = cost, steps, seed
        self._model = Model(cost, parameters, at)
        self._recipes = offered(recipe, updates)
        self._trainers: dict[int, Trainer] = {}
        first = next(place for place, name in enumerate(self._recipes) if recipe in (name, self._recipes[name]))
        self._start, self._first_rate = self._model.start, float(rate)
        path = self._trainer(first).run(self._start, self._first_rate, steps)
        self._runs = [Run(first, float(rate), path)]
        self._choices = self._plane_choices()
        wanted = self._place_of(over)
        self._plane = self._make_plane(wanted, path.points)
        self._window = checked_span(span) if span is not None else around(self._plane.seen(path.points))
        super().__init__(
            title=self._model.label,
            formula=formula_of(cost),
            planes=[label for label, _ in self._choices],
            recipes=[
                {
                    "name": LABELS.get(name, name), "rule": [mathml(each) for each in RULES.get(name, [])],
                    "takes_rate": self._trainer(place).takes_rate,
                }
                for place, name in enumerate(self._recipes)
            ],
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

    def _plane_choices(self) -> list[tuple[str, tuple[int, int] | str]]:
        """Return the planes that can be drawn, each with what the page calls it."""
        names = self._model.names
        along: list[tuple[str, tuple[int, int] | str]] = []
        if len(names) <= MOST_AXES:
            pairs = [(a, b) for a in range(len(names)) for b in range(a + 1, len(names))]
            along = [(f"{names[a]} and {names[b]}", (a, b)) for a, b in pairs]
        others: list[tuple[str, tuple[int, int] | str]] = [("two main directions of the path", "path"), ("a random plane", "random")]
        return along + (others if len(names) > 2 else [])

    def _place_of(self, over: Sequence[str] | str | None) -> int:
        """Return which plane is asked for, and offer it if it is not among the usual ones."""
        if over is None:
            return 0
        names, asked = self._model.names, f"tl.widgets.descent(…, over={over!r})"
        wanted: tuple[int, int] | str
        if isinstance(over, str):
            wanted = over
        else:
            missing = [each for each in over if each not in names]
            if len(over) != 2 or missing or over[0] == over[1]:
                found = f"{missing[0]!r} is none of the parameters" if missing else f"{len(over)} names"
                called = ", ".join(names[:8]) + " …" * (len(names) > 8)
                raise WidgetError(asked, f"{found}; they are called {called}", f"over={tuple(names[:2])}")
            wanted = (names.index(over[0]), names.index(over[1]))
            if wanted not in [what for _, what in self._choices]:
                self._choices.insert(0, (f"{over[0]} and {over[1]}", wanted))
        for place, (_, what) in enumerate(self._choices):
            if what == wanted:
                return place
        raise WidgetError(asked, "it is neither two names, nor 'path' or 'random' for three numbers or more", f"over={tuple(names[:2])}")

    def _make_plane(self, which: int, points: Any) -> Plane:
        what = self._choices[which][1]
        if what == "path":
            return along_path(points)
        if what == "random":
            return at_random(points[0], self._model.sizes, self._seed)
        assert not isinstance(what, str)
        return along_two(points[0], *what, self._model.names)

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
        told = []
        for place in range(len(self._recipes)):
            trainer = self._trainer(place)
            for each in rates if trainer.takes_rate else [rate]:
                told.append(self._told(Run(place, each, trainer.run(self._start, each, steps))))
        return told

    # -- what the page asks, and Python too
    def asked_run(self, number: int, recipe: int, rate: float, u: float, v: float, moved: bool) -> None:
        """Make a run, in place of another or as a new one."""
        if recipe >= len(self._recipes) or number > len(self._runs):
            raise WidgetError("a run", "there is no such recipe or place for a run", "one that is offered")
        old = self._runs[number] if number < len(self._runs) else None
        start = self._plane.at(u, v) if moved else old.start if old is not None else self._runs[0].start
        steps = max(self._steps, len(old.path) if old is not None else 0)
        run = Run(recipe, rate, self._trainer(recipe).run(start, rate, min(steps, MOST_STEPS)))
        told = self._told(run)
        self._keep([*self._runs[:number], run, *self._runs[number + 1:]], [*self.runs[:number], told, *self.runs[number + 1:]])

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
        if which >= len(self._choices):
            raise WidgetError("another plane", "there is no such plane", "one that is offered")
        before = self._plane, self._window
        try:
            points = np.concatenate([run.path.points for run in self._runs])
            self._plane = self._make_plane(which, self._runs[0].path.points)
            self._window = around(self._plane.seen(points))
            landscape, told = self._landscape(which), [self._told(run) for run in self._runs]
            bank = self._make_bank()
        except BaseException:
            self._plane, self._window = before
            raise
        with self.hold_sync():
            self.landscape, self.runs, self.bank = landscape, told, bank

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

    def _keep(self, runs: list[Run], told: list[dict[str, Any]]) -> None:
        """Show other runs, if there is room for them."""
        before = self._runs
        self._runs = runs
        try:
            self.runs = told
            self.check_room()
        except BaseException:
            self._runs = before
            raise

    # -- what is shown where the widget cannot be
    def still(self) -> Still:
        """Return the landscape with all runs as a picture and in words."""
        return still_of(named(self.title), self.landscape, self.runs, [each["name"] for each in self.recipes], self._words())

    def _words(self) -> str:
        across, up = self.landscape["labels"]
        lines = [f"The {named(self.title)} over {across} and {up}."]
        for place, (run, told) in enumerate(zip(self._runs, self.runs), 1):
            (u, v), (x, y) = (rounded_point(told["points"][which]) for which in (0, -1))
            first, last = number(run.path.costs[0]), number(run.path.costs[-1])
            rate = f" with rate {number(run.rate)}" if self.recipes[run.recipe]["takes_rate"] else ""
            end = "; then a number is no longer finite" if run.path.lost else ""
            walked = f"from ({u}, {v}) to ({x}, {y}), cost {first} → {last} in {len(run.path)} steps{end}"
            lines.append(f"Run {place}, {self.recipes[run.recipe]['name']}{rate}: {walked}.")
        return "\n".join(lines)


def named(title: str) -> str:
    """Return what a cost is called in a sentence: the cost x ** 2, or the cost alone if that is its name."""
    return title if title == "cost" else f"cost {title}"


def rounded_point(point: Sequence[float]) -> tuple[str, str]:
    """Return a point as texts; what is as good as 0 is 0, so that the last bits of a computation do not show."""
    across, up = (number(0.0 if abs(each) < 1e-6 else each) for each in point)
    return across, up


def formula_of(cost: Node) -> list[Any]:
    """Return a cost as a tree of MathML, or nothing for a long one."""
    nodes = ancestors([cost])
    if len(nodes) > MOST_WRITTEN:
        return []
    return tree_of(cost, {each: latex_name(each.known_name) for each in nodes if each.op is None and each.known_name})


def offered(recipe: str | Callable[..., Any], updates: Callable[..., Any] | Sequence[Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Return all recipes by name: those of `tl.optimizers`, then the reader's own."""
    asked = "tl.widgets.descent(…)"
    own = [updates] if callable(updates) else list(updates)
    if callable(recipe) and recipe not in RECIPES.values() and recipe not in own:
        own.insert(0, recipe)
    if isinstance(recipe, str) and recipe not in RECIPES:
        raise WidgetError(asked, f"recipe={recipe!r} is none of {', '.join(RECIPES)}", "recipe='momentum', or a function of yours")
    result: dict[str, Callable[..., Any]] = dict(RECIPES)
    for each in own:
        if not callable(each):
            raise WidgetError(asked, f"updates holds {each!r}, which is no function", "updates=MyUpdate")
        name = getattr(each, "__name__", type(each).__name__)
        name = name if name not in result else f"{name} ({len(result) - len(RECIPES) + 1})"
        result[name] = each
    return result


def checked_span(span: Sequence[float]) -> Window:
    """Return the window that a reader asked for."""
    numbers = [float(each) for each in span]
    if len(numbers) != 4 or not np.all(np.isfinite(numbers)) or not (numbers[0] < numbers[1] and numbers[2] < numbers[3]):
        raise WidgetError(f"tl.widgets.descent(…, span={span!r})", "it is not left < right and low < high", "span=(-2, 2, -1, 1)")
    return Window(*numbers)
