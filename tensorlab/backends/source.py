"""A program as the source of one Python function on arrays: what the reference back end runs, and what a reader can read first.

Floor 4. Read `written` before. Every step is a line (or a few), with the node that it computes named beside it, so that the line that
failed says which node failed. Scalars are NumPy's numbers while the program runs, and 0-d arrays when they leave it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from ..graph.node import Constant, Node
from ..ops.evaluate import broadcast_check, kernel
from ..ops.families import Elementwise
from ..ops.words import ArrayWords
from ..schedule.plan import Program, Step
from .written import NotWritableError, TextWords, Written, as_written, lines_of

LONGEST_LABEL = 60  # characters of a comment: a formula longer than this is read on the lines above


@dataclass
class Source:
    """The text of a program, the objects that its names stand for, and which step every line belongs to.

    Attributes:
        fresh: buffers whose memory certainly belongs to nobody else.
    """

    lines: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    steps: dict[int, Step] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)

    @property
    def text(self) -> str:
        """The whole source."""
        return "\n".join(self.lines) + "\n"

    def add(self, line: str, step: Step | None = None) -> None:
        """Write one more line of the function."""
        self.lines.append(line)
        if step is not None:
            self.steps[len(self.lines)] = step


def write_source(program: Program) -> Source:
    """Write a program as a Python function named `program`."""
    words = ArrayWords(np)
    source = Source(names={"asarray": np.asarray, "inf": math.inf, "nan": math.nan})
    source.add(f"def program({', '.join(f'b{number}' for number in range(program.given))}):")
    for number, leaf in enumerate(program.leaves):
        if number < program.given:
            source.add(f"    # b{number} is {comment(leaf)}")
        elif isinstance(leaf, Constant):
            source.names[f"b{number}"] = leaf.value
    numbers: set[int] = set()  # buffers that may hold a NumPy number instead of a 0-d array
    large = {step.writes for step in program.steps if step.node.type.ndim}  # worth freeing before the end
    for step in program.steps:
        note = f"  # {comment(step.node)}"
        formula = elementwise_lines(program, step, words, source) if isinstance(step.node.op, Elementwise) else None
        if formula is not None:
            *before, last = formula
            for line in before:
                source.add(f"    {line}", step)
            source.add(f"    b{step.writes} = {last}{note}", step)
            source.fresh.add(step.writes)
            if step.node.type.ndim == 0:
                numbers.add(step.writes)
        else:
            assert step.node.op is not None
            name = f"{step.node.op.name}_{step.writes}"
            source.names[name] = kernel(step.node, np, words)
            arguments = ", ".join(f"asarray(b{read})" if read in numbers else f"b{read}" for read in step.reads)
            source.add(f"    b{step.writes} = {name}({arguments}){note}", step)
        gone = [number for number in step.frees if number >= program.given and number in large]
        if gone:
            source.add(f"    del {', '.join(f'b{number}' for number in gone)}")
    written = {*re.findall(r"\bb\d+\b", source.text)}
    for number, leaf in enumerate(program.leaves):
        if number >= program.given and f"b{number}" in written:
            source.add(f"    # b{number} is {comment(leaf)}")
    source.add(f"    return [{', '.join(f'asarray(b{number})' if number in numbers else f'b{number}' for number in program.results)}]")
    return source


def comment(node: Node) -> str:
    """Return what a node is called and its type, as the text of a comment: one line, whatever a name holds."""
    label = "".join(letter if letter.isprintable() else "�" for letter in node.label)
    return f"{label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + '…'}, {node.type.dtype} {node.type.pattern}"


def elementwise_lines(program: Program, step: Step, words: ArrayWords, source: Source) -> list[str] | None:
    """Return the lines of an elementwise step, the last one without its left side; None if its formula cannot be written."""
    node = step.node
    assert isinstance(node.op, Elementwise)
    dtypes = tuple(each.type.dtype for each in node.inputs)
    alike = {dtype for position, dtype in enumerate(dtypes) if position not in node.op.unlike}
    literals = tuple(None if position in node.op.unlike else literal(program, read, alike) for position, read in enumerate(step.reads))
    if None not in literals:
        literals = (None,) * len(dtypes)
    try:
        found = written_formula(node.op, dtypes, node.type.dtype, literals)
    except NotWritableError:
        return None
    if found is None:
        return None
    lines, used = found
    source.names.update({word: getattr(words, word) for word in used})
    check = broadcast_check(node)
    operands = [f"b{read}" for read in step.reads]
    spoken = [line.replace("«»", f"b{step.writes}") for line in lines]
    for position, operand in enumerate(operands):
        spoken = [line.replace(f"«{position}»", operand) for line in spoken]
    if check is None:
        return spoken
    name = f"check_{step.writes}"
    source.names[name] = check
    ranked = list(dict.fromkeys(operand for operand, each in zip(operands, node.inputs) if each.type.ndim))
    condition = ""
    if all(each.type.ndim in (0, node.type.ndim) for each in node.inputs):
        condition = f"if {' != '.join(f'{operand}.shape' for operand in ranked)}: " if len(ranked) == 2 else ""
    return [f"{condition}{name}({', '.join(operands)})", *spoken]


def literal(program: Program, number: int, dtypes: set[str]) -> str | None:
    """Return a constant as a plain number in the text, where that means exactly the same: beside operands of its own dtype."""
    if not program.given <= number < len(program.leaves):
        return None
    value = program.leaves[number].value  # type: ignore[attr-defined]
    if value.ndim or value.dtype.kind not in "if" or dtypes != {value.dtype.name} or not math.isfinite(value):
        return None
    return repr(value.item())


@lru_cache(maxsize=4096)  # a course uses some hundreds of combinations; writing one down takes some 50 µs
def written_formula(
    op: Any, dtypes: tuple[str, ...], dtype: str, literals: tuple[str | None, ...]
) -> tuple[tuple[str, ...], frozenset[str]] | None:
    """Return the lines of a formula with «0», «1» … for its operands, and the words it uses; None if it must be left to the card.

    Raises:
        NotWritableError: the formula does more than apply operators and words.
    """
    compute_in = op.compute_dtype(*dtypes)
    spoken = TextWords()
    operands = [Written(f"«{position}»") if each is None else as_written(number_in(each)) for position, each in enumerate(literals)]
    root = op.formula(spoken, *operands)
    if not isinstance(root, Written) or not root.parts:
        return None
    one_step = len(root.parts) == len(operands) and all(part is operand for (part, _), operand in zip(root.parts, operands))
    lines, last = lines_of(root, "«»")
    found = dtype_by_trial(op, dtypes, literals)
    casts = [position for position, each in enumerate(dtypes) if compute_in not in (None, each) and position not in op.unlike]
    if casts and not (one_step and found == dtype):
        operands = [spoken.cast(each, str(compute_in)) if position in casts else each for position, each in enumerate(operands)]
        lines, last = lines_of(op.formula(spoken, *operands), "«»")
        found = dtype_by_trial(op, tuple(str(compute_in) if position in casts else each for position, each in enumerate(dtypes)), literals)
    if found is None:
        return None
    if found != dtype:
        last = f"cast({last}, {dtype!r})"
        spoken.used.add("cast")
    return (*lines, last), frozenset(spoken.used)


def number_in(literal: str) -> int | float:
    """Return the number that a text stands for."""
    return int(literal) if literal.lstrip("-").isdecimal() else float(literal)


def dtype_by_trial(op: Any, dtypes: Sequence[str], literals: Sequence[str | None]) -> str | None:
    """Return the dtype that NumPy gives a formula on operands of some dtypes; since NumPy 2 it does not depend on their values."""
    values = [np.ones((), each) if number is None else number_in(number) for each, number in zip(dtypes, literals)]
    try:
        with np.errstate(all="ignore"):
            return np.asarray(op.formula(ArrayWords(np), *values)).dtype.name
    except Exception:  # a formula that fails on ones may still run on other values: its dtype is unknown, and the step runs by `kernel`
        return None


def compiled(source: Source, filename: str) -> Callable[..., list[Any]]:
    """Return the function that the source defines."""
    names = dict(source.names)
    exec(compile(source.text, filename, "exec"), names)
    function: Callable[..., list[Any]] = names["program"]
    return function
