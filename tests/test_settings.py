"""`tl.config`: what it takes, where a value comes from, and what float32 means from end to end."""

from __future__ import annotations

import os
import pydoc
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.backends import gpu
from tensorlab.compiler import checks
from tensorlab.graph.errors import DeviceError, DtypeError, SettingError, UnknownSettingError
from tensorlab.settings import SETTINGS, Config, parse_flags

ROOT = Path(__file__).parent.parent
def in_process(code: str, flags: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TENSORLAB_FLAGS": flags, **variables}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=600)


def test_defaults():
    config = Config()
    assert {name: getattr(config, name) for name in SETTINGS} == {name: each.default for name, each in SETTINGS.items()}
    assert all(config.origin(name) == "default" for name in SETTINGS)


GOOD = [
    ("floatX", "float32"),
    ("floatX", "float16"),
    ("mode", "FAST_COMPILE"),
    ("mode", "DEBUG_MODE"),
    ("mode", "DebugMode"),
    ("profile", True),
    ("profile", "yes"),
    ("profile", "0"),
    ("device", "gpu"),
    ("device", "gpu12"),
    ("threads", 0),
    ("threads", "4"),
    ("threads", 2.0),
    ("on_unused_input", "warn"),
    ("exception_verbosity", "high"),
    ("cache_directory", "off"),
    ("cache_directory", os.path.abspath("somewhere")),
    ("print_precision", 17),
    ("optimizer_excluding", "simplify:times_one"),
    ("optimizer_excluding", "simplify, times_one"),
    ("optimizer_including", ["accumulate"]),
]
HELD = {("threads", "4"): 4, ("mode", "DebugMode"): "DEBUG_MODE", ("profile", "yes"): True, ("profile", "0"): False}
"""What is held, where it is not what was given."""
BAD = [
    ("floatX", "float8"),
    ("floatX", np.float32),
    ("floatX", ""),
    ("mode", "fast_run"),
    ("mode", None),
    ("profile", 1),
    ("profile", "maybe"),
    ("profile", None),
    ("device", "tpu"),
    ("device", None),
    ("device", "gpu1a"),
    ("device", "cuda"),
    ("device", "gpu²"),
    ("threads", -1),
    ("threads", 1.5),
    ("threads", "many"),
    ("threads", None),
    ("threads", True),
    ("threads", float("inf")),
    ("on_unused_input", "error"),
    ("exception_verbosity", "medium"),
    ("cache_directory", ""),
    ("cache_directory", " "),
    ("cache_directory", None),
    ("cache_directory", False),
    ("cache_directory", b"/tmp"),
    ("cache_directory", "a\0b"),
    ("print_precision", 0),
    ("print_precision", 18),
    ("optimizer_excluding", "simplfy"),
    ("optimizer_excluding", ["simplify", "tmes_one"]),
    ("optimizer_excluding", 3),
    ("optimizer_including", [3]),
    ("optimizer_including", "display"),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_values_that_are_taken(name, value):
    config = Config()
    setattr(config, name, value)
    held = getattr(config, name)
    if name.startswith("optimizer"):
        assert held in (("simplify", "times_one"), ("accumulate",))
    else:
        assert held == HELD.get((name, value), value) and type(held) is type(SETTINGS[name].default)
    assert config.origin(name) == "code"
    delattr(config, name)
    assert getattr(config, name) == SETTINGS[name].default and config.origin(name) == "default"


@pytest.mark.parametrize(("name", "value"), BAD)
def test_values_that_are_refused(name, value):
    config = Config()
    with pytest.raises(SettingError) as caught:
        setattr(config, name, value)
    error = caught.value
    assert isinstance(error, ValueError) and error.asked == f"config.{name} = {value!r}" and error.found
    exec(error.advice, {"tl": type("", (), {"config": config})})  # the advice is code that works
    assert config.origin(name) == "code"


def test_a_directory_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = Config("cache_directory=inside")
    assert config.cache_directory == os.path.join(os.getcwd(), "inside")
    config.cache_directory = Path("~") / "cache"
    assert config.cache_directory == os.path.join(os.path.expanduser("~"), "cache")
    config.cache_directory = "OFF"
    assert config.cache_directory == "off"


def test_the_nearest_choice_is_suggested():
    config = Config()
    for name, value, advice in [
        ("floatX", "flaot32", "'float32'"),
        ("mode", "FAST_RNU", "'FAST_RUN'"),
        ("mode", "FAST_COMPLIE", "'FAST_COMPILE'"),
    ]:
        with pytest.raises(SettingError) as caught:
            setattr(config, name, value)
        assert caught.value.advice.endswith(advice)


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("floatx", "floatX"),
        ("flaotX", "floatX"),
        ("Mode", "mode"),
        ("divice", "device"),
        ("thread", "threads"),
        ("verbosity", "exception_verbosity"),
    ],
)
def test_unknown_settings(wrong, near):
    config = Config()
    for attempt in (
        lambda: getattr(config, wrong),
        lambda: setattr(config, wrong, 1),
        lambda: delattr(config, wrong),
        lambda: config.origin(wrong),
        lambda: Config(f"{wrong}=1"),
        lambda: config.change_flags(**{wrong: 1}).__enter__(),
    ):
        with pytest.raises(UnknownSettingError) as caught:
            attempt()
        assert caught.value.advice in (f"tl.config.{near}", f"TENSORLAB_FLAGS={near}=1") and isinstance(caught.value, AttributeError)
    with pytest.raises(UnknownSettingError, match=r"dir\(tl.config\)"):
        config.zzzzzz = 1


