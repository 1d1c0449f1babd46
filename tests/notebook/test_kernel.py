"""The main flows through a real kernel: what a front end receives, and how cells fail."""

from __future__ import annotations


def test_a_graph_cell_gives_one_bundle(kernel):
    reply = kernel.run("%%graph\nx, w, b = T.scalars('x', 'w', 'b')\nz = w * x + b\nz")
    assert reply.status == "ok" and len(reply.outputs) == 1
    assert set(reply.result) == {"text/html", "image/svg+xml", "text/plain"}
    assert 'alt="The inputs w, x and b flow' in reply.result["text/html"]
    assert "z = #1 + b" in reply.result["text/plain"] and "0x" not in reply.result["text/plain"]


def test_an_expression_is_typeset(kernel):
    kernel.run("x = T.scalar('x')\ny = x ** 2")
    assert kernel.run("y").result["text/latex"] == r"$\displaystyle y = x^{2} \qquad {\small \text{float64 scalar}}$"


def test_grad_is_displayed_once_whether_kept_or_not(kernel):
    kernel.run("x = T.scalar('x')\ny = x ** 2")
    kept, shown = kernel.run("g = %grad y x"), kernel.run("%grad y x")
    assert [kind for kind, _ in kept.outputs] == ["display_data"]
    assert [kind for kind, _ in shown.outputs] == ["execute_result"]
    assert kept.of("display_data")[0]["data"]["text/latex"] == shown.result["text/latex"]
    assert kernel.run("tl.function([x], g)(3.0)").result["text/plain"] == "array(6.)"


def test_a_failing_magic_fails_the_cell(kernel):
    """IPython's own usage errors would be printed and the cell would count as successful."""
    for code in ("%grad", "%grad y nothing_of_this_name", "%%graph nothing_of_this_name\n1", "%%graph\nprint()"):
        reply = kernel.run(code)
        assert reply.status == "error" and reply.error["ename"] == "MagicError", code


def test_cell_and_line_of_an_error(kernel):
    reply = kernel.run("%%graph\n\na = T.matrix()\nb = T.matrix() + a\nfloat(b)")
    assert reply.error["ename"] == "SymbolNumberError" and reply.error["evalue"].startswith("float(b)")
    assert f"  in cell {reply.cell}, line 5: float(b)" in "\n".join(reply.error["traceback"])
    assert len("\n".join(reply.error["traceback"]).splitlines()) <= 8


def test_a_run_time_error_tells_where_operands_were_made(kernel):
    first = kernel.run("u = T.vector()\nv = T.vector()").cell
    second = kernel.run("s = u + v\nadd_up = tl.function([u, v], s)").cell
    reply = kernel.run("u = [1, 2]\nadd_up(u, [1, 2, 3])")
    assert reply.error["ename"] == "ShapeError"
    for told in (f"cell {first}, line 1", f"cell {first}, line 2", f"cell {second}, line 1", "u", "v"):
        assert told in reply.error["evalue"]


def test_a_namesake_is_told_from_the_symbol_that_was_used(kernel):
    """The kernel names cells by their text: the same text run twice must still count as two cells."""
    first = kernel.run("t = T.scalar('t')").cell
    kernel.run("square = t ** 2")
    second = kernel.run("t = T.scalar('t')").cell
    reply = kernel.run("tl.function([t], square)")
    assert reply.error["ename"] == "MissingInputError"
    assert "square was built from an earlier t" in reply.error["evalue"]
    assert f"cell {first}, line 1" in reply.error["evalue"] and f"cell {second}, line 1" in reply.error["evalue"]
    assert first != second


def test_names_survive_rebinding_in_the_same_cell(kernel):
    kernel.run("x = T.vector()\nw = T.vector()\nb = T.scalar()\nz = T.dot(w, x) + b\nw = [-1, 1]\nb = 0\nfor i in range(2):\n    x = [0.1]")
    assert kernel.run("%%graph z\npass").result["text/plain"].splitlines()[-1].startswith("z = #1 + b")
    assert r"z = w \cdot x + b" in kernel.run("z").result["text/latex"]


def test_completion_and_help(kernel):
    kernel.run("only, other = T.scalars('only', 'other')\npart = only + 1")
    assert kernel.complete("g = %grad part ") == ["only"]
    assert "part" in kernel.complete("%%graph p")
    assert "%grad cost w b" in kernel.help("%grad")
    assert "%%graph z cost" in kernel.help("%%graph")


def test_unloading_and_loading_again(kernel):
    kernel.run("x = T.scalar('x')")
    assert kernel.run("%unload_ext tensorlab").status == "ok"
    assert set(kernel.run("x").result) == {"text/plain"}
    assert kernel.run("%load_ext tensorlab").status == "ok"
    assert kernel.run("%reload_ext tensorlab").status == "ok"
    assert set(kernel.run("x").result) == {"text/plain", "text/latex"}
