"""Repeated blocks: found by what they do, named as the reader would, folded without changing what depends on what."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.walk import ancestors
from tensorlab.view.blocks import Block, blocks_in
from tensorlab.view.folding import folded
from tensorlab.view.naming import names_in
from tensorlab.view.pictures import FEW, picture


def layer(h, W, b):
    return T.tanh(T.dot(h, W) + b)


def network(layers, residual=False):
    h, parameters = T.matrix("x"), []
    for number in range(layers):
        W, b = tl.shared(np.eye(4), f"W{number}"), tl.shared(np.zeros(4), f"b{number}")
        h = layer(h, W, b) + h if residual else layer(h, W, b)
        parameters += [W, b]
    return h, parameters


def found(outputs, least=3):
    return blocks_in(ancestors(outputs), (), names_in(outputs), outputs, least)


def of_kind(drawing, kind):
    return [shape for shape in drawing.shapes if shape.kind == kind]


@pytest.mark.parametrize("residual", [False, True])
def test_layers_are_one_block(residual):
    (block,) = found([network(50, residual)[0].sum()])
    assert block.count == 50 and len(block.copies[0]) == 5 + residual
    assert [str(node) for node in block.copies[7] if node.op is None] == ["W7", "b7"]


def test_a_block_is_called_by_the_function_that_made_it_or_by_what_it_is_assigned_to():
    assert found([network(4)[0]])[0].name == "layer"
    h = T.vector("x")
    for _ in range(4):
        h = T.exp(T.sin(h))
    assert found([h])[0].name == "h"
    hs = [T.vector("x")]
    for number in range(4):
        hs.append(T.exp(T.sin(hs[-1])))
        hs[-1].name = f"act{number}"
    assert found([hs[-1]])[0].name == "act"


def test_a_network_of_50_layers_is_a_handful_of_shapes():
    h, parameters = network(50)
    cost = (h**2).sum()
    forward = picture(cost)
    assert [shape.label for shape in of_kind(forward, "block")] == ["layer ×50"] and len(forward.shapes) < 8
    both = picture(T.grad(cost, parameters))
    assert len(both.shapes) < 40 and all("×" in shape.label for shape in of_kind(both, "block"))
    assert "W ×50" in {shape.label for shape in both.shapes}


def test_what_differs_is_not_folded():
    h = T.vector("x")
    for op in (T.sin, T.cos, T.tanh, T.exp, T.log):
        h = op(h)
    assert found([h]) == []
    other = T.scalar("x")
    for number in range(5):
        other = other * (number + 2.0)
    assert found([other]) == [], "numbers are part of what is done"


def test_small_graphs_are_drawn_as_they_are():
    h = network(3)[0]
    assert len(ancestors([h])) <= FEW and not of_kind(picture(h), "block")
    assert [shape.label for shape in of_kind(picture(h, collapse=True), "block")] == ["layer ×3"]
    large = network(50)[0]
    assert not of_kind(picture(large, collapse=False), "block")


def test_an_open_block_shows_one_copy_with_all_that_it_reads():
    h, _ = network(50)
    drawing = picture(h, depth=1)
    (group,) = drawing.groups
    inside = [shape.label for shape in drawing.shapes if shape.key in group.keys]
    assert group.label == "layer ×50" and sorted(inside) == ["+", "W0", "b0", "dot", "tanh"]
    assert any(arrow.target in group.keys and arrow.source not in group.keys for arrow in drawing.arrows)


def test_blocks_in_blocks_open_level_by_level():
    h = T.vector("x")
    for _ in range(6):
        for _ in range(4):
            h = T.sin(h)
        h = T.exp(h)
    one, two = picture(h, depth=1, collapse=True), picture(h, depth=2, collapse=True)
    assert [shape.label for shape in of_kind(one, "block")] == ["h ×4"] or len(of_kind(one, "block")) == 1
    assert len(two.groups) == 2 and not of_kind(two, "block")


def test_folding_keeps_the_order_of_the_work():
    """Whatever is folded and however deep: no circle, and every item after what it reads."""
    h, parameters = network(12, residual=True)
    outputs = [(h**2).sum(), *T.grad((h**2).sum(), parameters)]
    f = tl.function([next(node for node in ancestors([h]) if str(node) == "x")], outputs)
    for given, results in (((), outputs), (f.stages.rewritten.inputs, f.stages.rewritten.outputs)):
        order = ancestors(results, stop_at=given)
        for depth in range(3):
            graph = folded(order, given, names_in(results), results, depth, 2)
            turn = {item: number for number, item in enumerate(graph.items)}
            assert all(turn[source] < turn[item] for item, reads in graph.reads.items() for source, _ in reads)
            assert {graph.stands_for[node] for node in results} <= set(turn)
            assert len(graph.items) < len(order) and all(isinstance(item, Block) or item in order for item in graph.items)


def test_shares_and_marks_of_a_block_are_those_of_its_inside():
    h, _ = network(50)
    work = [node for node in ancestors([h]) if node.op is not None]
    drawing = picture(h, share=dict.fromkeys(work, 1 / len(work)), marks={work[70]: "nan"})
    (block,) = of_kind(drawing, "block")
    assert block.share == pytest.approx(1) and block.mark == "nan"


def test_a_wide_repetition_is_found_too():
    """Heads side by side read the same input."""
    x = T.matrix("x")
    heads = [T.tanh(T.dot(x, T.matrix(f"W{number}"))).sum(axis=0) for number in range(20)]
    drawing = picture(T.concatenate(heads), collapse=True)
    assert [shape.label.rpartition("×")[2] for shape in of_kind(drawing, "block")] == ["20"]
