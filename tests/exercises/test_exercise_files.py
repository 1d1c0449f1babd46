"""Files of exercises: where they are found, and what is said about mistakes in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import tensorlab as tl
from tensorlab.__main__ import main
from tensorlab.exercises import finding
from tensorlab.exercises.checking import JUDGES
from tensorlab.exercises.declarations import KINDS
from tensorlab.exercises.files import read_file
from tensorlab.exercises.symbols import declared, drawn, lengths_of, random_source
from tensorlab.exercises.trial import complaints

LESSONS = Path(tl.__file__).parent.parent / "lessons"
GOOD = """lesson = "01 Test"

# a comment
[power]
kind = "gradient"
question = "Derive x ** 3."
symbols = { x = "scalar" }
of = "x ** 3"
by = "x"
hints = ["Which rule?", "One less of it."]

[power.slips]
"x ** 2" = "The 3 is missing."
"""


def written(folder, text, name="01_test.toml"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A folder without exercises in which everything happens."""
    monkeypatch.setattr(finding, "loaded", [])
    monkeypatch.delenv(finding.VARIABLE, raising=False)
    place = tmp_path / "lessons"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


# -- mistakes in a file


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('lesson = "01 Test"', "", 1, "no lesson"),
        ('kind = "gradient"', 'kind = "gradiant"', 5, "'gradiant' is no kind"),
        ('kind = "gradient"\n', "", 4, "no kind"),
        ('question = "Derive x ** 3."\n', "", 4, "no question"),
        ('question = "Derive x ** 3."', 'question = ""', 6, "instead of a text"),
        ("[power]", "[po-wer]", 4, "letters, digits and underscores"),
        ('symbols = { x = "scalar" }', 'symbols = { x = "skalar" }', 7, "no kind of symbol"),
        ('symbols = { x = "scalar" }', 'symbols = { x = "vector(m, n)" }', 7, "a vector has 1 lengths to name"),
        ('symbols = { x = "scalar" }', 'symbols = { x = "scalar from 2 to 1" }', 7, "the range is empty"),
        ('symbols = { x = "scalar" }', 'symbols = { x = 3 }', 7, "instead of a table of texts"),
        ('symbols = { x = "scalar" }', 'symbols = { "x y" = "scalar" }', 7, "no name of a variable"),
        ('of = "x ** 3"', 'of = "x ** "', 8, "not an expression of Python"),
        ('of = "x ** 3"\n', "", 4, "no of"),
        ('of = "x ** 3"', 'off = "x ** 3"', 8, "has no off"),
        ('of = "x ** 3"', 'answer = "x ** 3"', 8, "has no answer"),
        ('by = "x"', 'by = "y"', 9, "'y' is none of the symbols"),
        ('by = "x"', "by = []", 9, "nothing to derive by"),
        ('hints = ["Which rule?", "One less of it."]', 'hints = ["Which rule?"]', 10, "two texts"),
        ('"x ** 2" = "The 3 is missing."', '"x ** 2" = 3', 12, "table of texts"),
        ('"x ** 2" = "The 3 is missing."', '"x ** " = "No."', 13, "not an expression of Python"),
        ("by =", "by", 9, "line 9"),
        ("[power.slips]", "[power]", 12, "power"),
        ('lesson = "01 Test"', 'lesson = "01 Test"\nother = 3', 2, "outside of any exercise"),
    ],
)
def test_a_mistake_is_said_with_its_line(tmp_path, old, new, line, says):
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(tl.exercises.ExerciseFileError) as error:
        read_file(path)
    said = str(error.value)
    assert f"line {line}" in said and says in said, said
    assert "01_test.toml" in said and "try:" in said
    assert len(said.splitlines()) <= 8


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('of = "x ** 3"', 'of = "y ** 3"', 8, "fails with NameError"),
        ('of = "x ** 3"', 'of = "T.stack([x, x])"', 8, "power.of"),
        ('symbols = { x = "scalar" }', 'symbols = { x = "vector(n)" }', 8, "power.of"),
        ('"x ** 2" = "The 3 is missing."', '"q ** 2" = "The 3 is missing."', 13, "fails with NameError"),
    ],
)
def test_a_mistake_that_shows_when_it_runs(tmp_path, old, new, line, says):
    path = written(tmp_path, GOOD.replace(old, new))
    (said,) = complaints(read_file(path)["power"])
    assert f"line {line}," in said and says in said, said


def test_a_file_that_is_not_utf_8(tmp_path):
    path = tmp_path / "01.toml"
    path.write_bytes(b'lesson = "\xff"')
    with pytest.raises(tl.exercises.ExerciseFileError, match="not UTF-8"):
        read_file(path)


