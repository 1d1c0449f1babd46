"""Rules on what differs from run to run, or from machine to machine.

Floor 6. Such a cell passes on the author's machine and fails in every classroom.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from .cells import Cell, Notebook
from .findings import Finding, at
from .python import calls, dotted, imported_as, magics, meant, tree

NEED_A_SEED = {
    "numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.SeedSequence", "numpy.random.PCG64", "numpy.random.MT19937",
    "numpy.random.Philox", "random.Random",
}  # fmt: skip
"""Makers of generators: without an argument they take the seed from the system."""
STREAMS = {"RandomStreams", "MRG_RandomStreams"}
"""Theano's makers of generators; their default seed differs between libraries."""
SEEDS = {"numpy.random": "numpy.random.seed", "random": "random.seed", "torch": "torch.manual_seed"}
"""Modules with a generator that all share, and what seeds it."""
NOT_DRAWN = {"Generator", "get_state", "set_state", "BitGenerator", "getstate", "setstate", "bit_generator"}
NEVER_SEEDED = {"os.urandom", "uuid.uuid1", "uuid.uuid4", "random.SystemRandom"}
CLOCKS = ("time.", "datetime.")
"""Modules whose numbers are no seed: they differ from run to run."""
TIMING_MAGICS = {"time", "timeit", "prun"}
UPDATING = {"clear_output", "update_display", "tqdm", "trange"}
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
TIMING = re.compile(
    r"CPU times:|Wall time:|\bper loop\b"
    r"|(?<![\w.])\d+(?:\.\d+)?\s?(?:ns|µs|μs|us|ms)\b"
    r"|(?<![\w.])\d+\.\d+\s?(?:sec|secs|seconds)\b"
    r"|(?<![\w.])\d+\.\d+\s?s(?=\s*(?:$|[.,;:)\]|]))"  # and no symbol s with a factor
    r"|\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d",
    re.M,
)
PATH = re.compile(
    r"(?<![\w.:/])/(?:home|root|Users|tmp|work|usr|opt|private|srv|mnt|var|content)/[\w.-]+"
    r"|\b[A-Z]:\\{1,2}\w+"
    r"|\bipykernel_\d+"
)
HOME = re.compile(r"(?<![\w.:/])/(?:home|root|Users)/[\w.-]+|\b[A-Z]:[\\/]\w+")
"""Where a file of the author lies, as a cell may ask for it."""
BASE64 = re.compile(r"base64,[A-Za-z0-9+/=\s]+")


def chance_has_a_seed(notebook: Notebook) -> Iterator[Finding]:
    """Every generator has a seed, also in cells whose output is not compared: others go on from there."""
    trees = {cell.name: tree(cell) for cell in notebook.code}
    meaning = imported_as([each for each in trees.values() if each])
    seeded: set[str] = set()
    for cell in notebook.code:
        root = trees[cell.name]
        for call in calls(root) if root else ():
            name = meant(call, meaning)
            module, _, last = name.rpartition(".")
            unseeded = has_no_seed(call, meaning)
            if name in SEEDS.values():
                seeded.add(module)
            if name in NEED_A_SEED or last in STREAMS or name in SEEDS.values():
                if unseeded:
                    yield at(notebook, cell, "seed", f"calls {dotted(call.func)} without a seed", f"{dotted(call.func)}(0)")
            elif name in NEVER_SEEDED or module == "secrets":
                yield at(notebook, cell, "seed", f"calls {dotted(call.func)}, which nothing seeds", "np.random.default_rng(0)")
            elif module in SEEDS and module not in seeded and last not in NOT_DRAWN and draws(module, name):
                what = f"draws with {dotted(call.func)} before {SEEDS[module]} was called"
                yield at(notebook, cell, "seed", what, "draw from rng = np.random.default_rng(0)")


def has_no_seed(call: ast.Call, meaning: dict[str, str]) -> bool:
    """Say whether what is called gets no seed, or None, or the time of day."""
    given = [*call.args, *(each.value for each in call.keywords)]
    if not given or any(isinstance(each, ast.Constant) and each.value is None for each in given[:1]):
        return True
    return any(meant(inner, meaning).startswith(CLOCKS) for each in given for inner in calls(each))


