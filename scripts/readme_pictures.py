"""Make the pictures of the README: three widgets, photographed in Chromium.

Run: python scripts/readme_pictures.py   (needs playwright, Chromium and pillow; writes docs/pictures/*.png)
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


def prepare_steps(page):
    """Move the slider to a step on the way back."""
    page.page.locator("input[type=range]").first.evaluate("(e) => {e.value = 9; e.dispatchEvent(new Event('input', {bubbles: true}));}")


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


def main() -> None:
    """Make all."""
    folder = ROOT / "docs" / "pictures"
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=conftest.chromium(), args=["--no-sandbox", "--force-color-profile=srgb"])
        for make, prepare in ((steps, prepare_steps), (descent, prepare_descent), (network, lambda page: None)):
            page = conftest.Stage(browser).show(make(), width=1000, height=900, still=True)
            page.page.wait_for_timeout(500)
            page.exchange(3)
            prepare(page)
            page.page.wait_for_timeout(600)
            picture = Image.open(BytesIO(page.page.locator("main").screenshot()))
            picture.convert("RGB").quantize(COLOURS).save(folder / f"{make.__name__}.png", optimize=True)
            print(make.__name__, (folder / f"{make.__name__}.png").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
