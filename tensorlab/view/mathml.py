r"""Formulas as MathML, which browsers draw by themselves: what widgets show, where no TeX renderer fits.

Floor 4, after `latex.py`. Cards and names write LaTeX, of which they use a small part; this file reads that part and gives the same formula
as a tree of MathML. So a formula in a widget is that of the cell's output, and a card says how it is written once.

A tree is plain data, `["mfrac", [["mi", "x"], ["mn", "2"]]]`, with a table of attributes as a third item where there are any: a page builds
elements from it one by one, so that no text is ever read as markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from html import escape
from typing import Any

from ..graph.node import Node
from .escape import GREEK
from .latex import formula

Tree = list[Any]
"""A tag, its text or its children, and perhaps attributes."""

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
LETTERS = {
    name: unicodedata.lookup(f"GREEK {'CAPITAL' if name[0].isupper() else 'SMALL'} LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    for name in GREEK
}
OPERATORS = {
    "cdot": "⋅", "odot": "⊙", "times": "×", "partial": "∂", "sum": "∑", "prod": "∏", "top": "⊤", "cdots": "⋯", "dots": "…", "ldots": "…",
    "vdots": "⋮", "ne": "≠", "neq": "≠", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "land": "∧", "lor": "∨", "wedge": "∧", "vee": "∨",
    "lnot": "¬", "neg": "¬", "oplus": "⊕", "infty": "∞", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "langle": "⟨",
    "rangle": "⟩", "backslash": "\\", "lbrace": "{", "rbrace": "}", "sim": "∼", "backprime": "‵", "bmod": "mod", "mid": "∣", "ll": "≪",
    "gg": "≫", "lt": "<", "gt": ">", "ast": "∗", "star": "⋆", "circ": "∘", "otimes": "⊗", "pm": "±", "to": "→", "rightarrow": "→",
    "leftarrow": "←", "mapsto": "↦", "in": "∈", "subset": "⊂", "cup": "∪", "cap": "∩", "emptyset": "∅", "nabla": "∇", "lvert": "|",
    "rvert": "|", "vert": "|", "lVert": "‖", "rVert": "‖", "approx": "≈", "equiv": "≡", "forall": "∀", "exists": "∃", "prime": "′",
    "bigwedge": "⋀", "bigvee": "⋁",
}  # fmt: skip
FUNCTIONS = {"log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "max", "min", "sup", "inf",
             "lim", "det", "arg", "gcd"}  # fmt: skip
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "vec": "→", "dot": "˙", "ddot": "¨", "check": "ˇ", "overline": "¯"}
SPACES = {",": "0.17em", ";": "0.28em", ":": "0.22em", " ": "0.25em", "quad": "1em", "qquad": "2em", "!": "-0.17em"}
GROUPS = {"mathit": "mi", "text": "mtext", "operatorname": "mi", "mathrm": "mi", "mathbf": "mi", "textit": "mtext", "mathbb": "mi"}
CLOSING = {")", "]", "}", "⟩", "⌋", "⌉", "⊤", "′", "!", "|", "‖", "…", "⋯"}
"""Operators after which a minus takes something away."""
BIG = {"∑", "∏", "⋀", "⋁"}
CENTRED = ("text-align: center", "text-align: center")
ALIGNED = {
    "aligned": ("text-align: right; padding-right: 0", "text-align: left; padding-left: 0"),
    "cases": ("text-align: left", "text-align: left"),
}
"""How cells in odd and in even columns of an environment stand; browsers read this style, and no longer MathML's own attribute."""
SILENT = {"displaystyle", "small", "textstyle", "limits", "nolimits"}


def tree_of(node: Node, names: Mapping[Node, str]) -> Tree:
    """Return the formula of a node as a tree of MathML.

    Args:
        node: what to write.
        names: nodes to write by their names, as LaTeX.

    >>> x = T.scalar("x")
    >>> tree_of(x ** 2, {x: "x"})
    ['msup', [['mi', 'x'], ['mn', '2']]]
    """
    return mathml(formula(node, names).text)


