"""The base of the widgets: files, pictures, room, and messages that cannot hurt."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import traitlets

import tensorlab
from tensorlab.widgets.arrays import for_page
from tensorlab.widgets.base import ROOM, Still, TensorlabWidget, WidgetError
from tensorlab.widgets.messages import Malformed, Real, Several, Text, Truth, Whole, Word

STATIC = Path(tensorlab.__file__).parent / "widgets" / "static"
ROOT = Path(tensorlab.__file__).parent.parent


class Counter(TensorlabWidget):
    """A small widget: a step that the page sets, a list that it asks to grow."""

    _esm = "export default {render({model, el}) { el.textContent = model.get('step'); }}"
    page_may_set: ClassVar = {"step": Whole(0, 9), "playing": Truth()}
    page_may_ask: ClassVar = {"add": {"what": Text(20), "where": Several(Real(-1, 1), 2, 2)}, "break": {}, "grow": {}}
    step = traitlets.Int(0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    kept = traitlets.List([]).tag(sync=True)

    def still(self):
        return Still.picture("<svg xmlns='http://www.w3.org/2000/svg'/>", 'a "count" of <0>', "count = 0")

    def asked_add(self, what, where):
        self.kept = [*self.kept, what, where]

    def asked_break(self):
        self.step = 8
        self.kept = ["half done"]
        raise ZeroDivisionError("on the way")

    def asked_grow(self):
        self.kept = ["x" * ROOM]


@pytest.fixture
def heard():
    """A widget, and what it says to the page."""
    widget, said = Counter(), []
    widget.__dict__["_send"] = lambda message, buffers=None: said.append(message)
    return widget, said


def tell(widget, data, buffers=()):
    widget._handle_msg({"content": {"data": data}, "buffers": list(buffers)})


def test_the_bundle_has_four_forms_and_no_address():
    widget = Counter()
    bundle = widget._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "image/svg+xml", "text/plain"}
    assert bundle["text/html"].startswith('<img alt="a &quot;count&quot; of &lt;0&gt;" src="data:image/svg+xml;base64,')
    assert bundle["text/plain"] == "count = 0"
    assert repr(widget) == "<Counter>"
    assert set(widget._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert "image/svg+xml" not in widget._repr_mimebundle_(exclude=["image/svg+xml"])


def test_what_the_page_may_set_and_ask(heard):
    widget, said = heard
    tell(widget, {"method": "update", "state": {"step": 3, "playing": True}})
    assert (widget.step, widget.playing) == (3, True)
    tell(widget, {"method": "custom", "content": {"kind": "add", "what": "a", "where": [0, 1]}})
    assert widget.kept == ["a", [0.0, 1.0]]
    assert [message for message in said if message["method"] == "custom"] == []


def test_who_says_hello_hears_that_there_is_a_kernel(heard):
    widget, said = heard
    tell(widget, {"method": "custom", "content": {"kind": "hello"}})
    assert said == [{"method": "custom", "content": {"kind": "here"}}]


def test_a_method_that_fails_changes_nothing_and_says_why(heard):
    widget, said = heard
    tell(widget, {"method": "custom", "content": {"kind": "break"}})
    assert (widget.step, widget.kept) == (0, [])
    assert said[-1]["content"] == {"kind": "problem", "text": "ZeroDivisionError: on the way"}
    states = [message["state"] for message in said if message["method"] == "update"]
    assert states[-1]["step"] == 0 and states[-1]["kept"] == []  # the page shows again what it showed before


def test_an_interrupt_goes_up_and_changes_nothing(heard):
    widget, _ = heard

    def interrupted():
        widget.step = 5
        raise KeyboardInterrupt

    widget.__dict__["asked_break"] = interrupted
    with pytest.raises(KeyboardInterrupt):
        tell(widget, {"method": "custom", "content": {"kind": "break"}})
    assert widget.step == 0


def test_a_state_that_is_too_large_is_refused(heard):
    widget, said = heard
    tell(widget, {"method": "custom", "content": {"kind": "grow"}})
    assert widget.kept == [] and "'kept'" in said[-1]["content"]["text"]
    with pytest.raises(WidgetError, match="its state takes 300 kB of 256, most of it in 'kept'"):
        Counter(kept=["x" * 300_000])


def test_a_refused_setting_is_shown_as_it_is(heard):
    widget, said = heard
    tell(widget, {"method": "update", "state": {"step": 99}})
    assert said[0]["state"] == {"step": 0, "playing": False}
    assert said[1]["content"]["kind"] == "refused"


ODD = [None, True, False, 0, -1, 3, 10**400, -(10**400), 0.5, 1e308, float("nan"), float("inf"), "", "step", "add", "\ud800", "x" * 5000,
       [], {}, [[]], [0, 1], [0, 1, 2], ["a", "b"], {"kind": "add"}, {"step": 1}, b"bytes", (), {"a": {"b": {}}}]  # fmt: skip
NAMES = ["step", "playing", "kept", "_esm", "_css", "layout", "comm", "keys", "_model_id", "__class__", "kind", "what", "where", ""]


def wild(dice):
    """A message that fits no table."""
    any_table = {dice.choice(NAMES): dice.choice(ODD) for _ in range(dice.randrange(4))}
    shape = dice.randrange(8)
    if shape == 0:
        return dice.choice(ODD)
    if shape == 1:
        return {"method": dice.choice(ODD), "state": any_table}
    if shape == 2:
        return {"method": "update", "state": {**any_table, dice.choice(["kept", "_esm", "layout", "no"]): dice.choice(ODD)}}
    if shape == 3:
        return {"method": "update", "state": {"step": dice.choice([-1, 10, 1.5, True, None, "3", [], {}, float("nan"), 10**400])}}
    if shape == 4:
        return {"method": "custom", "content": dice.choice(ODD)}
    if shape == 5:
        kind = dice.choice(["add", "still", "close", "__init__", "send", None, 3, []])
        return {"method": "custom", "content": {**any_table, "kind": kind}}
    if shape == 6:
        where = dice.choice([[2, 0], [0], [0, 0, 0], "00", None, [float("nan"), 0], [True, 0], {"0": 0}])
        return {"method": "custom", "content": {"kind": "add", "what": dice.choice(["a", 3]), "where": where}}
    return {"method": "update", "state": dice.choice([None, 3, [], "step"]), "buffer_paths": dice.choice([[], [["step"]], 3])}


def test_ten_thousand_malformed_messages_change_nothing(heard):
    widget, said = heard
    before = json.dumps(widget.own_state())
    dice = random.Random(4)
    for _ in range(10_000):
        tell(widget, wild(dice), buffers=dice.choice([(), (b"x",)]))
    for whole in (None, {}, {"content": None}, {"content": {}}, [], "no"):
        widget._handle_msg(whole)
    assert json.dumps(widget.own_state()) == before
    kinds = {message["content"]["kind"] for message in said if message["method"] == "custom"}
    assert kinds == {"refused"}
    assert sum(message["method"] == "custom" for message in said) == 10_006
    tell(widget, {"method": "update", "state": {"step": 1}})
    assert widget.step == 1


@pytest.mark.parametrize("field, good, bad", [
    (Whole(0, 5), [0, 5, 3.0], [6, -1, 2.5, True, "2", None, float("nan")]),
    (Real(0, 1), [0, 1, 0.5], [1.5, True, "1", None, float("nan"), float("inf"), 10**400]),
    (Truth(), [True, False], [0, 1, "true", None]),
    (Text(3), ["", "abc"], ["abcd", 3, None, b"a"]),
    (Word("a", "b"), ["a", "b"], ["c", None, ["a"], 1]),
    (Several(Whole(0, 1), 1, 2), [[0], [0, 1]], [[], [0, 0, 0], [2], (0,), "0", None]),
])  # fmt: skip
def test_fields(field, good, bad):
    for value in good:
        assert field.read(value) == value
    for value in bad:
        with pytest.raises((Malformed, ValueError, OverflowError)):
            field.read(value)


def test_arrays_for_a_page():
    assert for_page(np.array(2.0)) == {"text": "2", "shape": [], "number": 2}
    large = for_page(np.arange(200.0 * 100).reshape(200, 100))
    assert (len(large["rows"]), len(large["rows"][0]), large["sampled"]) == (64, 64, True)
    assert (large["low"], large["high"], large["scale"]) == ("0", "20000", 20000)  # four digits of 19999
    means = np.array(large["rows"], dtype=float)
    assert (np.diff(means, axis=0) > 0).all()
    assert abs(means.mean() - 9999.5) < 200  # blocks of 3 and of 4 rows weigh the same here
    odd = for_page(np.array([np.nan, np.inf, 1.0]))
    assert odd["rows"] == [["nan", "inf", 1]] and odd["scale"] == 1
    assert for_page(np.zeros((2, 3, 4)))["rows"] == [[0] * 4] * 6
    assert for_page(np.zeros((0, 3)))["rows"] == []
    assert for_page(np.array([True, False]))["rows"] == [[1, 0]]
    json.dumps(odd, allow_nan=False)


def test_files_are_plain_modules_that_fetch_nothing():
    scripts = sorted(STATIC.glob("*.js"))
    sheets = sorted(STATIC.glob("*.css"))
    assert sheets
    for path in [*scripts, *sheets]:
        text = path.read_text(encoding="utf-8")
        fetching = ("http:", "https:", "import ", "import(", "@import", "url(")
        for word in (*fetching, "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function"):
            told = text.replace("http://www.w3.org/", "")  # names of XML's vocabularies, which nobody fetches
            assert word not in told, f"{path.name} holds {word!r}"


def widget_classes():
    """Every widget of the package."""
    import tensorlab.widgets as room

    found = [getattr(room, name) for name in room.__all__]
    return [each for each in found if isinstance(each, type) and issubclass(each, TensorlabWidget) and each is not TensorlabWidget]


def test_each_widget_is_smaller_than_40_kB():
    for widget in widget_classes():
        assert 0 < len(str(widget._esm).encode()) < 40_000, widget.__name__
        assert 0 < len(str(widget._css).encode()) < 20_000, widget.__name__


def test_the_wheel_holds_the_files(tmp_path):
    pytest.importorskip("hatchling", reason="the wheel is built with hatchling: pip install hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    assert {f"tensorlab/widgets/static/{path.name}" for path in STATIC.iterdir()} <= inside
    assert any(name.endswith(".data/data/share/jupyter/lab/settings/overrides.d/tensorlab.json") for name in inside)
    for path in ("package.json", "install.json", "static/remoteEntry.js"):
        assert any(name.endswith(f".data/data/share/jupyter/labextensions/tensorlab-saved-widgets/{path}") for name in inside), path


def test_a_widget_on_a_page(stage):
    shown = stage.show(Counter(step=3))
    assert shown.page.inner_text("#here") == "3"
    shown.page.evaluate("() => { model.set('step', 4); model.save_changes(); }")
    shown.exchange()
    assert shown.widget.step == 4
    shown.widget.step = 7
    shown.exchange()
    assert shown.state("step") == 7
    shown.nothing_serious()


class Caller(Counter):
    """A widget that asks another machine for something."""

    _esm = "export default {async render({el}) { try { await fetch('https://example.org/'); } catch { el.textContent = 'refused'; } }}"


def test_a_request_to_another_machine_is_stopped_and_counted(stage):
    shown = stage.show(Caller())
    assert shown.page.inner_text("#here") == "refused"
    assert shown.away == ["https://example.org/"]
    shown.away.clear()
