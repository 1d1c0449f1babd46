"""The text of a program for LLVM, and its assembly, with the line of the loops that each instruction comes from. Only for the eye.

Floor 4. Read `program.py`, `steps.py` and `speaking.py` before. The program is written once more with comments around the instructions
of each formula (`speaking.MARKED`). Which line of the loops a formula is, is known from its order: kernels with loops are functions of
their own, which speak their lines one after another (twice, where the end of a row has a body of its own); kernels without loops are
written into the program itself, after everything else that it speaks. For the assembly the comments become debug locations, as a compiler
of C would write them, so that they survive LLVM's passes; what has none (addresses, loads, the calls of Python) is not linked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import llvmlite.binding as llvm

from ...schedule.kernels import Kernel, Line, Schedule
from ...schedule.nests import nests
from .forms import form
from .interface import ENTRY, Interface
from .machine import PINNED, assembly
from .program import write
from .speaking import BEGIN, END, MARKED

PROCESSORS = {
    "x86-64": "", "x86-64-v2": "+sse4.2,+popcnt", "x86-64-v3": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+popcnt",
    "x86-64-v4": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+popcnt,+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl",
}  # fmt: skip
"""The levels of the x86-64 psABI (https://gitlab.com/x86-psABIs/x86-64-ABI) with the features that decide what is written."""
TRIPLE = "x86_64-unknown-linux-gnu"
DEFINED = re.compile(r'define .*@"?(?P<name>\w+)"?\(')
LOCATION = re.compile(r"\s*\.loc\s+\d+\s+(?P<line>\d+)")
FIRST = 100_000  # the number of the first node of debug information: far above those that the program has


class Linked(NamedTuple):
    """One line of a text, and the line of the loops that it comes from, counted from 1; None for what comes from none of them."""

    text: str
    line: int | None


@contextmanager
def looked_at(cpu: str | None) -> Iterator[None]:
    """Within the block programs are written for the eye: marked, and for another processor if one is named."""
    if cpu is not None:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    tokens = MARKED.set(True), PINNED.set((TRIPLE, cpu, PROCESSORS[cpu]) if cpu is not None else PINNED.get())
    try:
        yield
    finally:
        MARKED.reset(tokens[0])
        PINNED.reset(tokens[1])


def annotated(schedule: Schedule, interface: Interface, cpu: str | None = None) -> list[Linked]:
    """Return the text of a program for LLVM with its links.

    Args:
        schedule, interface: the program.
        cpu: one of `PROCESSORS`; None for the one that this runs on.
    """
    with looked_at(cpu):
        return linked(write(schedule, interface).text, schedule)


def annotated_assembly(schedule: Schedule, interface: Interface, cpu: str | None = None) -> list[Linked]:
    """Return the assembly of a program with its links; arguments as for `annotated`."""
    with looked_at(cpu):
        text = assembly(with_locations(linked(write(schedule, interface).text, schedule)))
    lines: list[Linked] = []
    current: int | None = None
    for line in text.splitlines():
        if line.lstrip().startswith(".section") and ".debug" in line:
            break  # from here on there is only what we have put in
        found = LOCATION.match(line)
        if found is not None:
            current = int(found["line"]) or None
        elif re.match(r"\s*\.(?:cfi_|file\b)|\.Ltmp|\.Lfunc_(?:begin|end)", line) is None:
            instruction = line.startswith("\t") and not line.lstrip().startswith((".", "#"))
            current = None if not line.startswith("\t") and line.endswith(":") and not line.startswith(".") else current
            lines.append(Linked(line, current if instruction else None))
    return lines


def loop_lines(schedule: Schedule) -> dict[int, list[int]]:
    """Return per kernel, by the identity of the step, where in the text of the loops its lines stand that are formulas.

    The text is that of `schedule/text.py`: a line for each leaf with memory, then the steps.
    """
    position = sum(leaf not in schedule.literals for leaf in schedule.leaves)
    found = {}
    for step in schedule.steps:
        if isinstance(step, Kernel):
            first = position + len(step.axes) + 1
            found[id(step)] = [first + number for number, line in enumerate(step.lines) if isinstance(line, Line)]
            position += len(step.axes) + len(step.lines) + len(step.stores) + len(step.folds)
        else:
            position += 1
    return found


def spoken_lines(schedule: Schedule) -> dict[str, list[int]]:
    """Return per function of a program the lines of the loops in the order in which it speaks them."""
    where = loop_lines(schedule)
    functions: dict[object, str] = {}
    order: dict[str, list[int]] = {ENTRY: []}
    for nest in nests(schedule):
        for step in nest:
            if isinstance(step, Kernel) and not step.axes:
                order[ENTRY] += where[id(step)]
            elif isinstance(step, Kernel):
                key = form(step).key
                if key not in functions:
                    functions[key] = f"tl_kernel_{len(functions)}"
                    order[functions[key]] = where[id(step)]
    return order


def linked(text: str, schedule: Schedule) -> list[Linked]:
    """Return the lines of a marked text without the marks, each with the line of the loops that it comes from."""
    order = spoken_lines(schedule)
    spoken: dict[str, int] = {}
    for name, inside, line in walked(text):
        if inside and line.strip() == f"; {BEGIN}":
            spoken[name] = spoken.get(name, 0) + 1
    result: list[Linked] = []
    count: dict[str, int] = {}
    current: int | None = None
    for name, _, line in walked(text):
        mark = line.strip().removeprefix("; ")
        if mark == BEGIN:
            lines, number = order.get(name, []), count.get(name, 0)
            count[name] = number + 1
            number -= spoken[name] - len(lines) if name == ENTRY else 0  # what is measured before comes first
            current = lines[number % len(lines)] if lines and number >= 0 else None
        elif mark == END:
            current = None
        else:
            result.append(Linked(line, current if line.startswith("  ") else None))
    return result


def walked(text: str) -> Iterator[tuple[str, bool, str]]:
    """Yield each line of a text for LLVM with the name of the function that it stands in, and whether it stands in one."""
    name = ""
    for line in text.splitlines():
        found = DEFINED.match(line)
        name = found["name"] if found is not None else name
        yield name, bool(name), line
        if line == "}":
            name = ""


def with_locations(lines: list[Linked]) -> str:
    """Return a text for LLVM in which each linked instruction has its line as debug location, in a file that is called "loops"."""
    unit, flags, file, kind, none = (f"!{FIRST + number}" for number in range(5))
    functions: dict[str, str] = {}
    locations: dict[tuple[str, int], str] = {}
    out = []

    def location(scope: str, line: int) -> str:
        return locations.setdefault((scope, line), f"!{FIRST + 10_000 + len(locations)}")

    for (name, inside, text), each in zip(walked("\n".join(line.text for line in lines)), lines):
        if DEFINED.match(text) is not None:
            functions[name] = f"!{FIRST + 100 + len(functions)}"
            opened = text.endswith("{")
            text = f"{text.removesuffix('{').rstrip()} !dbg {functions[name]}" + " {" * opened
        elif inside and text.startswith("  ") and text.rstrip()[-1:] not in ("[", "]", "{", ""):
            text += f", !dbg {location(functions[name], each.line or 0)}"  # line 0 stands for none; without it the last one would go on
        out.append(text)
    out += [
        f"!llvm.dbg.cu = !{{ {unit} }}", f"!llvm.module.flags = !{{ {flags} }}",
        f'{unit} = distinct !DICompileUnit(language: DW_LANG_C, file: {file}, producer: "tensorlab", isOptimized: true, '
        "runtimeVersion: 0, emissionKind: LineTablesOnly)",
        f'{flags} = !{{ i32 2, !"Debug Info Version", i32 3 }}', f'{file} = !DIFile(filename: "loops", directory: "")',
        f"{kind} = !DISubroutineType(types: {none})", f"{none} = !{{ null }}",
        *(f'{number} = distinct !DISubprogram(name: "{name}", scope: {file}, file: {file}, line: 1, type: {kind}, '
          f"spFlags: DISPFlagDefinition, unit: {unit})" for name, number in functions.items()),
        *(f"{number} = !DILocation(line: {line}, column: 1, scope: {scope})" for (scope, line), number in locations.items()),
    ]  # fmt: skip
    return "\n".join(out) + "\n"
