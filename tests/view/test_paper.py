"""Light and dark paper: contrasts, and that a page's theme reaches the pictures on it."""

from __future__ import annotations

import io
import shutil

import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.view.paper import AS_THE_PAGE, DARK, LIGHT, Palette, image


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_small_print_and_lines_keep_their_contrast(palette: Palette) -> None:
    for name in ("ink", "grey", "blue_text", "green_text", "vermilion_text"):
        for ground in (palette.paper, palette.sheet):
            assert contrast(getattr(palette, name), ground) >= 4.5, (name, ground)
    for name in ("blue", "green", "vermilion"):
        assert contrast(getattr(palette, name), palette.paper) >= 3, name
    pairs = [(int(palette.tint[place : place + 2], 16), int(palette.paper[place : place + 2], 16)) for place in (1, 3, 5)]
    share = "#" + "".join(f"{round(0.75 * tint + 0.25 * paper):02x}" for tint, paper in pairs)
    assert contrast(palette.ink, share) >= 4.5


def test_a_picture_says_both_papers_and_the_page_decides() -> None:
    x = T.scalar("x")
    shown = tl.view.show(T.tanh(x))
    for palette in (LIGHT, DARK):
        assert f"fill: {palette.paper}" in shown.svg and f"stroke: {palette.blue}" in shown.svg
    assert shown.svg.count("@media (prefers-color-scheme: dark)") == 1
    assert shown.html.startswith(AS_THE_PAGE) and AS_THE_PAGE in image("<svg/>", "a dot")


def test_in_a_browser_the_theme_of_the_page_decides_and_not_that_of_the_system() -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if program is None:
        pytest.skip("no Chromium was found: apt-get install chromium")
    from PIL import Image

    def colour(browser, system: str, page_text: str) -> str:
        page = browser.new_context(color_scheme=system).new_page()
        page.set_content(page_text)
        page.wait_for_function("document.images[0].complete")
        shot = Image.open(io.BytesIO(page.locator("img").screenshot())).convert("RGB")
        return "#{:02X}{:02X}{:02X}".format(*shot.getpixel((12, 12)))

    html = tl.view.show(T.tanh(T.scalar("x"))).html
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        told = colour(browser, "light", f"<style>img {{ color-scheme: dark }}</style>{html.removeprefix(AS_THE_PAGE)}")
        found = {(theme, system): colour(browser, system, f'<body data-jp-theme-light="{theme}">{html}</body>')
                 for theme in ("true", "false") for system in ("light", "dark")}  # fmt: skip
        browser.close()
    if told != DARK.paper:
        pytest.skip("this browser tells a picture the scheme of the system, whatever that of the page")
    papers = {"true": LIGHT.paper, "false": DARK.paper}
    assert found == {(theme, system): papers[theme] for theme, system in found}
