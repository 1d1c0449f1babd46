"""The base of all widgets: code from files of the package, a picture for where no widget can be shown, and messages that cannot hurt.

Floor 6. Read `messages.py` first. A widget is a class with traits beside a plain ES module. A subclass names its files, says what the page
may set and ask, and draws a `Still`: what a saved notebook, a printer or a screen reader shows instead of the widget.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any, ClassVar

import anywidget

from ..graph.errors import TensorlabError
from ..view.escape import html_text
from .messages import Field, Malformed, read_all

ROOM = 256_000  # bytes of state besides code: twenty widgets in a notebook are then a file of 5 MB, which still opens at once
LONGEST_PROBLEM = 2000  # characters of an error that are sent to the page


class WidgetError(TensorlabError, ValueError):
    """A widget that cannot be made of what it was given."""


@dataclass(frozen=True)
class Still:
    """What is shown where the widget itself cannot be: three forms of one picture.

    Attributes:
        html: an image with a text that says what it shows, or a list; nothing in it runs.
        svg: the picture, or empty.
        text: the same in words.
    """

    html: str
    svg: str
    text: str

    @classmethod
    def picture(cls, svg: str, alt: str, text: str) -> Still:
        """Return the three forms of a picture.

        Args:
            svg: the picture.
            alt: what it shows, in a sentence.
            text: what it shows, at length.
        """
        image = b64encode(svg.encode()).decode()
        return cls(f'<img alt="{html_text(alt)}" src="data:image/svg+xml;base64,{image}">', svg, text)


    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, str]:
        bundle = {"text/html": self.html, "image/svg+xml": self.svg, "text/plain": self.text}
        return {kind: data for kind, data in bundle.items() if data and (not include or kind in include) and kind not in (exclude or ())}


def size_of(value: Any) -> int:
    """Return how many bytes a value takes as it travels and is saved: JSON in UTF-8.

    >>> size_of({"v₁": 1})
    11
    """
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def static(names: Collection[str]) -> str:
    """Return the text of files of `tensorlab/widgets/static`, one below the other."""
    return "\n".join((files(__package__) / "static" / name).read_text(encoding="utf-8") for name in names)


def module(names: Collection[str]) -> str:
    """Return scripts of `tensorlab/widgets/static` joined into one module, without indentation and most comments: the module is saved in a
    notebook once for each widget.
    """
    text = re.sub(r"^[ ]*/\*\*.*?\*/\n", "", static(names), flags=re.MULTILINE | re.DOTALL)
    # a comment behind code goes only if no quote follows: "//" could else stand inside of a text
    lines = (re.sub(r"""[ ]+// [^"'`]*$""", "", line).lstrip(" ") for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("// "))