def test_change_flags():
    config = Config("threads=3")
    with config.change_flags(floatX="float32", threads=5):
        assert (config.floatX, config.threads, config.origin("floatX")) == ("float32", 5, "change_flags")
        with config.change_flags(floatX="float16"):
            assert config.floatX == "float16"
        assert config.floatX == "float32"
        config.mode = "FAST_COMPILE"
    assert (config.floatX, config.threads, config.mode) == ("float64", 3, "FAST_COMPILE")
    assert (config.origin("floatX"), config.origin("threads")) == ("default", "environment (TENSORLAB_FLAGS)")
    with pytest.raises(ZeroDivisionError), config.change_flags(floatX="float32"):
        raise ZeroDivisionError
    assert config.floatX == "float64"
    with pytest.raises(SettingError):
        config.change_flags(floatX="float32", mode="SLOW")  # in this line already, so that this is the line that the error names
    assert config.floatX == "float64"


def test_change_flags_as_a_decorator():
    config = Config()

    @config.change_flags(floatX="float32")
    def inside():
        return config.floatX

    assert (inside(), inside(), config.floatX) == ("float32", "float32", "float64")


def test_flags():
    assert list(parse_flags(" floatX = float32 ,, mode=FAST_RUN,")) == [("floatX", "float32"), ("mode", "FAST_RUN")]
    assert Config("floatX=float32,floatX=float16").floatX == "float16"
    for wrong in ("floatX", "floatX=float32;mode", "="):
        with pytest.raises(SettingError):
            Config(wrong)


def test_the_environment():
    done = in_process(
        "import tensorlab as tl, tensorlab.tensor as T\n"
        "c = tl.config\n"
        "print(c.floatX, c.mode, c.device, T.scalar().dtype, c.origin('mode'), c.origin('threads'))",
        "floatX=float32,mode=FAST_RUN,device=cpu",
    )
    assert done.stdout.strip() == "float32 FAST_RUN cpu float32 environment (TENSORLAB_FLAGS) default", done.stderr


