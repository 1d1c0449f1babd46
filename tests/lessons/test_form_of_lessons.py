"""What every lesson has, and what nbval would let pass: cells stored unexecuted, swallowed errors, text out of step with its notebook."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import jupytext
import pytest
from lesson_files import LESSONS, NOTEBOOKS, SOLUTIONS, build, cells, notebook, prose, source, tags

from tensorlab.lessons.slides import places_on_slides

LONGEST_CELL = 12  # lines; a code cell that needs more holds two ideas
WIDEST_LINE = 105  # characters of code; more run out of the page on a small screen
MOST_IGNORED = 0.1  # of the code cells of a lesson
FIRST_SCREEN = 1400  # characters of text before the first code: what fits on a screen
PARTS = ("**After this lesson you can**", "**Time:**", "**You need:**", "## Quiz", "## Exercises", "## What you can do now", "**Next:**")


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def headings(path: Path) -> list[tuple[int, str]]:
    without_code = re.sub(r"^```.*?^```", "", prose(path), flags=re.M | re.S)
    return [(len(found[1]), found[2]) for found in re.finditer(r"^(#+) (.+)$", without_code, re.M)]


def test_every_text_has_its_notebook_and_every_lesson_its_solutions():
    texts = [build.target(path) for path in build.sources([])]
    assert sorted(texts) == sorted([*NOTEBOOKS, *SOLUTIONS])
    assert {path.stem for path in SOLUTIONS} == {path.stem for path in NOTEBOOKS}


@each([*NOTEBOOKS, *SOLUTIONS])
class TestEveryNotebook:
    def test_it_is_made_from_its_text(self, path):
        """Names of cells, their words and their metadata are those that the text gives; only outputs are added."""
        made = build.read(path.parent / "text" / f"{path.stem}.md")
        stored = notebook(path)["cells"]
        assert [cell["id"] for cell in stored] == [cell["id"] for cell in made.cells]
        for old, new in zip(stored, made.cells):
            assert source(old) == new.source, old["id"]
            assert old["metadata"] == dict(new.metadata), old["id"]

    def test_every_code_cell_was_executed_in_order(self, path):
        """nbval compares nothing in a cell without an execution count."""
        counts = [cell["execution_count"] for cell in cells(path, "code")]
        assert counts == list(range(1, len(counts) + 1))

    def test_no_output_hides_a_failure(self, path):
        """A failing magic only prints to stderr; nbval in its lax mode would pass it."""
        for cell in cells(path, "code"):
            for output in cell["outputs"]:
                assert output.get("name") != "stderr", source(cell)
                assert "UsageError" not in json.dumps(output), source(cell)
                assert (output["output_type"] == "error") <= ("raises-exception" in tags(cell)), source(cell)

    def test_outputs_name_no_machine(self, path):
        for cell in cells(path, "code"):
            stored = json.dumps(cell["outputs"])
            assert not re.search(r"/(home|root|Users|tmp|work)/", stored), source(cell)
            assert not re.search(r"0x[0-9a-f]{6,}", stored), source(cell)

    def test_cells_are_short(self, path):
        for cell in cells(path, "code"):
            lines = source(cell).split("\n")
            assert len(lines) <= LONGEST_CELL and max(map(len, lines)) <= WIDEST_LINE, source(cell)

    def test_few_outputs_are_not_compared_and_each_says_why(self, path):
        ignored = [cell for cell in cells(path, "code") if {"nbval-ignore-output", "nbval-skip"} & set(tags(cell))]
        assert len(ignored) <= MOST_IGNORED * len(cells(path, "code"))
        assert all(len(cell["metadata"].get("reason", "")) > 10 for cell in ignored)

    def test_pictures_say_in_words_what_they_show(self, path):
        for cell in cells(path, "code"):
            for output in cell["outputs"]:
                data = output.get("data", {})
                for image in re.findall(r"<img[^>]*>", "".join(data.get("text/html", ""))):
                    assert re.search(r'alt="[^"]{20,}"', image), source(cell)
                if "image/png" in data:
                    assert len(output["metadata"]["image/png"]["alt"]) > 20, source(cell)

    def test_links_lead_somewhere(self, path):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose(path)):
            if not re.match(r"https?://", target):
                assert (path.parent / target).resolve().exists(), target

    def test_there_is_one_title_and_headings_skip_no_level(self, path):
        levels = [level for level, _ in headings(path)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_it_can_be_shown_as_slides(self, path):
        kinds = [cell["metadata"]["slideshow"]["slide_type"] for cell in notebook(path)["cells"]]
        assert kinds[0] == "slide" and set(kinds) <= {"slide", "subslide", "fragment", "skip", "notes", "-"}
        opened = [cell["id"] for cell, kind in zip(notebook(path)["cells"], kinds) if kind == "slide"]
        assert len(opened) >= len([level for level, _ in headings(path) if level <= 2])


@each(NOTEBOOKS)
class TestLesson:
    def test_the_parts_are_there_and_in_order(self, path):
        text = prose(path)
        places = [text.find(part) for part in PARTS]
        assert -1 not in places, [part for part, place in zip(PARTS, places) if place < 0]
        assert places == sorted(places)
        assert re.search(r"\*\*Time:\*\* \d+ minutes", text)

    def test_the_recap_has_three_lines_and_the_end_one_link(self, path):
        recap, end = prose(path).split("## What you can do now", 1)[1].split("**Next:**", 1)
        assert len(re.findall(r"^- ", recap, re.M)) == 3
        assert len(re.findall(r"\]\(", end)) == 1

    def test_it_leads_to_the_following_lesson(self, path):
        following = [*NOTEBOOKS, None][NOTEBOOKS.index(path) + 1]
        if following is not None:
            assert f"({following.name})" in prose(path).split("**Next:**", 1)[1]

    def test_code_comes_on_the_first_screen_and_a_picture_on_the_second(self, path):
        kinds = [cell["cell_type"] for cell in notebook(path)["cells"]]
        first = kinds.index("code")
        assert sum(len(source(cell)) for cell in notebook(path)["cells"][:first]) < FIRST_SCREEN
        pictured = [any("text/html" in output.get("data", {}) for output in cell["outputs"]) for cell in cells(path, "code")]
        assert pictured.index(True) <= 3

    def test_it_asks_before_it_tells(self, path):
        assert prose(path).count("*Predict:*") >= 3

    def test_something_breaks_on_purpose(self, path):
        broken = [cell for cell in cells(path, "code") if "raises-exception" in tags(cell)]
        assert broken
        assert all([output["output_type"] for output in cell["outputs"]][-1:] == ["error"] for cell in broken)

    def test_there_is_something_to_try_and_a_quiz_with_folded_answers(self, path):
        text = prose(path)
        assert "*Try it:*" in text
        quiz = text.split("## Quiz", 1)[1].split("## Exercises", 1)[0]
        assert quiz.count("<details>") == quiz.count("</details>") >= 2

    def test_at_least_three_exercises_are_open_and_answer(self, path):
        """The student's notebook asks; what is right stands in the folder of solutions."""
        asked = [cell for cell in cells(path, "code") if re.search(r"^%check ", source(cell), re.M)]
        assert len(asked) >= 3
        hints = [cell for cell in cells(path, "code") if re.search(r"^%hint ", source(cell), re.M)]
        assert hints or any("%hint" in source(cell) for cell in cells(path, "markdown"))
        assert any("..." in source(cell) for cell in asked)

    def test_solutions_answer_every_exercise(self, path):
        def checked(where: Path) -> set[str]:
            return {name for cell in cells(where, "code") for name in re.findall(r"^%check (\S+)", source(cell), re.M)}

        answered = checked(LESSONS / "solutions" / path.name)
        assert checked(path) == answered
        assert any("TENSORLAB_CHECK" in source(cell) for cell in cells(LESSONS / "solutions" / path.name, "code"))


