"""Make the pictures of the README: three widgets, photographed in Chromium, the first of them at every step.

Run: python scripts/readme_pictures.py [steps|descent|network …]   (needs playwright, Chromium and pillow; writes docs/pictures/)
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

import tensorlab as tl
import tensorlab.tensor as T

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "widgets"))
import conftest  # noqa: E402

COLOURS = 128  # of a picture: enough for flat drawings, and a third of the bytes
FRAME, LAST_FRAME = 1200, 4000  # ms that a step of the moving picture stands: time to read a number and where it came from


def neuron():
    """A neuron with one example, and its cost."""
    x, y_hat = T.vector("x"), T.scalar("y_hat")
    w, b = tl.shared(np.array([-1.0, 1.0]), name="w"), tl.shared(0.0, name="b")
    z = T.dot(w, x) + b
    z.name = "z"
    y = T.nnet.sigmoid(z)
    y.name = "y"
    cost = (y - y_hat) ** 2
    cost.name = "cost"
    return cost, w, b, {x: [1, -1], y_hat: 1}


def steps():
    """Backpropagation, on its way back."""
    cost, w, b, at = neuron()
    return tl.widgets.steps(cost, [w, b], at=at)


def descent():
    """A cost of two parameters, and two ways down."""
    x, y_hat = T.vector("x"), T.vector("y_hat")
    w, b = tl.shared(-2.0, name="w"), tl.shared(3.0, name="b")
    cost = T.sqr(T.nnet.sigmoid(w * x + b) - y_hat).mean()
    cost.name = "cost"
    return tl.widgets.descent(cost, [w, b], at={x: [-2, -1, 0.5, 2], y_hat: [0, 0, 1, 1]}, rate=1.0, steps=120)


def network():
    """A network that has learned two spirals."""
    view = tl.widgets.network("spirals", layers=[8, 8], recipe="adam", rate=0.01)
    for _ in range(30):
        view.train(100)
    return view


def move_to(page, step):
    """Move the slider of the stepper."""
    command = "(slider, step) => {slider.value = step; slider.dispatchEvent(new Event('input', {bubbles: true}));}"
    page.page.locator("input[type=range]").first.evaluate(command, step)
    page.page.wait_for_timeout(600)


def prepare_steps(page):
    """Take a photograph at every step: a picture that moves."""
    last = int(page.page.locator("input[type=range]").first.get_attribute("max"))
    frames = []
    for step in range(last + 1):
        move_to(page, step)
        frames.append(photograph(page))
    first, *others = frames
    times = [FRAME] * last + [LAST_FRAME]
    first.save(ROOT / "docs" / "pictures" / "steps.gif", save_all=True, append_images=others, duration=times, loop=0, optimize=True)


def prepare_descent(page):
    """Add a run with momentum."""
    page.page.get_by_role("button", name="Add a run").click()
    page.page.wait_for_timeout(300)
    page.exchange(3)
    page.page.locator("select").first.select_option(label="momentum")
    page.page.wait_for_timeout(300)
    page.exchange(3)
    rate = page.page.get_by_role("spinbutton").first
    rate.fill("0.3")
    rate.press("Enter")
    page.page.wait_for_timeout(300)
    page.exchange(3)
    page.page.get_by_role("button", name="Fit").click()
    page.page.wait_for_timeout(300)
    page.exchange(3)


def photograph(page):
    """Return the widget as a picture."""
    return Image.open(BytesIO(page.page.locator("main").screenshot())).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def main(names: list[str]) -> None:
    """Make the pictures with some names, or all."""
    folder = ROOT / "docs" / "pictures"
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=conftest.chromium(), args=["--no-sandbox", "--force-color-profile=srgb"])
        for make, prepare in ((steps, prepare_steps), (descent, prepare_descent), (network, lambda page: None)):
            if names and make.__name__ not in names:
                continue
            page = conftest.Stage(browser).show(make(), width=1000, height=900, still=True)
            page.page.wait_for_timeout(500)
            page.exchange(3)
            prepare(page)
            page.page.wait_for_timeout(600)
            if make is not steps:
                photograph(page).save(folder / f"{make.__name__}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
