"""A schedule as text: the loops that a reader can look at before they become instructions.

Floor 3. Read `kernels` before.
"""

from __future__ import annotations

from ..ops.advanced_indexing import AdvancedIndex
from ..ops.choices import Fill
from ..ops.families import Elementwise
from ..ops.ranges import Arange
from .kernels import Access, Indexed, Kernel, Length, Line, Number, Operand, Position, Product, Read, Schedule, Take
from .sizes import Size


def written(schedule: Schedule) -> str:
    """Return the text of a schedule: one block a step, with the names of the nodes that it computes."""
    names = Names(schedule)
    lines = [f"{names.of(leaf)}: {leaf.type.dtype}{lengths(schedule.places[leaf].lengths)}  # {leaf.label}"
             for leaf in schedule.leaves if leaf not in schedule.literals]
    for step in schedule.steps:
        lines += kernel_lines(step, names) if isinstance(step, Kernel) else product_lines(step, names)
    lines.append(f"return {', '.join(map(names.of, schedule.results))}")
    return "\n".join(lines) + "\n"


class Names:
    """Short names for the arrays of a schedule, in the order in which they are met."""

    def __init__(self, schedule: Schedule) -> None:
        self.known: dict[object, str] = {}
        self.schedule = schedule

    def of(self, node: object) -> str:
        """Return the name of an array: b0, b1 …; a view bears the name of what it looks at."""
        base = self.schedule.places[node].base if node in self.schedule.places else node  # type: ignore[index]
        return self.known.setdefault(base, f"b{len(self.known)}")


def lengths(sizes: tuple[Size, ...]) -> str:
    """Return lengths as they are written: [n0, 3]."""
    return f"[{', '.join(map(str, sizes))}]" if sizes else ""


LETTERS = "ijklmnop"


def place(access: Access, names: Names, extra: str = "") -> str:
    """Return an element of an array as it is written: b3[n1*i + j]."""
    terms = [letter if str(stride) == "1" else f"{stride}*{letter}" for stride, letter in zip(access.strides, LETTERS) if stride.known != 0]
    terms += [str(size) for size in access.offset or () if size.known != 0]
    return f"{names.of(access.node)}[{' + '.join([*terms, *([extra] if extra else [])]) or '0'}]"


def kernel_lines(kernel: Kernel, names: Names) -> list[str]:
    """Return the lines of a kernel."""
    lines, indent = [], ""
    for letter, length in zip(LETTERS, kernel.axes):
        lines.append(f"{indent}for {letter} in range({length}):")
        indent += "    "

    def operand(each: Operand) -> str:
        if isinstance(each, Number):
            return repr(each.value)
        if isinstance(each, Length):
            return str(kernel.sizes[each.position])
        return place(kernel.reads[each.position], names) if isinstance(each, Read) else f"v{each.line}"

    def picked(where: Indexed | None) -> str:
        """Return what is added to the place of an element whose positions are computed."""
        if where is None:
            return ""
        pairs = zip(where.positions, where.strides)
        return " + ".join(operand(each) if str(stride) == "1" else f"{stride}*{operand(each)}" for each, stride in pairs)

    def value(line: Line | Position | Take) -> str:
        if isinstance(line, Position):
            return LETTERS[line.axis]
        if isinstance(line, Take):
            return place(kernel.reads[line.read], names, picked(line.where))
        arguments = list(map(operand, line.operands))
        infix = line.op.infix if line.op is not None else ""
        return f" {infix} ".join(arguments) if infix and len(arguments) > 1 else f"{line.op}({', '.join(arguments)})"

    lined = (Elementwise, AdvancedIndex, Arange)
    computed = [node for node in kernel.nodes if isinstance(node.op, lined) and not isinstance(node.op, Fill)]
    notes = [f"  # {' '.join(node.label.split())}" for node in computed] if len(computed) == len(kernel.lines) else [""] * len(kernel.lines)
    for number, (line, note) in enumerate(zip(kernel.lines, notes)):
        lines.append(f"{indent}v{number} = {value(line)}{note}")
    for store in kernel.stores:
        lines.append(f"{indent}{place(store.access, names, picked(store.where))} {'+=' if store.adds else '='} {operand(store.value)}")
    for fold in kernel.folds:
        said = " ".join(fold.access.node.label.split())
        lines.append(f"{indent}{place(fold.access, names)} = {fold.combine}({place(fold.access, names)}, {operand(fold.value)})  # {said}")
    return lines


def product_lines(step: Product, names: Names) -> list[str]:
    """Return the line of a call."""
    text = f"{names.of(step.left)} @ {names.of(step.right)}"
    if step.factor is not None:
        text = f"{names.of(step.factor)} * {text}"
    if step.start is not None:
        text = f"{names.of(step.start)} + {text}"
    return [f"{names.of(step.node)} = {text}  # {' '.join(step.node.label.split())}"]