def test_the_first_hint_must_not_contain_the_answer(tmp_path):
    text = GOOD.replace('kind = "gradient"', 'kind = "expression"').replace('of = "x ** 3"\nby = "x"', 'answer = "3 * x ** 2"')
    assert read_file(written(tmp_path, text))["power"].answer == "3 * x ** 2"
    with pytest.raises(tl.exercises.ExerciseFileError, match="first hint contains the answer"):
        read_file(written(tmp_path, text.replace("Which rule?", "It is 3*x**2.")))


def test_a_changed_file_is_read_again(tmp_path):
    path = written(tmp_path, GOOD)
    assert read_file(path)["power"].of == "x ** 3"
    path.write_text(GOOD.replace('of = "x ** 3"', 'of = "x ** 14"'), encoding="utf-8")
    assert read_file(path)["power"].of == "x ** 14"


def test_the_digest_changes_with_what_decides_and_with_nothing_else(tmp_path):
    digest = read_file(written(tmp_path, GOOD))["power"].digest
    for old, new in (("x ** 3\"", "x ** 4\""), ("scalar", "vector"), ("The 3 is", "A 3 is")):
        assert read_file(written(tmp_path, GOOD.replace(old, new), f"{hash(new)}.toml"))["power"].digest != digest
    other = GOOD.replace("Which rule?", "Think.").replace("Derive x ** 3.", "Derive the cube.").replace("01 Test", "Other")
    assert read_file(written(tmp_path, other, "other.toml"))["power"].digest == digest


# -- where files are


def test_files_beside_the_notebook(nowhere):
    with pytest.raises(tl.exercises.UnknownExerciseError, match="no file of exercises"):
        finding.find("power")
    written(nowhere.parent / "exercises", GOOD.replace("x ** 3\"", "x ** 7\""))
    assert finding.find("power").of == "x ** 7"
    written(nowhere / "exercises", GOOD.replace("x ** 3\"", "x ** 8\""))
    assert finding.find("power").of == "x ** 8"
    written(nowhere, GOOD.replace("x ** 3\"", "x ** 9\""))
    written(nowhere, "[project]\nname = 3", "pyproject.toml")
    assert finding.find("power").of == "x ** 9"


def test_the_environment_comes_before_the_folder_and_load_before_both(nowhere, tmp_path, monkeypatch):
    written(nowhere, GOOD)
    named = written(tmp_path / "named", GOOD.replace("x ** 3\"", "x ** 5\""))
    monkeypatch.setenv(finding.VARIABLE, os.pathsep.join([str(named), str(tmp_path / "nothing")]))
    assert finding.find("power").of == "x ** 5"
    given = written(tmp_path / "given", GOOD.replace("x ** 3\"", "x ** 6\""))
    assert tl.exercises.load(given.parent) == ["power"]
    assert finding.find("power").of == "x ** 6"


def test_unknown_names_say_the_nearest_one(nowhere):
    written(nowhere, GOOD)
    with pytest.raises(tl.exercises.UnknownExerciseError, match="try:   power"):
        finding.find("powr")


def test_a_name_in_two_files_of_one_folder(nowhere):
    written(nowhere / "exercises", GOOD)
    written(nowhere / "exercises", GOOD, "02_other.toml")
    with pytest.raises(tl.exercises.UnknownExerciseError, match=r"01_test.toml, line 4, power and .*02_other.toml, line 4"):
        finding.find("power")


def test_load_says_what_is_not_there(nowhere):
    with pytest.raises(tl.exercises.ExerciseFileError, match="no such file"):
        tl.exercises.load("none.toml")
    (nowhere / "empty").mkdir()
    with pytest.raises(tl.exercises.ExerciseFileError, match="no exercises there"):
        tl.exercises.load("empty")
    assert finding.loaded == []


OTHER = GOOD.replace("[power", "[other_power")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('kind = "gradient"', "kind = gradient", 5),  # no TOML from here on
        ("[power]", "[power", 4),
        ('"x ** 2" = "The 3 is missing."', '"x ** 2" = "The 3 is missing.', 13),
        ('lesson = "01 Test"', "", 1),
        ('kind = "gradient"', 'kind = "gradiant"', 5),  # a mistake in one exercise alone
    ],
)
def test_a_broken_file_refuses_its_own_exercises_alone(nowhere, old, new, line):
    """The others of the folder can be asked for; those of the file are refused with its name and line."""
    assert old in GOOD
    written(nowhere / "exercises", GOOD.replace(old, new))
    written(nowhere / "exercises", OTHER, "02_other.toml")
    assert finding.find("other_power").of == "x ** 3"
    assert finding.known_names() == ["other_power"]
    for _ in range(2):  # what is kept of a file says the same again
        with pytest.raises(tl.TensorlabError, match=rf"exercises/01_test\.toml, line {line}\b") as error:
            finding.find("power")
        assert len(str(error.value).splitlines()) <= 8


