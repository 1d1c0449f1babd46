"""Whether a cell says today what is stored of it: graphs are compared as graphs, numbers within a tolerance, everything else to the letter.

Floor 6. Read `isomorphism` before. nbval compares every byte, which is right for lessons whose author builds them anew; for a teacher's own
notebook, another version of NumPy may print a last digit otherwise, and another layout may move an arrow. Neither is a mistake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..view.structure import KIND as GRAPH
from .cells import IMAGES, joined
from .isomorphism import difference

Output = Mapping[str, Any]
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w])")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
LABEL = re.compile(r"#\d+")  # of a line in the words of a graph: another order has others
UNCOMPARED = ("image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json")
"""Bytes that depend on versions, and the numbers of widgets."""
SEEN = 60  # characters of a difference that are shown


def disagreement(old: Sequence[Output], new: Sequence[Output], tolerance: float) -> str:
    """Return the first difference between the outputs of a cell, or nothing.

    Args:
        old: what is stored.
        new: what came out now.
        tolerance: how far numbers may be apart, relative to the larger and, near 0, absolutely.

    >>> stored, now = ([{"output_type": "stream", "name": "stdout", "text": text}] for text in ("y = 0.30", "y = 0.3000001"))
    >>> disagreement(stored, now, 1e-4), disagreement(stored, now, 0.0)
    ('', "stdout: 0.30 is 0.3000001 now, in 'y = 0.3000001'")
    """
    mine, others = streams_joined(old), streams_joined(new)
    if [kind_of(each) for each in mine] != [kind_of(each) for each in others]:
        return f"outputs were {named(mine)} and are {named(others)}"
    for one, two in zip(mine, others):
        found = differ(one, two, tolerance)
        if found:
            return found
    return ""


def streams_joined(outputs: Sequence[Output]) -> list[Output]:
    """Return outputs with what one stream said in pieces in one piece; a kernel cuts it where it likes."""
    found: list[dict[str, Any]] = []
    for each in outputs:
        text = joined(each.get("text", ""))
        last = found[-1] if found else {}
        if each.get("output_type") == "stream" and last.get("output_type") == "stream" and last.get("name") == each.get("name"):
            last["text"] += text
        else:
            found.append({**each, "text": text} if each.get("output_type") == "stream" else dict(each))
    return list(found)


def kind_of(output: Output) -> tuple[str, ...]:
    """Return what makes outputs comparable at all: where they go and in which forms; a result and a display are the same to a reader."""
    if output.get("output_type") == "stream":
        return ("stream", str(output.get("name")))
    if output.get("output_type") == "error":
        return ("error",)
    return ("data", *sorted(kind for kind in output.get("data", {}) if kind not in UNCOMPARED))


def named(outputs: Sequence[Output]) -> str:
    """Return the kinds of outputs in words."""
    return ", ".join(" ".join(kind_of(each)[1:] or kind_of(each)) for each in outputs) or "none"


def differ(old: Output, new: Output, tolerance: float) -> str:
    """Return how two outputs of one kind differ, or nothing."""
    if old.get("output_type") == "stream":
        return texts_differ(str(old["name"]), old["text"], new["text"], tolerance)
    if old.get("output_type") == "error":
        if old.get("ename") != new.get("ename"):
            return f"the error was {old.get('ename')} and is {new.get('ename')}"
        return texts_differ(str(old.get("ename")), joined(old.get("evalue", "")), joined(new.get("evalue", "")), tolerance)
    mine, others = old.get("data", {}), new.get("data", {})
    if GRAPH in mine and GRAPH in others:
        found = difference(mine[GRAPH], others[GRAPH], tolerance)
        if found:
            return f"the graph: {found}"
        return numbers_differ(joined(mine.get("text/plain", "")), joined(others.get("text/plain", "")), tolerance)
    for kind in mine:
        if kind in UNCOMPARED or (kind in IMAGES and "text/plain" in mine):
            continue  # of a picture its words are compared
        if isinstance(mine[kind], Mapping):
            if mine[kind] != others[kind]:
                return f"{kind} is not what it was"
            continue
        found = texts_differ(kind, without_images(joined(mine[kind])), without_images(joined(others[kind])), tolerance)
        if found:
            return found
    return ""


def without_images(page: str) -> str:
    """Return a page without the letters of its images and how wide they are."""
    return re.sub(r'(?:width="\d+" )?src="data:image/[\w+]+;base64,[^"]*"', "", page)


def texts_differ(kind: str, old: str, new: str, tolerance: float) -> str:
    """Return how two texts differ, or nothing: their words must be the same, their numbers near each other."""
    old, new = ANSI.sub("", old), ANSI.sub("", new)
    if old == new:
        return ""
    mine, others = NUMBER.findall(old), NUMBER.findall(new)
    if words(old) != words(new) or len(mine) != len(others):
        lines = [two for one, two in zip([*old.splitlines(), ""], [*new.splitlines(), ""]) if words(one) != words(two)]
        return f"{kind}: another text, {shown(lines[0] if lines else new)}"
    for one, two in zip(mine, others):
        if not near(one, two, tolerance):
            line = next((line for line in new.splitlines() if two in line), new)
            return f"{kind}: {one} is {two} now, in {shown(line)}"
    return ""


def words(text: str) -> list[str]:
    """Return what stands between the numbers of a text; how many spaces there are depends on how long the numbers are."""
    return " ".join(NUMBER.sub(" 0 ", text).split()).split()


def numbers_differ(old: str, new: str, tolerance: float) -> str:
    """Return how the numbers of two texts differ whose lines may stand in another order, or nothing."""
    mine, others = (sorted(map(float, NUMBER.findall(LABEL.sub("", text)))) for text in (old, new))
    if len(mine) != len(others):
        return f"the graph: {len(mine)} numbers in its words are {len(others)} now"
    pairs = zip(mine, others)
    return next((f"the graph: a value of {one:g} is {two:g} now" for one, two in pairs if not near(one, two, tolerance)), "")


def near(one: str | float, two: str | float, tolerance: float) -> bool:
    """Say whether two numbers are within a tolerance of each other."""
    return math.isclose(float(one), float(two), rel_tol=tolerance, abs_tol=tolerance)


def shown(text: str) -> str:
    """Return the beginning of a text, in quotes."""
    return repr(text if len(text) <= SEEN else text[: SEEN - 1] + "…")
