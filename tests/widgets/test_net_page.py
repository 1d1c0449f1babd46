"""NetView on a page in Chromium: frame by frame, painting, keys, without a kernel, both themes, axe."""

from __future__ import annotations

import pytest

import tensorlab as tl

SMALL = """() => [...document.querySelectorAll(".tl-net *")].filter((each) =>
  each.childNodes.length === 1 && each.firstChild.nodeType === 3 &&
  each.getBoundingClientRect().width && parseFloat(getComputedStyle(each).fontSize) < 12).length"""
OURS = "() => document.activeElement === document.body || document.activeElement.hasAttribute('data-lm-suppress-shortcuts')"
RING = "() => document.activeElement === document.body ? 'solid' : getComputedStyle(document.activeElement).outlineStyle"
PIXEL = """([x, y]) => {
  const canvas = document.querySelector(".tl-plane"), part = canvas.width / canvas.clientWidth;
  return [...canvas.getContext("2d").getImageData(x * part, y * part, 1, 1).data].slice(0, 3);
}"""


@pytest.fixture
def view():
    return tl.widgets.network("circles", layers=[4], epochs=10)


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def alive(stage, view, **options):
    on_page = stage.show(view, **options)
    on_page.exchange(2)
    return on_page


def kinds(said):
    return [message["content"]["kind"] for message in said if message["method"] == "custom"]


def reading(page):
    return page.locator(".tl-reading").inner_text()


