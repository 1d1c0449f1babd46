"""NetView: a small network that learns to tell points of the plane apart while you watch what every neuron has learned.

Floor 6. Read `networks.py` before. The page (`static/net.js`) asks for a frame, draws it, and asks for the next one: nothing runs in the
kernel between two questions, so Stop always works, and so does every other cell. Some frames are recorded, the first ones by training
ahead when the widget is made, so that a saved notebook can be scrubbed through without a kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets

from ..optimizers import RECIPES
from ..view.digits import number
from .base import Still, TensorlabWidget, WidgetError
from .messages import Real, Several, Truth, Whole, Word
from .net_code import code_of, data_in_code
from .net_points import CALLS, MOST_POINTS, named_points, points_of
from .net_record import Look, Record, grid_of, packed, rounded, window_of
from .net_still import still_of
from .networks import ACTIVATIONS, DEEPEST, WIDEST, Batches, Network, checked_hidden

SHOWN = 400  # points drawn; training uses all
AHEAD = 24  # frames recorded by training ahead
FASTEST = 100.0  # a learning rate above it has never been meant
MOST_AT_ONCE = 4  # frames of one answer while it plays: a page that stops throws away as many


def network(
    data: str | tuple[Any, Any] = "circles",
    layers: Sequence[int] = (8,),
    activation: str = "tanh",
    *,
    recipe: str = "gradient_descent",
    rate: float = 0.3,
    batch: int = 20,
    epochs: int = 60,
    seed: int = 0,
) -> NetView:
    """Return a widget in which a network learns to tell points of the plane apart.

    Args:
        data: "picture" (of the course), "xor", "circles", "spirals", or a pair: x of shape (2, N), y_hat of shape (1, N) or (N,) with 0
            and 1. Points can be painted in the widget.
        layers: neurons of the hidden layers, up to three layers of 32.
        activation: of the hidden layers: "sigmoid", "relu" or "tanh"; the output is a sigmoid.
        recipe: a name of `tl.optimizers`.
        rate: the learning rate.
        batch: examples in a step.
        epochs: how far training is recorded ahead, for where no kernel answers.
        seed: of the first weights and of the order of the examples.

    Raises:
        WidgetError: something of this is not what it should be; the message says what.

    >>> print(tl.widgets.network("xor", layers=[4], epochs=0).still().text)
    A network 2-4-1 with tanh on xor, 200 points.
    Recorded with gradient_descent, rate 0.3, batches of 20: cost 0.7246 at the start.
    """
    return NetView(data, layers, activation, recipe=recipe, rate=rate, batch=batch, epochs=epochs, seed=seed)


class NetView(TensorlabWidget):
    """The widget that `network` makes; its arguments are those of `network`.

    Attributes:
        net: the network as it stands: `net.values` are its weights and biases.
    """

    scripts = ("page.js", "asking.js", "net.js")
    sheets = ("look.css", "net.css")
    page_may_ask: ClassVar = {
        "frame": {"steps": Whole(1, 2000)},
        "frames": {"steps": Whole(1, 2000), "count": Whole(1, MOST_AT_ONCE)},
        "epoch": {},
        "rest": {},
        "restart": {"anew": Truth()},
        "tune": {"rate": Real(1e-6, FASTEST), "batch": Whole(1, MOST_POINTS)},
        "build": {"layers": Several(Whole(1, WIDEST), 1, DEEPEST), "activation": Word(*ACTIVATIONS), "recipe": Word(*RECIPES)},
        "choose": {"data": Word(*CALLS, "own")},
        "paint": {"points": Several(Several(Real(-1e3, 1e3), 3, 3), 1, 200)},
    }
    settings = traitlets.Dict({}).tag(sync=True)
    choices = traitlets.Dict({}).tag(sync=True)
    points = traitlets.Dict({}).tag(sync=True)
    frame = traitlets.Dict({}).tag(sync=True)
    record = traitlets.Dict({}).tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self, data: str | tuple[Any, Any], layers: Sequence[int], activation: str, *, recipe: str, rate: float, batch: int, epochs: int,
        seed: int,
    ) -> None:  # fmt: skip
        asked = "tl.widgets.network(…)"
        if activation not in ACTIVATIONS:
            raise WidgetError(asked, f"activation={activation!r} is none of {', '.join(ACTIVATIONS)}", "activation='tanh'")
        if recipe not in RECIPES:
            raise WidgetError(asked, f"recipe={recipe!r} is none of {', '.join(RECIPES)}", "recipe='adam'")
        if not isinstance(rate, (int, float)) or not 0 < rate <= FASTEST:
            raise WidgetError(asked, f"rate={rate!r} is no number between 0 and {FASTEST:g}", "rate=0.1")
        for word, value, least, most in (("batch", batch, 1, MOST_POINTS), ("epochs", epochs, 0, 10_000), ("seed", seed, 0, 2**31)):
            if not isinstance(value, int) or not least <= value <= most:
                raise WidgetError(asked, f"{word}={value!r} is no whole number from {least} to {most}", f"{word}={max(least, 20)}")
        self._rate, self._seed, self._frames, self._recorded = float(rate), seed, 0, False
        self._name, x, y_hat = named_points(data)
        self._batches = Batches(x, y_hat, batch, seed)
        self.net = Network(checked_hidden(layers), activation, recipe, seed)
        self._see()
        self._forget()
        record = self._train_ahead(epochs)
        super().__init__(
            settings=self._told_settings(), points=self._told_points(), frame=self._told_frame(), record=record, code=self._written(),
            choices={"data": [*CALLS, "own"], "activations": list(ACTIVATIONS), "recipes": list(RECIPES), "widest": WIDEST},
        )

    # -- what is computed
    def _see(self) -> None:
        """Settle which part of the plane is drawn: a square around the points."""
        self._window = window_of(self._batches.x if self._batches.x.shape[1] else np.array([[-1, 1], [-1, 1]], dtype="float32"))
        self._grid = grid_of(self._window)

    def _look(self) -> Look:
        return Look.at(self.net, self._grid)

    def _forget(self) -> None:
        """Begin a new record."""
        self._record, self._steps = Record(), 0

    def _step(self, count: int) -> float:
        """Take some steps of training, and return the mean of their costs."""
        if not self._batches.x.shape[1]:
            raise WidgetError("a step of training", "there are no points", "paint some of both kinds, or choose a data set")
        total = 0.0
        for _ in range(count):
            total += self.net.train(*self._batches.next(), self._rate)
        self._steps += count
        return total / count

    def _train_ahead(self, epochs: int) -> dict[str, Any]:
        """Train for the record, and go back to the start."""
        before = self.net.whole
        self._remember(self.net.cost(self._batches.x, self._batches.y_hat))
        steps = epochs * self._batches.count
        edges = np.unique(np.linspace(0, steps, AHEAD).astype(int))
        for count in np.diff(edges):
            self._remember(self._step(int(count)))
        record = self._record.told(ahead=True)
        self.net.put(before)
        self._batches.rewind()
        self._forget()
        self._remember(record["costs"][0][1])
        return record

    def _remember(self, cost: float, look: Look | None = None) -> None:
        """Note this moment for the record."""
        self._record.add(self._steps, self._batches.epochs, cost, lambda: look or self._look())

    # -- what is told to the page
    def _told_settings(self) -> dict[str, Any]:
        return {
            "layers": self.net.sizes[1:-1], "activation": self.net.activation, "recipe": self.net.recipe, "rate": self._rate,
            "batch": self._batches.size, "data": self._name, "batches": self._batches.count,
        }  # fmt: skip

    def _told_points(self) -> dict[str, Any]:
        x, y_hat = self._batches.x[:, :SHOWN], self._batches.y_hat[0, :SHOWN]
        places = [[float(f"{value:.3g}") for value in point] for point in x.T.tolist()]
        return {"places": places, "kinds": [int(each > 0.5) for each in y_hat], "count": self._batches.x.shape[1], "window": self._window}

    def _told_frame(self) -> dict[str, Any]:
        """Return what is drawn now."""
        look = self._look()
        cost = self._record.costs[-1][1] if self._record.costs else None
        bytes_of = zip(("surface", "hidden", "weights"), map(packed, look.parts))
        return {**self._numbers(cost, look), **dict(bytes_of)}

    def _numbers(self, cost: float | None, look: Look) -> dict[str, Any]:
        """Return the numbers of a frame."""
        self._frames += 1
        numbers = {"number": self._frames, "step": self._steps, "epoch": self._batches.epochs, "cost": cost}
        return {**numbers, "scales": look.scales, "right": self._right()}

    def _right(self) -> float | None:
        """Return which part of the points is on the right side, or None if there are none."""
        if not self._batches.x.shape[1]:
            return None
        answers = self.net.layers(self._batches.x)[-1] > 0.5
        return rounded(float(np.mean(answers == (self._batches.y_hat > 0.5))))

    def _written(self) -> str:
        """Return the network as code."""
        x, y_hat = self._batches.x, self._batches.y_hat
        data = f"x_all, y_all = {CALLS[self._name]}" if self._name in CALLS else data_in_code(x, y_hat)
        values = self.net.values
        return code_of(self.net.sizes, self.net.activation, self.net.recipe, self._rate, self._batches.size, values, data, self._seed)

    def _publish(self, resting: bool) -> None:
        """Show what has changed; while it plays, only the frame."""
        with self.hold_sync():
            self.frame = self._told_frame()
            if resting:
                self.settings, self.points = self._told_settings(), self._told_points()
                self.code = self._written()
                if len(self._record.frames) > 1 or not self.record.get("ahead"):
                    self.record = self._record.told()

    # -- what the page asks, and Python too
    def train(self, steps: int = 1) -> None:
        """Take steps of training and show the result.

        Raises:
            WidgetError: there are no points, or `steps` is no whole number above 0.
        """
        if not isinstance(steps, int) or steps < 1:
            raise WidgetError(f"train(steps={steps!r})", "it is no whole number from 1 on", "train(100)")
        self._remember(self._step(steps))
        self._publish(resting=True)

    def asked_frame(self, steps: int) -> None:
        """Take some steps and show the next frame."""
        self._remember(self._step(steps))
        self._publish(resting=False)

    def asked_frames(self, steps: int, count: int) -> None:
        """Take some steps for each of a few frames, and send these; the state is published when the page rests.

        One message holds all their bytes behind one another, frame by frame: surface, hidden surfaces, weights. A message to the page and
        back keeps a notebook busier than the drawing of a frame does, so frames travel together.
        """
        frames, sizes, parts = [], [], []
        for _ in range(count):
            cost = self._step(steps)
            look = self._look()
            self._remember(cost, look)
            frames.append(self._numbers(rounded(cost), look))
            sizes = [part.size for part in look.parts]
            parts += [part.tobytes() for part in look.parts]
        self.send({"kind": "frames", "frames": frames, "sizes": sizes}, [b"".join(parts)])

    def asked_epoch(self) -> None:
        """Train on every example once."""
        self.train(self._batches.count)

    def asked_rest(self) -> None:
        """Publish what was left out while it played."""
        self._publish(resting=True)

    def asked_restart(self, anew: bool) -> None:
        """Go back to the first weights, or to others."""
        self._seed += anew
        self.net.restart(self._seed)
        self._begin()

    def asked_tune(self, rate: float, batch: int) -> None:
        """Go on with another learning rate or batch size."""
        self._rate, self._batches.size = rate, batch
        self._publish(resting=True)

    def asked_build(self, layers: list[int], activation: str, recipe: str) -> None:
        """Build another network and begin."""
        self.net = Network(checked_hidden(layers), activation, recipe, self._seed)
        self._begin()

    def asked_choose(self, data: str) -> None:
        """Take other points and begin."""
        if data == "own":
            x, y_hat = np.zeros((2, 0), "float32"), np.zeros((1, 0), "float32")
        else:
            x, y_hat = points_of(data)
        self._name, self._batches = data, Batches(x, y_hat, self._batches.size, self._seed)
        self.net.restart(self._seed)
        self._see()
        self._begin()

    def asked_paint(self, points: list[list[float]]) -> None:
        """Add points of the reader's own, each with its answer; training goes on."""
        new = np.array(points, dtype="float32").T
        x, y_hat = np.concatenate([self._batches.x, new[:2]], axis=1), np.concatenate([self._batches.y_hat, new[2:] > 0.5], axis=1)
        if x.shape[1] > MOST_POINTS:
            found = f"there are {self._batches.x.shape[1]} already, and {MOST_POINTS} are enough"
            raise WidgetError("more points", found, "another data set")
        # the newest come first, so that they are among those that are drawn
        count, epochs = new.shape[1], self._batches.epochs
        self._batches = Batches(np.roll(x, count, axis=1), np.roll(y_hat, count, axis=1).astype("float32"), self._batches.size, self._seed)
        self._batches.epochs = epochs
        self._name = "own"
        self._publish(resting=True)

    def _begin(self) -> None:
        """Show a network that has not been trained."""
        self._batches.rewind()
        self._forget()
        self._remember(self.net.cost(self._batches.x, self._batches.y_hat) if self._batches.x.shape[1] else 0.0)
        with self.hold_sync():
            self.record = self._record.told()
            self._publish(resting=True)

    # -- what is shown where the widget cannot be
    def still(self) -> Still:
        """Return the last frame that is recorded, with the points and the costs, as a picture and in words."""
        frames = self.record["frames"]
        return still_of(frames[-1], self.record["costs"], self.points, self._words())

    def _words(self) -> str:
        frames, settings = self.record["frames"], self.settings
        sizes = "-".join(map(str, self.net.sizes))
        count = self.points["count"]
        what = f"{settings['data']}, {count} points" if settings["data"] != "own" else f"{count} points of your own"
        how = f"{settings['recipe']}, rate {number(settings['rate'])}, batches of {settings['batch']}"
        start, end = (number(frame["cost"]) if frame["cost"] is not None else "not finite" for frame in (frames[0], frames[-1]))
        went = f"cost {start} at the start" + (f", {end} after {frames[-1]['epoch']} epochs" if len(frames) > 1 else "")
        return f"A network {sizes} with {settings['activation']} on {what}.\nRecorded with {how}: {went}."
