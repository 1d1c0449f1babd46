"""Lessons as pages and as slides that need no network: `python -m tensorlab lessons export`.

Floor 6. nbconvert writes them, with templates from which everything is taken that its own would fetch: formulas are MathML, which browsers
draw by themselves (`view/mathml.py`), or are drawn by a MathJax that the page brings along (`formulas.py`); slides bring reveal.js along.
Each page is one file. What a page would still fetch, such as a picture on another site, is an error: in a classroom without a network it
would be a hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..graph.errors import MissingPackageError
from .check import notebooks_in
from .formulas import Formulas
from .making import read_stored
from .mistakes import LessonError

ENDINGS = {"html": ".html", "slides": ".slides.html"}
FETCHES = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc\s*=\s*[\"']((?:https?:)?//[^\"']+)"
    r"|<link\b[^>]*\bhref\s*=\s*[\"']((?:https?:)?//[^\"']+)"
    r"|@import\s+(?:url\()?[\"']?((?:https?:)?//[^\"');\s]+)"
    r"|\burl\(\s*[\"']?((?:https?:)?//[^\"')]+)"
    r"|\b(?:import|from)\s*\(?\s*[\"']((?:https?:)?//[^\"']+)",
    re.I,
)
"""What a browser fetches when it opens a page; a link that a reader may follow is not among it."""
REVEAL = ("sphinx_revealjs", "_static", "revealjs")
"""A package that brings reveal.js along, and where in it."""
THEME = "white"

PAGE = """{%- extends 'index.html.j2' -%}
{%- block html_head_js -%}{%- endblock html_head_js -%}
{%- block html_head_js_mathjax -%}{%- endblock html_head_js_mathjax -%}
{%- block html_head_js_mermaidjs -%}{%- endblock html_head_js_mermaidjs -%}
{%- block jupyter_widgets -%}{%- endblock jupyter_widgets -%}
"""
SLIDES = (
    PAGE
    + """{%- block footer_js -%}
