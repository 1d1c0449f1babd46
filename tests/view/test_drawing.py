"""Drawings: the same bytes everywhere, valid XML whatever a name contains, nothing on top of anything, all arrows."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorlab.view.dot import dot
from tensorlab.view.drawing import KINDS, MARKS, Arrow, Drawing, Group, Shape, clean, shorten
from tensorlab.view.grouping import outlines
from tensorlab.view.layout import BETWEEN_LINES, BETWEEN_SHAPES, PAGE, arrange, in_order, laid_out
from tensorlab.view.sizes import beside, measure, sag
from tensorlab.view.svg import svg
from tensorlab.view.words import alternative, words

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<img src=x onerror=alert(1)>", "</svg>", "</title><script>alert(1)</script>", "]]>", "<![CDATA[x]]>", "<!-- x",
    "-->", "<?xml version='1.0'?>", "<!DOCTYPE x>", "&", "&lt;", "&nbsp;", "&#0;", '"', "'", "\" onload=\"alert(1)",
    "' onload='alert(1)", "</style><style>*{display:none}", "javascript:alert(1)", "url(#x)", "x\x00y", "\x01\x1b[31m",
    "\ud800", "\udfff\ud800", "\ufffe\uffff", "\U0001fffe", "\x7f\x85\x9f", "a\u202eb\u2066c\u200f", "a\nb\r\nc\td",
    "\u2028\u2029", "\\N\\l\\\"", "<b>", "<<i>x</i>>", "日本語の名前", "e\u0301" * 40, "😀" * 30, "x" * 500, " ", "{}|;->",
]


def neuron(mark: str = "") -> Drawing:
    """y = 1 / (1 + exp(-(dot(w, x) + b))) and its cost."""
    rows = [("shared", "w", "", ()), ("symbol", "x", "", ()), ("library", "dot", "", (0, 1)), ("shared", "b", "", ()),
            ("elementwise", "+", "z", (2, 3)), ("elementwise", "−", "", (4,)), ("elementwise", "exp", "", (5,)),
            ("constant", "1", "", ()), ("elementwise", "+", "", (7, 6)), ("elementwise", "÷", "y", (7, 8)),
            ("symbol", "y_hat", "", ()), ("elementwise", "−", "", (9, 10)), ("constant", "2", "", ()),
            ("elementwise", "**", "", (11, 12)), ("reduction", "Σ", "cost", (13,))]
    shapes = [Shape(f"n{number}", kind, label, name=name, type="float64 vector" if kind == "symbol" else "",
                    output=name == "cost", mark=mark if label == "dot" else "")
              for number, (kind, label, name, _) in enumerate(rows)]
    arrows = [Arrow(f"n{source}", f"n{number}", slot) for number, row in enumerate(rows)
              for slot, source in enumerate(row[3])]
    return Drawing(tuple(shapes), tuple(arrows), "A neuron", "One neuron and its cost.")


def chance(count: int, seed: int, reach: float = 0.3) -> Drawing:
    """A graph of any size, drawn by lot."""
    lot = random.Random(seed)
    shapes = tuple(Shape(f"n{number}", lot.choice(KINDS), lot.choice(["+", "exp", "x", "softmax"])) for number in range(count))
    arrows = tuple(Arrow(f"n{max(0, number - 1 - int(lot.expovariate(reach)))}", f"n{number}", slot)
                   for number in range(1, count) for slot in range(lot.randint(0, 2)))
    return Drawing(shapes, arrows)


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Small graphs with everything: several arrows between a pair, parts that do not touch, values, marks, labels."""
    count = draw(st.integers(1, 12))
    text = st.sampled_from(["", "x", "0.731", "[1 2 3]", "a_rather_long_name_of_it"])
    shapes = tuple(Shape(f"n{number}", draw(st.sampled_from(KINDS)), draw(text) or "+", name=draw(text), type=draw(text),
                         value=draw(text), gradient=draw(text), output=draw(st.booleans()), mark=draw(st.sampled_from(list(MARKS))))
                   for number in range(count))
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.sampled_from(
        ["forward", "back", "clash"]), st.sampled_from(["", "", "3×1000"])), max_size=20))
    arrows = []
    for slot, (one, two, kind, label) in enumerate(pairs):
        if one != two:
            upper, lower = f"n{min(one, two)}", f"n{max(one, two)}"
            ends = (lower, upper) if kind == "back" else (upper, lower)
            arrows.append(Arrow(*ends, slot=slot % 3, label=label, kind=kind))
    return Drawing(shapes, tuple(arrows))


