"""A drawing in plain words: for a screen reader, a terminal, a saved notebook that shows no picture, and a test.

Floor 4, the text twin of `svg`: it reads the same `Drawing`, and says in words what the picture says by shape, colour
and dash. One line a shape, in the order of the drawing; numbers stand inside the formulas; an operation without a
name of its own is called #1, #2, … so that later lines can speak of it and nobody takes it for a variable.
"""

from __future__ import annotations

from .drawing import Arrow, Drawing, Shape, clean
from .sizes import percent

BETWEEN = {*"+−-–×*·⋅/÷%@^=≠<>≤≥∧∨&|", "//", "**", "==", "!=", "<=", ">=", "and", "or"}
AFTER = {*"²³ⁿᵀ′!", "⁻¹"}
BEFORE = {*"−-+¬~", "not"}
# What a screen reader would spell as a Greek letter, as the function that it stands for.
SPOKEN = {"Σ": "sum", "∑": "sum", "Π": "product", "∏": "product", "√": "sqrt", "σ": "sigmoid", "|·|": "abs", "| |": "abs"}
KEPT = {"symbol": "input", "shared": "shared variable", "constant": "constant"}


def words(drawing: Drawing) -> str:
    """The graph as lines of text.

    >>> from tensorlab.view.drawing import Arrow, Shape
    >>> shapes = (Shape("n0", "symbol", "x"), Shape("n1", "constant", "2"), Shape("n2", "elementwise", "×", name="y"))
    >>> print(words(Drawing(shapes, (Arrow("n0", "n2"), Arrow("n1", "n2", 1)))))
    x   (input)
    y = x × 2
    """
    names = _names(drawing)
    incoming: dict[str, list[Arrow]] = {shape.key: [] for shape in drawing.shapes}
    sent: dict[str, list[str]] = {shape.key: [] for shape in drawing.shapes}
    for arrow in sorted(drawing.arrows, key=lambda arrow: arrow.slot):
        if arrow.kind != "back":
            incoming[arrow.target].append(arrow)
        elif arrow.label.strip():
            sent[arrow.source].append(f"{clean(arrow.label).strip()} to {names[arrow.target]}")
    used = {arrow.source for arrow in drawing.arrows if arrow.kind != "back"}
    lines = [clean(drawing.title).strip()] if drawing.title.strip() else []
    for shape in drawing.shapes:
        if shape.kind == "constant" and shape.key in used and not (shape.output or shape.name or shape.mark):
            continue  # already written where it is used
        line = names[shape.key]
        if shape.kind not in KEPT:
            line += " = " + _formula(shape, [names[arrow.source] for arrow in incoming[shape.key]])
        elif shape.kind == "constant" and shape.name:
            line += " = " + clean(shape.label)
        facts = [KEPT.get(shape.kind, ""), clean(shape.type).strip(), "output" if shape.output else "",
                 f"value {clean(shape.value)}" if shape.value else "",
                 f"gradient {clean(shape.gradient)}" if shape.gradient else "",
                 "sends back " + " and ".join(sent[shape.key]) if sent[shape.key] else "",
                 f"{percent(shape.share)} of the whole" if shape.share is not None else "",
                 "this step" if shape.mark == "step" else "", _alarm(shape, incoming[shape.key], names)]
        said = ", ".join(fact for fact in facts if fact)
        lines.append(f"{line}   ({said})" if said else line)
    for group in drawing.groups:
        lines.append(f"{clean(group.label).strip() or 'group'}: {', '.join(names[key] for key in group.keys)}")
    return "\n".join(lines)


