"""The backpropagation stepper in Chromium: buttons, slider, keyboard, pointer, questions, other values, no kernel, both themes."""

from __future__ import annotations

import re

import numpy as np
import pytest
from test_graph_view import network, neuron

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.widgets import steps


@pytest.fixture
def shown(stage):
    """The neuron on a page, with a kernel that has answered."""
    view, w, b = neuron()
    on_page = stage.show(view, still=True)
    on_page.exchange()
    on_page.w, on_page.b = w, b
    return on_page


def press(shown, name):
    shown.page.get_by_role("button", name=name, exact=True).click()


def sentence(shown):
    return shown.page.inner_text(".tl-say").replace("−", "-")


def walked(shown):
    return shown.page.inner_text(".tl-hidden[aria-live]").replace("−", "-")


def node(shown, name):
    return shown.page.locator(f".tl-node[aria-label^='{name}, ']")


def test_steps_forward_and_back(shown):
    for _ in range(2):
        press(shown, "Next step")
    assert sentence(shown) == "Forward, 2 of 8: z = v₁ + b = 0 + 0.5 = 0.5."
    assert shown.page.locator(".tl-now text").all_text_contents()[:3] == ["+", "z", "= 0.5"]
    press(shown, "Step back")
    assert sentence(shown).startswith("Forward, 1 of 8")
    press(shown, "Last step")
    assert sentence(shown) == shown.widget.sentences[-1]
    press(shown, "First step")
    assert sentence(shown) == shown.widget.sentences[0]
    shown.exchange()
    assert shown.widget.step == 0


def test_values_and_gradients_appear_when_their_step_comes(shown):
    texts = ".tl-node text"
    assert "0.6225" not in "".join(shown.page.locator(texts).all_text_contents())
    slider = shown.page.get_by_role("slider", name="Step")
    slider.fill("8")
    at_cost = "".join(shown.page.locator(texts).all_text_contents())
    assert "= 0.6225" in at_cost and "∂" not in at_cost
    slider.fill("13")
    assert "∂ 0.2926" in "".join(shown.page.locator(texts).all_text_contents())
    ways = "() => [...document.querySelectorAll('.tl-way-back')].filter((each) => getComputedStyle(each).visibility === 'visible').length"
    assert shown.page.evaluate(ways) == 5  # C, v₅, y and v₄ have sent, v₃ too
    slider.fill("3")
    back = "".join(shown.page.locator(texts).all_text_contents())
    assert "= 0.6225" not in back and "∂" not in back
    shown.exchange()
    assert shown.widget.step == 3


def test_each_step_back_shows_local_derivatives_and_contributions(shown):
    shown.page.get_by_role("slider", name="Step").fill("11")
    table = shown.page.locator(".tl-card table")
    assert table.locator("th[scope=col]").all_inner_texts() == ["sent to", "local derivative", "× arrived", "= contribution"]
    cells = table.locator("tbody td").all_inner_texts()
    assert cells[-1].replace("−", "-") == "0.2926" and "-0.3875" in cells[0].replace("−", "-")
    assert table.locator("mfrac").count() >= 2  # ∂y/∂v₄, and -y/v₄
    drawn = [text for text in shown.page.locator(".tl-share").all_text_contents() if text]
    assert "0.2926" in drawn


def test_play_and_pause(shown):
    shown.stop_the_clock()
    press(shown, "Play")
    assert shown.page.get_by_role("button", name="Pause").count() == 1
    shown.page.clock.run_for(1000)
    shown.page.clock.run_for(1500)
    assert sentence(shown).startswith("Forward, 2 of 8")
    press(shown, "Pause")
    shown.page.clock.run_for(10_000)
    assert sentence(shown).startswith("Forward, 2 of 8")
    press(shown, "Play")
    shown.page.clock.run_for(60_000)
    assert sentence(shown) == shown.widget.sentences[-1]
    assert shown.page.get_by_role("button", name="Play").count() == 1
    asked = [message for message in shown.exchange() if message["method"] == "custom"]
    assert asked == []  # playing asks nothing of the kernel