def overlap(one: tuple[float, float, float, float], two: tuple[float, float, float, float]) -> bool:
    """Whether two boxes, given as left, top, right, bottom, share an area."""
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


# The picture as data


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Shape("n0", "circle", "x"), "a kind is one of symbol, shared"),
    (lambda: Shape("n0", "symbol", "x", mark="red"), "mark 'red'"),
    (lambda: Arrow("a", "b", kind="sideways"), "a kind is one of forward, back, clash"),
    (lambda: Arrow("a", "b", slot=-1), "slots count from 0"),
    (lambda: Drawing((Shape("a", "symbol", "x"),), (Arrow("a", "b"),)), "no shape has the key 'b'"),
    (lambda: Drawing((Shape("a", "symbol", "x"), Shape("a", "symbol", "y")), ()), "two shapes have the key 'a'"),
    (lambda: Drawing((Shape("a", "symbol", "x"),), (Arrow("a", "a"),)), "circle"),
    (lambda: Drawing((Shape("a", "symbol", "x"), Shape("b", "view", "y")), (Arrow("a", "b"), Arrow("b", "a"))), "circle"),
])
def test_what_cannot_be_drawn_says_why(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()  # type: ignore[operator]


def test_long_text_is_cut_and_generously_measured() -> None:
    assert shorten("x" * 24) == "x" * 24
    assert shorten("x" * 25) == "x" * 23 + "…"
    assert clean("a\nb\u202ec\x00") == "a bc\ufffd"
    assert measure("W", 10) > measure("i", 10) > 0
    assert measure("e\u0301", 10) == measure("e", 10)


# Layout


@settings(max_examples=60, deadline=None)
@given(drawings())
def test_boxes_do_not_overlap_and_stay_inside(drawing: Drawing) -> None:
    layout = arrange(drawing)
    boxes = [place.box for place in layout.places]
    for number, box in enumerate(boxes):
        assert box[0] >= 0 and box[1] >= 0 and box[2] <= layout.width and box[3] <= layout.height
        assert not any(overlap(box, other) for other in boxes[:number])


@settings(max_examples=60, deadline=None)
@given(drawings())
def test_arrows_join_their_shapes_and_sources_stand_above(drawing: Drawing) -> None:
    layout = arrange(drawing)
    assert len(layout.routes) == len(drawing.arrows)
    for arrow, (upper, lower), route in zip(drawing.arrows, drawing.edges(), layout.routes):
        top, bottom = layout.places[upper], layout.places[lower]
        assert top.y + top.height / 2 < bottom.y - bottom.height / 2
        points = route.points[::-1] if arrow.kind == "back" else route.points
        for (x, y, _), place, way in ((points[0], top, 1), (points[-1], bottom, -1)):
            assert abs(x - place.x) <= place.width / 2 + place.rim
            shape = drawing.shapes[upper if way == 1 else lower]
            assert 0 < way * (y - place.y) <= place.height / 2 + place.rim + sag(shape) * (way == 1) + 0.01
        assert all(one[1] <= two[1] + 0.01 for one, two in pairwise(points))
        assert bool(route.label) == bool(arrow.label)


def test_both_arrows_of_a_square_are_visible() -> None:
    shapes = (Shape("n0", "symbol", "x"), Shape("n1", "elementwise", "×"))
    one, two = arrange(Drawing(shapes, (Arrow("n0", "n1", 0), Arrow("n0", "n1", 1)))).routes
    assert one.points[-1][0] + 8 < two.points[-1][0]


def test_arguments_enter_from_left_to_right() -> None:
    drawing = neuron()
    enters: dict[str, list[float]] = {}
    for arrow, route in sorted(zip(drawing.arrows, arrange(drawing).routes), key=lambda pair: pair[0].slot):
        enters.setdefault(arrow.target, []).append(route.points[-1][0])
    assert all(row == sorted(row) for row in enters.values())


def test_the_path_of_a_neuron_is_one_straight_line() -> None:
    drawing = neuron()
    places = dict(zip((shape.key for shape in drawing.shapes), arrange(drawing).places))
    assert len({places[f"n{number}"].x for number in (2, 4, 5, 6, 8, 9, 11, 13, 14)}) == 1
    assert places["n10"].y == places["n9"].y, "an input stands beside its first use"


def test_an_arrow_passes_beside_the_shapes_between_its_ends() -> None:
    shapes = tuple(Shape(f"n{number}", "elementwise", "tanh") for number in range(10))
    steps = tuple(Arrow(f"n{number}", f"n{number + 1}", 1) for number in range(9))
    layout = arrange(Drawing(shapes, (*steps, Arrow("n0", "n9", 0))))
    columns = [x for x, y, _ in layout.routes[-1].points if layout.places[1].box[1] <= y <= layout.places[8].box[3]]
    assert columns and all(x < place.box[0] for x in columns for place in layout.places[1:9])


def test_many_inputs_of_one_operation_stand_in_several_rows() -> None:
    boxes = tuple(Shape(f"n{number}", "symbol", f"v{number}", type="float64 vector") for number in range(12))
    steps = tuple(Shape(f"m{number}", "elementwise", "exp") for number in range(12))
    arrows = (*(Arrow(f"n{number}", f"m{number}") for number in range(12)), *(Arrow(f"m{number}", "sum", number) for number in range(12)))
    layout = arrange(Drawing((*boxes, *steps, Shape("sum", "library", "join")), arrows))
    rows = [place.y for place in layout.places[:12]]
    assert len(set(rows)) > 1 and all(one != two for one, two in pairwise(rows)), "neighbours on different ones"
    assert layout.width < 1000 < sum(place.width + 30 for place in layout.places[:12])


def test_nothing_and_one_thing_can_be_drawn() -> None:
    assert arrange(Drawing((), ())).places == ()
    assert ElementTree.fromstring(svg(Drawing((), ()))).tag == SVG + "svg"
    assert len(arrange(Drawing((Shape("n0", "constant", "7"),), ())).places) == 1


def test_parts_that_do_not_touch_keep_within_a_page() -> None:
    layout = arrange(Drawing(tuple(Shape(f"n{number}", "symbol", "x", type="float64 vector") for number in range(40)), ()))
    assert layout.width < 700


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.1, 10)), max_size=12))
def test_in_order_rises_and_keeps_the_mean(pairs: list[tuple[float, float]]) -> None:
    wishes, weights = [wish for wish, _ in pairs], [weight for _, weight in pairs]
    found = in_order(wishes, weights)
    assert all(one <= two + 1e-9 for one, two in pairwise(found))
    assert sum(x * w for x, w in zip(found, weights)) == pytest.approx(sum(x * w for x, w in pairs), abs=1e-6)


