"""`python -m tensorlab lessons export`: pages and slides in which nothing is fetched from anywhere."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from pathlib import Path

import pytest
from lesson_files import LESSONS, notebook

from tensorlab.__main__ import main
from tensorlab.graph.errors import ChoiceError, MissingPackageError
from tensorlab.lessons import formulas, pages
from tensorlab.lessons.pages import export_folder, fetched

LESSON = "03_gradients"  # it has formulas in its text and among its outputs, plots, pictures of graphs and an error


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The lesson as a page and as slides."""
    folder = tmp_path_factory.mktemp("pages")
    for form in ("html", "slides"):
        assert main(["lessons", "export", str(LESSONS / f"{LESSON}.ipynb"), "--to", form, "--out", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("ending", pages.ENDINGS.values())
class TestPage:
    def test_nothing_is_fetched(self, out, ending):
        page = (out / f"{LESSON}{ending}").read_text()
        assert fetched(page) == []
        for word in ("cdnjs", "unpkg", "jsdelivr", "MathJax.Hub", "require("):
            assert word not in page

    def test_formulas_are_drawn_by_the_browser(self, out, ending):
        page = (out / f"{LESSON}{ending}").read_text()
        formulas = sum("text/latex" in each.get("data", {}) for cell in notebook(LESSONS / f"{LESSON}.ipynb")["cells"]
                       for each in cell.get("outputs", ()))  # fmt: skip
        assert formulas >= 5 and page.count('display="block"') >= formulas
        assert page.count("<math ") > 2 * formulas and r"\frac" not in page

    def test_pictures_and_words_for_them_are_there(self, out, ending):
        page = (out / f"{LESSON}{ending}").read_text()
        assert page.count('src="data:image/') >= 4 and "The parabola y = x squared" in page


def test_slides_bring_reveal_along(out):
    page = (out / f"{LESSON}.slides.html").read_text()
    assert "Reveal.initialize(" in page and page.count("<section>") > 15 and page.count('class="fragment"') > 5
    assert len(page) > 100_000 and ".reveal .slides" in page


def test_links_between_lessons_lead_to_pages(tmp_path):
    for name in ("05_shared_variables", "06_gradient_descent"):
        shutil.copy(LESSONS / f"{name}.ipynb", tmp_path)
    written = list(export_folder(tmp_path, "html", tmp_path / "out"))
    assert [path.name for path in written] == ["05_shared_variables.html", "06_gradient_descent.html"]
    page = written[0].read_text()
    assert 'href="06_gradient_descent.html"' in page
    assert ".ipynb" not in page.split("</style>")[-1]  # what has no page is no link


@pytest.mark.parametrize("source", ['![a red square](https://example.org/a.png)', '<script src="//cdn.org/a.js"></script>'])
def test_what_would_be_fetched_is_an_error(source, tmp_path, capsys):
    cells = [{"id": "a", "cell_type": "markdown", "source": source, "metadata": {}}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert main(["lessons", "export", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "it would fetch" in capsys.readouterr().err and not (tmp_path / "out").exists()


FETCHING = {
    '<link href="https://cdn.org/a.css" rel="stylesheet">': "https://cdn.org/a.css",
    "<style>@import url(https://fonts.org/a.css);</style>": "https://fonts.org/a.css",
    "<style>a { background: url('https://a.org/b.png') }</style>": "https://a.org/b.png",
    "<script>import x from 'https://cdn.org/a.mjs'</script>": "https://cdn.org/a.mjs",
    "<iframe src='https://video.org'></iframe>": "https://video.org",
}


@pytest.mark.parametrize("page", FETCHING)
def test_ways_to_fetch_are_known(page):
    assert fetched(page) == [FETCHING[page]]


def test_slides_need_reveal(tmp_path, monkeypatch, capsys):
    assert main(["lessons", "export", str(LESSONS / f"{LESSON}.ipynb"), "--to", "slides", "--reveal", str(tmp_path)]) == 1
    assert "holds no dist/reveal.js" in capsys.readouterr().err
    monkeypatch.setattr(pages, "REVEAL", ("no_such_package",))
    with pytest.raises(MissingPackageError, match=r"reveal\.js is not installed"):
        pages.folder_of_reveal(None)


@pytest.fixture(scope="module")
def with_mathjax(tmp_path_factory):
    """The lesson as slides whose formulas MathJax draws: hidden slides, too, must have theirs."""
    pytest.importorskip("mathjax", reason="no package with MathJax is installed: pip install django-static-mathjax")
    folder = tmp_path_factory.mktemp("mathjax")
    (page,) = export_folder(LESSONS / f"{LESSON}.ipynb", "slides", folder, math="mathjax")
    return page


def test_mathjax_is_inside_a_page_that_asks_for_it(with_mathjax):
    page = with_mathjax.read_text(encoding="utf-8")
    assert fetched(page) == [] and len(page) > 2_000_000
    assert page.count(f'class="{formulas.CLASS}"') > 10 and r">\frac{\partial y}" in page


def test_an_unknown_way_to_draw_formulas_and_a_missing_one(tmp_path, monkeypatch):
    with pytest.raises(ChoiceError, match="--math mathml"):
        list(export_folder(LESSONS / f"{LESSON}.ipynb", "html", tmp_path, math="katex"))
    monkeypatch.setattr(formulas, "MATHJAX", ("no_such_package",))
    with pytest.raises(MissingPackageError, match="no MathJax is installed"):
        list(export_folder(LESSONS / f"{LESSON}.ipynb", "html", tmp_path, math="mathjax"))
    assert not list(tmp_path.iterdir())


def test_a_folder_without_notebooks_is_an_error(tmp_path, capsys):
    assert main(["lessons", "export", str(tmp_path / "nowhere")]) == 1
    assert "no notebooks there" in capsys.readouterr().err


def chromium() -> str | None:
    named = [os.environ.get("CHROMIUM"), *(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))]
    return next(filter(None, named), None)


@pytest.fixture
def watched():
    """A page in a browser. In the end nothing must have gone wrong on it, and it must have asked for nothing but files."""
    if importlib.util.find_spec("playwright") is None or chromium() is None:
        pytest.skip("needs playwright and Chromium")
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    wrong: list[str] = []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda problem: wrong.append(str(problem)))
        yield page
        browser.close()
    assert not wrong and [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_a_browser_asks_for_nothing_and_moves_from_slide_to_slide(out, watched):
    from axe_playwright_python.sync_playwright import Axe

    watched.goto(Path(out / f"{LESSON}.html").as_uri())
    found = Axe().run(watched).response["violations"]
    watched.goto(Path(out / f"{LESSON}.slides.html").as_uri())
    watched.wait_for_function("window.Reveal && Reveal.isReady()")
    first = watched.evaluate("Reveal.getCurrentSlide().textContent")
    for _ in range(5):  # what stands on the first slide appears step by step
        watched.keyboard.press("ArrowRight")
    assert watched.evaluate("Reveal.getIndices().h") >= 1
    assert watched.evaluate("Reveal.getCurrentSlide().textContent") != first and "Gradients" in first
    assert watched.evaluate("Reveal.getCurrentSlide().querySelector('math msup').getBoundingClientRect().height") > 0
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_a_browser_draws_formulas_with_the_mathjax_inside(with_mathjax, watched):
    watched.goto(with_mathjax.as_uri())
    watched.wait_for_function("() => window.MathJax && MathJax.startup && MathJax.startup.promise")
    watched.evaluate("() => MathJax.startup.promise")
    drawn = watched.evaluate("""() => [...document.querySelectorAll(".tl-formula")].map((place) =>
      [place.querySelectorAll("mjx-container > svg").length, place.querySelectorAll("[data-mjx-error]").length])""")
    assert len(drawn) > 10 and all(each == [1, 0] for each in drawn)
    assert watched.evaluate("() => Reveal.getCurrentSlide().querySelector('mjx-container svg').getBoundingClientRect().height") > 5
