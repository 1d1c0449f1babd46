"""`%check` and `%hint` in a shell of this process."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import tensorlab as tl
from tensorlab.exercises import checking, finding
from tensorlab.exercises.verdict import MIME
from tensorlab.notebook.mistakes import MagicError


@pytest.fixture
def run(monkeypatch):
    """Run a cell: what it shows, and its error."""
    monkeypatch.setattr(finding, "loaded", [])
    monkeypatch.setattr(checking, "asked", {})
    monkeypatch.delenv("TENSORLAB_CHECK", raising=False)
    tl.exercises.load(tl.exercises.examples())
    shell = InteractiveShell.instance(colors="nocolor")
    shell.extension_manager.load_extension("tensorlab")

    def cell(code, fails=None):
        with capture_output() as seen:
            result = shell.run_cell(code, store_history=True)
        error = result.error_in_exec or result.error_before_exec
        assert error is None if fails is None else isinstance(error, fails), seen.stdout
        return [output.data for output in seen.outputs], seen.stdout

    cell("import tensorlab as tl, tensorlab.tensor as T, numpy as np\nx = T.scalar('x')")
    yield cell
    shell.extension_manager.unload_extension("tensorlab")
    shell.reset(new_session=False)
    InteractiveShell.clear_instance()


def shown(run, line):
    """The text and the mark of the only output of a cell."""
    (data,), _ = run(line)
    assert set(data) == {"text/html", "text/plain", MIME}
    assert data["text/plain"].count("\n") < 12
    return data[MIME]["verdict"], data["text/plain"]


@pytest.mark.parametrize(
    ("line", "mark", "says"),
    [
        ("%check power_rule 3 * x ** 2", "right", "✓ right: power_rule"),
        ("%check power_rule T.grad(x ** 3, x)  # a comment", "right", "✓"),
        ("%check power_rule x ** 2;", "wrong", "comes down in front"),
        ("%check power_rule ...", "open", "Derive y = x ** 3"),
        ("%check power_rule", "open", "Derive"),
        ("%check power_rule None", "open", "Derive"),
        ("power_rule = 3 * x * x\n%check power_rule", "right", "✓"),
        ("%check power_rule 3 * z ** 2", "wrong", "no variable z yet"),
        ("%check power_rule 3 x", "wrong", "no expression of Python"),
        ("%check power_rule T.dot(T.matrix('a'), T.tensor3('b')) + T.vector()[1, 2]", "wrong", "raises"),
        ("%check power_rule 1 / 0", "wrong", "raises ZeroDivisionError"),
        ("%check power_rule '{x}'", "wrong", "a text"),
        ("%check xor_gate [0, 1, 1, 0]", "right", "✓"),
        ("%check 'xor_gate' lambda a, b: a or b", "wrong", "This is OR"),
    ],
)
def test_check(run, line, mark, says):
    found, text = shown(run, line)
    assert found == mark and says in text
    assert text.endswith("power_rule") or text.endswith("xor_gate") or "%hint" in text


def test_a_verdict_is_shown_wherever_the_line_stands(run):
    outputs, _ = run("%check power_rule 3 * x * x\n%check power_rule x\nprint('on')")
    assert [each[MIME]["verdict"] for each in outputs] == ["right", "wrong"]


def test_symbols_of_a_function_are_seen(run):
    outputs, _ = run("def inside():\n    x = T.scalar('x')\n    %check power_rule 3 * x ** 2\ninside()")
    assert outputs[0][MIME]["verdict"] == "right"


def test_a_wrong_line_fails_the_cell(run):
    run("%check", MagicError)
    run("%hint", MagicError)
    run("%hint power_rule two", MagicError)
    _, text = run("%check power_rul 3", tl.exercises.UnknownExerciseError)
    assert "try:   power_rule" in text
    run("%hint power_rule 9", tl.TensorlabError)


def test_hints(run):
    texts = [run("%hint power_rule")[0][0]["text/plain"] for _ in range(3)]
    assert texts[0].startswith("hint 1 of 2") and texts[1] == texts[2] and "no more hints" in texts[1]
    assert run("%hint power_rule 1")[0][0]["text/plain"] == texts[0]


def test_strict(run, monkeypatch):
    monkeypatch.setenv("TENSORLAB_CHECK", "strict")
    assert shown(run, "%check power_rule 3 * x ** 2")[0] == "right"
    for line in ("%check power_rule x ** 2", "%check power_rule ...", "%check power_rule nothing", "%check power_rule 1 / 0"):
        outputs, text = run(line, tl.exercises.UnsolvedError)
        assert not outputs and "the exercise power_rule" in text


@pytest.mark.parametrize("letters", ["ab", "AB"])
@pytest.mark.parametrize("written", ["b", "B", '"B"', "'b'", "(b)", "B)", "b.", "B;", "  B"])
def test_a_letter_may_be_written_as_it_comes(run, tmp_path, letters, written):
    """Also where the reader has variables of such names: capitals are what matrices are called."""
    one, two = letters
    (tmp_path / "choice.toml").write_text(
        f'lesson = "x"\n[Pick]\nkind = "choice"\nquestion = "Which?"\nanswer = "{two}"\nhints = ["1", "2"]\n'
        f'[Pick.options]\n{one} = "A"\n{two} = "B"\n', encoding="utf-8",
    )  # fmt: skip
    tl.exercises.load(tmp_path)
    assert shown(run, f"%check Pick {written}")[0] == "right"
    run("A, B = T.matrix(), T.matrix()\nb = 3")
    assert shown(run, f"%check pick {written}")[0] == "right"
    assert shown(run, f"%check Pick {written.replace('b', 'a').replace('B', 'A')}")[0] == "wrong"
    assert tl.exercises.check("Pick", written.strip("\"';")).mark == "right"
    mark, text = shown(run, "%check Pick d")
    assert mark == "wrong" and f"one of the letters {one}, {two}" in text


def test_names_and_answers_in_capitals(run, tmp_path):
    (tmp_path / "capitals.toml").write_text(
        'lesson = "x"\n[GRAD_OF_SUM]\nkind = "gradient"\nquestion = "By A."\nhints = ["1", "2"]\n'
        'symbols = { A = "matrix(m, n)", B = "matrix(m, n)" }\nof = "T.sum(A * B)"\nby = "A"\n', encoding="utf-8",
    )  # fmt: skip
    tl.exercises.load(tmp_path)
    run("A, B = T.matrix(), T.matrix('B')")
    for line in ("%check GRAD_OF_SUM B", "%check grad_of_sum B", "%check GRAD_OF_SUM \t B"):
        assert shown(run, line)[0] == "right"
    assert shown(run, "%check GRAD_OF_SUM A")[0] == "wrong"
    assert run("%hint grad_of_sum")[0][0]["text/plain"].startswith("hint 1 of 2: GRAD_OF_SUM")


def test_names_are_completed(run):
    complete = InteractiveShell.instance().Completer
    for line, names in (("%check po", ["power_rule"]), ("%hint ", ["power_rule", "neuron", "xor_gate"]), ("%check zzz", [])):
        with provisionalcompleter():
            found = [each.text for each in complete.completions(line, len(line)) if each.text in ("power_rule", "neuron", "xor_gate")]
        assert found == names, line


def test_usage_on_request(run):
    assert "Judge an answer" in run("%check --help")[1]
    assert "Give a hint" in run("%hint --help")[1]
