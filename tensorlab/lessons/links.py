"""Rules on where a lesson leads: links to other lessons and files, and badges that open it elsewhere.

Floor 6. Nothing is asked on the network: links to other sites are not followed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .cells import Notebook, read_notebook
from .findings import Finding, at
from .mistakes import LessonError
from .reading import headings, prose_of

LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)|(?:href|src)\s*=\s*[\"']([^\"']+)[\"']", re.M)
HOSTS = ("mybinder.org", "colab.research.google.com", "nbviewer.org", "nbviewer.jupyter.org", "deepnote.com", "kaggle.com")
"""Where badges lead."""


def links(notebook: Notebook) -> list[tuple[Any, str]]:
    """Return where the text of a notebook leads, with the cells."""
    return [(cell, next(filter(None, found))) for cell in notebook.prose for found in LINK.findall(prose_of(cell))]


def links_lead_somewhere(notebook: Notebook) -> Iterator[Finding]:
    """Files are there, and so are the headings and cells that are pointed at."""
    for cell, target in links(notebook):
        parts = urlsplit(target)
        if target.startswith("attachment:"):
            name = target.removeprefix("attachment:")
            if unquote(name) not in cell.stored.get("attachments", {}):
                yield at(notebook, cell, "link", f"shows the attachment {name}, which is not there", "paste the picture again")
        elif parts.scheme in ("http", "https", "mailto", "data"):
            continue
        elif parts.scheme or parts.netloc or parts.path.startswith("/"):
            advice = "a path from this notebook, such as 02_matrices.ipynb"
            yield at(notebook, cell, "link", f"leads to {target}, which is on one machine", advice)
        else:
            file = notebook.path.parent / unquote(parts.path) if parts.path else notebook.path
            if not file.exists():
                yield at(notebook, cell, "link", f"leads to {target}, which is not there", nearby(file))
            elif parts.fragment and file.suffix == ".ipynb" and unquote(parts.fragment) not in places(file.resolve()):
                what = f"leads to #{parts.fragment}, and {file.name} has no such heading"
                yield at(notebook, cell, "link", what, "its heading with - for spaces")


def nearby(file: Path) -> str:
    """Return advice on a file that is not there: the one whose name is nearest."""
    from difflib import get_close_matches

    names = [each.name for each in file.parent.iterdir()] if file.parent.is_dir() else []
    near = get_close_matches(file.name, names, 1, 0.5)
    return near[0] if near else "the name of a file beside this notebook"


def places(file: Path) -> set[str]:
    """Return what a link into a notebook can name: its headings as Jupyter writes them, and the ids of its cells."""
    try:
        notebook = read_notebook(file)
    except LessonError:
        return set()
    titles = (re.sub(r"[`*]", "", text) for _, _, text in headings(notebook))
    return {title.replace(" ", "-") for title in titles} | {cell.name for cell in notebook.cells}


def badges_lead_here(notebook: Notebook) -> Iterator[Finding]:
    """A badge opens this repository, and in it a file that is there."""
    root, here = repository(notebook.path)
    for cell, target in links(notebook):
        parts = urlsplit(target)
        if parts.netloc.removeprefix("www.") not in HOSTS or parts.path.endswith((".svg", ".png")):
            continue  # the picture of a badge is no badge
        there = re.search(r"(?:/gh|/github)/([\w.-]+/[\w.-]+)", parts.path)
        if there is None:
            continue
        if here and there[1].lower() != here.lower():
            yield at(notebook, cell, "badge", f"opens {there[1]}", f"{target.replace(there[1], here)}")
            continue
        opened = opened_file(target)
        if here and opened and not (root / opened).exists():
            advice = f"the path of {notebook.path.name} from the root of the repository"
            yield at(notebook, cell, "badge", f"opens {opened}, which is not in the repository", advice)


def opened_file(target: str) -> str:
    """Return which file of a repository a badge opens, or nothing if it opens none.

    >>> opened_file("https://mybinder.org/v2/gh/me/it/HEAD?urlpath=lab/tree/lessons/01.ipynb")
    'lessons/01.ipynb'
    >>> opened_file("https://colab.research.google.com/github/me/it/blob/main/lessons/01.ipynb")
    'lessons/01.ipynb'
    """
    parts = urlsplit(target)
    asked = parse_qs(parts.query)
    for key in ("labpath", "filepath", "urlpath"):
        if key in asked:
            path = re.sub(r"^/?(?:lab(?:/workspaces/[^/]+)?/tree|tree|notebooks|doc/tree)/", "", asked[key][0])
            return "" if path.startswith(("git-pull", "lab", "tree")) else path
    found = re.search(r"/blob/[^/]+/(.+)$", parts.path)
    return unquote(found[1]) if found else ""


def repository(path: Path) -> tuple[Path, str]:
    """Return the root of the repository that a file is in, and its name on GitHub, "" if nothing says it.

    The name is that of a link in `pyproject.toml`, or else of the remote called origin.
    """
    for folder in path.resolve().parents:
        name = named(folder)
        if name or (folder / ".git").exists():
            return folder, name
    return path.resolve().parent, ""


def named(folder: Path) -> str:
    """Return the name on GitHub of the repository whose root a folder is."""
    texts = []
    project = folder / "pyproject.toml"
    if project.exists():
        with suppress(tomllib.TOMLDecodeError, UnicodeDecodeError):  # whoever builds the project is told
            texts.append(json.dumps(tomllib.loads(project.read_text(encoding="utf-8")).get("project", {}).get("urls", {})))
    git = folder / ".git" / "config"
    if git.is_file():
        texts += re.findall(r'\[remote "origin"\][^\[]*', git.read_text(encoding="utf-8", errors="replace"))
    for text in texts:
        found = re.search(r"github\.com[/:]([\w.-]+/[\w-]+(?:\.(?!git\b)[\w-]+)*)", text)
        if found:
            return found[1]
    return ""
