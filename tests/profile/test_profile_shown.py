"""What a reader sees of a profile: the table as text and HTML, the picture and its words, the graph, the tables when Python ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.errors import ProfileError
from tensorlab.profiling import around, chart, limits
from tensorlab.profiling.limits import Limits
from tensorlab.profiling.report import Share
from tensorlab.profiling.wording import bytes_, seconds

HOSTILE = "<script>alert('$x$')</script>\u202e"


@pytest.fixture(autouse=True)
def a_machine(monkeypatch):
    """A machine whose limits need not be measured."""
    machine = Limits(10e9, {"float64": 50e9, "float32": 100e9}, 2)
    monkeypatch.setattr("tensorlab.profiling.report.limits", lambda: machine)
    return machine


@pytest.fixture
def trained():
    """A function that has run: a layer with its updates."""
    x = T.matrix("x")
    w = tl.shared(np.full((4, 3), 0.1), name="w")
    y = T.nnet.sigmoid(T.dot(x, w))
    y.name = "y"
    cost = (y**2).mean()
    function = tl.function([x], cost, updates=[(w, w - 0.1 * T.grad(cost, w))], name="train", profile=True)
    for _ in range(50):
        function(np.ones((50, 4)))
    return function


def test_the_table(trained):
    text = str(trained.profile)
    lines = text.splitlines()
    assert re.match(r"Profile of the function 'train': 50 calls, \S+ \S+, \S+ \S+ a call, ", lines[0])
    assert lines[1].split() == ["time", "share", "a", "call", "GB/s", "Gflop/s", "of", "limit", "step"]
    assert "new w" in text and "test_profile_shown.py:" in text and "product: " in text and "exp" in text
    assert "Memory: a call holds" in text and "Compiled in" in text and "Rules that fired" in text and "10 GB/s" in text
    assert max(map(len, lines[2:-4])) < 170


def test_rows_are_sorted_by_time_and_shares_sum_to_one(trained):
    shares = [float(found) for found in re.findall(r" ([\d.]+) %  ", "\n".join(str(trained.profile).splitlines()[2:]))]
    assert len(shares) >= 4
    rows = trained.profile.rows
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert sum(row.seconds for row in rows) == pytest.approx(trained.profile.seconds)


def test_a_function_that_was_not_called():
    x = T.scalar("x")
    profile = tl.function([x], x + 1, profile=True).profile
    assert "not called yet" in str(profile) and "not called yet" in profile._repr_mimebundle_()["text/html"]
    assert profile.seconds == 0 and all(row.share == 0 for row in profile.rows)


def test_stages_and_rules(trained):
    assert {"intern", "rewrite", "plan"} <= set(trained.profile.stages)
    assert sum(trained.profile.fired.values()) == len(trained.history) > 0


def test_measuring_the_machine_is_no_stage_of_a_compilation(monkeypatch):
    monkeypatch.setattr("tensorlab.profiling.at_exit.recordings", [])
    monkeypatch.setattr("tensorlab.profiling.at_exit.atexit.register", lambda work: None)
    monkeypatch.setattr("tensorlab.profiling.at_exit.limits", lambda: time.sleep(2))
    x = T.scalar("x")
    tl.function([x], x + 1)  # what is imported is imported
    with tl.config.change_flags(profile=True):
        function = tl.function([x], x + 2, mode="FAST_COMPILE")
    assert function.profile.stages["intern"] < 2


def test_limits():
    machine = Limits(10e9, {"float64": 50e9, "float32": 100e9}, 2)
    memory = Share("loop", bytes=10e9, operations=1e9, seconds=2.0)
    assert memory.of_limit(machine) == (0.5, "memory") and memory.bandwidth == 5e9
    arithmetic = Share("product", bytes=1e9, operations=100e9, seconds=1.0, dtype="float32")
    assert arithmetic.of_limit(machine) == (1.0, "arithmetic") and arithmetic.rate == 100e9
    words = Share("loop", bytes=8.0, operations=1e9, words={"exp": 2e9, "log": 1e9}, seconds=1.0)
    assert words.work == 37e9 and words.of_limit(machine) == (0.74, "arithmetic") and words.rate == 1e9


def test_the_limits_of_this_machine_are_positive_and_measured_once():
    found = limits.limits()
    assert found.bandwidth > 1e8 and found.rates["float64"] > 1e8 and found.rates["float32"] > 1e8
    assert limits.limits() is found and "GB/s" in str(found)


def test_without_native_code_products_say_how_fast_arithmetic_is():
    assert limits.rate_of_products("float64", 1) > 1e7


def test_steps_that_do_the_same_are_summed():
    x = T.matrix("x")
    y = x
    for _ in range(3):
        y = T.dot(y, x)
    function = tl.function([x], y, profile=True)
    function(np.ones((5, 5)))
    assert function.profile.by_op["product: dot"][1] == 3
    assert "3 × product: dot" in str(function.profile)


def test_html_escapes_what_readers_name():
    x = T.vector(HOSTILE)
    y = T.exp(x) * 2
    y.name = HOSTILE
    function = tl.function([x], [y, y.sum()], name=HOSTILE, profile=True)
    function([1.0])
    bundle = function.profile._repr_mimebundle_()
    for page in (bundle["text/html"], tl.profile(function)._repr_mimebundle_()["text/html"]):
        assert "<script" not in page and "&lt;script" in page and "\u202e" not in page
    assert "\u202e" not in bundle["text/plain"]
    assert chart.chart(function.profile)


def test_the_page_has_a_table_and_a_picture_in_words(trained):
    page = trained.profile._repr_mimebundle_()["text/html"]
    assert page.count('<th scope="col">') == 8 and page.count('<th scope="row"') == len(trained.profile.rows)
    [alternative] = re.findall(r'<img alt="([^"]+)" style="[^"]*" src="data:image/png;base64,', page)
    assert alternative.startswith("Share of the time: ") and "Under the roof of this machine" in alternative
    assert trained.profile._repr_mimebundle_(include={"text/plain"}).keys() == {"text/plain"}


def test_the_chart_draws_a_bar_a_step_and_the_roof(trained):
    bars, roof = trained.profile.chart().axes
    steps = chart.longest(trained.profile)
    assert len(bars.patches) == len(steps)
    line = roof.lines[0]
    assert max(line.get_ydata()) == pytest.approx(50)  # Gflop/s
    assert len(roof.lines) == 1 + sum(bool(each.bytes and each.work) for each in steps)


def test_the_graph_is_tinted_by_time(trained):
    shown = tl.profile(trained).graph
    shares = [shape.share for shape in shown.drawing.shapes if shape.share is not None]
    assert shares and max(shares) == pytest.approx(max(trained.profile.shares.values()), abs=0.01)
    assert "%" in shown.text
    page = tl.profile(trained)._repr_mimebundle_()["text/html"]
    assert len(re.findall("<img [^>]*alt=", page)) == 2


def test_a_picture_of_a_function_on_numpy():
    x = T.vector("x")
    function = tl.function([x], T.exp(x).sum(), mode="FAST_COMPILE", profile=True)
    function([1.0])
    assert any(shape.share for shape in tl.profile(function).graph.drawing.shapes)


def test_the_function_twin_says_what_is_wrong():
    x = T.scalar("x")
    with pytest.raises(ProfileError, match="compiled without one"):
        tl.profile(tl.function([x], x))
    with pytest.raises(ProfileError, match="a float, which has no profile"):
        tl.profile(1.0)


def test_summary_is_theanos(trained, capsys):
    trained.profile.summary()
    assert capsys.readouterr().err.startswith("Profile of the function 'train'")


def test_numbers_are_read_easily():
    assert [seconds(value) for value in (0, 3.2e-9, 9.996e-7, 1.5, 7200)] == ["0 ns", "3.2 ns", "1 µs", "1.5 s", "7200 s"]
    assert [bytes_(value) for value in (0, 999, 1e6, 3.14e9)] == ["0 bytes", "999 bytes", "1 MB", "3.14 GB"]


SCRIPT = """
import tensorlab as tl, tensorlab.tensor as T
x = T.scalar("x")
f = tl.function([x], x ** 2, name="square")
g = tl.function([x], x + 1, name="never")
h = tl.function([x], T.exp(x), name="other", mode="FAST_COMPILE")
for _ in range(3):
    f(3.0)