@pytest.mark.parametrize(
    ("flags", "lines"),
    [
        ("floatX=float8",
         ["TENSORLAB_FLAGS=floatX=float8", "floatX takes one of float64, float32, float16", "TENSORLAB_FLAGS=floatX=float64"]),
        ("flotX=float32", ["TENSORLAB_FLAGS=flotX=float32", "there is no setting 'flotX'; there are", "TENSORLAB_FLAGS=floatX=float32"]),
        ("mode=DEBUGMODE", ["TENSORLAB_FLAGS=mode=DEBUGMODE", "mode takes one of", "TENSORLAB_FLAGS=mode=DEBUG_MODE"]),
        ("profile=flase", ["TENSORLAB_FLAGS=profile=flase", "profile is True or False", "TENSORLAB_FLAGS=profile=False"]),
        ("device=cuda1", ["TENSORLAB_FLAGS=device=cuda1", "a device is cpu, gpu, or gpu0", "TENSORLAB_FLAGS=device=gpu1"]),
        ("optimizer_excluding=stabilize:simplfy",
         ["TENSORLAB_FLAGS=optimizer_excluding=stabilize:simplfy", "called 'simplfy'",
          "TENSORLAB_FLAGS=optimizer_excluding=stabilize:simplify"]),
        ("zzz=1", ["TENSORLAB_FLAGS=zzz=1", "there is no setting 'zzz'", "one of these names in TENSORLAB_FLAGS=name=value"]),
        ("floatX", ["TENSORLAB_FLAGS='floatX'", "'floatX' has no '='", "TENSORLAB_FLAGS=floatX=float32,mode=FAST_RUN"]),
    ],
)
def test_a_bad_flag_is_readable(flags, lines):
    done = in_process("import tensorlab", flags)
    assert done.returncode == 1 and not done.stdout
    last = done.stderr.strip().splitlines()[-3:]
    assert all(wanted in line for wanted, line in zip(lines, last)), done.stderr
    assert last[1].startswith("  found: ") and last[2].startswith("  try:   ")
    assert "During handling" not in done.stderr


def test_it_can_be_discovered():
    assert set(dir(tl.config)) == {*SETTINGS, "change_flags", "origin"}
    text = pydoc.plain(pydoc.render_doc(tl.config))
    for name, setting in SETTINGS.items():
        assert name in text and setting.meaning in text and repr(setting.default) in text
        assert f"{name} = {getattr(tl.config, name)!r}" in repr(tl.config)
    assert "TENSORLAB_FLAGS" in text and "change_flags" in text
    assert not hasattr(tl.config, "_repr_html_") and not hasattr(tl.config, "__wrapped__")


@pytest.fixture
def nothing_announced(monkeypatch):
    monkeypatch.setattr(checks, "announced", set())


@pytest.fixture
def no_gpu(monkeypatch):
    """A machine without a GPU, whatever the real one has."""
    monkeypatch.setattr(gpu, "unavailable", lambda device: f"{device} is not in this machine")


def test_a_gpu_that_is_missing_is_warned_about_once(nothing_announced, no_gpu):
    x = T.scalar("x")
    with tl.config.change_flags(device="gpu0"):
        with pytest.warns(UserWarning, match=r"device=gpu0 .* but gpu0 is not in this machine. Functions run on the CPU") as warned:
            f = tl.function([x], x + 1)
        assert len(warned) == 1 and warned[0].filename == __file__
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert tl.function([x], x + 1)(1) == f(1) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tl.function([x], x + 1)


def test_a_device_that_is_forced_and_missing_is_an_error(nothing_announced, no_gpu):
    x = T.scalar("x")
    with tl.config.change_flags(device="gpu1", force_device=True), pytest.raises(DeviceError, match="gpu1 is not in this machine"):
        tl.function([x], x + 1)
    with tl.config.change_flags(force_device=True):
        assert tl.function([x], x + 1)(1) == 2


FUNCTIONS = """
import tensorlab as tl, tensorlab.tensor as T
x = T.scalar("x")
f, g = tl.function([x], x ** 2), tl.function([x], x + 1)
print(f(3), g(3))
"""


@pytest.mark.parametrize(
    ("flags", "warned"),
    [
        ("mode=FAST_RUN", []),
        ("profile=false", []),
        ("mode=FAST_RUN,device=gpu", ["Functions run on the CPU, with the same results"] if gpu.unavailable("gpu") else []),
        ("mode=DEBUG_MODE", []),
        ("profile=true", []),
        ("mode=FAST_COMPILE,profile=True", []),
    ],
)
def test_the_flags_of_the_slides(flags, warned):
    """`mode=DEBUG_MODE` and `profile=true` once ended `import tensorlab` with a traceback."""
    done = in_process(FUNCTIONS, flags)
    assert done.returncode == 0 and done.stdout.splitlines()[0] == "9.0 4.0", done.stderr
    assert done.stderr.count("Warning") == len(warned)
    assert all(done.stderr.count(each) == 1 for each in warned)


