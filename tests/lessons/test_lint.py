"""The rules of `python -m tensorlab lessons check`: each finds what it is for, and nothing in a lesson that is well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lesson_files import LESSONS, NOTEBOOKS, SOLUTIONS

from tensorlab.__main__ import main
from tensorlab.lessons.check import RULES, check_folder, check_notebook
from tensorlab.lessons.mistakes import LessonError
from tensorlab.lessons.repeat import TIMING

PIXEL = "iVBORw0KGgo="


def text(source, **metadata):
    return {"cell_type": "markdown", "source": source, "metadata": metadata}


def code(source, *outputs, count=1, **metadata):
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": list(outputs), "execution_count": count}


def stream(said, name="stdout"):
    return {"output_type": "stream", "name": name, "text": [said]}


def shown(metadata=None, **data):
    kinds = {"plain": "text/plain", "html": "text/html", "png": "image/png", "svg": "image/svg+xml"}
    return {"output_type": "display_data", "data": {kinds[key]: value for key, value in data.items()}, "metadata": metadata or {}}


def error(name="ValueError", value="no"):
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": []}


TITLE = text("# A lesson")
IGNORED = {"tags": ["nbval-ignore-output"], "reason": "takes another time on every machine"}
FILLED = [code("x = 1", count=number) for number in range(1, 11)]


def write(folder: Path, *cells, name="01_one.ipynb", title=TITLE, **metadata) -> Path:
    """Write a notebook of some cells below a title; each gets an id."""
    whole = [*([title] if title else []), *cells]
    numbered = [{"id": f"c{number}", **cell} for number, cell in enumerate(whole)]
    path = folder / name
    path.write_text(json.dumps({"cells": numbered, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def rules_broken(path: Path) -> list[str]:
    return [finding.rule for finding in check_notebook(path)]


FOUND = {
    "not run": ("ran", [code("1 + 1", count=None)]),
    "nothing run": ("ran", [code("x = 1", count=None), code("x = 2", count=None), code("x = 3", count=None)]),
    "run twice": ("ran", [code("x = 1", count=2)]),
    "run out of order": ("ran", [code("x = 1", count=2), code("x = 2", count=1)]),
    "print without output": ("stripped", [code("print(1)")]),
    "picture without output": ("stripped", [code("%%graph\ny")]),
    "error": ("error", [code("1 / 0", error())]),
    "should fail": ("error", [code("1 / 1", tags=["raises-exception"])]),
    "usage": ("usage", [code("%nothing", stream("UsageError: Line magic function `%nothing` not found.\n", "stderr"))]),
    "usage on stdout": ("usage", [code("%nothing", stream("UsageError: unrecognized arguments\n"))]),
    "warning": ("stderr", [code("np.log(0)", stream("RuntimeWarning: divide by zero\n", "stderr"))]),
    "traceback": ("swallowed", [code("f()", stream("Traceback (most recent call last):\n"))]),
    "swallowed": ("swallowed", [code("try:\n    f()\nexcept Exception:\n    pass")]),
    "swallowed without a name": ("swallowed", [code("try:\n    f()\nexcept:\n    x = 0")]),
    "suppressed": ("swallowed", [code("with contextlib.suppress(Exception):\n    f()")]),
    "machine code": ("machine", [code("%code f asm", stream("vfmadd213pd ymm0, ymm1\n"))]),
    "machine code of LLVM": ("machine", [code("%code f llvm", stream("%a = load <8 x double>, ptr %b\n"))]),
    "machine code of ARM": ("machine", [code("%code f asm", shown(plain="fmla v0.2d, v1.2d, v2.2d"))]),
    "generator": ("seed", [code("import numpy as np\nrng = np.random.default_rng()")]),
    "generator of None": ("seed", [code("import numpy as np\nrng = np.random.default_rng(None)")]),
    "generator by another name": ("seed", [code("from numpy.random import default_rng as dice\nrng = dice()")]),
    "old functions": ("seed", [code("import numpy as np\nx = np.random.randn(3)")]),
    "Python's": ("seed", [code("import random\nrandom.shuffle(x)")]),
    "seed of None": ("seed", [code("import random\nrandom.seed()\nrandom.random()")]),
    "drawn in a magic": ("seed", [code("import numpy as np"), code("%%graph\nw = x + np.random.rand()\nw", shown(plain="w"), count=2)]),
    "drawn in a function": ("seed", [code("import numpy as np\ndef noise():\n    return np.random.rand()")]),
    "seed from the clock": ("seed", [code("import time\nimport numpy as np\nrng = np.random.default_rng(int(time.time()))")]),
    "secrets": ("seed", [code("import secrets\nkey = secrets.token_hex(8)")]),
    "id": ("address", [code("print(id(x))", stream("140001"))]),
    "id in a text": ("address", [code("print(f'at {id(x)}')", stream("at 140001"))]),
    "id as a result": ("address", [code("id(x)", shown(plain="140001"))]),
    "file of the author": ("path", [code("x = read('/home/ann/data.txt')")]),
    "file of the author in a shell line": ("path", [code("!cat C:\\Users\\ann\\data.txt", stream("1"))]),
    "uuid": ("seed", [code("import uuid\nx = uuid.uuid4()")]),
    "timing magic": ("clock", [code("%timeit f()", stream("3 loops"))]),
    "timing": ("clock", [code("g()", stream("took 3.25 ms"))]),
    "timing in a result": ("clock", [code("g()", shown(plain="'it took 1.5 seconds'"))]),
    "date": ("clock", [code("g()", stream("2026-01-02 03:04"))]),
    "address": ("address", [code("f", shown(plain="<function f at 0x7f12ab34cd56>"))]),
    "path": ("path", [code("f", stream("/home/ann/course/data.txt"))]),
    "path of Windows": ("path", [code("f", stream("C:\\Users\\ann"))]),
    "path in a cell that is ignored": ("path", [code("f", stream("/Users/ann/data"), **IGNORED), *FILLED[1:]]),
    "kernel's own file": ("path", [code("f", stream("ipykernel_4711/12.py"))]),
    "clear_output": ("update", [code("from IPython.display import clear_output\nclear_output()")]),
    "display_id": ("update", [code("display(x, display_id='a')", shown(plain="1"))]),
    "bar": ("update", [code("for i in tqdm(range(3)):\n    f(i)")]),
    "png without words": ("alt", [code("plot()", shown(png=PIXEL, plain="<Figure size 640x480 with 1 Axes>"))]),
    "png called picture": ("alt", [code("plot()", shown({"image/png": {"alt": "picture 1"}}, png=PIXEL))]),
    "svg without words": ("alt", [code("plot()", shown(svg="<svg></svg>"))]),
    "page without words": ("alt", [code("plot()", shown(html="<img src='a.png'>", png=PIXEL))]),
    "picture in text": ("alt", [text("![](data:a)")]),
    "tag in text": ("alt", [text('<img src="data:a">')]),
    "level skipped": ("headings", [text("### Deep")]),
    "two titles": ("headings", [text("# Another")]),
    "title as a tag": ("headings", [text("<h1>Another</h1>")]),
    "link": ("link", [text("[next](02_two.ipynb)")]),
    "link by reference": ("link", [text("[next][n]\n\n[n]: 02_two.ipynb")]),
    "link of a tag": ("link", [text('<a href="02_two.ipynb">next</a>')]),
    "heading of this lesson": ("link", [text("[above](#Nowhere)")]),
    "link from a root": ("link", [text("[next](/lessons/01_one.ipynb)")]),
    "link to a file of one machine": ("link", [text("[next](file:///c/01_one.ipynb)")]),
    "attachment": ("link", [text("![a red square](attachment:a.png)")]),
    "badge": ("badge", [text("[![open this on Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/else/where/HEAD)")]),
    "badge of Colab": ("badge", [text("[open](https://colab.research.google.com/github/else/where/blob/main/01_one.ipynb)")]),
    "badge of nothing": ("badge", [text("[open](https://mybinder.org/v2/gh/ann/course/HEAD?labpath=02_two.ipynb)")]),
    "many ignored": ("ignored", [code("x = 1", **IGNORED)]),
    "ignored without reason": ("ignored", [code("x = 1", tags=["nbval-ignore-output"]), *FILLED[1:]]),
    "ignored by a comment": ("ignored", [code("# NBVAL_IGNORE_OUTPUT\nx = 1", reason="other in every run"), *FILLED[1:]]),
}


@pytest.fixture
def course(tmp_path):
    """A folder that says to which repository it belongs."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "course"\n[project.urls]\nSource = "https://github.com/ann/course"\n')
    return tmp_path


