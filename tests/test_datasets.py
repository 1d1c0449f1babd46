"""The data sets of the lessons: shapes, dtypes, ranges, seeds, and the file of three columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tensorlab as tl
from tensorlab.datasets import drawing

SETS = {
    "picture": (2, 1, 2.0), "xor": (2, 1, 3.0), "circles": (2, 1, 2.0), "spirals": (2, 1, 2.0), "digits": (256, 10, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_every_set_is_float32_columns_that_depend_on_the_seed_alone(name):
    inputs, outputs, reach = SETS[name]
    make = getattr(tl.datasets, name)
    x, y_hat = make(size=60, noise=0.1, seed=3)
    assert x.shape == (inputs, 60) and y_hat.shape == (outputs, 60)
    assert x.dtype == y_hat.dtype == np.float32
    assert x.flags.c_contiguous and y_hat.flags.c_contiguous
    assert np.abs(x).max() <= reach and set(np.unique(y_hat)) == {0, 1}
    again = make(size=60, noise=0.1, seed=3)
    assert np.array_equal(x, again.x) and np.array_equal(y_hat, again.y_hat)
    assert not np.array_equal(x, make(size=60, noise=0.1, seed=4).x)
    make()
    assert make(size=1).x.shape == (inputs, 1)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    ("word", "value"), [("size", 0), ("size", 2.5), ("size", "3"), ("noise", -0.1), ("noise", "much"), ("seed", -1), ("seed", 0.5)]
)
def test_wrong_arguments_are_named(name, word, value):
    with pytest.raises(tl.TensorlabError, match=rf"{name}\({word}="):
        getattr(tl.datasets, name)(**{word: value})


def test_the_picture_is_a_moon_a_cat_and_stars():
    moon, cat, tail = [(-1.4, 0), (0, -1.5)], [(0.04, 0.5), (-0.26, 0.75), (0.34, 0.75), (0.04, -0.6)], [(1.02, -0.5)]
    inside = [*moon, *cat, *tail, (1.1, 1.1), (0.28, 1.48), (1.56, 0.32)]
    outside = [(0, 1.9), (-1.9, 1.9), (1.9, -1.9), (-0.8, 0.5), (0.04, 1), (0.7, -0.3), (1.5, 1.5)]
    answers = tl.datasets.picture_function(np.array(inside + outside).T)[0]
    assert answers.tolist() == [1.0] * len(inside) + [0.0] * len(outside)
    x, y_hat = tl.datasets.picture(2000, seed=1)
    assert np.array_equal(tl.datasets.picture_function(x), y_hat)
    assert 0.3 < y_hat.mean() < 0.4


def test_noise_turns_answers_round():
    x, turned = tl.datasets.picture(5000, noise=0.2)
    assert np.mean(turned != tl.datasets.picture_function(x)) == pytest.approx(0.2, abs=0.03)
    with pytest.raises(tl.TensorlabError, match="from 0 to 1"):
        tl.datasets.picture(noise=1.5)


def test_the_grid_is_an_image_row_by_row_from_the_top_left():
    x = tl.datasets.grid(5)
    assert x.shape == (2, 25) and x.dtype == np.float32
    across, up = x.reshape(2, 5, 5)
    assert across[0].tolist() == [-2, -1, 0, 1, 2] and up[:, 0].tolist() == [2, 1, 0, -1, -2]


def test_points_of_another_shape():
    with pytest.raises(tl.TensorlabError, match=r"\(5, 2\), not \(2, N\)"):
        tl.datasets.picture_function(np.zeros((5, 2)))
    assert tl.datasets.picture_function([[0.0], [-1.5]]).tolist() == [[1.0]]


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=9), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_inside_a_line_as_a_slow_ray_says(corners, seed):
    line = np.array(corners).T
    across, up = np.random.default_rng(seed).uniform(-1.2, 1.2, (2, 40))
    expected = []
    for x, y in zip(across, up):
        odd = False
        for (left, bottom), (right, top) in zip(corners, corners[1:] + corners[:1]):
            if (bottom <= y) != (top <= y):
                odd ^= bool(x < left + (y - bottom) * ((right - left) / (top - bottom)))
        expected.append(odd)
    assert drawing.inside(line, across, up).tolist() == expected


def test_xor_is_the_table():
    x, y_hat = tl.datasets.xor()
    assert x.T.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]] and y_hat.tolist() == [[0, 1, 1, 0]]
    clouds = tl.datasets.xor(400, noise=0.1)
    assert np.array_equal(clouds.y_hat[0], np.tile([0, 1, 1, 0], 100))


def test_digits_can_be_told_apart():
    """By their nearest neighbour among others: the images of a digit are alike, and no two digits are the same."""
    train, test = tl.datasets.digits(600, seed=1), tl.datasets.digits(200, seed=2)
    apart = ((train.x[:, :, np.newaxis] - test.x[:, np.newaxis, :]) ** 2).sum(axis=0)
    guess = train.y_hat.argmax(axis=0)[apart.argmin(axis=0)]
    assert np.mean(guess == test.y_hat.argmax(axis=0)) > 0.9
    assert test.y_hat.sum(axis=0).tolist() == [1] * 200


@given(arrays.arrays(np.float32, st.tuples(st.just(3), st.integers(1, 6)), elements=st.floats(allow_nan=False, width=32)))
@settings(max_examples=40, deadline=None)
def test_columns_come_back_bit_for_bit(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("columns") / "points.txt"
    tl.datasets.save_columns(path, values[:2], values[2:])
    x, y_hat = tl.datasets.read_columns(path)
    assert x.tobytes() == values[:2].tobytes() and y_hat.tobytes() == values[2:].tobytes()
    assert x.flags.c_contiguous


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "without numbers"), ("# nothing\n\n", "without numbers"), ("1 2\n3 4\n", "2 columns"), ("1 2 x\n", "could not convert"),
     ("1 2 3\n4 5\n", "column")],
)  # fmt: skip
def test_files_that_hold_something_else(tmp_path, text, says):
    path = tmp_path / "points.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(tl.TensorlabError, match=says):
        tl.datasets.read_columns(path)


def test_columns_that_do_not_fit_are_not_written(tmp_path):
    for x, y_hat in ((np.zeros((3, 4)), np.zeros(4)), (np.zeros((2, 4)), np.zeros(3)), (np.zeros(4), np.zeros(4))):
        with pytest.raises(tl.TensorlabError, match="save_columns"):
            tl.datasets.save_columns(tmp_path / "none.txt", x, y_hat)
    assert not (tmp_path / "none.txt").exists()


def test_nothing_of_it_is_imported_with_the_package():
    import subprocess
    import sys

    code = "import sys, tensorlab; print([name for name in sys.modules if name.startswith(('tensorlab.datasets', 'tensorlab.exercises'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