# -- settings that take effect where symbols are made and numbers are printed


def float64_made():
    return [lambda: T.scalar("x"), lambda: T.dmatrix(), lambda: T.tensor("float64", (None,)), lambda: tl.shared([1.0])]


@pytest.mark.parametrize("action", ["ignore", "warn", "raise"])
def test_float64_is_told_of_as_asked(action):
    for make in float64_made():
        with tl.config.change_flags(warn_float64=action), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            if action == "raise":
                with pytest.raises(DtypeError, match="its dtype is float64") as caught:
                    make()
                assert "float32" in caught.value.advice
            else:
                assert make().dtype == "float64"
        assert [each.filename for each in warned] == ([__file__] if action == "warn" else [])
    with tl.config.change_flags(warn_float64="raise", floatX="float32"):
        x, w = T.vector("x"), tl.shared(np.float32(1))
        f = tl.function([x], T.grad(T.sum(T.exp(w * x)), x))  # nothing that is made on the way is the reader's float64
        assert f([0.0]) == 1


def test_the_debugger_opens_where_float64_was_made():
    code = "import tensorlab.tensor as T\nx = T.fscalar()\nmine = 7\ny = T.scalar('y')\nlast = 1\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TENSORLAB_FLAGS": "warn_float64=pdb"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, input="p mine, 'y' in dir(), 'last' in dir()\nc\n",
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and "(7, True, False)" in done.stdout, done.stdout + done.stderr


def test_the_precision_of_printed_numbers():
    assert tl.printing.short([1 / 3, 2.0]) == "[0.3333, 2]"
    with tl.config.change_flags(print_precision=7):
        assert tl.printing.short(np.array([1 / 3, 2.0])) == "[0.3333333, 2]"


# -- float32 from end to end


@pytest.fixture
def float32():
    with tl.config.change_flags(floatX="float32"):
        yield


def test_a_float32_course_stays_float32(float32):
    """A float that arises from no floating tensor has floatX."""
    z = T.vector("z")
    c = T.bvector("c")
    i = T.ivector("i")
    for node in (
        z * ((z > 0) * 0.5),
        T.switch(c, 1.0, 0.1) * z,
        T.switch(z < 0, 0, z),
        z * (z > 0),
        i / 2 * z,
        T.mean(z > 0) * z,
        T.exp(c) + z,
        0.1 * c * z,
        z.mean(),
        z.sum() / 3,
        T.zeros(3),
        T.ones_like(z),
        T.constant(0.1),
        T.cast(i, "floatX"),
        T.arange(2) * 0.5 * z,
        T.sqrt(i),
    ):
        assert node.dtype == "float32", node
        f = tl.function([z, c, i], node, on_unused_input="ignore")
        found = f(np.array([0.1, -2], "float32"), np.array([1, 0], "int8"), np.array([1, 2], "int32"))
        assert found.dtype == "float32"
    assert tl.function([z, c], T.switch(c, 1.0, 0.1) * z)([0.1, 0.2], [1, 0]).tolist() == [
        np.float32(0.1),
        np.float32(0.1) * np.float32(0.2),
    ]


def test_training_in_float32(float32):
    x, target = T.vector("x"), T.scalar("target")
    w, b = tl.shared(np.array([-1, 1], "float32"), name="w"), tl.shared(np.float32(0), name="b")
    y = 1 / (1 + T.exp(-(T.dot(w, x) + b)))
    cost = T.sum((y - target) ** 2)
    gradients = T.grad(cost, [w, b])
    assert [each.dtype for each in gradients] == ["float32", "float32"]
    step = tl.function([x, target], cost, updates=[(p, p - 0.1 * g) for p, g in zip([w, b], gradients)])
    costs = [step([1, -1], 1) for _ in range(20)]
    assert all(each.dtype == "float32" for each in costs) and costs[-1] < costs[0]
    assert w.get_value().dtype == b.get_value().dtype == "float32"


def test_floatx_may_change_between_graphs():
    x = T.scalar()
    with tl.config.change_flags(floatX="float32"):
        y = T.scalar()
        half = y * 0.5
    assert (x.dtype, y.dtype, half.dtype, (x * y).dtype) == ("float64", "float32", "float32", "float64")
