"""Every formula of the lessons as MathML, beside what MathJax reads in the same LaTeX: an independent reader, run in Chromium."""

from __future__ import annotations

import copy
import importlib.util
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lesson_files import NOTEBOOKS, SOLUTIONS, notebook, source
from test_pages import chromium

from tensorlab.lessons.formulas import MATHJAX, Formulas
from tensorlab.lessons.pages import exporter_of
from tensorlab.view.mathml import markup, mathml

MISSING = [name for name in ("playwright", "mathjax") if importlib.util.find_spec(name) is None]
SIGNS = {**dict.fromkeys("\u2061\u2062\u2063\u2064"), "\u2212": "-", "\u2217": "*"}
BESIDE = ("math", "mrow", "mstyle", "mpadded", "semantics", "TeXAtom")
"""Elements that put their children side by side, and say no more."""


def formulas() -> dict[str, str]:
    """All formulas of lessons and solutions, in texts and among outputs, with the cell that each stands in first."""
    found: dict[str, str] = {}
    for path in [*NOTEBOOKS, *SOLUTIONS]:
        for cell in notebook(path)["cells"]:
            latex = ["".join(output.get("data", {}).get("text/latex", "")) for output in cell.get("outputs", ())]
            if cell["cell_type"] == "markdown":
                latex.append(re.sub(r"```.*?```|`[^`]*`", "", source(cell), flags=re.S))
            for block, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$]+?)\$", "\n\n".join(latex), re.S):
                found.setdefault((block or inline).strip().removeprefix(r"\displaystyle").strip(), cell["id"])
    return found


def said(element: ElementTree.Element) -> str:
    """A formula in one spelling: what stands beside, above, below and under roots, without spaces and without signs that nobody sees."""
    tag = element.tag.rpartition("}")[2]
    parts = [said(each) for each in element]
    if tag in ("mi", "mn", "mo", "mtext"):
        text = unicodedata.normalize("NFKC", "".join(element.itertext()))
        return re.sub(r"\s", "", "".join(SIGNS.get(letter, letter) or "" for letter in text))
    if tag == "mspace":
        return ""
    if tag in BESIDE:
        return "".join(parts)
    if tag in ("msup", "mover"):
        return parts[0] + (parts[1] if set(parts[1]) == {"′"} else f"^[{parts[1]}]")
    if tag in ("msub", "munder"):
        return f"{parts[0]}_[{parts[1]}]"
    if tag in ("msubsup", "munderover"):
        return f"{parts[0]}_[{parts[1]}]^[{parts[2]}]"
    return f"{tag}[{('' if tag in ('mtd', 'msqrt') else '|').join(parts)}]"


@pytest.mark.skipif(bool(MISSING) or chromium() is None, reason=f"needs {', '.join([*MISSING, 'Chromium'])}")
def test_formulas_are_what_mathjax_reads():
    import mathjax
    from playwright.sync_api import sync_playwright

    script = Path(mathjax.__file__).parent.joinpath(*MATHJAX[1:])
    found = formulas()
    assert len(found) > 100
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content("<p></p>")
        page.add_script_tag(path=str(script))
        page.wait_for_function("() => Boolean(window.MathJax && MathJax.tex2mml)")
        read = page.evaluate("(all) => all.map((latex) => MathJax.tex2mml(latex))", list(found))
        browser.close()
    for (latex, where), theirs in zip(found.items(), read):
        assert "merror" not in theirs, (where, latex)
        ours = markup(mathml(latex))
        assert "\\" not in ours, (where, latex)
        assert said(ElementTree.fromstring(ours)) == said(ElementTree.fromstring(theirs)), (where, latex)


def test_no_latex_is_left_to_be_read_on_a_page():
    """What the exporter makes of every text and every formula among the outputs, without code, holds no command and no dollar."""
    ways = Formulas()
    to_html = exporter_of("html", ways).environment.filters["markdown2html"]
    for path in [*NOTEBOOKS, *SOLUTIONS]:
        for cell in notebook(path)["cells"]:
            pages = [to_html(source(cell))] if cell["cell_type"] == "markdown" else []
            for output in copy.deepcopy(cell.get("outputs", [])):
                output["data"] = {kind: "".join(text) for kind, text in output.get("data", {}).items() if kind == "text/latex"}
                ways.in_output(output)
                pages.append(output["data"].get("text/html", ""))
            words = re.sub(r"<(code|pre)\b.*?</\1>|<[^>]*>", "", "".join(pages), flags=re.S)
            assert not re.search(r"\\[A-Za-z]+|\$", words), (cell["id"], words)