def test_the_keyboard_walks_along_edges_and_says_where_it_is(shown):
    shown.page.locator(".tl-node[tabindex='0']").focus()
    shown.page.keyboard.press("ArrowUp")
    assert walked(shown).startswith("Argument 1 of 2 of C: v₅, - of y and y_hat")
    shown.page.keyboard.press("ArrowRight")
    assert walked(shown).startswith("Argument 2 of 2 of C: constant 2")
    shown.page.keyboard.press("ArrowLeft")
    shown.page.keyboard.press("ArrowUp")
    assert walked(shown).startswith("Argument 1 of 2 of v₅: y")
    shown.page.keyboard.press("ArrowDown")
    assert walked(shown).startswith("y goes into: v₅")
    shown.page.keyboard.press("Home")
    assert walked(shown).startswith("The cost: C")
    shown.page.keyboard.press("ArrowDown")
    assert walked(shown) == "C is the end."
    focused = shown.page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("C, ")
    assert shown.page.locator(".tl-node[tabindex='0']").count() == 1


def test_everything_can_be_done_by_keyboard(shown):
    names = []
    for _ in range(40):
        shown.page.keyboard.press("Tab")
        names.append(shown.page.evaluate("() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"))
    assert {"First step", "Next step", "Play", "Step", "Zoom in", "Show the whole graph", "w element 0", "Learning rate"} <= set(names)
    shown.page.locator("[aria-label='Next step']").focus()
    shown.page.keyboard.press("Enter")
    assert sentence(shown).startswith("Forward, 1 of 8")
    shown.page.get_by_role("slider", name="Step").focus()
    shown.page.keyboard.press("End")
    assert sentence(shown) == shown.widget.sentences[-1]


def test_folding_hides_what_only_that_node_uses(shown):
    visible = shown.page.locator(".tl-node:visible")
    before = visible.count()
    node(shown, "y").focus()
    shown.page.keyboard.press("Enter")
    assert walked(shown) == "y folded, 10 nodes hidden."
    assert visible.count() == before - 10 and node(shown, "y_hat").is_visible() and not node(shown, "z").is_visible()
    assert "+10 folded" in node(shown, "y").text_content()
    shown.page.keyboard.press("Enter")
    assert visible.count() == before and walked(shown) == "y opened."


def test_folding_keeps_what_others_use_and_draws_its_way(stage):
    x, w = T.scalar("x"), T.scalar("w")
    y = T.exp(w * x)
    shown = stage.show(steps(y * w, w, at={x: 1.0, w: 0.5}))
    shown.page.locator(".tl-node", has_text="exp").focus()
    shown.page.keyboard.press("Enter")
    assert node(shown, "w").is_visible() and not node(shown, "x").is_visible()
    assert shown.page.locator(".tl-inner path").count() == 1


@pytest.fixture
def deep(stage):
    """A network of 50 layers."""
    cost, weights, at = network(layers=50, width=4, batch=3, bias=True)
    shown = stage.show(steps(cost, weights, at=at), still=True)
    shown.exchange()
    return shown