@pytest.mark.parametrize("case", FOUND)
def test_a_mistake_is_found(case, course):
    rule, cells = FOUND[case]
    findings = check_notebook(write(course, *cells))
    assert [finding.rule for finding in findings] == [rule], "\n".join(map(str, findings))
    assert findings[0].what and findings[0].advice
    line = str(findings[0])
    assert "\n" not in line and line.startswith(str(course)) and " -> " in line


FINE = {
    "seeded": [code("import numpy as np\nrng = np.random.default_rng(0)\nx = rng.normal(size=3)")],
    "seeded by name": [code("import numpy as np\nrng = np.random.default_rng(seed=0)")],
    "old seed": [code("import numpy as np\nnp.random.seed(0)"), code("x = np.random.rand()", count=2)],
    "somebody else's random": [code("x = data.random.rand()\nrandom.shuffle(x)")],
    "caught and told": [code("try:\n    f()\nexcept Exception as problem:\n    print(problem)", stream("no"))],
    "one error caught": [code("try:\n    f()\nexcept KeyError:\n    pass")],
    "breaks on purpose": [code("1 / 0", error(), tags=["raises-exception"])],
    "time of an ignored cell": [code("%timeit f()", stream("3 ms"), **IGNORED), *FILLED[1:]],
    "skipped": [code("%timeit f()", count=None, tags=["nbval-skip"], reason="needs a GPU, and minutes")]
               + [code("x = 1", count=number) for number in range(1, 12)],
    "skipped by the tests, run by its author": [code("x = 1"), code("x = 2", count=2, tags=["nbval-skip"], reason="needs some minutes"),
                                                *(code("x = 3", count=number) for number in range(3, 12))],
    "ids compared": [code("print(id(x) == id(y))", stream("True"))],
    "a seed of one's own": [code("import numpy as np\nrng = np.random.default_rng(seed)")],
    "captured": [code("%%capture\nprint(1)")],
    "printed elsewhere": [code("print(1, file=log)")],
    "a number with an s": [code("f", stream("m = 0.9 m + 0.1 g, v = 0.999 s + 0.001 g ** 2"))],
    "pinned": [code("%code f asm --cpu x86-64-v3", stream("vfmadd213pd ymm0, ymm1\n"))],
    "hexadecimal": [code("print(hex(255))", stream("0xff"))],
    "written file": [code("%%writefile a.py\nimport random\nrandom.random()\nclear_output()", stream("Writing a.py"))],
    "shell": [code("!python a.py", stream("1"))],
    "a comment below a magic": [code("# a comment\n%grad y x", shown(plain="2 * x"))],
    "png with words": [code("plot()", shown({"image/png": {"alt": "A parabola with its lowest point at 3"}}, png=PIXEL))],
    "svg with words": [code("plot()", shown(svg="<svg><title>A parabola opens up</title></svg>"))],
    "page with words": [code("plot()", shown(html='<img alt="A parabola opens up" src="data:a">', png=PIXEL))],
    "code in a text": [text("```python\n# no heading\n![](a.png)\n```\n`[x](y)`")],
    "next level": [text("## Part"), text("### Piece"), text("## Part")],
    "links": [text("[this](01_one.ipynb) [cell](01_one.ipynb#c0) [title](#A-lesson) [out](https://example.org) [mail](mailto:a@b.cd)")],
    "badge": [text("[![open this on Binder](https://mybinder.org/badge_logo.svg)]"
                   "(https://mybinder.org/v2/gh/ann/course/HEAD?urlpath=lab/tree/01_one.ipynb)")],
    "one of ten": [code("x = 1", **IGNORED), *FILLED[1:]],
    "a lesson that breaks its own syntax": [code("x = = 1", error("SyntaxError"), tags=["raises-exception"])],
}  # fmt: skip


