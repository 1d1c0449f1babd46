"""What Binder would build of this repository, replayed in a virtual environment: install, `postBuild`, lessons.

Run: python scripts/replay_binder.py [lesson …]   lessons are beginnings of names; without one, 01 and 08. Needs jupyter-repo2docker
(it is in the extra `test`), about 1 GB on disk and some minutes. `TENSORLAB_REPLAY_BINDER=1 python -m pytest tests/test_binder.py` runs it.

Binder's machine is made by repo2docker: Jupyter's packages at the versions that its own lock file pins, then pip with
`binder/requirements.txt` at the root of the repository, then `binder/postBuild`. This script takes the pins from the repo2docker that is
installed, so that the replay moves with it; the packages come from PyPI in place of conda-forge, and there is no container. The lessons run
by `benchmarks/lesson_memory.py`, which prints seconds and the peak of memory, and fails above 1 GB: Binder gives a reader 1 to 2 GB.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
LESSONS = ("01", "08")  # the first with a picture, and the one with the largest network
PINNED = ("jupyterlab", "notebook", "ipywidgets", "ipykernel", "ipython", "nbclient", "jupyter_server", "jupyterlab_server")
"""What a reader meets of Jupyter, and what it rests on."""


def python_asked_for() -> str:
    """Return the version that `binder/runtime.txt` names, such as 3.12."""
    return (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")


def pins(version: str) -> dict[str, str]:
    """Return the versions that repo2docker pins for a version of Python, by package."""
    package = find_spec("repo2docker")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("repo2docker is not installed: pip install jupyter-repo2docker")
    lock = Path(package.submodule_search_locations[0]) / "buildpacks" / "conda" / f"environment.py-{version}-linux-64.lock"
    found = dict(re.findall(r"/(?:noarch|linux-64)/([\w.-]+?)-([\d.]+)-[^/]*$", lock.read_text(encoding="utf-8"), re.M))
    return {name: found[name] for name in PINNED}


def interpreter(version: str) -> str:
    """Return a Python of a version, or this one if the machine has no other, with a word about it."""
    found = shutil.which(f"python{version}")
    if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
        return found
    print(f"no Python {version} here: replayed with {sys.version.split()[0]}", flush=True)
    return sys.executable


def files() -> Iterator[Path]:
    """Return what Binder would clone if all were committed as it is now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    yield from (Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file())


def replay(folder: Path, lessons: list[str]) -> None:
    """Build and run in a folder.

    Raises:
        CalledProcessError: a step failed.
        AssertionError: installing the package moved what Binder pins.
    """
    copy, environment = folder / "repository", folder / "venv"
    for name in files():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    version = python_asked_for()
    pinned = pins(version)
    told(f"Python {version}, " + ", ".join(f"{name} {number}" for name, number in pinned.items()))
    subprocess.run([interpreter(version), "-m", "venv", str(environment)], check=True)
    programs = environment / "bin"
    home = folder / "home"
    home.mkdir()
    own = ("JUPYTER", "PYTHON", "TENSORLAB", "VIRTUAL_ENV")  # settings of whoever runs this, which Binder has not
    variables = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    variables |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)}

    def run(*command: str) -> str:
        return subprocess.run(command, cwd=copy, env=variables, check=True, text=True, stdout=subprocess.PIPE).stdout

    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, *(f"{name}=={number}" for name, number in pinned.items()))
    run(*pip, "--requirement", "binder/requirements.txt")
    asked = "import importlib.metadata, sys; print(*map(importlib.metadata.version, sys.argv[1:]))"
    moved = run(str(programs / "python"), "-c", asked, *pinned).split() != list(pinned.values())
    assert not moved, "the package needs another Jupyter than Binder has"
    told("binder/postBuild")
    run("bash", "binder/postBuild")
    told(f"lessons {' '.join(lessons)}")
    print(run(str(programs / "python"), "benchmarks/lesson_memory.py", *lessons), flush=True)


def told(what: str) -> None:
    """Say how far it is."""
    print(f"replaying Binder: {what}", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="binder-") as place:
        try:
            replay(Path(place), sys.argv[1:] or list(LESSONS))
        except subprocess.CalledProcessError as problem:
            sys.exit(f"replaying Binder: {' '.join(map(str, problem.cmd[:3]))} … ended with {problem.returncode}")