def test_the_page_asks_for_frames_as_it_draws_them(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    button(page, "Play").click()
    asked = 0
    for _ in range(6):
        page.wait_for_function("() => model.outbox.length > 0")
        (question,) = on_page.exchange()  # one at a time
        assert question["content"]["kind"] == "frames" and question["content"]["steps"] == 5
        asked += question["content"]["count"]
    page.wait_for_function("() => document.querySelector('.tl-reading').textContent.includes('step 5 ') === false")
    button(page, "Stop").click()
    said = kinds(on_page.exchange(3))
    assert said[-1] == "rest" and len(said) <= 2, "at most the question that was on its way, and the rest"
    step = view.frame["step"]
    assert step >= 5 * asked and f"step {step} " in reading(page), "what the kernel has is what is shown"
    page.wait_for_timeout(200)
    assert kinds(on_page.exchange()) == [] and view.frame["step"] == step
    assert len(view.record["frames"]) == step // 5 + 1 and not view.record["ahead"]


def test_without_an_answer_the_page_asks_no_more(stage, view):
    """Nothing runs on in the kernel: who takes the page away has stopped it."""
    on_page = alive(stage, view)
    button(on_page.page, "Play").click()
    on_page.page.wait_for_function("() => model.outbox.length > 0")
    on_page.page.wait_for_timeout(300)
    assert kinds(on_page.page.evaluate("() => model.outbox")) == ["frames"]


def test_every_frame_is_drawn_once_and_in_order(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    page.evaluate("""() => {
      window.steps = [];
      const reading = document.querySelector(".tl-reading"), whatever = {childList: true, characterData: true, subtree: true};
      new MutationObserver(() => steps.push(Number(/step (\\d+)/.exec(reading.textContent)[1]))).observe(reading, whatever);
    }""")
    button(page, "Play").click()
    for _ in range(5):
        page.wait_for_function("() => model.outbox.length > 0")
        on_page.exchange()
    page.wait_for_function("() => steps.length >= 4")
    steps = page.evaluate("() => steps")
    assert steps == [5 * (place + 1) for place in range(len(steps))]


def test_stop_works_while_the_kernel_is_busy(stage, view):
    on_page = alive(stage, view)
    button(on_page.page, "Play").click()
    button(on_page.page, "Stop").click()  # the kernel has not answered yet
    assert button(on_page.page, "Play").is_visible()
    (count,) = [message["content"]["count"] for message in on_page.exchange(4) if message["content"]["kind"] == "frames"]
    assert view.frame["step"] == 5 * count and kinds(on_page.exchange(2)) == []


def test_a_learning_rate_that_is_set_while_it_plays_counts(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    button(page, "Play").click()
    page.get_by_label("learning rate, as a number").fill("0.02")
    page.get_by_label("learning rate, as a number").press("Enter")  # the kernel has not answered the question for frames yet
    said = []
    for _ in range(3):
        said += kinds(on_page.exchange())
    assert said[:3] == ["frames", "tune", "frames"] and view.settings["rate"] == 0.02
    assert button(page, "Stop").is_visible()


def test_step_epoch_reset_and_new_weights(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    button(page, "Step").click()
    on_page.exchange(3)
    assert "step 1 " in reading(page) and "cost" in reading(page) and "% right" in reading(page)
    button(page, "Epoch").click()
    on_page.exchange(3)
    assert "step 16 " in reading(page) and "epoch 1 " in reading(page)
    button(page, "Reset").click()
    on_page.exchange(3)
    first = view.frame["weights"]
    assert "step 0 " in reading(page)
    button(page, "New weights").click()
    on_page.exchange(3)
    assert view.frame["weights"] != first


def test_settings(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    page.get_by_label("Hidden", exact=True).select_option("2 layers")
    on_page.exchange(2)
    page.get_by_label("neurons of hidden layer 2").fill("6")
    page.get_by_label("neurons of hidden layer 2").press("Enter")
    on_page.exchange(2)
    assert view.net.sizes == [2, 4, 6, 1]
    page.get_by_label("Activation").select_option("ReLU")
    on_page.exchange(2)
    page.get_by_label("Optimizer").select_option("Adam")
    on_page.exchange(2)
    page.get_by_label("learning rate, as a number").fill("0.02")
    page.get_by_label("learning rate, as a number").press("Enter")
    on_page.exchange(2)
    page.get_by_label("Batch size").fill("50")
    page.get_by_label("Batch size").press("Enter")
    on_page.exchange(2)
    page.get_by_label("Data").select_option("XOR")
    on_page.exchange(2)
    assert view.settings == {
        "layers": [4, 6], "activation": "relu", "recipe": "adam", "rate": 0.02, "batch": 50, "data": "xor", "batches": 4,
    }  # fmt: skip
    assert page.get_by_label("neurons of hidden layer 1").input_value() == "4"


def test_enter_counts_where_the_page_keeps_it_from_the_browser(stage, view):
    """JupyterLab does; and when the focus leaves, the same text is not told again: a network would begin anew."""
    on_page = alive(stage, view)
    page = on_page.page
    on_page.enter_where_it_is_kept("neurons of hidden layer 1", "1")
    assert [message["content"]["kind"] for message in on_page.exchange(1)] == ["build"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert on_page.exchange(2) == [] and view.net.sizes == [2, 1, 1]


def test_painting_with_the_mouse(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    page.get_by_label("Data").select_option("my own points")
    on_page.exchange(2)
    box = page.locator(".tl-plane").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25)
    on_page.exchange(2)
    button(page, "■ paint 0").click()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75)
    page.mouse.down()
    for place in (0.3, 0.35, 0.4):
        page.wait_for_timeout(80)
        page.mouse.move(box["x"] + box["width"] * place, box["y"] + box["height"] * 0.75)
    page.mouse.up()
    on_page.exchange(4)
    left, right, low, high = view.points["window"]
    assert view.points["kinds"].count(1) == 1 and view.points["kinds"].count(0) >= 3
    one = view.points["places"][view.points["kinds"].index(1)]
    assert one == pytest.approx([left + 0.75 * (right - left), high - 0.25 * (high - low)], abs=0.02)
    button(page, "Epoch").click()
    on_page.exchange(3)
    assert view.frame["epoch"] == 1


def test_painting_with_keys(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    count = view.points["count"]
    page.locator(".tl-plane").focus()
    for key in ("ArrowRight", "ArrowUp", "1"):
        page.keyboard.press(key)
    on_page.exchange(3)
    left, right, low, high = view.points["window"]
    assert view.points["count"] == count + 1 and view.points["kinds"][0] == 1
    wanted = [left + 0.55 * (right - left), low + 0.55 * (high - low)]
    assert view.points["places"][0] == pytest.approx(wanted, abs=0.01)
    assert "A point of kind 1 at" in page.locator(".tl-net [aria-live]").inner_text()


def test_the_plane_shows_the_surface_of_any_neuron(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    box = page.locator(".tl-plane").bounding_box()
    spot = [box["width"] * 0.03, box["height"] * 0.03]  # a corner without points
    before = page.evaluate(PIXEL, spot)
    page.get_by_label("Shown").select_option("neuron 2 of hidden layer 1")
    assert page.evaluate(PIXEL, spot) != before
    assert "neuron 2 of hidden layer 1" in page.locator(".tl-net [aria-live]").inner_text()
    page.get_by_label("Shown").select_option("the output")
    assert page.evaluate(PIXEL, spot) == before
    drawing = page.locator(".tl-drawing").bounding_box()
    page.mouse.move(drawing["x"] + 40 + (drawing["width"] - 96) / 2, drawing["y"] + 24 + (470 - 44) / 8)  # the first hidden neuron
    assert page.get_by_label("Shown").input_value() == "0"
    page.mouse.move(drawing["x"] + 5, drawing["y"] - 20)
    assert page.get_by_label("Shown").input_value() == "-1"


def test_blue_is_where_the_output_is_one(stage, view):
    for _ in range(60):
        view.asked_epoch()
    on_page = alive(stage, view)
    box = on_page.page.locator(".tl-plane").bounding_box()
    inside, corner = (on_page.page.evaluate(PIXEL, [box["width"] * where, box["height"] * where]) for where in (0.5, 0.03))
    assert inside[2] > inside[0] and corner[0] > corner[2], "the inner circle is 1"


def test_without_a_kernel_the_recording_plays(stage, view):
    on_page = stage.show(view, kernel=False)
    page = on_page.page
    last = len(view.record["frames"]) - 1
    for name in ("Step", "Epoch", "Reset", "New weights", "Now", "● paint 1"):
        assert button(page, name).is_disabled()
    for name in ("Data", "Activation", "Optimizer", "Batch size"):
        assert page.get_by_label(name).is_disabled()
    assert "No kernel answers" in page.locator(f"#{button(page, 'Step').get_attribute('aria-describedby')}").inner_text()
    assert f"step {view.record['frames'][last]['step']} " in reading(page)
    scrub = page.get_by_label("Recorded")
    scrub.fill("1")
    assert f"step {view.record['frames'][1]['step']} " in reading(page)
    scrub.fill(str(last - 1))
    button(page, "Play").click()
    button(page, "Play").wait_for()
    end = view.record["frames"][last]["step"]
    page.wait_for_function(f"() => document.querySelector('.tl-reading').textContent.includes('step {end} ')")
    button(page, "Copy as code").click()
    assert page.locator(".tl-code code").inner_text().strip() == view.code.strip()
    assert set(kinds(on_page.exchange())) == {"hello"}


def test_without_motion_the_recording_is_shown_at_its_end(stage, view):
    page = stage.show(view, kernel=False, still=True).page
    page.get_by_label("Recorded").fill("0")
    button(page, "Play").click()
    assert f"step {view.record['frames'][-1]['step']} " in reading(page)


def test_a_problem_stops_and_is_shown(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    page.get_by_label("Data").select_option("my own points")
    on_page.exchange(2)
    button(page, "Play").click()
    on_page.exchange(2)
    assert "there are no points" in page.get_by_role("alert").inner_text() and button(page, "Play").is_visible()
    page.evaluate("() => { for (const odd of [null, 3, {}, {kind: 'refused'}]) model.hear(odd); }")
    on_page.exchange(2)


def test_a_kernel_that_does_not_answer_is_told(stage, view):
    on_page = alive(stage, view)
    page = on_page.page
    on_page.stop_the_clock()
    button(page, "Play").click()
    page.clock.fast_forward(16_000)
    assert "has not answered for 15 seconds" in page.locator(".tl-net").inner_text() and button(page, "Play").is_visible()
    on_page.exchange(3)
    assert "has not answered" not in page.locator(".tl-net").inner_text()


@pytest.mark.parametrize(("width", "theme", "zoom"), [(1280, "light", 1), (1280, "dark", 1), (800, "dark", 1), (800, "light", 2)])
def test_nothing_serious_and_nothing_overflows(stage, view, width, theme, zoom):
    on_page = alive(stage, view, width=width, theme=theme, zoom=zoom)
    on_page.page.locator(".tl-code summary").click()
    on_page.nothing_serious()
    inside, outside = on_page.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= outside
    assert on_page.page.evaluate(SMALL) == 0, "no text below 12 px"


def test_every_control_is_reached_by_tab(stage, view):
    page = alive(stage, view).page
    count = page.evaluate("""() => [...document.querySelectorAll(".tl-net :is(button, select, input, summary, [tabindex='0'])")]
      .filter((each) => !each.disabled && each.getBoundingClientRect().width).length""")
    seen = set()
    for _ in range(count + 3):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("() => [...document.querySelectorAll('.tl-net *')].indexOf(document.activeElement)"))
        assert page.evaluate(RING) == "solid", "what has the focus shows it"
        assert page.evaluate(OURS), "JupyterLab must not take the keys of what has the focus"
    assert len(seen - {-1}) >= count - 1  # the code inside the closed details is not reached


def test_the_largest_network_is_drawn(stage):
    view = tl.widgets.network("xor", layers=[32, 32, 32], epochs=0)
    on_page = alive(stage, view)
    assert "of 2144 weights the 200 largest" in on_page.page.locator(".tl-legend").inner_text()


def test_a_view_that_is_closed_lets_go(stage, view):
    on_page = alive(stage, view)
    button(on_page.page, "Play").click()
    on_page.page.evaluate("() => window.remove()")
    on_page.exchange(3)
    assert kinds(on_page.exchange()) == []
