"""The text of a program for LLVM, and its assembly, with the line of the loops that each instruction comes from. Only for the eye.

Floor 4. Read `origins.py` before. The program is written once more with a note at each instruction of a loop, a formula, a store, a fold or
the call of a product. Kernels of the same form share a function; its lines are those of the first of them. For the assembly the notes
become debug locations, as a compiler of C would write them, so that they survive LLVM's passes. What comes from no line of the loops
(reading arguments, checking their shapes, reserving memory, handing out results) is not linked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import llvmlite.binding as llvm

from ...schedule.kernels import Kernel, Schedule
from .interface import Interface
from .machine import PINNED, assembly
from .origins import NOTES, Origin
from .program import write

PROCESSORS = {
    "x86-64": "", "x86-64-v2": "+sse4.2,+popcnt", "x86-64-v3": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+popcnt",
    "x86-64-v4": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+popcnt,+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl",
}  # fmt: skip
"""The levels of the x86-64 psABI (https://gitlab.com/x86-psABIs/x86-64-ABI) with the features that decide what is written."""
TRIPLE = "x86_64-unknown-linux-gnu"
DEFINED = re.compile(r'define .*@"?(?P<name>\w+)"?\(')
NOTE = re.compile(r', !dbg !"tl\.(?P<number>\d+)"')
LOCATION = re.compile(r"\s*\.loc\s+\d+\s+(?P<line>\d+)")
FIRST = 100_000  # the number of the first node of debug information: far above those that the program has


class Linked(NamedTuple):
    """One line of a text, and the line of the loops that it comes from, counted from 1; None for what comes from none of them."""

    text: str
    line: int | None


@contextmanager
def looked_at(cpu: str | None) -> Iterator[list[Origin]]:
    """Within the block programs are written for the eye: with notes, which it yields, and for another processor if one is named."""
    if cpu is not None:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    notes: list[Origin] = []
    tokens = NOTES.set(notes), PINNED.set((TRIPLE, cpu, PROCESSORS[cpu]) if cpu is not None else PINNED.get())
    try:
        yield notes
    finally:
        NOTES.reset(tokens[0])
        PINNED.reset(tokens[1])


def annotated(schedule: Schedule, interface: Interface, cpu: str | None = None) -> list[Linked]:
    """Return the text of a program for LLVM with its links.

    Args:
        schedule, interface: the program.
        cpu: one of `PROCESSORS`; None for the one that this runs on.
    """
    with looked_at(cpu) as notes:
        return linked(write(schedule, interface).text, notes, schedule)


def annotated_assembly(schedule: Schedule, interface: Interface, cpu: str | None = None) -> list[Linked]:
    """Return the assembly of a program with its links; arguments as for `annotated`."""
    with looked_at(cpu) as notes:
        text = assembly(with_locations(linked(write(schedule, interface).text, notes, schedule)))
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


def lines_of(schedule: Schedule) -> dict[tuple[int, str, int], int]:
    """Return for each part of each step, by the identity of the step, the number of its line in the text of the loops.

    The text is that of `schedule/text.py`: a line for each leaf with memory, then the steps.
    """
    position = sum(leaf not in schedule.literals for leaf in schedule.leaves)
    found = {}
    for step in schedule.steps:
        parts = [("call", 1)]
        if isinstance(step, Kernel):
            parts = [("axis", len(step.axes)), ("line", len(step.lines)), ("store", len(step.stores)), ("fold", len(step.folds))]
        for part, count in parts:
            for number in range(count):
                position += 1
                found[id(step), part, number] = position
    return found


def linked(text: str, notes: Sequence[Origin], schedule: Schedule) -> list[Linked]:
    """Return the lines of a text without its notes, each with the line of the loops that it comes from."""
    known = lines_of(schedule)
    result: list[Linked] = []
    for line in text.splitlines():
        note = NOTE.search(line)
        if note is None:
            result.append(Linked(line, None))
            continue
        origin = notes[int(note["number"])]
        result.append(Linked(NOTE.sub("", line), known.get((id(origin.step), origin.part, origin.number))))
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
    """Return a text for LLVM in which each linked instruction has its line as debug location, in a file that is called "loops".

    A function without links has none at all: taken into another one, its instructions bear the location of the call.
    """
    unit, flags, file, kind, none = (f"!{FIRST + number}" for number in range(5))
    functions: dict[str, str] = {}
    locations: dict[tuple[str, int], str] = {}
    out = []

    def location(scope: str, line: int) -> str:
        return locations.setdefault((scope, line), f"!{FIRST + 10_000 + len(locations)}")

    walk = list(walked("\n".join(line.text for line in lines)))
    wanted = {name for (name, inside, _), each in zip(walk, lines) if inside and each.line is not None}
    for (name, inside, text), each in zip(walk, lines):
        if name not in wanted:
            pass
        elif DEFINED.match(text) is not None:
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
