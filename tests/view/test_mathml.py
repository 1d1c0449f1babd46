"""Formulas as MathML: what the cards say in LaTeX, as elements that a browser draws, and no text of the reader's ever as markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.ops.families import cards, instances
from tensorlab.view.latex import formula, wording
from tensorlab.view.mathml import markup, mathml, tree_of

TAGS = {"math", "mi", "mn", "mo", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover",
        "munderover", "mtable", "mtr", "mtd"}
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}


def check(tree):
    """Every element has a known tag, as many children as it needs, and text only where text belongs."""
    tag, content, *rest = tree
    assert tag in TAGS and len(rest) <= 1
    assert all(isinstance(value, str) for value in (rest[0] if rest else {}).values())
    if isinstance(content, str):
        assert tag in ("mi", "mn", "mo", "mtext", "mspace") and (content or tag == "mspace")
        return
    assert len(content) == CHILDREN.get(tag, len(content))
    for each in content:
        check(each)


def text_in(tree):
    return tree[1] if isinstance(tree[1], str) else "".join(map(text_in, tree[1]))


def test_the_usual_forms():
    assert mathml("w x + b") == ["mrow", [["mi", "w"], ["mi", "x"], ["mo", "+"], ["mi", "b"]]]
    assert mathml(r"\hat{y}_{2}^{-1}") == ["msubsup", [["mover", [["mi", "y"], ["mo", "^"]], {"accent": "true"}], ["mn", "2"],
                                                     ["mrow", [["mo", "−"], ["mn", "1"]]]]]
    assert mathml(r"\sqrt[3]{x}") == ["mroot", [["mi", "x"], ["mn", "3"]]]
    assert mathml(r"\sum_{i} x")[1][0] == ["munder", [["mo", "∑"], ["mi", "i"]]]
    assert mathml(r"1.5 \cdot 10^{-7}")[1][0] == ["mn", "1.5"]
    assert text_in(mathml(r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{else} \end{cases}")) == "{xif\u00a0x>00else"
    assert mathml("") == ["mrow", []]


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.__name__)
def test_every_card_reads_whole(card):
    """No card writes a command that would be shown by its name, and no letter is lost."""
    for op, inputs in list(instances(card))[:2]:
        symbols = [tl.shared(np.asarray(value), name=f"x{position}") for position, value in enumerate(inputs)]
        node = op(*symbols)
        latex = formula(node, wording([node])).text
        tree = mathml(latex)
        check(tree)
        ElementTree.fromstring(markup(tree))
        said = text_in(tree)
        commands = set(re.findall(r"\\([A-Za-z]+)", re.sub(r"\\(?:text|operatorname|mathit)\{[^{}]*\}", "", latex)))
        shown = commands & {part[1] for part in leaves(tree) if part[0] == "mtext"}
        assert not shown, f"{latex} has commands that are not known: {shown}"
        for digits in re.findall(r"\d+", latex):
            assert digits in said


def leaves(tree):
    if isinstance(tree[1], str):
        return [tree]
    return [leaf for each in tree[1] for leaf in leaves(each)]


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "</math><script>", "a_b_c", "{", "}", "\\frac", "$x$", "x^2", "&lt;",
                                  "]]>", "ŷ", "θ2", "\u202eabc", "é", "名", "x" * 200, "", " "])
def test_any_name_is_text(name):
    x = T.scalar(name)
    tree = tree_of(T.exp(x) * 2 + x ** 2, wording([T.exp(x)]))
    check(tree)
    parsed = ElementTree.fromstring(markup(tree))
    assert {element.tag.split("}")[1] for element in parsed.iter()} <= TAGS


def test_what_stops_in_the_middle_still_gives_a_tree():
    whole = r"\frac{\left(a_{1} + b\right)^{2}}{\sqrt[3]{c}} \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"
    for end in range(len(whole)):
        check(mathml(whole[:end]))