@pytest.mark.parametrize("case", FINE)
def test_nothing_is_found_where_all_is_well(case, course):
    findings = check_notebook(write(course, *FINE[case]))
    assert not findings, "\n".join(map(str, findings))


def test_every_rule_is_tried_here():
    tried = {rule for rule, _ in FOUND.values()} | {"id", "text", "kernel", "widgets", "headings"}
    named = {"ran", "stripped", "error", "usage", "stderr", "swallowed", "machine", "seed", "clock", "address", "path", "update", "kernel",
             "widgets", "headings", "alt", "ignored", "link", "badge", "text", "id"}  # fmt: skip
    assert tried == named and len(RULES) >= 18


def test_a_whole_notebook(course):
    assert rules_broken(write(course, title=text("Some words"))) == ["headings"]
    assert rules_broken(write(course, title=text("## Part"))) == ["headings"]
    assert rules_broken(write(course, kernelspec={"name": "my-env"})) == ["kernel"]
    assert rules_broken(write(course, widgets={"state": {"a": 1}})) == ["widgets"]
    assert rules_broken(write(course, {**code("x = 1"), "id": "c0"})) == ["id"]
    assert rules_broken(write(course, {**code("x = 1"), "id": None})) == ["id"]
    broken = course / "02_two.ipynb"
    broken.write_text("{")
    assert rules_broken(broken) == ["file"]


