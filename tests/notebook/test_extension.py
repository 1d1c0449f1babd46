"""Loading and unloading, formatters, `%%graph` and `%grad`, in a shell of this process."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError

import tensorlab as tl
import tensorlab.tensor as T
from tensorlab.graph.node import Node
from tensorlab.notebook.mistakes import MagicError
from tensorlab.notebook.tracebacks import MOST_LINES

GREEK_D = r"\frac{\partial y}{\partial x} = "


def state(shell):
    """All that loading changes."""
    from tensorlab.graph import place
    from tensorlab.graph.errors import TensorlabError

    return (
        {kind: set(table) for kind, table in shell.magics_manager.magics.items()},
        dict(shell.display_formatter.formatters["text/latex"].type_printers),
        dict(shell.display_formatter.formatters["text/plain"].type_printers),
        list(shell.input_transformers_cleanup),
        dict(vars(shell.SyntaxTB)),
        list(shell.Completer.custom_matchers),
        "_render_traceback_" in vars(TensorlabError),
        "GraphMagics" in shell.magics_manager.registry,
        dict(place.cells),
    )


def test_loading_twice_and_unloading_leave_nothing_behind(bare):
    before = state(bare.shell)
    tl.load_ipython_extension(bare.shell)
    once = state(bare.shell)
    assert once != before
    tl.load_ipython_extension(bare.shell)
    assert state(bare.shell) == once
    tl.unload_ipython_extension(bare.shell)
    assert state(bare.shell) == before
    tl.unload_ipython_extension(bare.shell)
    assert state(bare.shell) == before


def test_unloading_gives_back_what_others_had_registered(bare):
    def mine(line, cell=None):
        return "mine"

    bare.shell.register_magic_function(mine, "line_cell", "graph")
    bare.shell.display_formatter.formatters["text/latex"].for_type(list, lambda values: "$mine$")
    tl.load_ipython_extension(bare.shell)
    assert bare.latex([1, 2]) == "$mine$", "lists of other things are none of our business"
    tl.unload_ipython_extension(bare.shell)
    assert bare.run("%%graph\n1").result == "mine"
    assert bare.latex([1, 2]) == "$mine$"


def test_an_expression_shows_as_mathematics_and_prints_as_before(notebook):
    notebook.run("x = T.scalar('x')\ny = x ** 2")
    x, y = notebook.run("(x, y)").result
    assert notebook.latex(y) == r"$\displaystyle y = x^{2} \qquad {\small \text{float64 scalar}}$"
    assert notebook.data(y)["text/plain"] == repr(y)
    assert r"\begin{aligned}" in notebook.latex([x, y])
    assert notebook.latex([1, y]) == notebook.latex([]) == notebook.latex((1, 2)) == ""
    assert notebook.run("print(x, T.scalar())").text == "x <TensorType(float64, scalar)>\n"


def test_an_expression_shows_the_variable_it_was_bound_to_last(notebook):
    """T.sum of a scalar is the scalar itself, so the name cost comes from the notebook, not from the node."""
    notebook.run("x = T.scalar('x')\ncost = T.sum((x - 1) ** 2)")
    assert r"\mathit{cost} = " in notebook.latex(notebook.run("cost").result)


# -- %%graph


def test_graph_draws_the_last_expression(notebook):
    ran = notebook.run("%%graph\nx, w = T.scalars('x', 'w')\ny = w * x\nprint('hello')\ny + 1")
    assert ran.text.startswith("hello\n")
    assert "y = w × x" in ran.result.text
    assert ran.result.text.splitlines()[-1].endswith("output)")
    assert set(notebook.data(ran.result)) == {"text/html", "image/svg+xml", "text/plain"}
    assert isinstance(notebook.shell.user_ns["y"], Node), "the cell ran in the notebook's own variables"


def test_graph_draws_what_the_last_line_assigns(notebook):
    assert "z = #1 + 1" in notebook.run("%%graph\nx = T.scalar('x')\nz = 2 * x + 1").result.text
    text = notebook.run("%%graph\nC = (x - 1) ** 2\ng, h = T.grad(C, x), T.exp(x)").result.text
    assert "h = exp(x)" in text and "g = " in text


def test_graph_draws_the_named_ones(notebook):
    ran = notebook.run("%%graph y \"y + 1\" f\nx = T.scalar('x')\ny = T.exp(x)\nf = [T.log(x)]\n3")
    assert {"exp", "log", "+"} <= {shape.label for shape in ran.result.drawing.shapes}
    ran = notebook.run("%%graph f\nf = tl.function([x], y)\n")
    assert "y = exp(x)" in ran.result.text


def test_graph_uses_the_names_of_the_notebook_and_survives_rebinding(notebook):
    notebook.run("x, w, b = T.vector(), T.vector(), T.scalar()\nz = T.dot(w, x) + b\ny = 1 / (1 + T.exp(-z))\nw, b = [-1, 1], 0\nx = 3.0")
    text = notebook.run("%%graph y\npass").result.text
    assert "z = #1 + b" in text and "dot(w, x)" in text


def test_an_error_in_a_graph_cell_is_its_own(notebook):
    ran = notebook.run("%%graph\nx = T.scalar('x')\n\n1 / 0", fails=True)
    assert type(ran.error) is ZeroDivisionError
    assert ran.text.count("ZeroDivisionError") == 2, "head and foot of one traceback: it is printed once"
    assert f"Cell In[{ran.cell}], line 4" in ran.text
    assert type(notebook.run("%%graph\nx = = 3", fails=True).error) is SyntaxError
    assert type(notebook.run("%%graph\nundefined_name", fails=True).error) is NameError


@pytest.mark.parametrize("body", ["x = = 3", "import asyncio\nawait asyncio.sleep(0)", "x = 1\n  y = 2", "return 3"])
def test_a_syntax_error_in_a_graph_cell_shows_the_cells_line_and_no_frames(notebook, body):
    ran = notebook.run(f"%%graph\n{body}", fails=True)
    assert isinstance(ran.error, SyntaxError)
    assert f"Cell In[{ran.cell}], line {len(body.splitlines()) + 1}" in ran.text and body.splitlines()[-1].strip() in ran.text
    for inner in ("run_body", "cell.py", "magics.py", "Traceback", "site-packages"):
        assert inner not in ran.text
    assert "Cell In" in notebook.run("x = = 3", fails=True).text, "other cells are as before"


def test_a_graph_line_without_a_cell_below_it_draws_what_there_is(notebook):
    """IPython prints a UsageError for an empty body, and the cell passes."""
    notebook.run("x = T.scalar('x')\ny = T.exp(x)")
    assert "y = exp(x)" in notebook.run("%%graph y").result.text
    assert "y = exp(x)" in notebook.run("\n%%graph y\n\n").result.text
    assert "nothing named" in str(notebook.run("%%graph", fails=True).error)
    assert "run_line_magic" in notebook.shell.transform_cell("%%graph y\n")
    assert "run_cell_magic" in notebook.shell.transform_cell("%%graph y\nz\n")
    assert "pinfo" in notebook.shell.transform_cell("%%graph?\n"), "a question is no call"


def test_names_of_the_notebook_win_over_local_ones_in_pictures_and_formulas(notebook):
    notebook.run("def layer(inp, W):\n    z = T.dot(W, inp)\n    a = T.tanh(z)\n    return a")
    notebook.run("x, W1, W2 = T.vector(), T.matrix(), T.matrix()\nh = layer(x, W1)\nout = layer(h, W2)")
    text = notebook.run("%%graph\nout").result.text
    assert "out = tanh(" in text and "h = tanh(" in text and "a#" not in text
    assert r"\mathit{out}" in notebook.latex(notebook.run("out").result)


def test_a_graph_cell_with_nothing_to_draw_says_what_there_is(notebook):
    notebook.run("x = T.scalar('x')\ny = x + 1")
    nothing = "the last line has no value"
    for cell, found in [("print(1)", nothing), ("a = 3", "the last line gives an int"), ("pass", nothing)]:
        ran = notebook.run(f"%%graph\n{cell}", fails=True)
        assert isinstance(ran.error, UsageError) and type(ran.error) is not UsageError
        assert found in str(ran.error) and "one of x, y" in str(ran.error)
    assert "there is no variable 'q'" in str(notebook.run("%%graph q\nx", fails=True).error)
    told = str(notebook.run("%%graph x + y\nx", fails=True).error)
    assert '%%graph "x + y"' in told and "%grad" not in told
    assert "np gives a module" in str(notebook.run("%%graph np\nx", fails=True).error)


def test_magics_inside_a_graph_cell(notebook):
    ran = notebook.run("%%graph\nx = T.scalar('x')\ny = x ** 2\ng = %grad y x\n!true\ng")
    assert isinstance(notebook.shell.user_ns["g"], Node)
    assert ran.result.drawing.shapes


def test_graph_on_one_line_draws_what_there_is(notebook):
    notebook.run("x = T.scalar('x')\ny = T.exp(x)")
    assert "y = exp(x)" in notebook.run("%graph y").result.text
    assert "y = exp(x)" in notebook.run("def f(inner):\n    shown = %graph inner\n    return shown\nf(y)").result.text
    assert "nothing named" in str(notebook.run("%graph", fails=True).error)


# -- %grad


def test_grad_returns_the_derivative(notebook):
    notebook.run("x = T.scalar('x')\ny = x ** 2")
    ran = notebook.run("g = %grad y x")
    assert notebook.run("tl.function([x], g)(3.0)").result == 6.0
    assert len(ran.displayed) == 1
    assert GREEK_D in ran.displayed[0]["text/latex"]
    assert ran.displayed[0]["text/plain"].startswith("dy/dx = ")
    assert GREEK_D in notebook.latex(notebook.run("g").result), "it is still the derivative when it is shown again"


def test_grad_is_shown_once(notebook):
    notebook.run("x = T.scalar('x')\ny = x ** 2")
    ran = notebook.run("%grad y x")
    assert ran.displayed == [] and GREEK_D in notebook.latex(ran.result)
    assert ran.text.count("\n") == 1, "the Out line alone"
    ran = notebook.run("%grad y x\n3")
    assert len(ran.displayed) == 1, "in the middle of a cell nobody else shows it"
    ran = notebook.run("def slope():\n    v = T.scalar('v')\n    c = v ** 2\n    d = %grad c v\n    return d\nk = slope()")
    assert len(ran.displayed) == 1


def test_grad_reads_well(notebook):
    """The slides write 2x, not the tree of the power rule."""
    notebook.run("x = T.scalar('x')\ny = x ** 2")
    assert notebook.latex(notebook.run("%grad y x").result).startswith(rf"$\displaystyle {GREEK_D}2x \qquad")


def test_a_derivative_has_a_text_of_its_own(notebook):
    """`mul.0` told nobody anything."""
    notebook.run("x, w = T.scalars('x', 'w')\ny = x ** 2\nc = w * x")
    assert notebook.data(notebook.run("%grad y x").result)["text/plain"] == "dy/dx = 2 * x"
    both = notebook.run("%grad c w x").result
    assert notebook.data(both)["text/plain"] == "[dc/dw = x, dc/dx = w]"
    assert notebook.run("g = %grad y x").displayed[0]["text/plain"] == "dy/dx = 2 * x"
    assert notebook.data(notebook.run("%grad 'x ** 2 + x' x").result)["text/plain"] == "d((x ** 2) + x)/dx = 1 + (2 * x)"
    y = notebook.shell.user_ns["y"]
    assert notebook.data(y)["text/plain"] == repr(y) and notebook.data([y])["text/plain"] == f"[{y!r}]"


def test_a_comparison_in_a_derivative_is_no_equation(notebook):
    notebook.run("z, v = T.scalar('z'), T.vector('v')\na = T.maximum(z, 0)\nm = T.max(v)")
    assert r"\frac{\partial a}{\partial z} & = \left[a = z\right] &&" in notebook.latex(notebook.run("%grad a z").result)
    assert r"\frac{\partial m}{\partial v} & = \left[m = v\right] &&" in notebook.latex(notebook.run("%grad m v").result)
    assert r"b & = \left(a = z\right) &&" in notebook.latex(notebook.run("b = T.eq(a, z)\nb").result)


def test_help_on_the_line_itself(notebook):
    for line in ("%grad --help", "%grad -h", "%graph --help", "%%graph --help", "%%graph -h\n1 / 0"):
        ran = notebook.run(line)
        assert "Usage" in ran.text and ran.result is None


def test_a_comment_after_the_line(notebook):
    notebook.run("x = T.scalar('x')\ny = x ** 2")
    assert notebook.data(notebook.run("%grad x**3 x;  # a comment; and more").result)["text/plain"].startswith("d(x ** 3)/dx = 3 *")
    assert "y = " in notebook.run("%graph y  # a comment").result.text


def test_grad_by_several_variables_and_of_expressions(notebook):
    notebook.run("x1, x2 = T.scalar(), T.scalar()\ny = x1 * x2\nparameters = [x1, x2]")
    ran = notebook.run("%grad y x1 x2")
    notebook.run("both = %grad y x1 x2")
    f = notebook.run("tl.function([x1, x2], both)").result
    assert f(2.0, 5.0) == [5.0, 2.0]
    text = notebook.latex(ran.result)
    assert r"\frac{\partial y}{\partial x_{1}}" in text and r"\frac{\partial y}{\partial x_{2}}" in text
    assert len(notebook.run("%grad y parameters").result) == len(notebook.run("%grad y [x1, x2]").result) == 2
    ran = notebook.run('g = %grad "x1 + 3*x1" x1')
    assert r"\frac{\partial}{\partial x_{1}} \left(x_{1} + 3x_{1}\right)" in ran.displayed[0]["text/latex"]
    assert notebook.run("tl.function([], g)()").result == 4.0


def test_a_derivative_that_is_a_symbol_leaves_the_symbol_alone(notebook):
    notebook.run("x, w = T.scalars('x', 'w')\ny = w * x")
    derivative = notebook.run("%grad y w").result
    assert r"\frac{\partial y}{\partial w} = " in notebook.latex(derivative)
    assert notebook.latex(notebook.shell.user_ns["x"]) == r"$\displaystyle x \qquad {\small \text{float64 scalar}}$"
    assert derivative.eval({"x": 5.0}) == 5.0


def test_a_word_rebound_to_a_value_still_means_the_symbol(notebook):
    notebook.run("x = T.scalar()\ny = x ** 2\nx = 3.0")
    assert GREEK_D in notebook.latex(notebook.run("%grad y x").result)


def test_local_variables_and_braces_are_not_expanded(notebook):
    ran = notebook.run("def f(x):\n    y = {'a': x ** 2}\n    d = %grad y['a'] x\n    return d\nf(T.scalar('x'))")
    assert isinstance(ran.result, Node)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "no expression to differentiate"),
        ("y", "%grad y x"),
        ("y q", "there is no variable 'q'"),
        ("y xx", "try:   x"),
        ("n x", "n is an int, not a symbolic expression"),
        ("y n", "n is an int, not a symbol"),
        ("y + 1 x", "'+' is no expression"),
        ("y + 1 x", '%grad "y + 1" x'),
        ("{x}**3 x", "{x}**3 fails with TypeError"),
        ("x.foo x", "AttributeError"),
        ("y x.foo", "AttributeError"),
        ("y 1/0", "ZeroDivisionError"),
        ("y, x", "try:   %grad y x"),
        ("y,x", "try:   %grad y x"),
    ],
)
def test_a_wrong_line_is_a_clear_error_that_fails_the_cell(notebook, line, told):
    notebook.run("x = T.scalar('x')\ny = x ** 2\nn = 3")
    ran = notebook.run(f"%grad {line}", fails=True)
    assert isinstance(ran.error, MagicError) and told in str(ran.error)
    assert ran.text.startswith("MagicError: %grad") and len(ran.text.strip().splitlines()) <= MOST_LINES


def test_errors_of_the_gradient_itself_go_up(notebook):
    notebook.run("v = T.vector('v')\nx, q = T.scalar('x'), T.scalar('q')")
    assert type(notebook.run("%grad 'v * 2' v", fails=True).error).__name__ == "CostError"
    assert type(notebook.run("%grad 'x * 2' q", fails=True).error).__name__ == "DisconnectedInputError"


def test_an_earlier_symbol_of_the_same_name_is_told_apart(notebook):
    first = notebook.run("x = T.scalar('x')\ny = x ** 2").cell
    second = notebook.run("x = T.scalar('x')").cell
    told = str(notebook.run("%grad y x", fails=True).error)
    assert f"an earlier x, made at cell {first}, line 1" in told and f"another one, made at cell {second}, line 1" in told


# -- errors


def test_an_error_is_shown_in_few_lines_with_the_readers_own(notebook):
    notebook.run("a = T.matrix()\nb = T.tensor3()")
    ran = notebook.run("c = a\nd = T.concatenate([a, b])", fails=True)
    lines = ran.text.strip().splitlines()
    assert len(lines) <= MOST_LINES
    assert lines[0].startswith(type(ran.error).__name__ + ": ")
    assert any(line.startswith("  found: ") for line in lines) and any(line.startswith("  try:   ") for line in lines)
    assert any(line.startswith(f"  in cell {ran.cell}, line 2: d = ") for line in lines)
    assert "Traceback" in notebook.run("%tb").text


def test_the_whole_traceback_when_asked_for(notebook):
    ran = notebook.run("tl.config.exception_verbosity = 'high'\nT.scalar('x')[0]", fails=True)
    assert "Traceback (most recent call last)" in ran.text


def test_other_errors_are_shown_as_ever(notebook):
    assert "Traceback (most recent call last)" in notebook.run("{}['a']", fails=True).text


def test_control_characters_do_not_reach_the_screen(notebook):
    ran = notebook.run(r"float(T.scalar('\x1b[2J\x00 x'))", fails=True)
    assert not set("\x1b\x00") & set(ran.text.split("in cell")[0])


# -- completion


def matches(notebook, line):
    with provisionalcompleter():
        return [each.text for each in notebook.shell.Completer.completions(line, len(line)) if each.type == "symbol"]


def test_completion_offers_symbols(notebook):
    notebook.run("x, w, unused = T.scalars('x', 'w', 'unused')\ncost = w * x\nn = 3")
    assert set(matches(notebook, "%grad ")) == {"x", "w", "unused", "cost"}
    assert matches(notebook, "%grad c") == ["cost"]
    assert matches(notebook, "g = %grad cost ") == ["w", "x"]
    assert matches(notebook, "%grad cost w ") == ["x"]
    assert set(matches(notebook, "%%graph ")) == {"x", "w", "unused", "cost"}
    assert matches(notebook, "n = ") == []


def test_help(notebook):
    for magic in ("%grad", "%%graph"):
        kind = "line" if magic == "%grad" else "cell"
        text = notebook.shell.inspector.info(notebook.shell.find_magic(magic.strip("%"), kind)).get("docstring")
        assert text and magic in text and "Usage" in text


def test_the_twins_work_without_a_notebook():
    x = T.scalar("x")
    assert "exp(x)" in repr(tl.view.show(T.exp(x)))