def test_a_large_graph_is_drawn_whole() -> None:
    drawing = chance(300, 4)
    start = time.perf_counter()
    picture = svg(drawing)
    print(f"300 shapes, {len(drawing.arrows)} arrows: {time.perf_counter() - start:.2f} s, {len(picture)} bytes")
    assert picture.count('class="tl-shape') == 300


def test_depth_is_no_matter_of_the_stack() -> None:
    shapes = tuple(Shape(f"n{number}", "elementwise", "exp") for number in range(3000))
    layout = arrange(Drawing(shapes, tuple(Arrow(f"n{number}", f"n{number + 1}") for number in range(2999))))
    assert len({place.x for place in layout.places}) == 1


# SVG


def test_bytes_do_not_depend_on_the_hash_seed() -> None:
    code = (f"import runpy, sys; here = runpy.run_path({__file__!r})\n"
            "for d in (here['neuron']('clash'), here['chance'](40, 2)):\n"
            "    sys.stdout.buffer.write((here['svg'](d) + here['words'](d) + here['dot'](d).source).encode())")
    seen = set()
    for seed in ("0", "1", "42"):
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        seen.add(subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout)
    expected = "".join(svg(d) + words(d) + dot(d).source for d in (neuron("clash"), chance(40, 2)))
    assert seen == {expected.encode()}


