"""Imports point down, also those hidden in functions: the table of floors, held by reading every import with `ast`."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import tensorlab

PACKAGE = Path(tensorlab.__file__).parent

FLOORS = {
    "settings": 1, "graph": 1, "turns": 1, "laps": 1,
    "ops": 2, "state": 2,
    "gradient": 3, "rewrite": 3, "schedule": 3,
    "backends": 4, "view": 4, "profiling": 4,
    "compiler": 5,
    "tensor": 6, "printing": 6, "testing": 6, "debug": 6, "datasets": 6, "notebook": 6, "compat": 6, "widgets": 6, "optimizers": 6,
    "exercises": 6, "lessons": 6,
}  # fmt: skip
MAY_SHARE_A_FLOOR = {
    ("settings", "graph"), ("graph", "settings"), ("turns", "graph"), ("ops", "state"), ("notebook", "tensor"), ("compat", "tensor"),
    ("debug", "testing"), ("profiling", "backends"),
    ("notebook", "exercises"), ("exercises", "tensor"),
    ("lessons", "exercises"), ("testing", "lessons"),
    ("notebook", "widgets"), ("widgets", "optimizers"), ("widgets", "datasets"),
}  # fmt: skip
LOOKED_AT_BY_NONE = "view"  # the picture room: only the top floor may import it


def modules() -> list[str]:
    """Every module of the package, by dotted name."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = list(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        found.append(".".join(parts))
    return found


def path_of(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imported(module: str) -> Iterator[str]:
    """The package's own modules that a module imports, except for type checking only."""
    path = path_of(module)
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    known = set(modules())
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            pending.extend(node.orelse)
            continue
        pending.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "tensorlab")
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            if source.split(".")[0] != "tensorlab":
                continue
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                yield whole if whole in known else source


def room(module: str) -> str:
    """The part of the package that a module belongs to; "" for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("module", modules())
def test_imports_point_down(module):
    here = room(module)
    if here == "":
        return  # the package itself opens every door
    assert here in FLOORS or here == "__main__", f"{module}: give the room {here!r} a floor"
    for other in imported(module):
        there = room(other)
        assert there != "" or here in ("notebook", "compat", "__main__", "datasets", "testing"), f"{module} imports the package from below"
        if there in ("", here) or here == "__main__":
            continue
        if there == LOOKED_AT_BY_NONE:
            assert FLOORS[here] == 6, f"{module} imports {other}: no stage looks at its own picture"
        assert FLOORS[there] < FLOORS[here] or (here, there) in MAY_SHARE_A_FLOOR, (
            f"{module} (floor {FLOORS[here]}) imports {other} (floor {FLOORS[there]})"
        )


def test_no_circle_of_modules():
    edges = {module: [other for other in imported(module) if other != module and room(other) != ""] for module in modules() if room(module)}
    # a package's __init__ is run before any of its modules; only explicit imports count as edges here
    state: dict[str, int] = {}
    for start in edges:
        stack = [(start, iter(edges[start]))]
        if state.get(start):
            continue
        state[start] = 1
        while stack:
            module, others = stack[-1]
            for other in others:
                if state.get(other) == 1:
                    circle = [name for name, _ in stack]
                    pytest.fail("a circle of imports: " + " -> ".join([*circle[circle.index(other) :], other]))
                if not state.get(other) and other in edges:
                    state[other] = 1
                    stack.append((other, iter(edges[other])))
                    break
            else:
                state[module] = 2
                stack.pop()


def test_no_module_takes_the_name_of_a_public_object():
    """`tl.function` must stay a function whatever is imported later."""
    public = {name: getattr(tensorlab, name) for name in dir(tensorlab) if not name.startswith("_")}
    inside = {name: getattr(tensorlab.tensor, name) for name in dir(tensorlab.tensor) if not name.startswith("_")}
    for found in pkgutil.walk_packages(tensorlab.__path__, "tensorlab."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    assert all(getattr(tensorlab, name) is value for name, value in public.items())
    assert all(getattr(tensorlab.tensor, name) is value for name, value in inside.items())
    for parent, names in (("tensorlab", public), ("tensorlab.tensor", inside)):
        for module in modules():
            above, _, last = module.rpartition(".")
            if above == parent and last in names:
                assert type(names[last]).__name__ == "module", f"{module} bears the name of a public object"


def test_vague_names_are_not_used():
    vague = {"utils", "util", "helpers", "helper", "basic", "misc", "core", "common"}
    assert not [module for module in modules() if vague & set(module.split("."))]