def test_a_mistake_in_one_exercise_leaves_the_others_of_its_file(nowhere):
    written(nowhere / "exercises", GOOD + OTHER.partition("\n")[2].replace('"scalar"', '"skalar"'))
    assert finding.find("power").of == "x ** 3"
    with pytest.raises(tl.exercises.ExerciseFileError, match=r"01_test.toml, line 19, other_power.symbols"):
        finding.find("other_power")


def test_a_name_that_no_file_declares_is_unknown_and_a_file_that_cannot_be_read_is_named(nowhere):
    written(nowhere / "exercises", GOOD)
    written(nowhere / "exercises", "lesson =\n", "02_other.toml")
    with pytest.raises(tl.exercises.UnknownExerciseError, match=r"02_other.toml, line 1 cannot be read: Invalid value") as error:
        finding.find("powr")
    assert error.value.advice == "power"


def test_a_file_that_cannot_be_opened_is_one_with_a_mistake(nowhere):
    written(nowhere / "exercises", GOOD)
    (nowhere / "exercises" / "02_folder.toml").mkdir()
    assert finding.find("power").of == "x ** 3"
    with pytest.raises(tl.exercises.ExerciseFileError, match=r"02_folder.toml\n  found: it cannot be opened"):
        read_file(nowhere / "exercises" / "02_folder.toml")


def test_capitals_in_a_name_matter_only_where_they_tell_two_apart(nowhere):
    written(nowhere, GOOD)
    assert finding.find("Power").name == finding.find("POWER").name == "power"
    written(nowhere, GOOD.replace("[power", "[POWER"), "02_other.toml")
    assert finding.find("POWER").name == "POWER" and finding.find("power").name == "power"
    with pytest.raises(tl.exercises.UnknownExerciseError):
        finding.find("Power")


def test_the_command_says_all_mistakes(tmp_path, capsys):
    written(tmp_path, GOOD.replace('"scalar"', '"skalar"') + OTHER.partition("\n")[2].replace('kind = "gradient"', "kind = 3"))
    written(tmp_path, "lesson =", "02_other.toml")
    assert main(["lessons", "exercises", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    for line in ("01_test.toml, line 7, power.symbols", "01_test.toml, line 17, other_power.kind", "02_other.toml, line 1"):
        assert line in said


# -- symbols


def test_equal_letters_are_equal_lengths_and_different_ones_differ():
    kinds = {name: declared(text) for name, text in {"A": "matrix(m, k)", "B": "matrix(k, n)", "v": "vector(5)", "r": "row(n)"}.items()}
    values = drawn(kinds, random_source("test"))
    (m, k), (again, n) = values["A"].shape, values["B"].shape
    assert k == again and len({m, k, n, 5}) == 4 and 1 not in (m, k, n)
    assert values["v"].shape == (5,) and values["r"].shape == (1, n)
    assert lengths_of([declared("matrix")]) == {"·": 3}


def test_points_depend_on_the_name_alone():
    kinds = {"x": declared("vector from 0.5 to 1")}
    one, again, other = (drawn(kinds, random_source(name))["x"] for name in ("a", "a", "b"))
    assert (one == again).all() and (one != other).all()
    assert (one >= 0.5).all() and (one <= 1).all()
    assert set(drawn({"n": declared("ivector from 0 to 1")}, random_source("a"))["n"].tolist()) <= {0, 1}


# -- the files of the lessons

FILES = sorted((LESSONS / "exercises").glob("*.toml"))


@pytest.mark.skipif(not FILES, reason="an installed package has no lessons beside it")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_exercises_of_the_lessons(path):
    exercises = read_file(path)
    assert len(exercises) >= 3
    for exercise in exercises.values():
        assert list(complaints(exercise)) == []
        assert (LESSONS / "text" / f"{path.stem}.md").exists(), "a file of exercises is named like its lesson"


def test_names_are_said_without_the_lesson_so_none_is_used_twice():
    names = [name for path in FILES for name in read_file(path)]
    assert len(names) == len(set(names))


def test_there_is_a_judge_for_every_kind():
    assert JUDGES.keys() == KINDS.keys()