@settings(max_examples=40, deadline=None)
@given(drawings())
def test_every_shape_and_arrow_is_drawn(drawing: Drawing) -> None:
    root = ElementTree.fromstring(svg(drawing))
    numbers = [int(group.attrib["data-arrow"]) for group in root.iter(SVG + "g") if "data-arrow" in group.attrib]
    assert numbers == list(range(len(drawing.arrows)))
    for group in root.iter(SVG + "g"):
        if "data-arrow" in group.attrib:
            line, head = group.findall(SVG + "path")
            assert line.attrib["d"].startswith("M") and head.attrib["d"].endswith("Z")
        else:
            assert group.find(SVG + "title") is not None


def test_standalone_picture_names_itself() -> None:
    root = ElementTree.fromstring(svg(neuron()))
    assert root.attrib["role"] == "img"
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"
    assert (root[0].tag, root[0].text) == (SVG + "title", "A neuron")
    assert (root[1].tag, root[1].text) == (SVG + "desc", "One neuron and its cost.")


def test_width_scales_the_picture_and_leaves_its_coordinates() -> None:
    natural, small = (ElementTree.fromstring(svg(neuron(), width)) for width in (None, 200))
    assert small.attrib["width"] == "200"
    assert small.attrib["viewBox"] == natural.attrib["viewBox"]


def test_text_is_at_least_12_pixels() -> None:
    style = ElementTree.fromstring(svg(neuron("clash"))).find(SVG + "style")
    assert style is not None and style.text is not None
    assert min(int(size) for size in re.findall(r"(\d+)px", style.text)) >= 12


def test_looks_follow_the_table() -> None:
    shapes = (Shape("a", "symbol", "x"), Shape("b", "shared", "w"), Shape("c", "constant", "2"),
              Shape("d", "elementwise", "+", output=True), Shape("e", "view", "reshape"),
              Shape("f", "library", "dot", mark="step"), Shape("g", "reduction", "Σ", mark="clash"))
    root = ElementTree.fromstring(svg(Drawing(shapes, ())))
    groups = [group for group in root.iter(SVG + "g") if "data-shape" in group.attrib]
    outlines = [sum(rect.attrib["class"] == "tl-line" for rect in group.iter(SVG + "rect")) for group in groups]
    assert outlines == [1, 2, 0, 2, 1, 1, 1]
    circle = groups[3].findall(SVG + "rect")[0].attrib
    assert circle["width"] == circle["height"] and float(circle["rx"]) * 2 == float(circle["width"])
    assert any(rect.attrib["class"] == "tl-ring" for rect in groups[5].iter(SVG + "rect"))
    assert groups[6].find(SVG + "path") is not None
    assert "clash" in [text.text for text in groups[6].iter(SVG + "text")]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_name(name: str) -> None:
    def picture(text: str) -> list[tuple[str, dict[str, str]]]:
        shapes = tuple(Shape(f"{text}{kind}", kind, text, text, text, text, text, text) for kind in KINDS)
        arrows = tuple(Arrow(shapes[0].key, shape.key, label=text) for shape in shapes[1:])
        root = ElementTree.fromstring(svg(Drawing(shapes, arrows, text, text)).encode("utf-8"))
        return [(part.tag, part.attrib) for part in root.iter()]

    found, plain = picture(name), picture("x")
    if name.strip():
        assert [tag for tag, _ in found] == [tag for tag, _ in plain]
    for (tag, attributes), (_, expected) in zip(found, plain):
        assert not {"id", "name", "href", "style"} & set(attributes)
        if name.strip():
            assert set(attributes) == set(expected), tag
        assert all(re.fullmatch(r"[-\w .:/]*", value) for value in attributes.values())