def mathml(latex: str) -> Tree:
    r"""Return a formula of LaTeX as a tree of MathML; a command that is not known is shown by its name.

    >>> mathml(r"\frac{1}{v_{2}}")
    ['mfrac', [['mn', '1'], ['msub', [['mi', 'v'], ['mn', '2']]]]]
    """
    reader = Reader(TOKEN.findall(latex))
    return row(reader.until(()))


def markup(tree: Tree, block: bool = False) -> str:
    """Return a tree as text for a page that nothing else builds: a static picture, a list.

    >>> markup(["mi", "<x>"])
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>&lt;x&gt;</mi></math>'
    """
    inside = element(tree)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"{" display=" + chr(34) + "block" + chr(34) if block else ""}>{inside}</math>'


def element(tree: Tree) -> str:
    """Return one element as text."""
    tag, content, *rest = tree
    attributes = "".join(f' {name}="{escape(value, quote=True)}"' for name, value in (rest[0] if rest else {}).items())
    inside = escape(content, quote=False) if isinstance(content, str) else "".join(map(element, content))
    return f"<{tag}{attributes}>{inside}</{tag}>"


def row(parts: list[Tree]) -> Tree:
    """Return parts side by side as one; a minus behind another sign or an opening bracket is that of a number, and stands close to it.

    >>> row([["mi", "x"], ["mo", "="], ["mo", "−"], ["mn", "2"]])
    ['mrow', [['mi', 'x'], ['mo', '='], ['mo', '−', {'form': 'prefix'}], ['mn', '2']]]
    """
    before: Tree = []
    signed = []
    for part in parts:
        is_sign = part in (["mo", "−"], ["mo", "+"]) and before[:1] == ["mo"] and before[1] not in CLOSING
        signed.append([*part, {"form": "prefix"}] if is_sign else part)
        before = part
    return signed[0] if len(signed) == 1 else ["mrow", signed]


