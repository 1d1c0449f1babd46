r"""Names and other strings of the reader made safe for LaTeX and HTML, and made to look like mathematics where they can.

Floor 4. A name is any string: `T.scalar("<img src=x onerror=alert(1)>")` is allowed, and must show those letters wherever it appears.
In LaTeX every letter with a meaning stands alone in braces, outside of `\text`, so that nothing joins to a command, `$` never ends
a formula, and a page that takes the formula for HTML finds neither a tag nor an entity in it.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

from .drawing import clean

SPECIAL = {
    "\\": r"{\backslash}", "{": r"{\lbrace}", "}": r"{\rbrace}", "$": r"{\$}", "%": r"{\%}", "#": r"{\#}", "_": r"{\_}",
    "^": r"{\wedge}", "~": r"{\sim}", "&": r"{\&}", "<": "{<}", ">": "{>}", "`": r"{\backprime}",
}  # fmt: skip
LONGEST = 60  # characters of a name in a formula; a longer one would leave no room for the formula
GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho"),
    *("sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
)
ACCENTS = {"hat": "hat", "bar": "bar", "tilde": "tilde", "vec": "vec", "dot": "dot", "ddot": "ddot", "check": "check"}
MARKS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot", "\u030c": "check", "\u20d7": "vec"}
SINGLE = re.compile(rf"(?P<base>[A-Za-z]|{'|'.join(sorted(GREEK, key=len, reverse=True))})(?P<index>\d*)")
ITEM = re.compile(r"(?P<of>\w+)\[(?P<position>\d+)\]")  # an item of a list that one call made
DERIVATIVE = re.compile(r"\(?d(\w+)/d(\w+)\)?")


def html_text(text: str) -> str:
    """Return text that can stand between two tags or in a quoted attribute.

    >>> html_text('<b onclick="x">')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    return escape(clean(text), quote=True)


def latex_text(text: str) -> str:
    r"""Return any text as upright letters in a formula.

    >>> print(latex_text("ha ha"), latex_text("50% of $x"))
    \text{ha ha} \text{50}{\%}\text{ of }{\$}\text{x}
    """
    text = clean(text)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    parts = re.split("([" + re.escape("".join(SPECIAL)) + "])", text)
    return "".join(SPECIAL.get(part, rf"\text{{{part}}}") for part in parts if part) or r"\text{ }"


def latex_name(name: str) -> str:
    r"""Return a name as mathematics: letters with indices, Greek letters, hats; other words in italics; the rest as text.

    >>> print(*map(latex_name, ["x", "w1", "W_xh", "y_hat", "theta", "cost", "beta1_hat", "g[0]", "learning_rate", "(dC/dw)"]))
    x w_{1} W_{xh} \hat{y} \theta \mathit{cost} \hat{\beta}_{1} g_{0} \mathit{learning}{\_}\mathit{rate} \frac{\partial C}{\partial w}
    >>> print(latex_name(r"\href{x}"))
    {\backslash}\text{href}{\lbrace}\text{x}{\rbrace}
    """
    derivative = DERIVATIVE.fullmatch(name)
    if derivative is not None and name[0] == "(":
        return partial_derivative(*map(latex_name, derivative.groups()))
    item = ITEM.fullmatch(name)
    if item is not None and SINGLE.fullmatch(item["of"]):
        return latex_name(f"{item['of']}_{item['position']}")
    if item is not None and item["of"].isidentifier():
        return f"{words_of(item['of'])}_{{{item['position']}}}"
    if not name.isidentifier():
        return latex_text(name)
    plain, accent = without_marks(name)
    base, *rest = plain.rstrip("_").split("_")
    while rest and rest[-1] in ACCENTS and not accent:
        accent = ACCENTS[rest.pop()]
    single = SINGLE.fullmatch(base)
    if single is None or not all(rest):
        return words_of(name)
    letter = latex_letter(single["base"])
    if accent:
        letter = rf"\{accent}{{{letter}}}"
    index = ",".join(filter(None, [single["index"], *map(latex_index, rest)]))
    return f"{letter}_{{{index}}}" if index else letter


def partial_derivative(cost: str, variable: str) -> str:
    """Return the symbol for a derivative, from LaTeX to LaTeX."""
    return rf"\frac{{\partial {cost}}}{{\partial {variable}}}"


def latex_letter(letter: str) -> str:
    """Return a letter, or the command for a Greek one."""
    return "\\" + letter if len(letter) > 1 else letter


def latex_index(word: str) -> str:
    """Return what stands low at the right of a letter: `xh` and `12` as they are, Greek letters, longer words in italics."""
    if word in GREEK:
        return latex_letter(word)
    if (len(word) <= 2 and word.isascii()) or (word.isascii() and word.isdigit()):
        return word
    return words_of(word)


def words_of(name: str) -> str:
    """Return an identifier of several letters in italics that belong together; letters beyond ASCII as text."""
    if not name.isascii():
        return latex_text(name)
    if len(name) > LONGEST:
        name = name[: LONGEST - 1]
    parts = re.split("(_)", name)
    return "".join(r"{\_}" if part == "_" else rf"\mathit{{{part}}}" for part in parts if part)


def without_marks(name: str) -> tuple[str, str]:
    """Split `ŷ` into y and its hat, and turn Greek letters into their names.

    >>> without_marks("ŷ"), without_marks("θ2")
    (('y', 'hat'), ('theta2', ''))
    """
    accent = ""
    letters = []
    for letter in unicodedata.normalize("NFD", name):
        words = unicodedata.name(letter, "").split()
        if letter in MARKS:
            accent = MARKS[letter]
        elif words[:1] == ["GREEK"] and len(words) == 4 and words[3].replace("LAMDA", "LAMBDA").lower() in GREEK:
            word = words[3].replace("LAMDA", "LAMBDA").lower()
            letters.append(word.capitalize() if words[1] == "CAPITAL" and word.capitalize() in GREEK else word)
        else:
            letters.append(letter)
    return "".join(letters), accent
