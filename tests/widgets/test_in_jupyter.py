"""The stepper and the film in JupyterLab and Notebook 7 with a kernel: run all, click, drag, type, apply, save, and open again without one.

The servers run on this machine with settings of their own; a page asks nothing of any other.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

import tensorlab as tl
import tensorlab.tensor as T

pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: pip install jupyterlab")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
ROOT = Path(__file__).parents[2]
OVERRIDES = ROOT / "share" / "jupyter" / "lab" / "settings" / "overrides.d" / "tensorlab.json"
EXTENSIONS = ROOT / "share" / "jupyter" / "labextensions"
CELLS = [
    "%load_ext tensorlab\nimport tensorlab as tl, tensorlab.tensor as T",
    'x, y_hat = T.vector("x"), T.scalar("y_hat")\nw, b = tl.shared([1., 1.]), tl.shared(0.5)\n'
    "y = 1 / (1 + T.exp(-(T.dot(w, x) + b)))\ncost = (y - y_hat) ** 2",
    "%steps cost --wrt w b --at x=[1,-1] y_hat=1",
    "tl.widgets.film(tl.function([x, y_hat], T.grad(cost, w)))",
    "print('w is', w.get_value().round(4).tolist())",
]
WAIT = 60_000  # ms: a kernel starts in 2 s here, and in 20 on a busy machine


def notebook(path: Path) -> Path:
    """Write the notebook."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


