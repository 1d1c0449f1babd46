"""A shell in this process, and a real kernel in another one."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


class Notebook:
    """An IPython shell with the extension loaded; `run` gives back what a notebook would show."""

    def __init__(self) -> None:
        self.shell = InteractiveShell.instance(colors="nocolor")

    def run(self, code: str, fails: bool = False) -> Ran:
        """Run a cell."""
        with capture_output() as seen:
            result = self.shell.run_cell(code, store_history=True)
        error = result.error_in_exec or result.error_before_exec
        assert fails or error is None, f"{code}\n{seen.stdout}{seen.stderr}"
        assert not fails or error is not None, f"the cell should fail: {code}"
        return Ran(result.result, error, seen.stdout, [output.data for output in seen.outputs], self.shell.execution_count - 1)

    def latex(self, value: Any) -> str:
        """What the notebook typesets for a value."""
        data, _ = self.shell.display_formatter.format(value)
        return str(data.get("text/latex", ""))

    def data(self, value: Any) -> dict[str, Any]:
        """The whole bundle for a value."""
        return dict(self.shell.display_formatter.format(value)[0])


class Ran:
    """What running one cell gave."""

    def __init__(self, result: Any, error: BaseException | None, text: str, displayed: list[dict[str, Any]], cell: int) -> None:
        self.result, self.error, self.text, self.cell = result, error, text, cell
        self.displayed = displayed


@pytest.fixture
def bare():
    """A shell without the extension."""
    notebook = Notebook()
    yield notebook
    notebook.shell.reset(new_session=False)
    InteractiveShell.clear_instance()


@pytest.fixture
def notebook(bare):
    """A shell with the extension and the usual imports."""
    bare.run("%load_ext tensorlab")
    bare.run("import tensorlab as tl, tensorlab.tensor as T, numpy as np")
    yield bare
    bare.shell.extension_manager.unload_extension("tensorlab")


class Kernel:
    """A kernel started once for a module; `run` gives back the messages that a front end gets."""

    def __init__(self) -> None:
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(startup_timeout=600, kernel_name="python3")

    def run(self, code: str) -> Reply:
        """Run a cell."""
        outputs: list[tuple[str, dict[str, Any]]] = []

        def keep(message: dict[str, Any]) -> None:
            if message["msg_type"] in ("display_data", "execute_result", "error", "stream"):
                outputs.append((message["msg_type"], message["content"]))

        reply = self.client.execute_interactive(code, timeout=600, output_hook=keep)
        return Reply(reply["content"], outputs)

    def complete(self, code: str) -> list[str]:
        """What Tab offers at the end of a line."""
        return list(self.client.complete(code, reply=True, timeout=600)["content"]["matches"])

    def help(self, code: str) -> str:
        """What `code?` says."""
        return str(self.client.inspect(code, reply=True, timeout=600)["content"]["data"]["text/plain"])

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


class Reply:
    """What a front end is told about one cell."""

    def __init__(self, content: dict[str, Any], outputs: list[tuple[str, dict[str, Any]]]) -> None:
        self.content, self.outputs = content, outputs
        self.status, self.cell = content["status"], content["execution_count"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The outputs of one kind."""
        return [content for each, content in self.outputs if each == kind]

    @property
    def result(self) -> dict[str, Any]:
        """The bundle of the value of the cell."""
        (content,) = self.of("execute_result")
        return dict(content["data"])

    @property
    def error(self) -> dict[str, Any]:
        """The error: ename, evalue, traceback."""
        (content,) = self.of("error")
        return content


@pytest.fixture(scope="module")
def kernel():
    """A real kernel with the extension loaded."""
    kernel = Kernel()
    try:
        assert kernel.run("%load_ext tensorlab").status == "ok"
        assert kernel.run("import tensorlab as tl, tensorlab.tensor as T, numpy as np").status == "ok"
        yield kernel
    finally:
        kernel.close()