def alternative(drawing: Drawing) -> str:
    """One sentence for the `alt` of an image: what the picture shows, not that it is one.

    >>> from tensorlab.view.drawing import Arrow, Shape
    >>> shapes = (Shape("n0", "symbol", "x"), Shape("n1", "elementwise", "exp", name="y", output=True))
    >>> alternative(Drawing(shapes, (Arrow("n0", "n1"),)))
    'The input x flows through 1 operation (exp) to y.'
    """
    names = _names(drawing)
    for shape in drawing.shapes:  # a number such as #3 says nothing in one sentence
        names[shape.key] = _word(shape) if names[shape.key].startswith("#") else names[shape.key]
    groups = [(noun, [names[shape.key] for shape in drawing.shapes if shape.kind == kind])
              for kind, noun in (("symbol", "input"), ("shared", "shared variable"), ("constant", "number"))]
    sources = [group for group in groups[:2] if group[1]] or [group for group in groups[2:] if group[1]]
    steps = [shape for shape in drawing.shapes if shape.kind not in KEPT]
    sentence = _listed([_several(*group) for group in sources]) or ("nothing" if drawing.shapes else "an empty graph")
    if steps:
        told = list(dict.fromkeys(_word(shape) for shape in steps))
        sentence += " flow" if sum(len(found) for _, found in sources) > 1 else " flows"
        sentence += f" through {len(steps)} operation{'s' * (len(steps) > 1)} "
        sentence += f"({', '.join(told[:6])}{', …' * (len(told) > 6)})"
        ends = [names[shape.key] for shape in drawing.shapes if shape.output]
        sentence += f" to {_listed(ends)}" if ends else ""
    elif drawing.shapes:
        sentence += ", with no operation"
    parts = [sentence]
    if any(shape.gradient for shape in drawing.shapes) or any(arrow.kind == "back" for arrow in drawing.arrows):
        parts.append("gradients come back the other way")
    parts += [f"the step at {names[shape.key]}" for shape in drawing.shapes if shape.mark == "step"]
    parts += [f"a clash at {names[shape.key]}" if shape.mark == "clash" else f"{shape.alarm}, at {names[shape.key]}"
              for shape in drawing.shapes if shape.alarm]
    title = clean(drawing.title).strip()
    said = "; ".join(parts) + "."
    return f"{title}: {said}" if title else said[0].upper() + said[1:]


def _names(drawing: Drawing) -> dict[str, str]:
    """What each shape is called, no two alike except numbers."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    unnamed = 0
    for shape in drawing.shapes:
        name = clean(shape.label if shape.keeps_name_inside else shape.name).strip()
        if shape.kind == "constant" and not name:
            names[shape.key] = clean(shape.label).strip() or "a number"
            continue
        if not name:
            unnamed += 1
            name = f"#{unnamed}"
        same, count = name, 1
        while name in taken:
            count += 1
            name = f"{same}#{count}"
        taken.add(name)
        names[shape.key] = name
    return names


def _word(shape: Shape) -> str:
    """The operation's own word."""
    label = clean(shape.label).strip()
    return SPOKEN.get(label, label) or "operation"


def _formula(shape: Shape, arguments: list[str]) -> str:
    """The operation applied to its arguments, as it is written in mathematics."""
    word = _word(shape)
    if word in BETWEEN and len(arguments) > 1:
        return f" {word} ".join(arguments)
    if len(arguments) == 1 and word in AFTER:
        return arguments[0] + word
    if len(arguments) == 1 and word in BEFORE:
        return word + " " * word.isalpha() + arguments[0]
    return f"{word}({', '.join(arguments)})"


def _alarm(shape: Shape, incoming: list[Arrow], names: dict[str, str]) -> str:
    """The word of a mark that tells of a mistake, and what each argument brings to it."""
    if not shape.alarm:
        return ""
    brought = [f"{names[arrow.source]} brings {clean(arrow.label).strip()}" for arrow in incoming if arrow.label.strip()]
    return shape.alarm + (": " + " and ".join(brought) if brought else "")


def _several(noun: str, names: list[str]) -> str:
    """One thing or several, with their names if they are few."""
    if len(names) > 6:
        return f"the {len(names)} {noun}s"
    return f"the {noun}{'s' * (len(names) > 1)} {_listed(names)}"


def _listed(parts: list[str]) -> str:
    """One, one and two, or one, two and three."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
