"""A name is any string, and shows as its letters everywhere: in HTML, SVG, DOT, LaTeX and plain text nothing of it is ever markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.view.drawing import clean
from tensorlab.view.formula import display_latex
from tensorlab.view.paper import AS_THE_PAGE

NAMES = {
    "image": "<img src=x onerror=alert(1)>",
    "script": '"><script>alert(1)</script>',
    "apostrophe": "' onload='alert(1)",
    "dollars": "$x$ $$y$$",
    "href": r"\href{javascript:alert(1)}{click}",
    "braces": "}}{{",
    "backslash": "\\\\ \\N \\G",
    "cdata": "]]>",
    "entity": "&lt;b&gt;",
    "html label": "<<b>bold</b>>",
    "right to left": "\u202egpj.exe\u2066",
    "nul": "a\x00b\x07\x1b[31m",
    "lines": "a\nb\r\nc\u2028d",
    "environment": r"\end{aligned}$</td>",
    "style": "</style><style>*{display:none}",
    "percent": "100% # & _ ^ ~ `",
    "empty": " ",
    "long": "W" * 5000,
}


class Tags(HTMLParser):
    """Collects tags and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.fixture(params=NAMES.values(), ids=NAMES)
def named(request):
    """An expression in which everything that can have the name has it."""
    x = T.vector(request.param)
    y = tl.shared(np.ones(2), request.param) * x
    y.name = request.param
    return y * 2, request.param


def test_in_a_page(named):
    node, _ = named
    page = tl.view.show(node).html
    ((tag, attributes),) = Tags(page.removeprefix(AS_THE_PAGE)).found
    assert tag == "img" and set(attributes) == {"class", "alt", "src"} and page.startswith(AS_THE_PAGE)
    assert attributes["src"].startswith("data:image/svg+xml;base64,")


def test_in_a_picture(named):
    node, name = named
    shown = tl.view.show(node)
    root = ElementTree.fromstring(shown.svg)
    usual = {element.tag for element in ElementTree.fromstring(tl.view.show(T.scalar("x") * tl.shared(1.0, "w") + 2).svg).iter()}
    assert {element.tag for element in root.iter()} <= usual | {"{http://www.w3.org/2000/svg}desc"}
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on") or "href" in key]
    if 1 < len(clean(name).strip()) < 24:
        assert clean(name).strip() in [text.strip() for text in root.itertext()], "the letters are all there"


def test_in_graphviz(named):
    node, _ = named
    source = tl.view.show(node).dot
    assert not re.search(r"label=<", source), "no HTML labels"
    unquoted = re.sub(r'"(?:[^"\\]|\\.)*"', '""', source)
    assert not set("<{}") & set(unquoted.replace("digraph {", "").rstrip()[:-1]) and "script" not in unquoted and "img" not in unquoted


def test_in_a_formula(named):
    node, _ = named
    text = display_latex(node)
    assert text.startswith(r"$\displaystyle ") and text.endswith("$")
    inner = text[1:-1]
    assert not re.search(r"(?<!\\)\$", inner), "the formula ends where it ends"
    assert not Tags(text).found and not re.search(r"&\w+;", inner), "a page that takes it for HTML finds nothing in it"
    allowed = {"displaystyle", "begin", "end", "qquad", "small", "text", "odot", "mathit", "left", "right", "backslash", "lbrace", "rbrace",
               "wedge", "sim", "backprime", "langle", "rangle"}  # fmt: skip
    assert set(re.findall(r"\\([A-Za-z]+)", inner)) <= allowed
    assert inner.count("{") - inner.count(r"\{") == inner.count("}") - inner.count(r"\}")


def test_in_plain_text(named):
    node, _ = named
    for text in (tl.view.show(node).text, tl.pp(node), tl.debugprint(node, file="str")):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)


def test_in_a_notebook(notebook):
    notebook.shell.user_ns["names"] = list(NAMES.values())
    notebook.run("made = [T.scalar(name) ** 2 for name in names]")
    for node in notebook.shell.user_ns["made"]:
        assert not Tags(notebook.latex(node)).found
    notebook.run("%%graph made\npass")
    ran = notebook.run("for each in made:\n    g = T.grad(each, each.inputs[0])\n    each + T.vector(each.inputs[0].name)[0.5]", fails=True)
    assert "Error" in ran.text
