"""Every slide of the course is taught somewhere: `lessons/slides.json` names the cells, and they are there."""

from __future__ import annotations

import json

import pytest
from lesson_files import LESSONS, NOTEBOOKS, build, notebook

SLIDES = json.loads((LESSONS / "slides.json").read_text(encoding="utf-8"))["slides"]
HEADINGS = 47  # headings of the first level in the slides


def test_all_slides_are_listed_once_and_in_order():
    assert [each["slide"] for each in SLIDES] == list(range(1, HEADINGS + 1))
    assert all(each["heading"] and each["about"] for each in SLIDES)


@pytest.mark.parametrize("slide", SLIDES, ids=lambda slide: str(slide["slide"]))
def test_a_slide_leads_to_cells_that_exist(slide):
    """A slide may wait for its lesson only as long as that lesson is not there."""
    written = {path.stem for path in NOTEBOOKS}
    if slide["lesson"] not in written:
        assert slide["cells"] == [], "cells are named, and the lesson is not there"
        return
    ids = {cell["id"] for name in written for cell in notebook(LESSONS / f"{name}.ipynb")["cells"]}
    assert slide["cells"], "the lesson is there, and no cell is named"
    assert set(slide["cells"]) <= ids
    assert slide["cells"][0].startswith(slide["lesson"].partition("_")[0] + "-")


def test_lessons_follow_the_order_of_the_slides_but_for_the_printing_of_symbols():
    """Slides 9 to 12 and 16, on matrices and on what a symbol prints, make a lesson of their own after the first."""
    numbers = [int(each["lesson"][:2]) for each in SLIDES if each["lesson"][:2] not in ("01", "02")]
    assert numbers == sorted(numbers)


def test_the_page_is_made_from_the_list():
    assert (LESSONS / "SLIDES.md").read_text(encoding="utf-8") == build.slides_page(), "run: python lessons/text/build.py"
