"""A page in Chromium with a widget on it and no Jupyter: what the widget's module sees is a model of the same few methods.

`stage.show(widget)` puts a real Python widget on a page; `exchange()` carries what either side said to the other, so that a test decides
when messages travel. Whatever the page asks of any other machine is stopped and counted. `nothing_serious()` runs axe.
"""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

WAIT = 60_000  # ms after which what a page should come to counts as never: machines are busy at times
HOME = "http://tensorlab.test/"  # answered by the test itself; no such machine is asked for
THEMES = {
    "light": {
        "--jp-layout-color0": "#ffffff", "--jp-layout-color1": "#ffffff", "--jp-layout-color2": "#eeeeee",
        "--jp-content-font-color1": "rgba(0, 0, 0, 0.87)", "--jp-content-font-color2": "rgba(0, 0, 0, 0.66)",
    },
    "dark": {
        "--jp-layout-color0": "#111111", "--jp-layout-color1": "#212121", "--jp-layout-color2": "#424242",
        "--jp-content-font-color1": "rgba(255, 255, 255, 1)", "--jp-content-font-color2": "rgba(255, 255, 255, 0.7)",
    },
}  # fmt: skip
"""JupyterLab 4's own values of the variables that the style sheet reads."""

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A widget</title>
<style>:root { VARIABLES }
body { margin: 0; padding: 12px; background: var(--jp-layout-color0); font-family: system-ui, sans-serif; }</style>
</head><body data-jp-theme-light="LIGHT"><main id="here"></main></body></html>"""

MODEL = """async ({code, sheet, state, alive}) => {
  const listeners = {};
  const tell = (name, ...said) => (listeners[name] || []).slice().forEach((listener) => listener(...said));
  const changed = new Set();
  const model = window.model = {
    state, outbox: [], errors: [],
    get: (name) => model.state[name],
    set(name, value) {
      if (JSON.stringify(model.state[name]) === JSON.stringify(value)) return;
      model.state[name] = value; changed.add(name); tell("change:" + name); tell("change");
    },
    save_changes() {
      if (!changed.size) return;
      const state = Object.fromEntries([...changed].map((name) => [name, model.state[name]]));
      model.outbox.push({method: "update", state, buffer_paths: []});
      changed.clear();
    },
    on(name, listener) { (listeners[name] ||= []).push(listener); },
    off(name, listener) { listeners[name] = (listeners[name] || []).filter((each) => each !== listener); },
    send(content) { model.outbox.push({method: "custom", content}); },
    receive(state) {
      Object.assign(model.state, state);
      for (const name of Object.keys(state)) tell("change:" + name);
      tell("change");
    },
    hear(content, buffers = []) {
      const views = buffers.map((text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer));
      tell("msg:custom", content, views);
    },
    // what the widget manager of a front end gives a view's model; a page without a kernel has a model without a living comm
    comm_live: alive, comm: alive ? {} : undefined,
  };
  window.addEventListener("error", (event) => model.errors.push(String(event.message)));
  window.addEventListener("unhandledrejection", (event) => model.errors.push(String(event.reason)));
  const style = document.createElement("style"); style.textContent = sheet; document.head.append(style);
  const module = await import(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
  const widget = typeof module.default === "function" ? await module.default() : module.default;
  const el = document.createElement("div"); document.getElementById("here").append(el);
  if (widget.initialize) await widget.initialize({model});
  window.remove = await widget.render({model, el});
}"""


def chromium() -> str | None:
    """The program: the environment's CHROMIUM, one on the path, or where Debian puts it."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"))
    fixed = [path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()]
    return next((path for path in found if path), fixed[0] if fixed else None)


@pytest.fixture(scope="module")
def browser():
    """Chromium without a window.

    It ends with the module: while it runs, this thread has a running event loop, which a kernel's client minds.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    program = chromium()
    if program is None:
        pytest.skip("no Chromium was found: install it (apt-get install chromium) or name it in the environment variable CHROMIUM")
    with playwright.sync_playwright() as started:
        args = ["--no-sandbox", "--force-color-profile=srgb", "--disable-dev-shm-usage"]  # the last for small containers
        launched = started.chromium.launch(executable_path=program, args=args, timeout=3 * WAIT)
        yield launched
        launched.close()


class Stage:
    """Pages with widgets on them."""

    def __init__(self, browser: Any) -> None:
        self.browser, self.shown = browser, []

    def show(
        self, widget: Any, *, width: int = 1280, height: int = 900, theme: str = "light", still: bool = False, kernel: bool = True,
        zoom: int = 1,
    ) -> OnPage:
        """Show a widget.

        Args:
            widget: the Python widget.
            width, height: of the window, in CSS pixels before any zoom.
            theme: "light" or "dark".
            still: whether the reader asked for reduced motion.
            kernel: whether there is somebody to answer.
            zoom: 2 for a page at 200%.
        """
        context = self.browser.new_context(
            viewport={"width": width // zoom, "height": height // zoom}, device_scale_factor=zoom,
            reduced_motion="reduce" if still else "no-preference",
        )  # fmt: skip
        on_page = OnPage(context, widget, theme, kernel)
        self.shown.append(on_page)
        return on_page

    def close(self) -> None:
        """Close all pages; none of them asked anything of another machine, and nothing failed unseen."""
        for each in self.shown:
            each.context.close()
        assert [request for each in self.shown for request in each.away] == []
        assert [error for each in self.shown for error in each.errors] == []


class OnPage:
    """One widget on one page."""

    def __init__(self, context: Any, widget: Any, theme: str, kernel: bool) -> None:
        self.context, self.widget, self.kernel = context, widget, kernel
        self.away: list[str] = []
        self.errors: list[str] = []
        self.to_page: list[tuple[str, dict[str, Any], list[str]]] = []
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        variables = " ".join(f"{name}: {value};" for name, value in THEMES[theme].items())
        html = PAGE.replace("VARIABLES", variables).replace("LIGHT", "true" if theme == "light" else "false")

        def answer(route: Any) -> None:
            if route.request.url == HOME:
                route.fulfill(body=html, content_type="text/html")
            elif route.request.url == HOME + "favicon.ico":
                route.fulfill(status=204)
            else:
                self.away.append(route.request.url)
                route.abort()

        context.route(lambda url: not url.startswith(("blob:", "data:")), answer)
        self.page.goto(HOME)
        state = widget.get_state()
        widget.__dict__["_send"] = self._hear
        code, sheet = state.pop("_esm"), state.pop("_css")
        own = json.loads(json.dumps({name: value for name, value in state.items() if name in widget.own_traits()}, allow_nan=False))
        self.page.evaluate(MODEL, {"code": code, "sheet": sheet, "state": own, "alive": kernel})

    def _hear(self, message: dict[str, Any], buffers: Any = None) -> None:
        json.dumps(message, allow_nan=False)  # what a kernel could not send is not sent here
        if message["method"] == "update":
            own = {name: value for name, value in message["state"].items() if name in self.widget.own_traits()}
            self.to_page.append(("receive", own, []))
        elif message["method"] == "custom":
            self.to_page.append(("hear", message["content"], [b64encode(each).decode() for each in buffers or ()]))

    def enter_where_it_is_kept(self, label: str, text: str) -> None:
        """Type a text into a field and press Enter, on a page that keeps Enter from the browser, as JupyterLab does."""
        keep = "(event) => { if (event.key === 'Enter') event.preventDefault(); }"
        self.page.evaluate(f"() => document.addEventListener('keydown', {keep}, true)")
        self.page.get_by_label(label).click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def exchange(self, turns: int = 1) -> list[dict[str, Any]]:
        """Carry what the page said to the widget, and what the widget said to the page; return the former."""
        said: list[dict[str, Any]] = []
        for _ in range(turns):
            messages = self.page.evaluate("() => model.outbox.splice(0)")
            said += messages
            if self.kernel:
                for message in messages:
                    self.widget._handle_msg({"content": {"data": message}, "buffers": []})
            for method, content, buffers in self.to_page[:]:
                self.page.evaluate(f"([content, buffers]) => model.{method}(content, buffers)", [content, buffers])
            self.to_page.clear()
        self.errors += self.page.evaluate("() => model.errors.splice(0)")
        return said

    def stop_the_clock(self) -> None:
        """From now on no time passes on the page but what `page.clock` is told."""
        self.page.clock.install(time=0)
        self.page.clock.pause_at(1000)

    def state(self, name: str) -> Any:
        """A trait as the page knows it."""
        return self.page.evaluate("(name) => model.state[name]", name)

    def nothing_serious(self) -> None:
        """Let axe look at the page: nothing that it calls serious or critical may be found."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
        found = axe.Axe().run(self.page).response["violations"]
        bad = [each for each in found if each["impact"] in ("serious", "critical")]
        told = [f"{each['id']}: {node['target']} {node.get('failureSummary', '')}" for each in bad for node in each["nodes"][:3]]
        assert not told, "\n".join(told)


@pytest.fixture
def stage(browser):
    """Pages with widgets; at the end none of them has asked anything of another machine."""
    stage = Stage(browser)
    yield stage
    stage.close()