class Reader:
    """Reads LaTeX token by token."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.position = tokens, 0

    def peek(self) -> str:
        """Return the next token, or nothing at the end."""
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        """Return the next token and go on."""
        token = self.peek()
        self.position += 1
        return token

    def skip_spaces(self) -> None:
        """Go on to the next token that is no space."""
        while self.peek().isspace():
            self.position += 1

    def until(self, ends: tuple[str, ...]) -> list[Tree]:
        """Read parts until one of some tokens, which is not taken."""
        parts: list[Tree] = []
        while self.peek() and self.peek() not in ends:
            if self.peek().isspace():
                self.position += 1
            elif self.peek() in ("_", "^"):
                parts[-1:] = [self.scripts(parts[-1] if parts else ["mrow", []])]
            else:
                atom = self.atom()
                if atom is not None:
                    parts.append(atom)
        return parts

    def scripts(self, base: Tree) -> Tree:
        """Read what stands low and high at the right of a base."""
        low: Tree | None = None
        high: Tree | None = None
        while self.peek() in ("_", "^"):
            if self.take() == "_":
                low = self.argument()
            else:
                high = self.argument()
            self.skip_spaces()
        under = base[0] == "mo" and base[1] in BIG
        if low is not None and high is not None:
            return ["munderover" if under else "msubsup", [base, low, high]]
        if low is not None:
            return ["munder" if under else "msub", [base, low]]
        assert high is not None
        return ["mover" if under else "msup", [base, high]]

    def argument(self) -> Tree:
        r"""Read what a command applies to: a group in braces, or one part, which of a number is a digit: \frac12 is a half."""
        self.skip_spaces()
        if self.peek() == "{":
            return self.group()
        if self.peek()[:1].isdigit() and len(self.peek()) > 1:
            digit, self.tokens[self.position] = self.peek()[0], self.peek()[1:]
            return ["mn", digit]
        atom = self.atom() if self.peek() else None
        return atom if atom is not None else ["mrow", []]

    def group(self) -> Tree:
        """Read a group in braces."""
        self.take()
        parts = self.until(("}",))
        self.take()
        return row(parts)

    def words(self) -> str:
        r"""Read a group in braces as text: \text{…}."""
        self.skip_spaces()
        if self.peek() != "{":
            return self.take()
        depth, text = 0, ""
        while self.peek():
            token = self.take()
            depth += (token == "{") - (token == "}")
            if depth == 0:
                break
            if token.startswith("\\"):
                name = token[1:]
                text += OPERATORS.get(name) or LETTERS.get(name) or (" " if name in SPACES else name if len(name) == 1 else "")
            elif token not in "{}":
                text += token
        return text

    def atom(self) -> Tree | None:
        """Read one part: a letter, a number, a sign, a group, or a command with what it applies to."""
        token = self.take()
        if token == "{":
            self.position -= 1
            return self.group()
        if token[0] != "\\":
            if token[0].isdigit():
                return ["mn", token]
            return ["mi", token] if token.isalpha() else ["mo", {"-": "−", "*": "∗", "'": "′"}.get(token, token)]
        return self.command(token[1:])

    def command(self, name: str) -> Tree | None:
        """Read what belongs to a command."""
        if name in LETTERS:
            return ["mi", LETTERS[name]]
        if name in OPERATORS:
            return ["mi" if name in ("infty", "partial", "emptyset") else "mo", OPERATORS[name]]
        if name in FUNCTIONS:
            return ["mi", name]
        if name in ("frac", "tfrac", "dfrac"):
            return ["mfrac", [self.argument(), self.argument()]]
        if name == "sqrt":
            return self.root()
        if name in ACCENTS:
            return ["mover", [self.argument(), ["mo", ACCENTS[name]]], {"accent": "true"}]
        if name in GROUPS:
            return self.letters(name)
        if name in ("mathrel", "mathbin", "mathop"):
            return self.argument()
        if name == "left":
            return self.fence()
        if name == "begin":
            return self.table(self.words())
        if name in SPACES:
            return ["mspace", "", {"width": SPACES[name]}]
        if name in SILENT:
            return None
        return ["mo", name] if len(name) == 1 else ["mtext", name or "\\"]

    def letters(self, name: str) -> Tree:
        """Read letters in a face of their own."""
        text = self.words()
        if not text:
            return ["mrow", []]
        tag = "mn" if text.replace(".", "").isdigit() else GROUPS[name]
        if name == "mathbf":
            return [tag, text, {"style": "font-weight: bold"}]
        if name in ("mathit", "textit"):
            return [tag, text, {"style": "font-style: italic"}]
        return [tag, text.replace(" ", "\u00a0") if tag == "mtext" else text]

    def root(self) -> Tree:
        """Read a square root, or another one."""
        self.skip_spaces()
        if self.peek() != "[":
            return ["msqrt", [self.argument()]]
        self.take()
        degree = row(self.until(("]",)))
        self.take()
        return ["mroot", [self.argument(), degree]]

    def fence(self) -> Tree:
        """Read what stands between brackets that grow with it."""
        opening = self.bracket()
        inside = self.until((r"\right",))
        self.take()
        closing = self.bracket()
        return ["mrow", [*opening, row(inside), *closing]]

    def bracket(self) -> list[Tree]:
        """Read a bracket; a dot stands for none."""
        self.skip_spaces()
        token = self.take()
        sign = OPERATORS.get(token[1:], token[1:]) if token.startswith("\\") else token
        return [] if sign in (".", "") else [["mo", sign, {"stretchy": "true", "fence": "true"}]]

    def table(self, kind: str) -> Tree:
        """Read an environment of rows and cells."""
        rows: list[list[Tree]] = [[]]
        while self.peek() and self.peek() != r"\end":
            rows[-1].append(["mtd", [row(self.until(("&", r"\\", r"\end")))], {"style": ALIGNED.get(kind, CENTRED)[len(rows[-1]) % 2]}])
            if self.peek() in ("&", r"\\") and self.take() == r"\\":
                rows.append([])
                self.skip_spacing()
        self.take()
        self.words()
        body: Tree = ["mtable", [["mtr", cells] for cells in rows if cells]]
        opening, closing = {"cases": ("{", ""), "bmatrix": ("[", "]"), "pmatrix": ("(", ")")}.get(kind, ("", ""))
        grow = {"stretchy": "true", "fence": "true"}
        return ["mrow", [*([["mo", opening, grow]] if opening else []), body, *([["mo", closing, grow]] if closing else [])]]

    def skip_spacing(self) -> None:
        r"""Go on behind the distance to the next row, as in \\[4pt]."""
        self.skip_spaces()
        if self.peek() == "[":
            self.until(("]",))
            self.take()