<script>{{ resources.reveal_script }}</script>
<script>
const height = 700, smallest = 0.7;  // a slide that holds more is drawn smaller, down to where it can still be read; the rest scrolls
const fit = ({currentSlide}) => {
  currentSlide.style.zoom = 1;
  currentSlide.style.zoom = Math.max(smallest, Math.min(1, height / currentSlide.scrollHeight));
  Reveal.layout();
};
Reveal.on("ready", fit);
Reveal.on("slidechanged", fit);
Reveal.initialize({controls: true, progress: true, hash: true, slideNumber: "c/t", width: 1100, height, margin: 0.05});
</script>
{%- endblock footer_js -%}
"""
)
LOOKS = """
.jp-RenderedHTMLCommon a:link { text-decoration: underline; }
:root { --jp-mirror-editor-number-color: #006600; --jp-mirror-editor-operator-color: #8a1bd1; --jp-mirror-editor-comment-color: #34646a; }
.jp-OutputArea pre .ansi-red-fg { color: #b3261e; }
.jp-OutputArea pre .ansi-green-fg { color: #00692b; }
.jp-OutputArea pre .ansi-yellow-fg { color: #7a5c00; }
.jp-OutputArea pre .ansi-blue-fg { color: #0a58ca; }
.jp-OutputArea pre .ansi-magenta-fg { color: #8e2a83; }
.jp-OutputArea pre .ansi-cyan-fg { color: #00696b; }
"""
"""What nbconvert draws too pale for many eyes (WCAG 2 of the W3C asks for 4.5 to 1), darker; links that colour alone would not show."""
LOOKS_OF_SLIDES = """
.reveal .slides { text-align: left; }
.reveal :is(h1, h2, h3, h4) { text-transform: none; }
.reveal { font-size: 22px; }
:root { --jp-content-font-size1: 18px; --jp-ui-font-size1: 18px; --jp-code-font-size: 17px; }
.reveal .slides section img { max-height: 430px; width: auto; margin: 4px 0; }
.reveal .slides section { max-height: 100%; overflow-y: auto; }
.reveal pre { width: 100%; font-size: 17px; box-shadow: none; margin-left: 0; }
.jp-InputPrompt, .jp-OutputPrompt { display: none; }
@media (prefers-reduced-motion: reduce) { .reveal .slides section, .reveal .fragment { transition: none !important; } }
"""


def export_folder(folder: Path, form: str, out: Path, reveal: Path | None = None, math: str = "mathml") -> Iterator[Path]:
    """Write the notebooks of a folder as pages, and return where each of them is.

    Args:
        folder: a folder or a notebook.
        form: "html" or "slides".
        out: the folder to write to; folders below `folder` become folders below it.
        reveal: for slides, a folder of reveal.js; None for that of an installed package.
        math: "mathml" or "mathjax": what draws formulas.

    Raises:
        LessonError: there are no notebooks, one cannot be read, or its page would fetch something.
        MissingPackageError: nbconvert is not installed, or nothing that brings along reveal.js or MathJax where they are asked for.
    """
    formulas = Formulas(math)
    notebooks = notebooks_in(folder) if folder.exists() else []
    if not notebooks:
        raise LessonError(f"python -m tensorlab lessons export {folder}", "no notebooks there", "a folder with .ipynb files in it")
    root = folder if folder.is_dir() else folder.parent
    for path in notebooks:
        target = out / path.relative_to(root).parent / f"{path.stem}{ENDINGS[form]}"
        page = page_of(path, form, reveal, {each.resolve() for each in notebooks}, formulas)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
        yield target


def page_of(path: Path, form: str, reveal: Path | None, exported: set[Path], formulas: Formulas) -> str:
    """Return a notebook as a page.

    Args:
        path: the notebook.
        form: "html" or "slides".
        reveal: a folder of reveal.js, or None.
        exported: notebooks that become pages too: links to them lead to those pages.
        formulas: how they are written.

    Raises:
        LessonError, MissingPackageError: see `export_folder`.
    """
    notebook = read_stored(path)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = links_between_pages(cell.source, path.parent, exported, ENDINGS[form])
        for output in cell.get("outputs", ()):
            formulas.in_output(output)
    exporter = exporter_of(form, formulas)
    resources: dict[str, Any] = {"metadata": {"path": str(path.parent), "name": path.stem}}
    if form == "slides":
        place = folder_of_reveal(reveal)
        script = (place / "dist" / "reveal.js").read_text(encoding="utf-8")
        resources["reveal_script"] = without_maps(script).replace("</script", r"<\/script")
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    if form == "slides":
        page = with_styles(page, place)
    page = page.replace("</head>", f"<style>{LOOKS}</style>{formulas.scripts()}</head>", 1)
    found = fetched(page)
    if found:
        asked = f"{path.name} as a page that needs no network"
        raise LessonError(asked, f"it would fetch {found[0]}", "save it beside the lesson, and lead there with a path")
    return str(page)


def exporter_of(form: str, formulas: Formulas) -> Any:
    """Return nbconvert's exporter for a form.

    Raises:
        MissingPackageError: nbconvert is not installed.
    """
    try:
        from nbconvert import HTMLExporter, SlidesExporter
        from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
        from traitlets.config import Config
    except ImportError:
        raise MissingPackageError("lessons as pages", "nbconvert is not installed", 'pip install "tensorlab-jupyter[pages]"') from None

    class Renderer(IPythonRenderer):
        """Markdown with formulas as the page draws them."""

        def block_math(self, body: str) -> str:
            return formulas.markup(body, block=True)

        def inline_math(self, body: str) -> str:
            return formulas.markup(body)

    def to_html(source: str) -> str:
        return str(MarkdownWithMath(renderer=Renderer(escape=False, exclude_anchor_links=True)).render(source))

    kind = SlidesExporter if form == "slides" else HTMLExporter
    exporter = kind(config=Config({kind.__name__: {"embed_images": True, "exclude_input_prompt": True, "exclude_output_prompt": True}}))
    exporter.raw_template = SLIDES if form == "slides" else PAGE
    exporter.register_filter("markdown2html", to_html)
    return exporter


def links_between_pages(source: str, folder: Path, exported: set[Path], ending: str) -> str:
    """Return a text whose links to notebooks lead to their pages; a link to what has no page becomes its words."""

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        if (folder / target).resolve() in exported:
            return f"[{words}]({target.removesuffix('.ipynb')}{ending}{anchor})"
        return words

    return re.sub(r"(?<!!)\[([^\]\[]+)\]\(([^)#\s]+)(#[^)\s]*)?\)", link, source)


def folder_of_reveal(chosen: Path | None) -> Path:
    """Return a folder of reveal.js.

    Raises:
        LessonError: there is none in the folder that was chosen.
        MissingPackageError: none was chosen, and no package brings one along.
    """
    if chosen is None:
        package = find_spec(REVEAL[0])  # found, not imported: it would bring Sphinx along
        if package is None or not package.submodule_search_locations:
            advice = 'pip install "tensorlab-jupyter[pages]"   # or --reveal with a folder of your own'
            raise MissingPackageError("slides that need no network", "reveal.js is not installed", advice)
        chosen = Path(package.submodule_search_locations[0]).joinpath(*REVEAL[1:])
    if not (chosen / "dist" / "reveal.js").is_file():
        raise LessonError(f"slides with --reveal {chosen}", "it holds no dist/reveal.js", "the folder of reveal.js 4 or 5 itself")
    return chosen


def with_styles(page: str, reveal: Path) -> str:
    """Return a page of slides with the styles of reveal.js in it, in place of links to them."""
    styles = [without_maps((reveal / "dist" / name).read_text(encoding="utf-8")) for name in ("reveal.css", f"theme/{THEME}.css")]
    own_fonts = [re.sub(r"@import[^;]+;", "", style) for style in styles]  # those of the reader's machine will do
    inlined = "".join(f"<style>{style}</style>" for style in own_fonts)
    page = re.sub(r"<link\b[^>]*reveal\.js[^>]*>", "", page)
    return page.replace("</head>", f"{inlined}<style>{LOOKS_OF_SLIDES}</style></head>", 1)


def without_maps(text: str) -> str:
    """Return a script or a style without the line that says where its source is."""
    return re.sub(r"(?://|/\*)# sourceMappingURL=\S+(?: ?\*/)?", "", text)


def fetched(page: str) -> list[str]:
    """Return what a browser fetches from elsewhere when it opens a page.

    >>> fetched('<a href="https://example.org">there</a> <img src="//cdn.org/a.png">')
    ['//cdn.org/a.png']
    """
    return [next(filter(None, found)) for found in FETCHES.findall(re.sub(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+", "", page))]