class TensorlabWidget(anywidget.AnyWidget):
    """A widget of tensorlab.

    A subclass sets `scripts` and `sheets` (files in `static/`, joined into one module and one style sheet), `page_may_set` (traits, each
    with the field that a value from the page has to fit) and `page_may_ask` (words, each with the fields of its message; the method
    `asked_<word>` is called with them). It has a method `still`.

    A message that fits no table changes nothing and is answered by {"kind": "refused", "why": …}; an error of a method changes nothing
    either and is answered by {"kind": "problem", "text": …}. To {"kind": "hello"} every widget answers {"kind": "here"}.

    Raises:
        WidgetError: the state is larger than `ROOM`.
    """

    scripts: ClassVar[tuple[str, ...]] = ()
    sheets: ClassVar[tuple[str, ...]] = ("look.css",)
    _css: Any = static(("look.css",))
    page_may_set: ClassVar[Mapping[str, Field]] = {}
    page_may_ask: ClassVar[Mapping[str, Mapping[str, Field]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # only where they are declared: ipywidgets makes one more class for each widget, with traits in their place
        if "scripts" in vars(cls):
            cls._esm = module(cls.scripts)
        if "sheets" in vars(cls):
            cls._css = static(cls.sheets)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        try:
            self.check_room()
        except WidgetError:
            self.close()  # it is registered already, and nobody will ever hold it
            raise

    # -- what is shown
    def still(self) -> Still:
        """Return what is shown where the widget cannot be."""
        raise NotImplementedError(f"{type(self).__name__} has no picture")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _repr_mimebundle_(  # type: ignore[override]
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None, **rest: Any
    ) -> dict[str, Any]:
        still = self.still()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        bundle = {
            "application/vnd.jupyter.widget-view+json": view,
            "text/html": still.html,
            "image/svg+xml": still.svg,
            "text/plain": still.text,
        }
        wanted = {kind: data for kind, data in bundle.items() if data}
        return {kind: data for kind, data in wanted.items() if (not include or kind in include) and kind not in (exclude or ())}

    # -- how much is kept
    def check_room(self) -> None:
        """Make sure that the state besides code is not larger than `ROOM`.

        Raises:
            WidgetError: it is.
        """
        sizes = {name: size_of(value) for name, value in self.own_state().items()}
        if sum(sizes.values()) > ROOM:
            largest = max(sizes, key=lambda name: sizes[name])
            found = f"its state takes {sum(sizes.values()) // 1000} kB of {ROOM // 1000}, most of it in {largest!r}"
            raise WidgetError(f"a {type(self).__name__}", found, "a smaller graph, fewer steps or smaller arrays")

    def own_state(self) -> dict[str, Any]:
        """Return the values of the traits that tensorlab's own classes declare, as they are saved."""
        mine = self.own_traits()
        return {name: value for name, value in self.get_state().items() if name in mine}

    @classmethod
    def own_traits(cls) -> set[str]:
        """Return the names of the synchronized traits that tensorlab's own classes declare."""
        return set(cls.class_traits(sync=True)) - set(anywidget.AnyWidget.class_traits(sync=True)) - {"_esm", "_css"}

    # -- what the page says
    def _handle_msg(self, msg: Any) -> None:
        """Take a message from the page; whatever it is, the kernel lives on, and what is malformed changes nothing."""
        try:
            data = msg["content"]["data"]
            if not isinstance(data, dict) or not isinstance(data.get("method"), str):
                raise Malformed("no method")
            self._obey(data)
        except Malformed as problem:
            self._answer("refused", why=str(problem))
        except (KeyError, TypeError, AttributeError, IndexError, RecursionError):
            self._answer("refused", why="not a message")

    def _obey(self, data: dict[str, Any]) -> None:
        method = data["method"]
        if method == "request_state":
            self.send_state()
        elif method == "update":
            if data.get("buffer_paths"):
                raise Malformed("no field takes bytes")
            try:
                values = read_all(data.get("state"), self.page_may_set, complete=False)
            except Malformed:
                self.send_state(list(self.page_may_set))  # the page shows what it asked for; now it shows what is
                raise
            self._keeping(partial(self.set_state, values))
        elif method == "custom":
            said = data.get("content")
            content = said if isinstance(said, dict) else {}
            kind = content.get("kind")
            if kind == "hello":
                self._answer("here")  # a page cannot see whether there is a kernel behind it, so it asks
                return
            if not isinstance(kind, str) or kind not in self.page_may_ask:
                raise Malformed("nothing that this widget is asked")
            fields = read_all({name: value for name, value in content.items() if name != "kind"}, self.page_may_ask[kind], complete=True)
            self._keeping(partial(getattr(self, f"asked_{kind}"), **fields))
        else:
            raise Malformed("an unknown method")

    def _keeping(self, act: Callable[[], object]) -> None:
        """Do something; if that fails, the state is what it was, and the page is told why."""
        before = {name: getattr(self, name) for name in self.own_traits()}
        try:
            act()
            if any(getattr(self, name) is not value for name, value in before.items()):
                self.check_room()
        except BaseException as problem:
            self._trait_values.update(before)  # not by setting them: what watches them may be what failed
            self.send_state(sorted(before))
            if not isinstance(problem, Exception):
                raise
            text = str(problem) if isinstance(problem, TensorlabError) else f"{type(problem).__name__}: {problem}"
            self._answer("problem", text=text[:LONGEST_PROBLEM])

    def _answer(self, kind: str, **fields: Any) -> None:
        self.send({"kind": kind, **fields})
