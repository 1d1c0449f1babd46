"""Light and dark paper: the two palettes of pictures, and what a picture brings along so that its paper is that of the page around it.

Floor 4, before `svg`. A notebook shows a stored picture as an image, which cannot read the colours of the page. What it can ask is
`prefers-color-scheme`, and browsers answer with the `color-scheme` of the element that shows it (CSS Media Queries 5: a document that is
embedded is told the scheme of what embeds it; seen so in Chromium 150). JupyterLab 4.6 and Notebook 7.6 give their page the scheme of their
theme. Pages that nbconvert makes only name it in an attribute, `data-jp-theme-light`; a rule of one line passes that on. Where neither is
done the system's own preference decides; the sheet that a picture stands on keeps it legible either way.
"""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

from .drawing import BLUE, GREEN, GREY, INK, ORANGE, PAPER, VERMILION
from .escape import html_text

DARK_PAGE, LIGHT_PAGE = '[data-jp-theme-light="false"]', '[data-jp-theme-light="true"]'


class Palette(NamedTuple):
    """The colours of a picture: of lines, and darker or lighter relatives of them for small print, which keep a contrast of 4.5."""

    ink: str
    paper: str
    sheet: str
    """Under code."""
    grey: str
    blue: str
    blue_text: str
    green: str
    green_text: str
    vermilion: str
    vermilion_text: str
    orange: str
    tint: str
    """For a share of everything: ink on three quarters of it keeps its contrast."""


LIGHT = Palette(
    ink=INK, paper=PAPER, sheet="#F5F5F5", grey=GREY, blue=BLUE, blue_text="#00629A", green=GREEN, green_text="#006F51",
    vermilion=VERMILION, vermilion_text="#A84A00", orange=ORANGE, tint=ORANGE,
)  # fmt: skip
DARK = Palette(
    ink="#E6E6E6", paper="#111111", sheet="#212121", grey="#AAAAAA", blue="#56B4E9", blue_text="#7CC6F0", green="#2FC99B",
    green_text="#4BD8AE", vermilion="#FF8B3D", vermilion_text="#FFA265", orange="#F0B429", tint="#9A6A00",
)  # fmt: skip
"""On the paper of JupyterLab's dark theme; the widgets have the same colours (`widgets/static/look.css`)."""


def image(svg: str, alt: str) -> str:
    """Return a picture as an image for a page: it needs no other file, says in words what it shows, and is dark on a dark page.

    Args:
        svg: the picture; one that is to be dark on a dark page has rules for `@media (prefers-color-scheme: dark)`.
        alt: what it shows.

    >>> image("<svg/>", "a dot").endswith('<img class="tl-image" alt="a dot" src="data:image/svg+xml;base64,PHN2Zy8+">')
    True
    """
    source = b64encode(svg.encode()).decode()
    return f'{AS_THE_PAGE}<img class="tl-image" alt="{html_text(alt)}" src="data:image/svg+xml;base64,{source}">'


AS_THE_PAGE = (
    f"<style>@media screen {{ {DARK_PAGE} .tl-image {{ color-scheme: dark }} {LIGHT_PAGE} .tl-image {{ color-scheme: light }} }}</style>"
)
"""Tells the images of a page which scheme it has; on paper pictures are light."""