def test_repeated_layers_are_one_shape_that_opens(deep):
    pile = deep.page.locator(".tl-block:visible")
    assert deep.page.locator(".tl-node:visible").count() < 15
    assert pile.count() == 1 and "layer ×50" in pile.text_content()
    deep.nothing_serious()
    pile.click()
    assert walked(deep).startswith("Copy 1 of 50 of layer opened. v₃, tanh of v₂")
    assert node(deep, "W0").is_visible() and not node(deep, "W1").is_visible()
    assert pile.first.text_content().startswith("layer ×49")  # nothing comes before the first
    assert deep.page.locator(".tl-inner .tl-flow").count() == 2  # from the copy to the pile after it, and on
    deep.page.get_by_role("slider", name="Step").fill("100")  # v₁₀₀ is in copy 34, and that is opened
    assert node(deep, "W33").is_visible() and not node(deep, "W0").is_visible()
    assert [each.locator(".tl-name").first.text_content() for each in pile.all()] == ["layer ×33", "layer ×16"]
    node(deep, "W33").click()
    deep.page.get_by_role("button", name="Close the block").click()
    assert pile.count() == 1 and not node(deep, "W33").is_visible() and "in copy 34" in pile.text_content()
    assert pile.locator(".tl-ring").evaluate("(ring) => getComputedStyle(ring.parentElement).display") != "none"
    assert "tl-now" in pile.get_attribute("class")


def test_blocks_by_keyboard(deep):
    deep.page.locator(".tl-node[tabindex='0']").focus()
    for _ in range(40):
        deep.page.keyboard.press("ArrowUp")
        if "layer" in walked(deep):
            break
    assert "layer, 50 times, made of dot, +, tanh; Enter opens a copy" in walked(deep)
    deep.page.keyboard.press("Enter")
    assert walked(deep).startswith("Copy 1 of 50 of layer opened")
    deep.page.keyboard.press("ArrowDown")
    assert walked(deep).startswith("v₃ goes into: 49 after copy 1 of layer")
    deep.page.keyboard.press("Enter")
    assert walked(deep).startswith("Copy 2 of 50")
    deep.page.keyboard.press("Escape")
    assert walked(deep) == "layer closed, 50 copies; copy 2 was open."
    assert deep.page.evaluate("() => document.activeElement.getAttribute('aria-label')").startswith("layer, 50 times")


def test_every_step_of_a_deep_network_is_in_sight(deep):
    frame = deep.page.locator(".tl-canvas").bounding_box()
    for place in range(1, 412, 37):
        deep.page.get_by_role("slider", name="Step").fill(str(place))
        box = deep.page.locator(".tl-now:visible .tl-line").last.bounding_box()
        assert frame["y"] <= box["y"] and box["y"] + box["height"] <= frame["y"] + frame["height"]


@pytest.mark.parametrize("width", [1280, 1000, 800])
def test_the_first_view_cuts_nothing_off_at_the_sides(stage, width):
    shown = stage.show(neuron()[0], width=width, still=True)
    frame = shown.page.locator(".tl-canvas").bounding_box()
    for box in (each.bounding_box() for each in shown.page.locator(".tl-node .tl-line").all()):
        assert frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]


def test_hover_and_focus_show_what_is_known(shown):
    shown.page.get_by_role("slider", name="Step").fill("4")
    node(shown, "b").hover()
    look = shown.page.locator(".tl-look")
    assert "float64 scalar" in look.inner_text() and "0.5" in look.inner_text() and "not computed yet" in look.inner_text()
    node(shown, "y").focus()
    assert look.locator("mfrac").count() == 1 and "not computed yet" in look.inner_text()  # y = 1 / v₄
    node(shown, "z").click()
    shown.page.get_by_role("button", name="Go to its step back").click()
    assert "arrives at z from v₂" in sentence(shown)


def test_pan_and_zoom(shown):
    world = shown.page.locator(".tl-world")
    before = world.get_attribute("style")
    press(shown, "Zoom in")
    zoomed = world.get_attribute("style")
    assert zoomed != before
    frame = shown.page.locator(".tl-canvas").bounding_box()
    shown.page.mouse.move(frame["x"] + 5, frame["y"] + frame["height"] - 5)
    shown.page.mouse.down()
    shown.page.mouse.move(frame["x"] + 60, frame["y"] + frame["height"] - 50)
    shown.page.mouse.up()
    assert world.get_attribute("style") != zoomed
    press(shown, "Show the whole graph")
    shown.page.wait_for_timeout(400)
    box = world.bounding_box()
    assert box["height"] <= frame["height"] + 1 and box["width"] <= frame["width"] + 1