def draws(module: str, name: str) -> bool:
    """Say whether a function of a module with a shared generator draws from it."""
    return module != "torch" or name.split(".")[-1] in ("rand", "randn", "randint", "randperm", "normal")


def outputs_know_no_clock(notebook: Notebook) -> Iterator[Finding]:
    """No times in what is compared."""
    advice = "print what was computed and not how long it took, or give the cell the tag nbval-ignore-output and a reason"
    for cell in notebook.code:
        if cell.ignored:
            continue
        timing = next((name for name in magics(cell) if name in TIMING_MAGICS), "")
        said = TIMING.search(without_images(cell))
        if timing:
            yield at(notebook, cell, "clock", f"measures time with %{timing}, and its output is compared", advice)
        elif said:
            yield at(notebook, cell, "clock", f"stores a time, {said[0]!r}, and its output is compared", advice)


def outputs_know_no_machine(notebook: Notebook) -> Iterator[Finding]:
    """No addresses in what is compared, and no paths of the author's machine anywhere."""
    for cell in notebook.code:
        address = ADDRESS.search(without_images(cell))
        root = tree(cell)
        if address and not cell.ignored:
            advice = "print the value and not the object, or give its class a __repr__"
            yield at(notebook, cell, "address", f"stores the address {address[0]}, another one in every run", advice)
        elif root and not cell.ignored and shows_an_id(root):
            yield at(notebook, cell, "address", "shows id(…), another number in every run", "compare: print(a is b)")
        own = next((HOME.search(text) for text in texts_of(root) if HOME.search(text)), None) if root else None
        if own:
            advice = "a path from this notebook: 'data/points.txt'"
            yield at(notebook, cell, "path", f"asks for {own[0]!r}, which is there on one machine", advice)
        path = PATH.search(BASE64.sub("", json.dumps(cell.outputs, ensure_ascii=False)))
        if path:
            advice = "print the file's name (Path(file).name) and not where it lies"
            yield at(notebook, cell, "path", f"stores {path[0]!r}, which is there on one machine", advice)


def texts_of(root: ast.AST) -> Iterator[str]:
    """Go over the texts in a piece of Python, those of shell lines among them."""
    yield from (node.value for node in ast.walk(root) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def shows_an_id(root: ast.Module) -> bool:
    """Say whether a cell prints what `id` returns, or ends with it."""
    last = [root.body[-1].value] if root.body and isinstance(root.body[-1], ast.Expr) else []
    printed = [each for call in calls(root) if dotted(call.func) == "print" for each in call.args]
    formatted = [each.value for text in printed for each in ast.walk(text) if isinstance(each, ast.FormattedValue)]
    return any(isinstance(each, ast.Call) and dotted(each.func) == "id" for each in [*last, *printed, *formatted])


def without_images(cell: Cell) -> str:
    """Return what is compared in a cell, without the letters of images."""
    return BASE64.sub("", "\n".join(cell.texts()))


def outputs_are_not_replaced(notebook: Notebook) -> Iterator[Finding]:
    """nbval sees neither `clear_output` nor an updated display: the cell would be compared with what was there in between."""
    advice = "print or display once, at the end, or give the cell the tag nbval-ignore-output and a reason"
    for cell in notebook.code:
        root = None if cell.ignored else tree(cell)
        for call in calls(root) if root else ():
            name = dotted(call.func).split(".")[-1]
            handle = next((each.arg for each in call.keywords if each.arg == "display_id"), "") if name == "display" else ""
            if name in UPDATING or handle:
                yield at(notebook, cell, "update", f"replaces its output while it runs ({handle or name})", advice)
                break
        if not cell.ignored and any("display_id" in output.get("transient", {}) for output in cell.outputs):
            yield at(notebook, cell, "update", "stores an output that is replaced later", advice)


def kernel_is_everywhere(notebook: Notebook) -> Iterator[Finding]:
    """The notebook names the kernel that everybody has."""
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    if kernel not in ("python3", "tensorlab"):
        what = f"asks for the kernel {kernel!r}, which other machines do not have"
        yield at(notebook, None, "kernel", what, 'set "kernelspec": {"name": "python3", "display_name": "Python 3"} in its metadata')
    if notebook.metadata.get("widgets"):
        what = "stores the states of its widgets, which change with every run"
        yield at(notebook, None, "widgets", what, "in JupyterLab: Settings > Save Widget State Automatically off, then run and save")
