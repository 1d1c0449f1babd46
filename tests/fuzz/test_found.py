"""Graphs that once went wrong, as the differential test found and shrank them."""

from __future__ import annotations

import pytest

from tensorlab.testing.judging import judge
from tensorlab.testing.recipes import from_json

FOUND = {
    "whole numbers rounded shared memory with the input":
        '{"lines": [{"dtype": "int64", "shape": [3]}, ["Floor", {}, [0]]], "outputs": [1]}',
    "the length of an axis as an array did not compile":
        '{"lines": [{"dtype": "float64", "shape": [1, 0, 0]}, ["AxisLength", {"axis": 2}, [0]], ["DimShuffle", {"pattern": ["x"]}, [1]]], '
        '"outputs": [2]}',
    "the gradient through x[i:, mask] raised":
        '{"lines": [{"dtype": "float64", "shape": [4, 4], "draw": "short"}, {"dtype": "int32", "shape": [], "value": 2}, {"dtype": "bool", '
        '"shape": [4], "value": [true, false, false, false]}, ["AdvancedIndex", {"template": [{"cut": [-1, null, "point"]}, "array"]}, '
        '[0, 1, 2]]], "gradient": [3, [0], 1]}',
    "a recurrence did not look at the lengths of its operands":
        '{"lines": [{"dtype": "float64", "shape": [3], "known": [true]}, {"dtype": "float64", "shape": [3], "stream": 5}, ["Recurrence", '
        '{"axis": 0, "reverse": false}, [0, 1]]], "outputs": [2], "calls": [[[3, 4]]]}',
    "the gradient through a reshaped dimshuffle did not compile":
        '{"lines": [{"dtype": "float64", "shape": [1, 1]}, ["Erfcinv", {}, [0]], ["rule:reshape_of_dimshuffle", {"example": 0}, [1]]], '
        '"gradient": [2, [0], 1]}',
    "a length that is known times one that is not did not compile":
        '{"lines": [{"dtype": "float64", "shape": [2, 2], "known": [true, false]}, {"dtype": "float64", "shape": [2, 2], "stream": 5}, '
        '["idiom:rows joined", {}, [0, 1]], ["rule:plus_negative", {"example": 0}, [0, 1]]], "outputs": [2, 3]}',
    "a part that native code handed on returned its argument itself":
        '{"lines": [{"dtype": "float64", "shape": [], "kind": "shared"}, ["Copy", {}, [0]], {"dtype": "float64", "shape": [0, 1]}, '
        '["AnyOf", {"sample": 2}, [2]], {"dtype": "int8", "shape": [3], "value": [4, 2, 4]}, {"dtype": "int64", "shape": [], "value": 4}, '
        '["Bincount", {}, [4, 5]]], "outputs": [3, 1, 6]}',
    "the position of a number that stands alone did not compile":
        '{"lines": [{"dtype": "float64", "shape": []}, ["Argmin", {"axis": []}, [0]]], "outputs": [1]}',
    "an infinite score made a finite share nan":
        '{"seed": 3083, "lines": [{"dtype": "float64", "shape": [7, 2], "draw": "special"}, ["idiom:naive softmax", {}, [0]]], '
        '"outputs": [1]}',
    "a position out of range was not refused where only the shape of what it chooses is asked":
        '{"seed": 1000742, "lines": [{"dtype": "bool", "shape": [0, 1, 1], "known": [false, false, true], "draw": "short", "stream": 2}, '
        '["rule:part_of_fill", {"example": 1}, [0]]], "outputs": [1], "calls": [[[2, 4], [3, 1]]]}',
    "a condition that cannot be computed was left out":
        '{"seed": 1006652, "lines": [{"dtype": "float64", "shape": [2], "known": [false], "draw": "short", "stream": 1}, ["Argmax", '
        '{"axis": [0]}, [0]], {"dtype": "float64", "shape": [], "draw": "short", "stream": 9}, ["IfElse", {}, [1, 2, 2]]], "outputs": [3], '
        '"calls": [[[2, 0], [3, 4], [17, 19]]]}',
    "the judge took the words about a negative power for words about shapes":
        '{"seed": 1003760, "lines": [{"dtype": "int64", "shape": [1], "kind": "constant", "known": [true], "draw": "short"}, {"dtype": '
        '"int64", "shape": [], "draw": "short", "stream": 3}, ["Pow", {}, [0, 1]]], "outputs": [2], "calls": [[[2, 0], [7, 0]]]}',
    "the judge did not know that what is nearly nothing may be nothing in floats":
        '{"seed": 1011728, "lines": [{"dtype": "float32", "shape": [32, 32], "known": [false, false]}, ["Sigmoid", {}, [0]], {"dtype": '
        '"float64", "shape": [], "value": 2}, {"dtype": "float64", "shape": [], "value": -1}, ["Mul", {}, [1, 2]], ["Add", {}, [4, 3]], '
        '{"dtype": "float64", "shape": [], "draw": "short", "stream": 12}, ["Switch", {}, [5, 4, 6]]], "outputs": [7]}',
    "the judge asked for the error of a branch that is never taken":
        '{"seed": 3001850, "lines": [{"dtype": "float32", "shape": [1, 1, 3], "known": [false, false, true], "draw": "short", '
        '"stream": 2}, {"dtype": "float32", "shape": [1, 3, 3], "known": [false, false, false], "draw": "short", "stream": 3}, '
        '["BatchedDot", {}, [0, 1]], {"dtype": "float32", "shape": [], "draw": "short", "stream": 5}, {"dtype": "bool", "shape": [], '
        '"kind": "constant", "draw": "short", "stream": 6}, ["IfElse", {}, [4, 2, 3]]], "outputs": [5], "calls": [[[3, 0], [5, 1]]]}',
    "the judge did not know that what is nearly a number may be that number":
        '{"seed": 3004512, "lines": [{"dtype": "float64", "shape": [], "draw": "special"}, ["rule:expm1_of_log1p", {"example": 0}, [0]], '
        '["Neq", {}, [1, 0]]], "outputs": [2], "calls": [[[2, 3], [3, 1], [17, 11]]]}',
    "the judge did not know that a sum may overflow beside an infinity":
        '{"seed": 3006205, "lines": [{"dtype": "float64", "shape": [3], "known": [false], "draw": "short"}, {"dtype": "float64", "shape": '
        '[], "draw": "short", "stream": 1}, {"dtype": "float64", "shape": [3, 2], "known": [false, false], "draw": "special", '
        '"stream": 2}, {"dtype": "float64", "shape": [2], "known": [false], "draw": "special", "stream": 3}, {"dtype": "float64", '
        '"shape": [], "draw": "short", "stream": 4}, ["Gemm", {}, [0, 1, 2, 3, 4]]], "outputs": [5]}',
    "a slope of a sigmoid in float16 was 0 where exp of the other sign overflows":
        '{"seed": 6003235, "lines": [{"dtype": "float16", "shape": [32, 32], "known": [false, false], "draw": "short", "stream": 6}, '
        '{"dtype": "float16", "shape": [32], "known": [false], "draw": "short", "stream": 7}, ["idiom:neuron", {}, [0, 1]]], '
        '"gradient": [2, [0], 1]}',
}  # fmt: skip


@pytest.mark.parametrize("what", FOUND)
def test_what_was_wrong_once_is_right(what):
    verdict = judge(from_json(FOUND[what]))
    assert not verdict, verdict