def test_the_current_node_stays_in_sight(shown):
    frame = shown.page.locator(".tl-canvas").bounding_box()
    for _ in range(18):
        press(shown, "Next step")
        box = shown.page.locator(".tl-now .tl-line").first.bounding_box()
        assert frame["y"] <= box["y"] and box["y"] + box["height"] <= frame["y"] + frame["height"]


def test_predict_then_reveal(shown):
    shown.page.get_by_role("slider", name="Step").fill("1")
    shown.page.get_by_label("Predict, then reveal").check()
    press(shown, "Next step")
    assert sentence(shown).startswith("Forward, 1 of 8")  # nothing is shown yet
    assert "What is z?" in shown.page.inner_text(".tl-form")
    answer = shown.page.get_by_label("Your answer")
    verdict = shown.page.locator(".tl-verdict")
    answer.fill("-0,5")
    press(shown, "Judge")
    assert "subtracted, where the formula adds" in verdict.inner_text()
    answer.fill("7")
    answer.press("Enter")
    assert "Put the values of the operands into the formula." in verdict.inner_text()
    answer.fill("a half")
    press(shown, "Judge")
    assert "A number, please" in verdict.inner_text()
    shown.stop_the_clock()
    answer.fill("1/2")
    press(shown, "Judge")
    assert "Right" in verdict.inner_text() and verdict.get_attribute("data-right") == "true"
    shown.page.clock.run_for(1000)
    assert sentence(shown).startswith("Forward, 2 of 8")


def test_reveal_without_an_answer(shown):
    shown.page.get_by_role("slider", name="Step").fill("10")
    shown.page.get_by_label("Predict, then reveal").check()
    press(shown, "Next step")
    assert "What is the local derivative ∂y/∂v₄?" in shown.page.inner_text(".tl-form")
    shown.page.get_by_label("Your answer").fill("0.2926")
    press(shown, "Judge")
    assert "multiplied already by what arrived at y" in shown.page.inner_text(".tl-verdict")
    press(shown, "Reveal")
    assert "y sends" in sentence(shown)


def test_other_values(shown):
    field = shown.page.get_by_label("w element 0")
    field.fill("3")
    field.press("Enter")
    shown.exchange(2)
    assert shown.widget.trace.values[shown.w].tolist() == [3, 1] and shown.w.get_value().tolist() == [1, 1]
    assert "= [3, 1]" in node(shown, "w").text_content()
    press(shown, "Step of descent")
    shown.exchange(2)
    press(shown, "Apply to notebook")
    shown.exchange(2)
    np.testing.assert_allclose(shown.w.get_value(), shown.widget.trace.values[shown.w])
    assert shown.w.get_value()[0] != 1
    press(shown, "Back to the first values")
    shown.exchange(2)
    assert shown.widget.trace.values[shown.w].tolist() == [1, 1]
    field = shown.page.get_by_label("b", exact=True)
    field.fill("much")
    field.press("Enter")
    assert "A number, please" in shown.page.inner_text("[role=alert]")


def test_an_error_is_shown_and_the_page_goes_on(stage):
    view, _, _ = neuron()
    shown = stage.show(view)
    shown.exchange()
    shown.page.evaluate("() => model.send({kind: 'value', node: 3, values: [1, 2, 3]})")
    shown.exchange(2)
    assert "3 numbers for 2 elements" in shown.page.inner_text("[role=alert]")
    press(shown, "Next step")
    assert sentence(shown).startswith("Forward, 1 of 8")


def test_without_a_kernel_steps_work_and_the_rest_says_why(stage):
    view, _, _ = neuron()
    shown = stage.show(view, kernel=False)
    shown.exchange(2)
    press(shown, "Next step")
    assert sentence(shown).startswith("Forward, 1 of 8")
    assert shown.page.get_by_label("w element 0").is_disabled()
    assert shown.page.get_by_role("button", name="Step of descent").is_disabled()
    assert "need a running kernel" in shown.page.inner_text(".tl-sources")
    shown.nothing_serious()


