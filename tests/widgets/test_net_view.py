"""NetView in Python: the network that it trains, what it records, what it says, and what may be asked of it."""

from __future__ import annotations

import json
import random
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest

import tensorlab as tl
from tensorlab.widgets.base import ROOM, WidgetError
from tensorlab.widgets.net_points import CALLS, MOST_POINTS, points_of
from tensorlab.widgets.net_record import COARSE, FINE, MOST_COSTS, MOST_FRAMES, RECORDED
from tensorlab.widgets.net_view import MOST_AT_ONCE
from tensorlab.widgets.networks import ACTIVATIONS, Batches, Network, first_values

FUNCTIONS = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "relu": lambda z: np.maximum(z, 0), "tanh": np.tanh}


def by_hand(values, activation, x):
    """What every layer answers, in NumPy."""
    a, answers = x.astype("float64"), []
    for number, (W, b) in enumerate(zip(values[::2], values[1::2]), 1):
        z = W.astype("float64") @ a + b[:, None]
        a = FUNCTIONS[activation if number < len(values) // 2 else "sigmoid"](z)
        answers.append(a)
    return answers


@pytest.fixture
def view():
    return tl.widgets.network("xor", layers=[3], epochs=4)


@pytest.fixture
def heard(view):
    """A widget, and what it says to the page."""
    said = []
    view.__dict__["_send"] = lambda message, buffers=None: said.append(message)
    return view, said


def ask(widget, **content):
    widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def answers(said):
    return [message["content"] for message in said if message["method"] == "custom"]


def unpacked(text):
    return np.frombuffer(b64decode(text), "uint8")


# -- the network
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_step_is_gradient_descent_on_cross_entropy(activation):
    net = Network([4, 3], activation, "gradient_descent", seed=3)
    rng = np.random.default_rng(0)
    x, y_hat = rng.uniform(-1, 1, (2, 30)).astype("float32"), rng.integers(0, 2, (1, 30)).astype("float32")

    def cost_of(values):
        y = by_hand(values, activation, x)[-1]
        return -np.mean(y_hat * np.log(y) + (1 - y_hat) * np.log(1 - y))

    before = [each.astype("float64") for each in net.values]
    for ours, theirs in zip(net.layers(x), by_hand(before, activation, x)):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert net.train(x, y_hat, 0.5) == pytest.approx(cost_of(before), rel=1e-5)
    for place, (old, new) in enumerate(zip(before, net.values)):
        slope = np.zeros_like(old)
        for index in np.ndindex(*old.shape):  # central differences, far from any kink of ReLU with this seed
            ends = []
            for way in (1e-5, -1e-5):
                moved = [each.copy() for each in before]
                moved[place][index] += way
                ends.append(cost_of(moved))
            slope[index] = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(new, old - 0.5 * slope, atol=1e-5)


def test_large_weights_give_no_nan():
    net = Network([4], "tanh", "gradient_descent", seed=0)
    net.put([1000 * each for each in net.values])
    x = np.random.default_rng(0).uniform(-1, 1, (2, 50)).astype("float32")
    for answer in (np.zeros((1, 50), "float32"), np.ones((1, 50), "float32")):
        assert np.isfinite(net.cost(x, answer)) and np.isfinite(net.train(x, answer, 0.01))
    assert all(np.isfinite(each).all() for each in net.values)


def test_restarting_forgets_what_was_learned_and_remembered():
    net = Network([4], "tanh", "adam", seed=1)
    x, y_hat = points_of("xor")
    first = [net.train(x, y_hat, 0.1) for each in range(5)]
    net.restart(1)
    assert [net.train(x, y_hat, 0.1) for each in range(5)] == first
    net.restart(2)
    assert net.values[0].tolist() == first_values(net.sizes, "tanh", 2)[0].tolist()


def test_every_batch_size_sees_every_example_once_a_round():
    x = np.arange(20, dtype="float32").reshape(2, 10)
    for size in (1, 3, 10, 99):
        batches = Batches(x, x[:1], size, seed=0)
        for round in range(2):
            seen = [batches.next() for each in range(batches.count)]
            assert batches.epochs == round + 1
            np.testing.assert_array_equal(np.sort(np.concatenate([each for _, each in seen], axis=1)[0]), x[0])
            assert all((given[0] == wanted).all() for given, wanted in seen)


@pytest.mark.parametrize("data", CALLS)
def test_it_learns_every_data_set(data):
    view = tl.widgets.network(data, layers=[16, 16], recipe="adam", rate=0.01, epochs=0)
    before = view.frame["right"]
    for _ in range(40):
        view.asked_epoch()
    assert view.frame["right"] > 0.85 and view.frame["right"] > before


# -- what is shown
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_surfaces_are_what_the_layers_answer(activation):
    view = tl.widgets.network("circles", layers=[5, 3], activation=activation, epochs=0)
    view.train(7)
    left, right, low, high = view.points["window"]
    across, up = np.meshgrid(np.linspace(left, right, FINE), np.linspace(high, low, FINE))
    first, second, output = by_hand(view.net.values, activation, np.stack([across.ravel(), up.ravel()]))
    np.testing.assert_allclose(unpacked(view.frame["surface"]), output[0] * 255, atol=1.01)
    hidden = unpacked(view.frame["hidden"]).reshape(8, COARSE, COARSE)
    side = FINE // COARSE
    for shown, whole in zip(hidden, np.concatenate([first, second])):
        part = {"sigmoid": whole, "tanh": (whole + 1) / 2, "relu": 0.5 + 0.5 * whole / max(whole.max(), 1e-9)}[activation] * 255
        np.testing.assert_allclose(shown, part.reshape(FINE, FINE)[side // 2 :: side, side // 2 :: side], atol=1.01)
    weights = unpacked(view.frame["weights"]).astype(int) - 128
    W1, W2, W3 = view.net.values[::2]
    told = np.concatenate([(weights[a:b] / 127 * scale) for a, b, scale in zip((0, 10, 25), (10, 25, 28), view.frame["scales"])])
    np.testing.assert_allclose(told, np.concatenate([W1.ravel(), W2.ravel(), W3.ravel()]), atol=0.02 * max(view.frame["scales"]))
    right = np.mean((view.net.layers(view._batches.x)[-1] > 0.5) == (view._batches.y_hat > 0.5))
    assert view.frame["right"] == pytest.approx(right, rel=1e-3)


def test_the_record_is_made_ahead_and_the_network_is_untouched(view):
    assert view.record["ahead"] and len(view.record["frames"]) > 3 and view.record["frames"][-1]["epoch"] == 4
    assert view.frame["step"] == 0 and view._batches.epochs == 0
    np.testing.assert_array_equal(view.net.values[0], first_values(view.net.sizes, "tanh", 0)[0])
    recorded = view.record["frames"][-1]["surface"]
    for _ in range(4):
        view.asked_epoch()
    assert view.record["frames"][-1]["surface"] == recorded, "training goes where the record said that it would"
    assert not view.record["ahead"] and len(unpacked(recorded)) == RECORDED**2


def test_the_record_stays_small_however_long_one_trains(view):
    for _ in range(1000):
        view._remember(view._step(1))
    view.asked_rest()
    assert len(view.record["frames"]) <= MOST_FRAMES and len(view.record["costs"]) <= MOST_COSTS
    steps = [frame["step"] for frame in view.record["frames"]]
    assert steps[0] == 0 and steps[-1] > 900 and len(set(np.diff(steps))) == 1
    assert view.record["costs"][0][0] == 0 and view.record["costs"][-1][0] > 990


def test_playing_sends_frames_in_one_message_and_no_state(view):
    told = []
    view.__dict__["_send"] = lambda message, buffers=None: told.append((message, buffers))
    ask(view, kind="frames", steps=3, count=4)
    ((message, (sent,)),) = told
    content = message["content"]
    assert [each["step"] for each in content["frames"]] == [3, 6, 9, 12] and content["sizes"] == [FINE**2, 3 * COARSE**2, 9]
    assert len(sent) == 4 * sum(content["sizes"]) and len(json.dumps(content)) < 1000
    ask(view, kind="rest")
    last = sent[-sum(content["sizes"]) :]
    frame = view.frame
    assert last == b"".join(unpacked(frame[name]).tobytes() for name in ("surface", "hidden", "weights"))
    numbers = {name: value for name, value in content["frames"][-1].items() if name != "number"}
    assert numbers.items() <= frame.items() and [step for step, _ in view.record["costs"]] == [0, 3, 6, 9, 12]


def test_a_step_sends_the_frame_alone(heard):
    view, said = heard
    ask(view, kind="frame", steps=3)
    (update,) = [message["state"] for message in said if message["method"] == "update"]
    assert set(update) == {"frame"} and update["frame"]["step"] == 3
    assert len(json.dumps(update)) < 10_000


def test_the_largest_network_fits():
    x = np.random.default_rng(0).standard_normal((2, MOST_POINTS))
    view = tl.widgets.network((x, x[0] > 0), layers=[32, 32, 32], epochs=MOST_FRAMES, batch=MOST_POINTS)
    for _ in range(2 * MOST_FRAMES):
        view.train(1)
    assert len(view.record["frames"]) > MOST_FRAMES // 2
    assert len(json.dumps(view.own_state(), allow_nan=False)) < ROOM


def test_a_network_that_diverges_can_still_be_shown():
    view = tl.widgets.network("circles", layers=[8], activation="relu", recipe="gradient_descent", rate=100.0, epochs=5)
    view.net.put([np.full_like(each, np.nan) for each in view.net.values])
    view.train(3)
    json.dumps(view.own_state(), allow_nan=False)
    assert "<svg" in view.still().svg and "not finite" in view._words()


# -- code
@pytest.mark.parametrize("data", [*CALLS, "own"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_exported_code_is_the_same_network(data, activation, capsys):
    points = (np.array([[0.1, 0.7, 1 / 3], [0.2, -1.5, 2.0]]), np.array([0, 1, 1])) if data == "own" else data
    view = tl.widgets.network(points, layers=[6, 4], activation=activation, recipe="momentum", rate=0.05, batch=16, epochs=0, seed=5)
    view.train(20)
    run = {}
    exec(view.code, run)
    x = view._batches.x
    np.testing.assert_array_equal(run["x_all"], x)
    np.testing.assert_array_equal(run["y_all"], view._batches.y_hat)
    np.testing.assert_allclose(run["test"](x), view.net.layers(x)[-1], atol=1e-6)
    right = f"{np.mean((view.net.layers(x)[-1] > 0.5) == (view._batches.y_hat > 0.5)):.1%}"
    assert capsys.readouterr().out.startswith(right)
    costs = run["epoch"](run["random"])
    assert len(costs) == view._batches.count and costs[0] == pytest.approx(view.net.cost(*order_of(view)), rel=1e-3)


def order_of(view):
    """The first batch that the code takes."""
    which = np.random.default_rng(5).permutation(view._batches.x.shape[1])[:16]
    return view._batches.x[:, which], view._batches.y_hat[:, which]


# -- messages
def test_everything_that_may_be_asked(heard):
    view, said = heard
    ask(view, kind="tune", rate=0.05, batch=7)
    assert (view.settings["rate"], view.settings["batch"], view.settings["batches"]) == (0.05, 7, 29)
    ask(view, kind="epoch")
    assert view.frame["step"] == 29 and view.frame["epoch"] == 1
    weights = view.frame["weights"]
    ask(view, kind="restart", anew=False)
    assert view.frame["step"] == 0 and view.frame["weights"] != weights and len(view.record["frames"]) == 1
    first = view.frame["weights"]
    ask(view, kind="restart", anew=True)
    assert view.frame["weights"] != first
    ask(view, kind="build", layers=[4, 5, 6], activation="relu", recipe="adam")
    assert view.net.sizes == [2, 4, 5, 6, 1] and view.settings["activation"] == "relu" and view.settings["recipe"] == "adam"
    ask(view, kind="choose", data="spirals")
    assert view.points["count"] == 400 and view.settings["data"] == "spirals"
    ask(view, kind="choose", data="own")
    assert view.points["count"] == 0 and view.frame["right"] is None
    ask(view, kind="frame", steps=1)
    assert answers(said)[-1]["kind"] == "problem" and "there are no points" in answers(said)[-1]["text"]
    ask(view, kind="paint", points=[[0.5, 0.5, 1], [-0.5, 0.25, 0]])
    assert view.points["places"] == [[0.5, 0.5], [-0.5, 0.25]] and view.points["kinds"] == [1, 0] and view.settings["data"] == "own"
    ask(view, kind="paint", points=[[0.1, 0.1, 0]])
    assert view.points["places"][0] == [0.1, 0.1] and view.points["count"] == 3
    ask(view, kind="frame", steps=5)
    assert view.frame["step"] == 5 and view.frame["cost"] > 0


MALFORMED = [
    {"kind": "frames", "steps": 1, "count": MOST_AT_ONCE + 1}, {"kind": "frames", "steps": 1, "count": 0}, {"kind": "frames", "steps": 1},
    {"kind": "frame"}, {"kind": "frame", "steps": 0}, {"kind": "frame", "steps": 1e9}, {"kind": "frame", "steps": float("nan")},
    {"kind": "build", "layers": [], "activation": "tanh", "recipe": "adam"},
    {"kind": "build", "layers": [33], "activation": "tanh", "recipe": "adam"},
    {"kind": "build", "layers": [4], "activation": "exec", "recipe": "adam"},
    {"kind": "build", "layers": [4], "activation": "tanh", "recipe": "sgd"},
    {"kind": "choose", "data": "/etc/passwd"}, {"kind": "paint", "points": []}, {"kind": "paint", "points": [[1, 2]]},
    {"kind": "paint", "points": [[1, 2, float("inf")]]}, {"kind": "tune", "rate": 0, "batch": 1}, {"kind": "tune", "rate": 0.1, "batch": 0},
    {"kind": "restart", "anew": 1}, {"kind": "train"}, {},
]  # fmt: skip


def test_malformed_messages_change_nothing(heard):
    view, said = heard
    before, values = json.dumps(view.own_state()), view.net.whole
    for content in MALFORMED:
        ask(view, **content)
    dice = random.Random(1)
    words = ["frame", "frames", "count", "build", "choose", "paint", "tune", "restart", "steps", "layers", "points", "rate", "batch"]
    words += ["anew", "data", "kind"]
    values_of = [None, -1, 1e308, float("inf"), "x", [], {}, [[1, 2, 3, 4]], 10**400, "\ud800"]
    for _ in range(500):
        ask(view, **{dice.choice(words): dice.choice(values_of) for each in range(dice.randrange(6))} | {"kind": dice.choice(words)})
    assert json.dumps(view.own_state()) == before
    assert all(np.array_equal(a, b) for a, b in zip(values, view.net.whole))
    assert {each["kind"] for each in answers(said)} == {"refused"}


def test_too_many_points_change_nothing(heard):
    view, said = heard
    count = view.points["count"]
    for _ in range(6):
        ask(view, kind="paint", points=[[0.0, 0.0, 1]] * 200)
    assert view.points["count"] == view._batches.x.shape[1] == count + 800 and answers(said)[-1]["kind"] == "problem"


# -- pictures
def test_pictures_in_words_and_svg(view):
    bundle = view._repr_mimebundle_()
    words = bundle["text/plain"].splitlines()
    assert words[0] == "A network 2-3-1 with tanh on xor, 200 points."
    assert words[1].startswith("Recorded with gradient_descent, rate 0.3, batches of 20: cost ") and words[1].endswith(" after 4 epochs.")
    assert 'alt="Where a network says 1 (blue) and 0 (vermilion)' in bundle["text/html"]
    tree = ElementTree.fromstring(bundle["image/svg+xml"])
    kinds = [each.tag.split("}")[1] for each in tree.iter()]
    assert set(kinds) <= {"svg", "rect", "g", "path", "circle", "polyline", "text"} and kinds.count("circle") == 100
    assert len(bundle["image/svg+xml"]) < 60_000
    again = tl.widgets.network("xor", layers=[3], epochs=4)._repr_mimebundle_()
    assert [again[kind] for kind in ("text/plain", "image/svg+xml")] == [bundle[kind] for kind in ("text/plain", "image/svg+xml")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"data": "moons"}, "'moons' is none of"), ({"data": 3}, "no pair of arrays"), ({"data": ([1, 2], [0])}, "x has the shape"),
        ({"data": ([[1.0], [2.0]], [2])}, "something else than 0 and 1"), ({"data": ([[np.inf], [2.0]], [1])}, "not finite"),
        ({"layers": []}, "one to 3 hidden layers"), ({"layers": [64]}, "1 to 32 neurons"), ({"activation": "exp"}, "none of sigmoid"),
        ({"recipe": "sgd"}, "none of gradient_descent"), ({"rate": -1}, "rate=-1"), ({"batch": 0}, "batch=0"),
        ({"epochs": 1.5}, "epochs=1.5"), ({"seed": -1}, "seed=-1"),
    ],
)  # fmt: skip
def test_mistakes_are_named(arguments, message):
    with pytest.raises(WidgetError, match=message):
        tl.widgets.network(**arguments)