@pytest.mark.parametrize("said", ["1 ms", "12.5 µs", "3.2 s", "0.4 s.", "Wall time: 3", "2026-11-25T17:00", "5 ns per step"])
def test_times_are_known(said):
    assert TIMING.search(said)


@pytest.mark.parametrize("said", ["2 x s", "v = 0.999 s + 1", "30 minutes", "3 s", "terms", "1.5 small", "0.5s*x", "10 msgs"])
def test_other_numbers_are_no_times(said):
    assert not TIMING.search(said)


def with_text(folder: Path, written: str) -> None:
    (folder / "text").mkdir(exist_ok=True)
    head = "---\nkernelspec:\n  display_name: Python 3\n  name: python3\n---\n\n# A lesson\n\n"
    (folder / "text" / "01_one.md").write_text(head + written)


def test_a_notebook_and_its_text(course):
    cell = "```{code-cell}\n:name: first\n\nx = 1\n```\n"
    notebook = write(course, code("x = 1", name="first"))
    with_text(course, cell)
    assert rules_broken(notebook) == []
    with_text(course, cell.replace("x = 1", "x = 2"))
    assert rules_broken(notebook) == ["text"] and "'x = 2'" in str(check_notebook(notebook)[0])
    with_text(course, cell.replace(":name: first", ":name: first\n:tags: [raises-exception]"))
    assert rules_broken(notebook) == ["text"]
    with_text(course, cell + "\n" + cell.replace("first", "second"))
    assert rules_broken(notebook) == ["text"]
    notebook.unlink()
    assert [finding.rule for finding in check_folder(course)] == ["text"]


def test_the_command_tells_a_line_a_finding_and_fails(course, capsys):
    write(course, code("print(1)", count=None))
    assert main(["lessons", "check", str(course)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and "01_one.ipynb: c1: was not run" in lines[0] and lines[1] == "1 notebook checked: 1 finding"
    write(course)
    assert main(["lessons", "check", str(course / "01_one.ipynb")]) == 0
    assert capsys.readouterr().out == "1 notebook checked: 0 findings\n"


def test_a_folder_without_lessons_is_an_error(tmp_path, capsys):
    with pytest.raises(LessonError, match="no notebooks"):
        check_folder(tmp_path)
    assert main(["lessons", "check", str(tmp_path / "nowhere")]) == 1
    assert "no such file or folder" in capsys.readouterr().err


@pytest.mark.parametrize("path", [*NOTEBOOKS, *SOLUTIONS], ids=lambda path: path.relative_to(LESSONS).as_posix())
def test_nothing_is_found_in_the_course(path):
    findings = check_notebook(path, path.relative_to(LESSONS).as_posix())
    assert not findings, "\n".join(map(str, findings))