def test_a_kernel_that_goes_away_and_comes_back(stage):
    shown = stage.show(neuron()[0])
    shown.stop_the_clock()
    shown.exchange()
    assert shown.page.get_by_role("button", name="Step of descent").is_enabled()
    shown.kernel = False
    press(shown, "Step of descent")
    shown.exchange()
    assert shown.page.get_by_role("button", name="Step of descent").is_enabled()  # it may be busy
    shown.page.clock.run_for(11_000)
    assert shown.page.get_by_role("button", name="Step of descent").is_disabled()
    assert "none answers" in shown.page.inner_text(".tl-sources")
    shown.page.evaluate("() => model.hear({kind: 'here'})")
    assert shown.page.get_by_role("button", name="Step of descent").is_enabled()


def test_reduced_motion(stage):
    shown = stage.show(neuron()[0], still=True)
    assert shown.page.evaluate("() => getComputedStyle(document.querySelector('.tl-world')).transitionProperty") == "none" \
        or shown.page.evaluate("() => getComputedStyle(document.querySelector('.tl-world')).transitionDuration") == "0s"


@pytest.mark.parametrize("theme, width, zoom", [("light", 1280, 1), ("dark", 800, 1), ("dark", 1280, 2)])
def test_looks(stage, theme, width, zoom):
    """Nothing serious for axe, nothing wider than the page, in the middle of the way back and with a node in focus."""
    cost, weights, at = network()
    view = neuron()[0] if zoom == 1 else steps(cost, weights, at=at)
    shown = stage.show(view, theme=theme, width=width, zoom=zoom, still=True)
    shown.exchange()
    shown.page.get_by_role("slider", name="Step").fill("11")
    shown.page.locator(".tl-node").first.focus()
    shown.nothing_serious()
    assert shown.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_matrix_is_a_heat_map_with_its_extremes(stage):
    cost, weights, at = network()
    shown = stage.show(steps(cost, weights, at=at))
    shown.page.get_by_role("slider", name="Step").fill("1")
    map_of = shown.page.locator(".tl-card canvas").first
    assert re.match(r"v₁: 50 by 20 numbers from -[\d.]+ to [\d.]+", map_of.get_attribute("aria-label"))
    shown.page.wait_for_timeout(100)
    colours = shown.page.evaluate("""() => {
      const canvas = document.querySelector(".tl-card canvas"), {width, height} = canvas;
      const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
      return new Set(Array.from({length: data.length / 4}, (_, at) => data.slice(4 * at, 4 * at + 3).join())).size;
    }""")
    assert colours > 50


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "</script><b>", "a\"'b", "\u202eabc"])
def test_hostile_names(stage, name):
    x = T.scalar(name)
    shown = stage.show(steps(x ** 2, x, at={x: 3.0}))
    press(shown, "Last step")
    shown.page.locator(".tl-node").first.hover()
    assert shown.page.locator("#here img, #here b, #here script").count() == 0


def test_a_graph_that_is_too_large_is_shown_folded(stage):
    h = T.vector("x")
    for turn in range(110):
        h = T.tanh(h * tl.shared(1.0, name=f"w{turn}"))
    on_page = stage.show(tl.widgets.GraphView(T.sum(h)))
    page = on_page.page
    assert "are too many to step through" in page.locator(".tl-say").inner_text()
    pile = page.locator(".tl-node", has_text="×110")
    assert pile.locator(".tl-small").first.text_content() == "×, tanh" and page.get_by_role("button", name="Step of descent").is_hidden()
    page.locator(".tl-node[tabindex='0']").focus()
    page.keyboard.press("ArrowUp")
    assert "110 times" in page.locator("p.tl-hidden").inner_text()
    on_page.nothing_serious()
