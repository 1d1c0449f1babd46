"""The kernel "TensorLab (Python 3)": it is in the wheel, Jupyter finds it, and it starts with the extension loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, built and unpacked as an installer would: the package, and what goes below the prefix."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "package")
    (prefix,) = (folder / "package").glob("*.data/data")
    return folder / "package", prefix


def test_jupyter_finds_it_and_it_starts_with_the_extension(installed):
    package, prefix = installed
    specs = KernelSpecManager(kernel_dirs=[str(prefix / "share" / "jupyter" / "kernels")], ensure_native_kernel=False)
    assert specs.get_kernel_spec("tensorlab").display_name == "TensorLab (Python 3)"
    manager = KernelManager(kernel_name="tensorlab", kernel_spec_manager=specs)
    manager.start_kernel(env={**os.environ, "PYTHONPATH": str(package)})
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=600)
        outputs = []
        code = "x = T.scalar('x')\ny = x ** 2\nprint(tl.__file__)\n%grad y x"
        reply = client.execute_interactive(code, timeout=600, output_hook=lambda message: outputs.append(message["content"]))
        assert reply["content"]["status"] == "ok", reply["content"]
        assert any("2x" in each.get("data", {}).get("text/latex", "") for each in outputs)
        assert any(str(package) in each.get("text", "") for each in outputs), "the package is that of the wheel"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_files_are_what_jupyter_wants(installed):
    folder = installed[1] / "share" / "jupyter" / "kernels" / "tensorlab"
    spec = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
    assert spec["argv"][0] == "python", "Jupyter puts the interpreter that runs it in its place"
    assert spec["argv"][-2:] == ["--ext", "tensorlab"] and spec["language"] == "python"
    assert ElementTree.parse(folder / "logo-svg.svg").getroot().tag.endswith("svg")