def test_cells_keep_their_names_when_one_is_put_between(tmp_path):
    """Names that count would shift behind the new cell, and links to them would go wrong."""
    (tmp_path / "text").mkdir()
    text = tmp_path / "text" / "01_some.md"
    head = "---\nkernelspec:\n  display_name: Python 3\n  name: python3\n---\n\n# One\n\n"
    first, second = "```{code-cell}\n:name: first\n\nx = 1\n```\n\n", "```{code-cell}\nx = 2\n```\n\n"
    text.write_text(head + first + second + second)
    before = [cell.id for cell in build.read(text).cells]
    text.write_text(head + first + "Some words\n\n```{code-cell}\nx = 3\n```\n\n" + second + second)
    after = [cell.id for cell in build.read(text).cells]
    assert len(after) == len(before) + 2 and [name for name in after if name in before] == before
    assert before[1] == "01-first" and len(set(after)) == len(after)


def test_the_command_in_the_first_lesson_is_that_of_the_readme():
    readme = (LESSONS.parent / "README.md").read_text(encoding="utf-8")
    command = re.search(r"<!-- lessons: one command -->\n```sh\n(.*?)\n```", readme, re.S)[1]
    assert f"```sh\n{command}\n```" in prose(LESSONS / "00_start_here.ipynb")


@each(NOTEBOOKS[:3])
def test_slides_are_made_of_a_lesson(path):
    """nbconvert reads the places that the cells carry; what a heading opens is a slide of its own."""
    from nbconvert import SlidesExporter

    page, _ = SlidesExporter().from_filename(str(path))
    assert page.count("<section>") >= sum(level <= 2 for level, _ in headings(path))
    assert page.count('class="fragment"') > 5


@each([*NOTEBOOKS, *SOLUTIONS])
def test_a_notebook_saved_by_jupytext_gives_the_same_text(path):
    """An author who edits in JupyterLab changes those lines of the text that were edited, and no others."""
    text = jupytext.read(path.parent / "text" / f"{path.stem}.md", fmt="md:myst")
    assert body(jupytext.read(path)) == body(text)


def body(saved) -> str:
    """Return the text that jupytext writes: without its head, which holds versions, and the places on slides, which it leaves out."""
    for cell in saved.cells:
        cell.metadata.pop("slideshow", None)
        cell.metadata = dict(sorted(cell.metadata.items()))
    written = jupytext.writes(saved, fmt="md:myst").replace("{code-cell} ipython3", "{code-cell}")
    return written.split("\n---\n", 1)[1].strip()


def test_slides_hold_a_question_and_what_fits_below_it():
    """An answer is a step of its question's slide; a picture needs the room of two cells of code."""
    made = jupytext.reads(
        "# One\n\nWords.\n\n```{code-cell}\na = 1\n```\n\nSeen.\n\n```{code-cell}\nb = 2\n```\n\n"
        "*Predict:* and now?\n\n```{code-cell}\n%%graph\na\n```\n\nSeen.\n\n```{code-cell}\nc = 3\n```\n\n+++\n\n## Two\n\n+++\n\nMore.\n",
        fmt="md:myst",
    )
    assert list(places_on_slides(made.cells)) == [
        "slide", "fragment", "fragment", "fragment",  # the title with its words, two cells of code with what was seen between
        "subslide", "fragment", "fragment",  # a question, its picture, what was seen
        "subslide", "slide", "subslide",
    ]  # fmt: skip
