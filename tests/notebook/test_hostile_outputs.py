"""Sixty hostile names in everything that is shown: pages are parsed, and read by a browser, which runs nothing and asks for nothing."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.notebook import chain_rule, code, codes, graph
from tensorlab.notebook.clashes import clash
from tensorlab.view import place_of_trouble, show
from tensorlab.view.drawing import clean
from tensorlab.view.paper import AS_THE_PAGE
from tensorlab.view.rewrites import film

NAMES = [
    # markup
    "<img src=x onerror=hit()>", "<script>hit()</script>", "</script><script>hit()</script>", "<svg onload=hit()>", "</svg><b>", "<b>",
    "</title><script>hit()</script>", "<iframe srcdoc='<script>hit()</script>'>", "<a href=javascript:hit()>x</a>",
    "<style>*{display:none}",
    "</style><style>*{display:none}", "<!--", "-->", "<![CDATA[x]]>", "]]>", "<?xml version='1.0'?>", "<!DOCTYPE html>", "<math><mi>x</mi>",
    "<details open ontoggle=hit()>", "</pre><script>hit()</script>",
    "</code></pre><img src=x onerror=hit()>", "</li></ul><script>hit()</script>",
    # attributes
    '"', "'", '" onload="hit()', "' onload='hit()", "\" autofocus onfocus=hit() x=\"", "javascript:hit()", "url(javascript:hit())",
    "data:text/html,<script>hit()</script>", "expression(hit())", "x style=display:none",
    # entities
    "&", "&lt;", "&lt;script&gt;", "&#60;b&#62;", "&#0;", "&nbsp;", "&bogus;",
    # LaTeX and MathJax
    "$x$", "$$\\href{javascript:hit()}{x}$$", r"\href{javascript:hit()}{x}", r"\end{aligned}", "}}{{",
    r"\unicode{x3c}script\unicode{x3e}", "%", "\\",
    # DOT, Python, JSON
    "<<b>x</b>>", "\\N\\G\\l", "{}|;->[]", "{x}", "{0.__class__}", "%s %(x)s", "'''\"\"\"", "</" + "script", "\\u003cscript\\u003e",
    # letters
    "a\x00b", "\x1b[2J\x1b[31m", "\u202egpj.exe\u2066", "a\nb\r\nc\u2028d", "\ud800", "\ufffe\uffff", "e\u0301" * 40, "W" * 3000, " ",
]  # fmt: skip
MAY_BE_THERE = {"img", "div", "span", "a", "pre", "code", "ul", "ol", "li", "p", "br", "strong", "table", "tr", "th", "td"}


class Page(HTMLParser):
    """Collects elements and attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@cache
def shown_with(name):
    """Everything that is shown, of a graph in which everything that can have the name has it."""
    x, y_hat = T.vector(name), T.scalar(name)
    w = tl.shared(np.array([0.5, -0.25]), name)
    z = T.dot(w, x)
    z.name = name
    cost = (T.tanh(z) - y_hat) ** 2
    cost.name = name
    f = tl.function([x, y_hat], cost, name=name)
    a, b = T.TensorType("float64", (2,))(name), T.TensorType("float64", (3,))(name)
    try:
        a * b
    except ValueError as error:
        failure = clash(error)
    return {
        "picture": show(cost, title=name),
        "values": graph(cost, grad=[w], at={x: [1.0, -1.0], y_hat: 1.0}),
        "program": show(f, stage="program"),
        "trouble": place_of_trouble(cost, "nan", [name, name]),
        "clash": failure,
        "film": film(f),
        "steps": chain_rule(cost, [w]),
        "code": code(f, "numpy"),
        "loops": code(f, "loops") if f._doors is not None else code(f, "numpy"),
    }


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_name_is_never_markup(number):
    name = NAMES[number]
    for what, shown in shown_with(name).items():
        bundle = shown._repr_mimebundle_()
        assert "text/plain" in bundle
        for kind, text in bundle.items():
            text.encode("utf-8")
            assert not {letter for letter in text if letter < " " and letter != "\n"}, (what, kind)
            assert not set(text) & set("\u202e\u2066\u2028\x7f\ufffe\uffff"), (what, kind)
        page = Page(bundle.get("text/html", "").replace(AS_THE_PAGE, "").replace(codes.STYLE, ""))  # no other rules may be there
        assert {tag for tag, _ in page.found} <= MAY_BE_THERE, what
        for tag, attributes in page.found:
            assert not {key for key in attributes if key.startswith("on")}, (what, tag)
            assert attributes.get("href", "#").startswith("#") and attributes.get("src", "data:image/").startswith("data:image/")
            assert not re.search(r"url\(|expression|display", attributes.get("style", "")), what
        if "image/svg+xml" in bundle:
            for element in ElementTree.fromstring(bundle["image/svg+xml"].encode()).iter():
                assert element.tag.rpartition("}")[2] in {"svg", "title", "desc", "style", "rect", "path", "text", "g"}
                assert not {"id", "href", "style"} & set(element.attrib)


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_name_is_shown_whole_where_there_is_room(number):
    name = NAMES[number]
    wanted = clean(name).strip()
    picture = shown_with(name)["picture"]
    if wanted:
        assert wanted in picture.text
        assert wanted in "".join(ElementTree.fromstring(picture.svg.encode()).itertext())
    data = json.loads(picture.json)
    assert [shape["label"] for shape in data["shapes"]] and all(clean(shape["label"]) == shape["label"] for shape in data["shapes"])
    assert not re.search(r"=\s*<[^<]", picture.dot), "no HTML label"
    assert picture.dot.count("\n") == len(picture.drawing.shapes) + len(picture.drawing.arrows) + 5


def chromium():
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "chrome"))
    return next((path for path in found if path), None)


def test_a_browser_runs_nothing_and_asks_for_nothing():
    """All names in all outputs on one page, as a notebook puts them there: inline HTML, and the SVG inline too."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    program = chromium()
    if program is None:
        pytest.skip("no Chromium was found: apt-get install chromium")
    parts = []
    for name in NAMES:
        for shown in shown_with(name).values():
            bundle = shown._repr_mimebundle_()
            parts += [f"<section>{bundle[kind]}</section>" for kind in ("text/html", "image/svg+xml") if kind in bundle]
    away = []
    page_text = "<!doctype html><html><head><meta charset=utf-8><script>window.hits = 0; function hit() { window.hits += 1 }</script>"
    page_text += "</head><body>"
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", lambda route: (away.append(route.request.url), route.abort()) if not route.request.url.startswith("data:")
                   else route.continue_())
        page.set_content(page_text + "\n".join(parts))
        counts = page.evaluate("""() => ({
            hits: window.hits, sections: document.querySelectorAll('body > section').length,
            scripts: document.querySelectorAll('body script, iframe, object, embed, link, form, input').length,
            handlers: [...document.querySelectorAll('body *')].flatMap((each) => [...each.attributes])
              .filter((one) => one.name.startsWith('on')).length,
            broken: [...document.images].filter((each) => !each.complete || !each.naturalWidth).length,
        })""")
        browser.close()
    assert counts == {"hits": 0, "sections": len(parts), "scripts": 0, "handlers": 0, "broken": 0} and away == []


def test_there_are_sixty_names():
    assert len(set(NAMES)) >= 60
