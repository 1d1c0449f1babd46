"""How many frames a second NetView shows in JupyterLab, with a network 2-32-32-1 that trains live: median and 95th percentile.

A server, a kernel and Chromium without a window run on this machine, as they do on a student's. A frame counts when its numbers appear on
the page; the times between two frames are taken by the page itself. How busy the machine was is printed beside the result.

Run: python benchmarks/network_frames.py [seconds]
Needs jupyterlab (with psutil), playwright and Chromium.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import psutil

SECONDS = 30
CELL = 'import tensorlab as tl\ntl.widgets.network("spirals", layers=[32, 32], recipe="adam", rate=0.01, batch=20)'
KINDS = (
    ("ipykernel", "kernel"), ("--type=renderer", "page"), ("--type=gpu", "drawing"), ("chrom", "rest of the browser"),
    ("jupyter", "server"),
)  # fmt: skip
"""What a process is, by a word of its command."""
WATCH = """() => {
  window.times = [];
  new MutationObserver(() => window.times.push(performance.now())).observe(document.querySelector(".tl-net .tl-reading"),
    {childList: true, characterData: true, subtree: true});
}"""


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def busy() -> int:
    """Return how many processes are running or ready to run now, this one not counted; -1 where the system does not say."""
    try:
        running = Path("/proc/loadavg").read_text().split()[3].split("/")[0]
    except OSError:
        return -1
    return max(int(running) - 1, 0)


def work() -> Counter[str]:
    """Return the processor seconds that everything started here has used, by what it is."""
    total: Counter[str] = Counter()
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it may have ended
            command, used = " ".join(each.cmdline()), each.cpu_times()
            total[next((kind for word, kind in KINDS if word in command), "test driver")] += used.user + used.system
    return total


def notebook() -> str:
    """Return a notebook with the one cell."""
    cell = {"cell_type": "code", "id": "one", "metadata": {}, "source": CELL, "outputs": [], "execution_count": None}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def times(address: str, seconds: int, picture: str | None) -> tuple[list[float], list[int], Counter[str], float]:
    """Return when each frame appeared, in milliseconds, how busy the machine was, seconds of work, and seconds until Stop was obeyed."""
    from playwright.sync_api import TimeoutError, sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.locator(".jp-Notebook-cell").first.wait_for(timeout=60_000)
        page.wait_for_function("() => document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'", timeout=60_000)
        for _ in range(4):  # a key that comes before the kernel is connected is lost
            accept = page.locator(".jp-Dialog .jp-mod-accept")
            if accept.count():  # a slow server makes JupyterLab ask which kernel is meant
                accept.first.click()
            page.locator(".jp-Notebook-cell .cm-content").first.click()
            page.keyboard.press("Shift+Enter")
            try:
                page.locator(".tl-net").wait_for(timeout=20_000)
                break
            except TimeoutError:
                page.wait_for_timeout(1000)
        play = page.locator(".tl-net button", has_text="Play")
        page.locator(".tl-net button:enabled", has_text="Epoch").wait_for(timeout=20_000)
        page.evaluate(WATCH)
        play.click()
        page.wait_for_timeout(2000)  # the first frames pay for what is done once
        page.evaluate("() => { window.times.length = 0; }")
        load, before = [], work()
        for _ in range(seconds):
            page.wait_for_timeout(1000)
            load.append(busy())
        used = work() - before
        found = page.evaluate("() => window.times")
        if picture:
            page.screenshot(path=picture)
        begun = time.perf_counter()
        page.locator(".tl-net button", has_text="Stop").click()
        page.locator(".tl-net button", has_text="Play").wait_for()
        count = page.evaluate("() => window.times.length")
        stopped = time.perf_counter() - begun
        page.wait_for_timeout(1000)
        after = page.evaluate("() => window.times.length") - count
        assert after <= 3, f"{after} more frames after Stop"  # the frame that was on its way, and the one that publishes the rest
        browser.close()
    return found, load, used, stopped


def main() -> None:
    """Measure and print."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    picture = sys.argv[2] if len(sys.argv) > 2 else None
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "frames.ipynb").write_text(notebook(), encoding="utf-8")
        command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}", "--IdentityProvider.token="]
        command += [f"--ServerApp.root_dir={folder}", "--allow-root"]
        own = {"JUPYTER_CONFIG_DIR": str(Path(folder, "config")), "JUPYTERLAB_WORKSPACES_DIR": str(Path(folder, "spaces"))}
        environment = {**os.environ, **own}
        with open(Path(folder, "server.log"), "w") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(120):
                try:
                    urllib.request.urlopen(f"{address}/api", timeout=2)
                    break
                except OSError:
                    time.sleep(0.5)
            found, load, used, stopped = times(f"{address}/lab/workspaces/frames/tree/frames.ipynb?reset", seconds, picture)
        finally:
            server.terminate()
            server.wait(20)
    gaps = sorted(b - a for a, b in pairwise(found))
    median, slow = statistics.median(gaps), gaps[int(0.95 * len(gaps))]
    print(f"{len(found)} frames in {seconds} s on {os.cpu_count()} cores")
    for word, gap in (("median", median), ("95th percentile", slow)):
        print(f"between two frames, {word}: {gap:.1f} ms, {1000 / gap:.1f} frames a second")
    parts = ", ".join(f"{kind} {seconds / len(found) * 1000:.0f}" for kind, seconds in used.most_common())
    print(f"work a frame: {used.total() / len(found) * 1000:.0f} ms of one core ({parts})")
    print(f"Stop was obeyed after {stopped * 1000:.0f} ms")
    print(f"processes running or ready to run meanwhile: median {statistics.median(load):g}, at most {max(load)}")


if __name__ == "__main__":
    main()