for _ in range(1000):
    h(1.0)
del f
"""


def in_process(flags):
    environment = {**os.environ, "TENSORLAB_FLAGS": flags}
    return subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=600, check=True)


def test_tables_are_printed_when_python_ends():
    done = in_process("profile=true")
    first, second = (done.stderr.index(f"Profile of the function {name!r}") for name in ("other", "square"))
    assert first < second  # what took longest comes first
    assert "'square': 3 calls" in done.stderr and "'other': 1,000 calls" in done.stderr
    assert "1 compiled function was never called" in done.stderr and done.stdout == ""


def test_nothing_is_printed_without_the_flag():
    done = in_process("profile=false")
    assert done.stderr == done.stdout == ""


def test_what_python_takes_around_a_call_is_a_row_of_its_own(trained, monkeypatch):
    took = {(1, False): 1.0}  # by what the function returns
    monkeypatch.setattr("tensorlab.profiling.report.seconds_around", lambda results, as_list: took[results, as_list])
    before, last = trained.profile.seconds, trained.profile.rows[-1]
    assert last.kind == "Python's call, results let go" and last.calls == 50 and last.seconds == 50
    trained(np.ones((50, 4)))
    assert trained.profile.seconds > before + 0.9


def test_what_python_takes_around_a_call_is_measured_once():
    call, array, row = around.way_in(), around.release(around.new_array), around.release(around.new_list)
    assert min(call, array, row) >= 0 and call + array + row > 0
    assert around.seconds_around(0, False) == call
    assert around.seconds_around(2, True) == call + 2 * array + row


@pytest.mark.parametrize(("outputs", "results"), [
    (lambda x: x + 1, (1, False)), (lambda x: [x + 1], (1, True)), (lambda x: [x, x + 1], (2, True)), (lambda x: [], (0, True)),
    (lambda x: {"more": x + 1}, (1, True)),
])  # fmt: skip
@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
def test_what_a_function_returns_is_known(outputs, results, mode):
    x = T.scalar("x")
    function = tl.function([x], outputs(x), mode=mode, profile=True, on_unused_input="ignore")
    assert (function._recording.results, function._recording.as_list) == results
    twin = function.copy()
    assert (twin._recording.results, twin._recording.as_list) == results
