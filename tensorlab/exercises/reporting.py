"""How a verdict reaches a grader: by a file that the check itself writes to, signed with a key that the notebook's cells are not told.

Floor 6. What a cell prints or displays says nothing about who made it. The grader opens the channel before the first cell of a notebook
runs; a line that is not signed with its key, or speaks of another exercise than the grader's own, does not count.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from typing import Any

from .declarations import Exercise
from .verdict import Verdict


def signature(key: bytes, line: str) -> str:
    """Return the signature of a line."""
    return hmac.new(key, line.encode(), "sha256").hexdigest()


def channel(path: str, key: bytes) -> Callable[[Exercise, Verdict], None]:
    """Return the function that writes a verdict to a file."""
    process = os.getpid()

    def write(exercise: Exercise, verdict: Verdict) -> None:
        if os.getpid() != process:
            return  # a copy of this process is not what the grader runs
        line = json.dumps({"exercise": exercise.name, "verdict": verdict.mark, "slip": verdict.slip, "digest": exercise.digest})
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps([line, signature(key, line)]) + "\n")

    return write


def open_channel(path: str, key_file: str) -> None:
    """Let verdicts be written to a file from now on; the key is read once, and its file is deleted before any cell runs."""
    with open(key_file, "rb") as file:
        key = file.read()
    os.remove(key_file)
    listeners.append(channel(path, key))


listeners: list[Callable[[Exercise, Verdict], None]] = []
"""Who is told about verdicts."""


def read_channel(path: str, key: bytes) -> list[dict[str, Any]]:
    """Return the verdicts in a file that are signed with a key, in order; whatever else is in it is left out."""
    found: list[dict[str, Any]] = []
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            written = file.read().splitlines()
    except FileNotFoundError:
        return []
    for each in written:
        try:
            line, signed = json.loads(each)
            if hmac.compare_digest(signature(key, line), signed):
                found.append(json.loads(line))
        except (ValueError, TypeError, AttributeError):
            continue
    return found