def test_the_tooltip_has_the_whole_name() -> None:
    text = svg(Drawing((Shape("n0", "symbol", "a" * 40, place="cell 3, line 2"),), ()))
    assert "a" * 40 + ", cell 3, line 2</title>" in text
    assert ">" + "a" * 23 + "…</text>" in text


# Words and DOT


def test_words_read_as_formulas() -> None:
    assert words(neuron()).splitlines() == [
        "A neuron", "w   (shared variable)", "x   (input, float64 vector)", "#1 = dot(w, x)", "b   (shared variable)",
        "z = #1 + b", "#2 = −z", "#3 = exp(#2)", "#4 = 1 + #3", "y = 1 ÷ #4", "y_hat   (input, float64 vector)",
        "#5 = y − y_hat", "#6 = #5 ** 2", "cost = sum(#6)   (output)"]


def test_words_tell_names_apart_and_say_what_colour_says() -> None:
    shapes = (Shape("a", "symbol", "x"), Shape("b", "symbol", "x"),
              Shape("c", "library", "dot", mark="clash", value="0.5", gradient="1"))
    arrows = (Arrow("a", "c", 0, "3×4", "clash"), Arrow("b", "c", 1, "5", "clash"), Arrow("c", "a", 0, "0.2", "back"))
    last = words(Drawing(shapes, arrows)).splitlines()[-1]
    assert last == ("#1 = dot(x, x#2)   (value 0.5, gradient 1, sends back 0.2 to x, "
                    "clash: x brings 3×4 and x#2 brings 5)")


def test_alternative_text_says_what_is_seen() -> None:
    assert alternative(neuron()) == (
        "A neuron: the inputs x and y_hat and the shared variables w and b flow through 9 operations "
        "(dot, +, −, exp, ÷, **, …) to cost.")
    assert alternative(neuron("clash")).endswith("; a clash at dot.")
    assert alternative(Drawing((), ())) == "An empty graph."


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_in_its_line(name: str) -> None:
    shapes = (Shape("a", "symbol", name, type=name, value=name), Shape("b", "elementwise", name, name))
    drawing = Drawing(shapes, (Arrow("a", "b", label=name),))
    assert len(words(drawing).splitlines()) == 2
    assert len(alternative(drawing).splitlines()) == 1
    words(drawing).encode("utf-8")
    source = dot(drawing).source
    source.encode("utf-8")
    assert not re.search(r"=<", source), "no HTML label"
    assert len(re.findall(r"^\ts\d+ \[", source, re.MULTILINE)) == 2


def test_dot_has_the_same_looks() -> None:
    source = dot(neuron("clash")).source
    assert source.count(" -> ") == len(neuron().arrows)
    assert re.search(r's0 \[label=w .*color="#009E73".*peripheries=2', source)
    assert re.search(r's2 \[label=dot color="#D55E00".*xlabel=clash', source)
    assert "ordering=in" in source


def test_lines_beside_an_operation() -> None:
    shape = Shape("n0", "elementwise", "+", name="z", value="1.0", gradient="0.12", mark="clash")
    assert beside(shape) == [("clash", "clash"), ("name", "z"), ("value", "= 1.0"), ("gradient", "∂ 0.12")]
    assert beside(Shape("n0", "symbol", "x", name="x")) == []


def test_what_is_wider_than_a_page_is_drawn_closer_together() -> None:
    shapes = tuple(Shape(f"n{number}", "elementwise", "exp", type="float64 vector") for number in range(15))
    arrows = tuple(Arrow("n0", f"n{number}") for number in range(1, 15))
    wide = Drawing(shapes, arrows)
    assert PAGE < arrange(wide).width < laid_out(wide, (BETWEEN_SHAPES, BETWEEN_LINES)).width
    narrow = Drawing(shapes[:5], arrows[:4])
    assert arrange(narrow) == laid_out(narrow, (BETWEEN_SHAPES, BETWEEN_LINES))


# Groups


