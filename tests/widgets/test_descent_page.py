"""DescentView on a page in Chromium: pointer, keys, stepping, speech, without a kernel, both themes, axe."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.widgets.descent_still import BENEATH, LOW
from tensorlab.widgets.descent_view import Run

SMALL = """() => [...document.querySelectorAll(".tl-descent *")].filter((each) =>
  each.childNodes.length === 1 && each.firstChild.nodeType === 3 &&
  !each.closest("math") && each.getBoundingClientRect().width && parseFloat(getComputedStyle(each).fontSize) < 12).length"""
OURS = "() => document.activeElement === document.body || document.activeElement.hasAttribute('data-lm-suppress-shortcuts')"
RING = "() => document.activeElement === document.body ? 'solid' : getComputedStyle(document.activeElement).outlineStyle"


@pytest.fixture(scope="module")
def made():
    """One widget a module: every test sets it back."""
    w = tl.shared(np.array([4.0, 1.0]), name="w")
    return tl.widgets.descent(0.5 * w[0] ** 2 + 5 * w[1] ** 2, [w], rate=0.15, steps=12, span=(-5, 5, -2.5, 2.5)), w


@pytest.fixture
def view(made):
    widget, w = made
    w.set_value([4, 1])
    fresh = Run(0, 0.15, widget._trainer(0).run(np.array([4.0, 1.0]), 0.15, 12))
    widget._keep([fresh], [widget._told(fresh)])
    return widget


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def alive(stage, view, **options):
    on_page = stage.show(view, **options)
    on_page.exchange(2)
    return on_page


def spoken(page):
    return page.locator(".tl-descent [aria-live]").inner_text()


def test_stepping_scrubbing_and_speech(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    button(page, "Reset").click()
    assert page.locator(".tl-reading").inner_text().startswith("step 0 / 12") and button(page, "Back").is_disabled()
    button(page, "Step").click()
    assert "Step 1 of 12: cost 7.03 at (3.4, −0.5)" in spoken(page)
    button(page, "Back").click()
    assert "Step 0 of 12: cost 13 at (4, 1)" in spoken(page)
    page.get_by_role("slider", name="step", exact=True).fill("5")
    shown = view.runs[0]["points"][5]
    assert page.locator(".tl-reading").inner_text().startswith("step 5 / 12")
    line = page.locator(".tl-landscape polyline[stroke='var(--tl-run-1)']").get_attribute("points").split()
    assert len(line) == 6
    across = float(page.locator(".tl-landscape rect.tl-frame").get_attribute("width"))
    assert float(line[-1].split(",")[0]) == pytest.approx((shown[0] + 5) / 10 * across, abs=0.1)
    assert on_page.exchange() == [], "stepping asks nothing of the kernel"


def test_a_step_at_the_end_asks_for_more(stage, view):
    on_page = alive(stage, view)
    button(on_page.page, "Step").click()
    assert [message["content"] for message in on_page.exchange(2)] == [{"kind": "more", "number": 0}]
    assert on_page.page.locator(".tl-reading").inner_text().startswith("step 13 / 24")


def test_enter_counts_where_the_page_keeps_it_from_the_browser(stage, view):
    """JupyterLab does; and when the focus leaves, the same text is not told again."""
    on_page = alive(stage, view)
    page = on_page.page
    on_page.enter_where_it_is_kept("learning rate, as a number", "0.04")
    assert len(on_page.exchange(1)) == 1
    on_page.exchange(2)
    page.keyboard.press("Tab")
    assert on_page.exchange(2) == [] and view.runs[0]["rate"] == 0.04


def test_the_rate_the_recipe_and_a_second_run(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    page.get_by_label("learning rate, as a number").fill("0.02")
    page.get_by_label("learning rate, as a number").press("Enter")
    on_page.exchange(2)
    assert view.runs[0]["rate"] == 0.02
    page.get_by_label("Optimizer").select_option("Adam")
    on_page.exchange(2)
    assert view.runs[0]["recipe"] == 5 and page.locator(".tl-rule math").count() == 3
    button(page, "Add a run").click()
    on_page.exchange(2)
    slider = page.get_by_label("Learning rate η")
    slider.focus()
    page.keyboard.press("ArrowRight")
    on_page.exchange(2)
    assert len(view.runs) == 2 and view.runs[1]["rate"] == 0.03 and view.runs[0]["rate"] == 0.02
    assert page.get_by_role("radio").count() == 2 and page.get_by_role("radio").nth(1).is_checked()
    dashes = {each.get_attribute("stroke-dasharray") for each in page.locator(".tl-landscape polyline[stroke]").all()}
    assert len(dashes) == 2, "the two paths differ in dash too"
    button(page, "Remove").click()
    on_page.exchange(2)
    assert len(view.runs) == 1 and button(page, "Remove").is_disabled()


def test_the_start_by_pointer_and_by_keys(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    frame = page.locator(".tl-landscape rect.tl-frame").bounding_box()
    page.mouse.click(frame["x"] + frame["width"] * 0.25, frame["y"] + frame["height"] * 0.25)
    on_page.exchange(2)
    np.testing.assert_allclose(view.runs[0]["points"][0], [-2.5, 1.25], atol=0.05)
    page.mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.9, frame["y"] + frame["height"] * 0.9, steps=8)
    page.mouse.up()
    said = on_page.exchange(3)
    np.testing.assert_allclose(view.runs[0]["points"][0], [4, -2], atol=0.05)
    assert len(said) <= 3, "while one request is on its way, only the newest of the others waits"
    page.locator(".tl-landscape").focus()
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    assert "Start at" in spoken(page)
    on_page.exchange(3)
    np.testing.assert_allclose(view.runs[0]["points"][0], [3.6, -1.6], atol=0.05)
    page.keyboard.press("Shift+ArrowRight")
    on_page.exchange(2)
    np.testing.assert_allclose(view.runs[0]["points"][0], [3.65, -1.6], atol=0.05)


def test_playing_ends_by_itself_and_stops_at_once(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    on_page.stop_the_clock()
    button(page, "Reset").click()
    button(page, "Play").click()
    page.clock.run_for(5 * 90 + 10)  # the page takes 90 ms a step
    assert page.locator(".tl-reading").inner_text().startswith("step 5 / 12")
    page.clock.run_for(8 * 90 + 10)
    assert page.locator(".tl-reading").inner_text().startswith("step 12 / 12") and button(page, "Play").is_visible()
    assert "Step 12 of 12" in spoken(page)
    button(page, "Reset").click()
    button(page, "Play").click()
    button(page, "Pause").click()
    before = page.locator(".tl-reading").inner_text()
    page.clock.run_for(10_000)
    assert page.locator(".tl-reading").inner_text() == before


def test_without_motion_play_goes_to_the_end(stage, view):
    page = alive(stage, view, still=True).page
    button(page, "Reset").click()
    button(page, "Play").click()
    assert page.locator(".tl-reading").inner_text().startswith("step 12 / 12")


def test_apply_and_code(stage, view, made):
    on_page = alive(stage, view)
    page = on_page.page
    page.get_by_role("slider", name="step", exact=True).fill("1")
    button(page, "Apply to notebook").click()
    on_page.exchange(2)
    np.testing.assert_allclose(made[1].get_value(), [3.4, -0.5])
    assert page.locator(".tl-told").inner_text() == "The notebook now has w = [3.4, -0.5]."
    button(page, "Copy as code").click()
    assert page.locator(".tl-code code").inner_text() == view.runs[0]["code"]


def test_without_a_kernel_the_bank_answers(stage, view):
    on_page = stage.show(view, kernel=False)
    page = on_page.page
    for name in ("Apply to notebook", "Fit"):
        assert button(page, name).is_disabled()
    assert page.get_by_label("Drawn over").is_disabled() and page.get_by_label("learning rate, as a number").is_disabled()
    why = page.locator(f"#{button(page, 'Fit').get_attribute('aria-describedby')}").inner_text()
    assert "No kernel answers" in why and "run the cell" in why
    page.get_by_label("Optimizer").select_option("momentum")
    page.get_by_label("Learning rate η").fill("4")
    wanted = next(run for run in view.bank if run["recipe"] == 1 and run["rate"] == 1.5)
    assert page.locator(".tl-run").inner_text().strip().endswith("momentum, η = 1.5")
    assert page.locator(".tl-reading").inner_text().startswith(f"step {len(wanted['points']) - 1} / {len(wanted['points']) - 1}")
    button(page, "Add a run").click()
    page.get_by_label("Optimizer").select_option("Adam")
    assert page.get_by_role("radio").count() == 2
    button(page, "Reset").click()
    button(page, "Step").click()
    assert page.locator(".tl-reading").inner_text().startswith("step 1 /")
    assert {message["content"]["kind"] for message in on_page.exchange()} == {"hello"}


def test_a_problem_is_shown_and_speaks(stage, view):
    on_page = alive(stage, view)
    on_page.page.evaluate("() => model.hear({kind: 'problem', text: 'asked\\n  found: <b>markup</b>'})")
    alert = on_page.page.get_by_role("alert")
    assert "<b>markup</b>" in alert.inner_text()
    on_page.page.evaluate("() => { for (const odd of [null, 3, {}, {kind: 'applied'}, {kind: 'refused'}]) model.hear(odd); }")
    button(on_page.page, "Reset").click()
    on_page.exchange()


def test_a_kernel_that_does_not_answer_is_told(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    on_page.stop_the_clock()
    button(page, "Apply to notebook").click()
    page.clock.fast_forward(14_000)
    assert page.locator(".tl-told").inner_text() == ""
    page.clock.fast_forward(2_000)
    assert "has not answered for 15 seconds" in page.locator(".tl-told").inner_text()
    button(page, "Apply to notebook").click()
    on_page.exchange(2)
    assert page.locator(".tl-told").inner_text().startswith("The notebook now has")


@pytest.mark.parametrize(("width", "theme", "zoom"), [(1280, "light", 1), (1280, "dark", 1), (800, "dark", 1), (800, "light", 2)])
def test_nothing_serious_and_nothing_overflows(stage, view, width, theme, zoom):
    on_page = alive(stage, view, width=width, theme=theme, zoom=zoom)
    on_page.page.locator(".tl-code summary").click()
    on_page.nothing_serious()
    inside, outside = on_page.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= outside
    small = on_page.page.evaluate(SMALL)
    assert small == 0, "no text below 12 px"


def test_every_control_is_reached_by_tab(stage, view):
    page = alive(stage, view).page
    count = page.evaluate("""() => [...document.querySelectorAll(".tl-descent :is(button, select, input, summary, [tabindex='0'])")]
      .filter((each) => !each.disabled && each.getBoundingClientRect().width).length""")
    seen = set()
    for _ in range(count + 3):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("() => [...document.querySelectorAll('.tl-descent *')].indexOf(document.activeElement)"))
        assert page.evaluate(RING) == "solid", "what has the focus shows it"
        assert page.evaluate(OURS), "JupyterLab must not take the keys of what has the focus"
    assert len(seen - {-1}) >= count - 1  # the code inside the closed details is not reached


def test_a_view_that_is_closed_lets_go(stage, view):
    on_page = alive(stage, view)
    on_page.page.evaluate("() => window.remove()")
    view.asked_run(0, 1, 0.1, 1, 1, True)
    on_page.exchange(2)
    assert on_page.page.evaluate("() => model.errors.length") == 0


def test_names_are_only_letters(stage):
    name = "<img src=x onerror=window.hit=1>"
    w = tl.shared([1.0, 2.0], name=name)
    cost = T.sum(w**2)
    cost.name = name
    on_page = alive(stage, tl.widgets.descent(cost, [w], steps=3))
    assert on_page.page.locator("img, script").count() == 0 and on_page.page.evaluate("() => window.hit") is None
    assert "<img src=x" in on_page.page.locator(".tl-landscape").text_content()


@pytest.mark.parametrize(("rate", "scale"), [(0.15, "cost (log)"), (0.002, "cost")])
def test_the_widget_and_its_picture_have_one_scale_of_costs(stage, view, rate, scale):
    view.asked_run(0, 0, rate, 4.0, 1.0, False)
    page = alive(stage, view).page
    texts = page.locator(".tl-curve text").all_text_contents()
    line = page.locator(".tl-curve polyline").first.get_attribute("points")
    picture = ElementTree.fromstring(view.still().svg)
    said = [each.text.replace("-", "−") for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert scale in texts and set(texts) <= set(said)
    *_, drawn = (each.get("points") for each in picture.iter("{http://www.w3.org/2000/svg}polyline"))
    heights = [[float(spot.split(",")[1]) for spot in each.split()] for each in (line, drawn)]
    shares = [(np.array(each) - top) / down for each, top, down in zip(heights, (10, BENEATH), (92, LOW))]
    np.testing.assert_allclose(*shares, atol=0.002)
