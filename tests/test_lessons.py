"""What nbval would let pass: lessons that are stored unexecuted, with swallowed errors, or with text out of step."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

LESSONS = Path(__file__).parent.parent / "lessons"
NOTEBOOKS = sorted(LESSONS.glob("*.ipynb"))
LONGEST_LINES = 12  # a code cell that needs more holds two ideas


def cells(path: Path, kind: str) -> list[dict]:
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def text_cells(path: Path) -> list[str]:
    """The code cells of the text that a notebook is made from."""
    text = (LESSONS / "text" / f"{path.stem}.md").read_text(encoding="utf-8")
    return [found.strip() for found in re.findall(r"^```python[^\n]*\n(.*?)^```$", text, re.M | re.S)]


def test_there_are_lessons():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "03", "04"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestLesson:
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
                if output["output_type"] == "error":
                    assert "raises-exception" in cell["metadata"].get("tags", []), source(cell)

    def test_a_cell_that_should_break_does(self, path):
        broken = [cell for cell in cells(path, "code") if "raises-exception" in cell["metadata"].get("tags", [])]
        assert broken, "every lesson breaks something on purpose"
        for cell in broken:
            assert [output["output_type"] for output in cell["outputs"]] == ["error"]

    def test_the_notebook_is_made_from_its_text(self, path):
        assert [source(cell).strip() for cell in cells(path, "code")] == text_cells(path)

    def test_outputs_name_no_machine(self, path):
        for cell in cells(path, "code"):
            stored = json.dumps(cell["outputs"])
            assert not re.search(r"/(home|root|Users|tmp|work)/", stored), source(cell)
            assert not re.search(r"0x[0-9a-f]{6,}", stored), source(cell)

    def test_cells_are_short_and_say_what_a_lesson_says(self, path):
        text = "\n".join(source(cell) for cell in cells(path, "markdown"))
        assert all(source(cell).count("\n") < LONGEST_LINES for cell in cells(path, "code"))
        for wanted in (
            "After this lesson you can",
            "Time:",
            "You need:",
            "*Predict:*",
            "## Exercises",
            "## What you can do now",
            "**Next:**",
        ):
            assert wanted in text, wanted
        assert len(re.findall(r"^# ", text, re.M)) == 1

    def test_a_picture_was_drawn(self, path):
        bundles = [
            output["data"] for cell in cells(path, "code") if "%%graph" in source(cell) for output in cell["outputs"] if "data" in output
        ]
        assert bundles
        for bundle in bundles:
            assert {"text/html", "image/svg+xml", "text/plain"} <= set(bundle)
            assert re.search(r'alt="[^"]{20,}"', "".join(bundle["text/html"]))

    def test_every_plot_says_in_words_what_it_shows(self, path):
        for cell in cells(path, "code"):
            for output in cell["outputs"]:
                if "image/png" in output.get("data", {}):
                    assert len(output["metadata"]["image/png"]["alt"]) > 20, source(cell)