def grouped() -> Drawing:
    """Three steps in a row and a stranger beside them."""
    shapes = tuple(Shape(f"n{number}", "elementwise", "exp") for number in range(4))
    arrows = (Arrow("n0", "n1"), Arrow("n1", "n2"), Arrow("n0", "n3"))
    return Drawing(shapes, arrows, groups=(Group("outer <b>", ("n0", "n1", "n2")), Group("inner", ("n1", "n2"))))


def test_the_ground_of_a_group_holds_its_members_and_nobody_else() -> None:
    drawing = grouped()
    layout = arrange(drawing)
    for group, ground in zip(drawing.groups, outlines(drawing, layout)):
        assert len(ground.islands) == len(ground.labels) == 1
        for shape, place in zip(drawing.shapes, layout.places):
            inside = any(box[0] <= place.x <= box[2] and box[1] <= place.y <= box[3] for box in ground.boxes)
            assert inside == (shape.key in group.keys)


def test_what_stands_apart_is_several_islands_of_one_name() -> None:
    """A band across half a picture would claim what it passes."""
    shapes = tuple(Shape(f"n{number}", "elementwise", "exp") for number in range(5))
    arrows = (Arrow("n0", "n1"), Arrow("n1", "n2"), Arrow("n2", "n3"), Arrow("n3", "n4"))
    drawing = Drawing(shapes, arrows, groups=(Group("kernel 1", ("n0", "n1", "n4")),))
    (ground,) = outlines(drawing, arrange(drawing))
    assert len(ground.islands) == 2 and svg(drawing).count(">kernel 1</text>") == 2


@settings(max_examples=40, deadline=None)
@given(drawings(), st.data())
def test_any_group_can_be_drawn(drawing: Drawing, data: st.DataObject) -> None:
    keys = [shape.key for shape in drawing.shapes]
    members = data.draw(st.lists(st.sampled_from(keys), unique=True, min_size=1))
    new = Drawing(drawing.shapes, drawing.arrows, groups=(Group("a group", tuple(members)),))
    layout = arrange(new)
    (ground,) = outlines(new, layout)
    strangers = [place.box for shape, place in zip(new.shapes, layout.places) if shape.key not in members]
    assert 1 <= len(ground.islands) == len(ground.labels) <= len(members)
    for place in (place for shape, place in zip(new.shapes, layout.places) if shape.key in members):
        assert any(box[0] <= place.x <= box[2] and box[1] <= place.y <= box[3] for box in ground.boxes)
    assert not any(overlap(box, other) for box in ground.boxes for other in strangers)
    assert layout.places == arrange(drawing).places, "groups move nothing"
    root = ElementTree.fromstring(svg(new))
    assert sum("data-group" in element.attrib for element in root.iter(SVG + "g")) == 1


@pytest.mark.parametrize(("groups", "message"), [
    ((Group("a", ("n9",)),), "no shape has that key"),
    ((Group("a", ("n0", "n1")), Group("b", ("n1", "n2"))), "cross"),
])
def test_groups_that_cannot_be_drawn_say_why(groups: tuple[Group, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Drawing(grouped().shapes, grouped().arrows, groups=groups)


def test_groups_in_words_and_in_graphviz() -> None:
    assert words(grouped()).splitlines()[-2:] == ["outer <b>: #1, #2, #3", "inner: #2, #3"]
    assert dot(grouped()).source.count("subgraph cluster_") == 2
    assert "outer &lt;b&gt;" in svg(grouped())


def test_a_share_is_a_tint_and_a_number() -> None:
    shapes = (Shape("a", "elementwise", "exp", share=0.5), Shape("b", "elementwise", "exp", share=0.0))
    text = svg(Drawing(shapes, ()))
    assert text.count('class="tl-tint"') == 1 and 'fill-opacity="0.38"' in text and ">50%<" in text and ">0%<" in text
    assert "50% of the whole" in words(Drawing(shapes, ()))
    with pytest.raises(ValueError, match="between 0 and 1"):
        Shape("a", "elementwise", "exp", share=1.5)