class Server:
    """A Jupyter server with its own settings, data and notebooks."""

    def __init__(self, module: str, folder: Path, settings: Path | None) -> None:
        self.folder, self.data = folder, folder.parent / "data"
        own = {name: str(folder.parent / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
        command = [sys.executable, "-m", module, "--no-browser", "--ServerApp.token=", "--ServerApp.password=", "--ServerApp.port=0",
                   f"--ServerApp.root_dir={folder}", "--ServerApp.open_browser=False", "--allow-root",
                   f"--LabServerApp.extra_labextensions_path={EXTENSIONS}",
                   "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
        if settings is not None:
            command.append(f"--LabApp.app_settings_dir={settings}")
        told = folder.parent / "told.txt"  # not a pipe, which would hold the server up when it is full
        with told.open("w", encoding="utf-8") as file:
            self.process = subprocess.Popen(command, env={**os.environ, **own, "JUPYTER_DATA_DIR": str(self.data)}, cwd=folder,
                                            stdout=subprocess.DEVNULL, stderr=file)  # fmt: skip
        while not (found := re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/", told.read_text(encoding="utf-8", errors="replace"))):
            assert self.process.poll() is None, "the server did not start:\n" + told.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.1)
        self.url = f"http://localhost:{found[1]}/"

    def close(self) -> None:
        """End the server and its kernels."""
        self.process.terminate()
        self.process.wait(timeout=600)


@pytest.fixture
def serve(tmp_path):
    """Start servers that end with the test."""
    started = []

    def start(module: str = "jupyterlab", saves_state: bool = False) -> Server:
        folder = tmp_path / f"server{len(started)}" / "notebooks"
        folder.mkdir(parents=True)
        settings = folder.parent / "settings"
        (settings / "overrides.d").mkdir(parents=True)
        if saves_state:
            (settings / "overrides.d" / OVERRIDES.name).write_text(OVERRIDES.read_text(encoding="utf-8"), encoding="utf-8")
        started.append(Server(module, folder, settings if module == "jupyterlab" else None))
        return started[-1]

    yield start
    for each in started:
        each.close()


class Page:
    """A notebook in a browser."""

    def __init__(self, browser: Any, url: str) -> None:
        self.context = browser.new_context(viewport={"width": 1400, "height": 1000}, reduced_motion="reduce")
        self.away: list[str] = []
        self.context.route(lambda address: not address.startswith(("http://localhost:", "data:", "blob:")), self.stop)
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT)
        self.page.goto(url)

    def stop(self, route: Any) -> None:
        """Note a request to another machine, and refuse it."""
        self.away.append(route.request.url)
        route.abort()

    def run_all(self) -> None:
        """Run all cells, once the kernel is connected: a command that comes before does nothing, or opens a dialog."""
        self.page.wait_for_selector(".jp-Cell .cm-content")
        home = re.match(r"http://localhost:\d+/", self.page.url)[0]
        for _ in range(WAIT // 500):
            kernels = self.page.request.get(f"{home}api/kernels").json()
            if kernels and kernels[0]["connections"] and kernels[0]["execution_state"] == "idle":
                break
            self.page.wait_for_timeout(500)
        ran = self.page.locator(".jp-OutputArea-output:has-text('w is')")
        for _ in range(6):
            self.page.get_by_role("menuitem", name="Run", exact=True).click()
            self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            try:
                ran.wait_for(timeout=WAIT // 4)
                return
            except playwright.TimeoutError:
                for dialog in self.page.locator(".jp-Dialog .jp-mod-accept").all():
                    dialog.click()
        raise AssertionError("the cells did not run")

    def save(self) -> None:
        """Save the notebook, and wait until it is written."""
        self.page.get_by_role("menuitem", name="File", exact=True).click()
        with self.page.expect_response(lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url):
            self.page.get_by_role("menuitem", name=re.compile("^Save Notebook(?! As)")).click()

    def close(self) -> None:
        """Close the page; it asked nothing of another machine."""
        self.context.close()
        assert self.away == []


def step_through(page: Any) -> None:
    """Click, drag and use the keyboard in the stepper."""
    view = page.locator(".tl-graph:not(.tl-film)")
    view.wait_for()
    view.scroll_into_view_if_needed()
    view.get_by_role("button", name="First step").click()
    view.get_by_role("button", name="Next step").click()
    assert view.locator(".tl-say").inner_text().startswith("Forward, 1 of 8")
    before = view.locator(".tl-world").get_attribute("style")
    frame = view.locator(".tl-canvas").bounding_box()
    page.mouse.move(frame["x"] + 10, frame["y"] + frame["height"] - 20)
    page.mouse.down()
    page.mouse.move(frame["x"] + 60, frame["y"] + frame["height"] - 60, steps=3)
    page.mouse.up()
    assert view.locator(".tl-world").get_attribute("style") != before
    view.locator(".tl-node[tabindex='0']").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert "goes into" not in view.locator("p.tl-hidden").inner_text()
    assert view.locator("p.tl-hidden").inner_text().startswith("Argument 1 of 2 of")
    assert page.evaluate("() => document.activeElement.classList.contains('tl-node')")  # the notebook has not taken the keys


def test_lab_from_run_all_to_a_notebook_that_was_not_run(serve, browser):
    server = serve(saves_state=True)
    path = notebook(server.folder / "steps.ipynb")
    lab = Page(browser, f"{server.url}lab/workspaces/one/tree/steps.ipynb?reset")
    lab.run_all()
    step_through(lab.page)
    view = lab.page.locator(".tl-graph:not(.tl-film)")
    field = view.get_by_label("w element 0")
    field.fill("3")
    field.press("Enter")
    view.locator(".tl-node[aria-label^='w, '] text", has_text="= [3, 1]").wait_for()
    view.get_by_role("button", name="Apply to notebook").click()
    view.locator(".tl-say", has_text="In the notebook now w = [3, 1].").wait_for()
    lab.page.locator(".jp-Cell", has_text="print('w is'").locator(".cm-content").click()
    lab.page.keyboard.press("Control+Enter")
    lab.page.wait_for_selector(".jp-OutputArea-output:has-text('w is [3.0, 1.0]')")
    film = lab.page.locator(".tl-film")
    film.get_by_role("button", name="Next scene").click()
    assert film.locator(".tl-count").inner_text().startswith("2 of ")
    lab.save()
    lab.close()
    saved = nbformat.read(path, 4)
    assert "application/vnd.jupyter.widget-state+json" in saved.metadata["widgets"]
    assert path.stat().st_size < 500_000

    # a student opens it: no kernel, not trusted yet
    path = path.with_name("again.ipynb")  # under this name no kernel runs
    nbformat.write(of_no_kernel(saved), path)
    alone = open_without_kernel(browser, f"{server.url}lab/workspaces/two/tree/again.ipynb?reset")
    picture = alone.page.locator(".jp-OutputArea-output img[alt*='The result: ']")
    picture.first.wait_for()
    assert alone.page.locator(".tl-graph").count() == 0
    alone.close()

    # trusted, and still no kernel: the widgets themselves, from the file
    trust(path, server.data)
    alone = open_without_kernel(browser, f"{server.url}lab/workspaces/three/tree/again.ipynb?reset")
    assert alone.page.locator(".tl-count").first.inner_text() == "step 1 of 18"  # where its reader left it
    without_a_kernel(alone.page)
    film = alone.page.locator(".tl-film")
    before = film.locator(".tl-count").inner_text()
    film.get_by_role("button", name="Next scene").click()
    assert film.locator(".tl-count").inner_text() != before
    assert alone.page.locator(".jp-OutputArea-output", has_text="Loading widget").count() == 0
    alone.close()

    # trusted, with a kernel in which nothing was run: the same, by the widget manager of JupyterLab
    saved.metadata["kernelspec"]["name"] = "python3"
    nbformat.write(saved, path)
    trust(path, server.data)
    alone = Page(browser, f"{server.url}lab/workspaces/four/tree/again.ipynb?reset")
    assert alone.page.locator(".tl-count").first.inner_text() == "step 1 of 18"
    without_a_kernel(alone.page)
    alone.close()


def test_lab_as_it_comes_saves_no_state(serve, browser):
    """Without the setting the file holds the pictures, and a trusted notebook that was not run shows JupyterLab's own words."""
    server = serve(saves_state=False)
    path = notebook(server.folder / "steps.ipynb")
    lab = Page(browser, f"{server.url}lab/workspaces/one/tree/steps.ipynb?reset")
    lab.run_all()
    lab.page.wait_for_selector(".tl-graph")
    lab.save()
    lab.close()
    saved = nbformat.read(path, 4)
    assert "widgets" not in saved.metadata
    (output,) = saved.cells[2].outputs
    assert "The result: ∂cost/∂w" in output.data["text/html"] and "Back, 10 of 10" in output.data["text/plain"]
    path = path.with_name("again.ipynb")  # under this name no kernel runs
    nbformat.write(of_no_kernel(saved), path)
    for trusted in (False, True):
        if trusted:
            trust(path, server.data)
        alone = open_without_kernel(browser, f"{server.url}lab/workspaces/two{trusted}/tree/again.ipynb?reset")
        alone.page.locator(".jp-OutputArea-output img[alt*='The result: ']").first.wait_for()
        assert alone.page.locator("p", has_text="Run the cell for the widget itself").count() == (2 if trusted else 0)
        alone.close()
    # with a kernel in which nothing was run the widget manager finds no widget, and says so; then the picture takes the place of its words
    saved.metadata["kernelspec"]["name"] = "python3"
    nbformat.write(saved, path)
    trust(path, server.data)
    alone = Page(browser, f"{server.url}lab/workspaces/three/tree/again.ipynb?reset")
    alone.page.locator(".jp-OutputArea-output img[alt*='The result: ']").first.wait_for()
    alone.page.locator("p", has_text="Run the cell for the widget itself").first.wait_for()
    alone.close()


def test_notebook_7(serve, browser):
    pytest.importorskip("notebook", reason="Notebook 7 is not installed: pip install notebook")
    server = serve("notebook")
    notebook(server.folder / "steps.ipynb")
    page = Page(browser, f"{server.url}notebooks/steps.ipynb")
    page.run_all()
    step_through(page.page)
    view = page.page.locator(".tl-graph:not(.tl-film)")
    view.get_by_role("button", name="Step of descent").click()
    view.get_by_text("The notebook's own variables are unchanged until you apply.").wait_for()
    page.close()


def test_notebook_7_without_a_kernel(serve, browser):
    """A notebook with a widget of which nothing is known but what the file holds."""
    pytest.importorskip("notebook", reason="Notebook 7 is not installed: pip install notebook")
    w, x = tl.shared([1.0, 1.0], name="w"), T.vector("x")
    widget = tl.widgets.steps(T.dot(w, x) ** 2, wrt=[w], at={x: [1, -1]})
    state = widget.get_manager_state(widgets=[widget])
    bundle = {kind: data for kind, data in widget._repr_mimebundle_().items() if kind != "image/svg+xml"}
    output = nbformat.v4.new_output("display_data", data=bundle)
    cell = nbformat.v4.new_code_cell("%steps", outputs=[output], execution_count=1)
    kind = "application/vnd.jupyter.widget-state+json"
    made = of_no_kernel(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {kind: json.loads(json.dumps(state))}}))
    server = serve("notebook")
    path = server.folder / "again.ipynb"
    nbformat.write(made, path)
    trust(path, server.data)
    alone = open_without_kernel(browser, f"{server.url}notebooks/again.ipynb")
    view = alone.page.locator(".tl-graph")
    view.get_by_role("button", name="Next step").click()
    assert view.locator(".tl-say").inner_text().startswith("Forward, 1 of ")
    assert view.get_by_label("w element 0").is_disabled()
    alone.close()


def without_a_kernel(page: Any) -> None:
    """Step through recorded values; what would need a kernel says so."""
    step_through(page)
    view = page.locator(".tl-graph:not(.tl-film)")
    assert view.get_by_label("w element 0").is_disabled()
    assert "need a running kernel" in view.locator(".tl-sources").inner_text()


def of_no_kernel(saved: Any) -> Any:
    """Return the notebook as one for a language of which there is no kernel here: JupyterLab then asks for one."""
    other = copy.deepcopy(saved)
    other.metadata["kernelspec"] = {"name": "no-such-kernel", "display_name": "No such kernel", "language": "none"}
    other.metadata["language_info"] = {"name": "none"}
    return other


def open_without_kernel(browser: Any, address: str) -> Page:
    """Open a notebook, and choose no kernel when the page asks for one."""
    page = Page(browser, address)
    page.page.wait_for_selector(".jp-Cell .cm-content", state="attached")
    none = page.page.locator(".jp-Dialog button.jp-mod-reject").last
    none.click()
    # it may ask again, for another thing that would like a kernel, and not always at once
    page.page.add_locator_handler(none, lambda: none.click())
    return page


def trust(path: Path, data: Path) -> None:
    """Trust a notebook as its reader does with `jupyter trust`."""
    subprocess.run([sys.executable, "-m", "jupyter", "trust", str(path)], check=True, env={**os.environ, "JUPYTER_DATA_DIR": str(data)},
                   stdout=subprocess.DEVNULL)


def test_the_setting():
    settings = json.loads(OVERRIDES.read_text(encoding="utf-8"))
    assert settings["@jupyter-widgets/jupyterlab-manager:plugin"] == {"saveState": True}
