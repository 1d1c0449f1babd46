"""What Binder would make of the folder `binder/`: asked of its own build pack, which writes the recipe without building it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"
REPOSITORY = "tensorlab-jupyter/tensorlab"


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """The Dockerfile that repo2docker writes for this repository, and what it says beside."""
    copy = tmp_path_factory.mktemp("binder") / "repository"
    copy.mkdir()
    shutil.copytree(BINDER, copy / "binder")
    shutil.copy(ROOT / "pyproject.toml", copy)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(importlib.util.find_spec("repo2docker") is None, reason="repo2docker, Binder's build pack, is not made for Windows")
def test_the_recipe(recipe):
    version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert f"Building conda environment for python={version}" in recipe
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in recipe
    # the package itself is installed, so it must be there before
    assert recipe.index("COPY --chown=0:0 src/ ${REPO_DIR}/") < recipe.index("pip install --no-cache-dir -r")
    assert "RUN ./binder/postBuild" in recipe
    assert "apt-get install --yes --no-install-recommends graphviz" in recipe  # for engine="dot" alone; all else draws without
    assert "apt-get" not in (BINDER / "postBuild").read_text(encoding="utf-8")


def test_the_files():
    version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"python-3\.\d+", version)
    needs = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    least = int(re.search(r'requires-python = ">=3\.(\d+)"', needs)[1])
    assert int(version.rpartition(".")[2]) >= least and f'"Programming Language :: Python :: {version[7:]}"' in needs
    wanted = [line for line in (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert wanted == [".[lab]"]
    assert (BINDER / "apt.txt").read_text(encoding="utf-8").split() == ["graphviz"]
    assert not (ROOT / ".binder").exists()
    if os.name == "posix":
        assert (BINDER / "postBuild").stat().st_mode & stat.S_IXUSR


@pytest.mark.skipif(os.name != "posix" or shutil.which("bash") is None, reason="Binder's last script is for bash")
def test_what_runs_last_is_a_script(tmp_path):
    """It runs as it is, but for the program `jupyter`, which need not be here."""
    asked = tmp_path / "jupyter"
    asked.write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/asked"\n', encoding="utf-8")
    asked.chmod(0o755)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "TENSORLAB_FLAGS": "cache_directory=off"}
    command = ["bash", str(BINDER / "postBuild")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert "labextension disable @jupyterlab/apputils-extension:announcements" in (tmp_path / "asked").read_text(encoding="utf-8")
    assert float(done.stdout) == pytest.approx(1.6118557)  # sigmoid(1) + sigmoid(2)


def test_badges_point_at_this_repository():
    pages = [ROOT / "README.md", *sorted((ROOT / "lessons" / "text").glob("*.md"))]
    links = [link for page in pages for link in re.findall(r"https://mybinder\.org/[^\s)\"]+", page.read_text(encoding="utf-8"))]
    assert links
    for link in links:
        if "badge" in link:
            continue
        assert link.startswith(f"https://mybinder.org/v2/gh/{REPOSITORY}/"), link
        path = re.search(r"urlpath=lab/tree/([\w./%-]+)", link.replace("%2F", "/"))
        assert path is not None and (ROOT / path[1]).exists(), link


@pytest.mark.skipif(os.environ.get("TENSORLAB_REPLAY_BINDER") != "1",
                    reason="installs 1 GB and takes minutes: TENSORLAB_REPLAY_BINDER=1 replays Binder's build")  # fmt: skip
def test_lessons_run_in_what_binder_builds():
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "replay_binder.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(lesson in done.stdout for lesson in ("01_define_a_function", "08_a_network_on_a_picture"))


@pytest.mark.skipif(importlib.util.find_spec("repo2docker") is None, reason="repo2docker, Binder's build pack, is not made for Windows")
def test_the_replay_takes_binders_own_versions():
    place = importlib.util.spec_from_file_location("replay_binder", ROOT / "scripts" / "replay_binder.py")
    replay = importlib.util.module_from_spec(place)
    place.loader.exec_module(replay)
    pins = replay.pins(replay.python_asked_for())
    assert set(pins) == set(replay.PINNED) and all(re.fullmatch(r"\d+\.\d+(\.\d+)*", number) for number in pins.values())
    needs = re.search(r'"jupyterlab>=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
    assert [int(part) for part in pins["jupyterlab"].split(".")] >= [int(part) for part in needs.split(".")]
