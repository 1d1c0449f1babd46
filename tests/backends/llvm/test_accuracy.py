"""Words in LLVM are accurate to 2 units in the last place in float64, 2.5 in float32; docs/accuracy.md has the measured errors."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import mpmath
import numpy as np
import pytest

from tensorlab.backends.llvm.words import FLOAT_WORDS, tables
from tensorlab.backends.llvm.words.accuracy import BUDGET, WORDS, errors, examined
from tensorlab.backends.llvm.words.trial import Trial

POINTS = {"float64": 1500, "float32": 300_000}
ROUNDED_MORE = 0.5  # ulp that a processor without fused multiply-add may be worse


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("word", WORDS)
def test_errors_are_within_the_budget(word, dtype):
    error, place, count = examined(word, dtype, POINTS[dtype])
    assert count > POINTS[dtype] / 3
    assert error <= BUDGET[dtype], f"{word} {dtype}: {error:.3f} ulp at {place}"


@pytest.mark.parametrize("word", WORDS)
def test_errors_without_fused_multiply_add(word):
    error, place, _ = examined(word, "float64", 400, features=frozenset())
    assert error <= BUDGET["float64"] + ROUNDED_MORE, f"{word}: {error:.3f} ulp at {place}"
    error, place, _ = examined(word, "float32", 100_000, features=frozenset())
    assert error <= BUDGET["float32"] + ROUNDED_MORE, f"{word}: {error:.3f} ulp at {place}"


def test_every_long_word_is_examined():
    assert set(WORDS) >= FLOAT_WORDS


def test_the_measure_counts_steps_between_neighbours():
    x = np.array([1.0, 0.75, 1e-310])
    np.testing.assert_array_equal(errors(np.nextafter(x, 2), x), [1, 1, 1])
    assert errors(np.array([np.inf, np.nan]), np.array([1.0, np.nan])).tolist() == [np.inf, 0]


def test_tables_are_what_the_script_derives(capsys):
    """A few of them: all take a minute."""
    path = Path(__file__).parents[3] / "scripts" / "fit_words.py"
    spec = importlib.util.spec_from_file_location("fit_words", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    names = ["LN2", "PI", "CBRT", "EXP", "TANH_ABOVE", "TANH_BELOW", "SIN_NEAR"]
    script.main(names)
    derived = capsys.readouterr().out
    found = [line.split(":")[0] for line in derived.splitlines() if ": dict" in line]
    assert found == [name for name, *_ in script.ENTRIES if name in names]
    kept = Path(tables.__file__).read_text(encoding="utf-8")
    assert all(block in kept for block in derived.split("\n\n")), "run scripts/fit_words.py and look at what has changed"


def test_every_table_is_derived_by_the_script():
    source = (Path(__file__).parents[3] / "scripts" / "fit_words.py").read_text(encoding="utf-8")
    assert [name for name in vars(tables) if name.isupper() and f'"{name}"' not in source] == []


@pytest.mark.parametrize("word", ["sin", "cos", "tan"])
def test_angles_of_any_size_close_to_a_multiple_of_a_quarter_turn(word):
    """The hardest angles: little is left of them, and of float64 numbers the first is the closest to such a multiple (W. Kahan)."""
    random = np.random.default_rng(2)
    with mpmath.workprec(1300):
        counts = [int(random.integers(1, 1 << 40)) << int(random.integers(0, 950)) for _ in range(150)] + list(range(1, 50))
        x = np.array([6381956970095103.0 * 2.0**797] + [float(count * mpmath.pi / 2) for count in counts])
        x = np.concatenate([x, -x, np.nextafter(x, np.inf)])
        exact = [getattr(mpmath, word)(mpmath.mpf(each)) for each in x.tolist()]
        high = np.array([float(each) for each in exact])
        low = np.array([float(each - mpmath.mpf(float(each))) for each in exact])
    found = Trial(lambda m, x: getattr(m, word)(x), ["float64"])(x)
    assert errors(found, high, low).max() <= BUDGET["float64"]
