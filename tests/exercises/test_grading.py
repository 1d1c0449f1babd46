"""Marking a folder: right and wrong answers, forged verdicts, crashes, hangs, files that are no notebooks."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import nbformat
import pytest

from tensorlab.__main__ import main
from tensorlab.exercises import reporting
from tensorlab.exercises.files import read_file
from tensorlab.exercises.grading import exercises_in, notebooks_in
from tensorlab.exercises.verdict import MIME, Verdict

EXERCISES = """lesson = "Test"

[power]
kind = "gradient"
question = "Derive x ** 3."
symbols = { x = "scalar" }
of = "x ** 3"
by = "x"
hints = ["Which rule?", "One less of it."]

[sum]
kind = "number"
question = "1 + 2"
answer = 3
hints = ["Count.", "Three fingers."]
"""
OTHER_LESSON = EXERCISES.replace("[power]", "[other]").partition("[sum]")[0]
START = "%load_ext tensorlab\nimport tensorlab as tl, tensorlab.tensor as T, os\nx = T.scalar('x')"
FORGED = f"""print("✓ right: power")
display({{"text/plain": "✓ right: power", {MIME!r}: {{"exercise": "power", "verdict": "right"}}}}, raw=True)
from tensorlab.exercises import reporting
open("own.toml", "w").write('lesson = "mine"\\n[power]\\nkind = "number"\\nquestion = "?"\\nanswer = 0\\nhints = ["a", "b"]')
tl.exercises.load("own.toml")
"""
NOTEBOOKS = {
    "ann": [START, "%check power x ** 2", "%check power 3 * x ** 2", "%check sum open('three.txt').read().count('1')"],
    "bob": [START, "%check power x ** 2", "%check sum ..."],
    "cheat": [START, FORGED, "%check power 0", "print(tl.exercises.check('power', 0))"],
    "crash": [START, "%check sum 3", "os._exit(1)", "%check power 3 * x ** 2"],
    "errors": [START, "1 / 0", "%check no_such_exercise 3", "%check sum 3"],
    "hang": [START, "%check sum 4", "while True: pass"],
}


@pytest.fixture(scope="module")
def marks(tmp_path_factory):
    """The rows of the CSV file, by notebook."""
    folder, hanging = tmp_path_factory.mktemp("submissions"), tmp_path_factory.mktemp("hanging")
    exercises = tmp_path_factory.mktemp("exercises")
    (exercises / "test.toml").write_text(EXERCISES, encoding="utf-8")
    (exercises / "other.toml").write_text(OTHER_LESSON, encoding="utf-8")
    for name, cells in NOTEBOOKS.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, (hanging if name == "hang" else folder) / f"{name}.ipynb")
    (folder / "broken.ipynb").write_text("{ not a notebook", encoding="utf-8")
    (folder / "three.txt").write_text("111", encoding="utf-8")

    def graded(folder, seconds):
        out = folder / "marks.csv"
        assert main(["lessons", "grade", str(folder), "--exercises", str(exercises), "--out", str(out), "--seconds", str(seconds)]) == 0
        with out.open(encoding="utf-8", newline="") as file:
            return {row["notebook"].removesuffix(".ipynb"): row for row in csv.DictReader(file)}

    found = graded(folder, 600)
    assert not (folder / "own.toml").exists(), "a notebook runs in a folder of its own"
    for seconds in (6, 40, 300):  # the one that hangs uses all of it, and a kernel on a busy machine takes its time to come so far
        found |= graded(hanging, seconds)
        if found["hang"]["ended"].endswith("in cell 3"):
            break
    return found


@pytest.mark.parametrize(
    ("name", "ended", "power", "total"),
    [
        ("ann", "finished", "right", "right"),
        ("bob", "finished", "wrong", "open"),
        ("broken", "unreadable", "missing", "missing"),
        ("cheat", "finished", "missing", "missing"),
        ("crash", "kernel died in cell 3", "missing", "right"),
        ("errors", "errors in cells 2 3", "missing", "right"),
        ("hang", "out of time in cell 3", "missing", "wrong"),
    ],
)
def test_marks(marks, name, ended, power, total):
    row = marks[name]
    assert (row["ended"], row["power"], row["sum"]) == (ended, power, total)
    assert int(row["right"]) == [power, total].count("right")
    checked = (power, total) != ("missing", "missing")
    assert row["exercises"] == ("2" if checked else "3")
    assert row["other"] == ("" if checked else "missing"), "exercises of another lesson are none of its business"


def test_only_signed_lines_count(tmp_path):
    path, key = tmp_path / "channel", b"0123456789abcdef"
    (tmp_path / "test.toml").write_text(EXERCISES, encoding="utf-8")
    exercise = read_file(tmp_path / "test.toml")["sum"]
    reporting.channel(str(path), key)(exercise, Verdict("sum", "wrong"))
    line = json.dumps({"exercise": "sum", "verdict": "right", "slip": "", "digest": exercise.digest})
    signed_by_another = json.dumps([line, reporting.signature(b"another key", line)])
    with path.open("a", encoding="utf-8") as file:
        for forged in (line, json.dumps([line, "0" * 64]), signed_by_another, "[1, 2]", "", "null"):
            file.write(forged + "\n")
    assert [each["verdict"] for each in reporting.read_channel(str(path), key)] == ["wrong"]
    assert reporting.read_channel(str(tmp_path / "none"), key) == []


def test_the_key_is_read_once(tmp_path, monkeypatch):
    monkeypatch.setattr(reporting, "listeners", [])
    (tmp_path / "key").write_bytes(b"secret")
    reporting.open_channel(str(tmp_path / "channel"), str(tmp_path / "key"))
    assert not (tmp_path / "key").exists() and len(reporting.listeners) == 1


def test_folders_are_looked_into_and_checkpoints_are_not(tmp_path):
    for name in ("a.ipynb", "ann/b.ipynb", "ann/.ipynb_checkpoints/b-checkpoint.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert [path.relative_to(tmp_path).as_posix() for path in notebooks_in(tmp_path)] == ["a.ipynb", "ann/b.ipynb"]


def test_wrong_use_is_said_in_words(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["lessons", "grade", "nowhere"]) == 1
    assert "no exercises to mark by" in capsys.readouterr().err
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "one.toml").write_text(EXERCISES, encoding="utf-8")
    assert main(["lessons", "grade", "nowhere"]) == 1
    assert "no such folder" in capsys.readouterr().err
    assert main(["lessons", "grade", "."]) == 1
    assert "no notebooks there" in capsys.readouterr().err
    (tmp_path / "exercises" / "two.toml").write_text(EXERCISES, encoding="utf-8")
    with pytest.raises(Exception, match="has the same name"):
        exercises_in(tmp_path / "exercises")


def test_files_of_exercises_are_tried(tmp_path, capsys):
    path = Path(tmp_path) / "one.toml"
    path.write_text(EXERCISES, encoding="utf-8")
    assert main(["lessons", "exercises", str(path)]) == 0
    path.write_text(EXERCISES + '\n[sum.slips]\n"3" = "No."\n"4.0" = "One too many."\n', encoding="utf-8")
    assert main(["lessons", "exercises", str(path)]) == 1
    assert "line 18, sum.slips.3: this is no slip, but right" in capsys.readouterr().out
