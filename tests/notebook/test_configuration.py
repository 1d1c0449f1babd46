"""`%config TensorLab`: every setting can be listed, read and set there, a mistake fails the cell, and unloading leaves nothing."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter

import tensorlab as tl
from tensorlab.graph.errors import SettingError, UnknownSettingError
from tensorlab.settings import SETTINGS
from tensorlab.settings.listing import listing, places


def completions(notebook, line: str) -> list[str]:
    """What Tab offers at the end of a line."""
    with provisionalcompleter():
        return [each.text for each in notebook.shell.Completer.completions(line, len(line))]


def completions_of_mode() -> list[str]:
    return [repr(each) for each in SETTINGS["mode"].kind.examples]


def other_value(name: str):
    """A value that is not the default."""
    setting = SETTINGS[name]
    texts = setting.kind.examples or ("simplify",)
    return next(setting.parse(each) for each in texts if setting.parse(each) != setting.default)


def test_every_setting_is_listed_as_in_a_terminal(notebook):
    tl.config.threads = 3
    text = notebook.run("%config TensorLab").text
    assert f"{listing()}\n\n{places()}" in text and "threads = 3    from: code" in text
    assert "TensorLab" in notebook.run("%config").text.split()


def test_every_setting_is_read_and_set(notebook):
    for name in SETTINGS:
        wanted = other_value(name)
        with tl.config.change_flags():
            notebook.run(f"%config TensorLab.{name} = {wanted!r}")
            assert getattr(tl.config, name) == wanted and tl.config.origin(name) == "code"
            assert notebook.run(f"%config TensorLab.{name}").result == wanted
            delattr(tl.config, name)
            assert notebook.run(f"%config TensorLab.{name}").result == SETTINGS[name].default, "there is one store of values"


def test_the_right_side_is_python_and_the_words_of_a_setting_need_no_quotes(notebook):
    notebook.run("wide = 'float32'; count = 2")
    for line, name, value in [
        ("TensorLab.floatX = wide", "floatX", "float32"),
        ("TensorLab.floatX = float16", "floatX", "float16"),
        ("TensorLab.threads = count + 1", "threads", 3),
        ("  TensorLab.mode=FAST_COMPILE  ", "mode", "FAST_COMPILE"),
        ("TensorLab.profile = off", "profile", False),
        ("TensorLab.optimizer_excluding = ['simplify']", "optimizer_excluding", ("simplify",)),
    ]:
        notebook.run(f"%config {line}")
        assert getattr(tl.config, name) == value
    error = notebook.run("%config TensorLab.threads = count + nothing", fails=True).error
    assert isinstance(error, NameError)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("TensorLab.floatX = 'flaot32'", "tl.config.floatX = 'float32'"),
        ("TensorLab.floatX = flaot32", "tl.config.floatX = 'float32'"),
        ("TensorLab.flotX = 'float32'", "tl.config.floatX"),
        ("TensorLab.flotX", "tl.config.floatX"),
    ],
)
def test_a_mistake_fails_the_cell_and_changes_nothing(notebook, line, advice):
    before = dict(tl.config._values)
    error = notebook.run(f"%config {line}", fails=True).error
    assert isinstance(error, SettingError) and error.advice == advice
    assert tl.config._values == before


def test_other_objects_are_configured_as_ever(notebook):
    assert "Current: " in notebook.run("%config IPCompleter").text
    before = notebook.run("%config IPCompleter.greedy").result
    notebook.run(f"%config IPCompleter.greedy = {not before}")
    assert notebook.shell.Completer.greedy is not before
    notebook.run(f"%config IPCompleter.greedy = {before}")


def test_names_and_values_are_completed(notebook):
    assert completions(notebook, "%config Tens") == ["TensorLab"]
    for name, setting in SETTINGS.items():
        assert f"TensorLab.{name}" in completions(notebook, f"%config TensorLab.{name[:4]}")
        offered = completions(notebook, f"%config TensorLab.{name} = ")
        assert offered[: len(setting.kind.examples)] == [repr(setting.parse(each)) for each in setting.kind.examples]
    assert completions(notebook, "%config TensorLab.mode = 'FAST_C") == ["'FAST_COMPILE'"]
    assert completions(notebook, "%config TensorLab.mode = FAST_C") == ["'FAST_COMPILE'"]


def test_ipython_itself_can_set_it(notebook):
    """Other programs hand a configuration to every configurable of the shell."""
    from traitlets.config import Config as Given

    (ours,) = [each for each in notebook.shell.configurables if type(each).__name__ == "TensorLab"]
    ours.update_config(Given({"TensorLab": {"floatX": "float32"}, "IPCompleter": {"greedy": False}}))
    assert tl.config.floatX == "float32"
    with pytest.raises(UnknownSettingError):
        ours.update_config(Given({"TensorLab": {"flotX": "float32"}}))


def test_unloading_leaves_nothing_behind(bare):
    usual = bare.shell.find_line_magic("config")
    bare.run("%load_ext tensorlab")
    assert bare.shell.find_line_magic("config") is not usual and completions(bare, "%config TensorLab.mode = ") == completions_of_mode()
    bare.shell.extension_manager.unload_extension("tensorlab")
    assert bare.shell.find_line_magic("config") == usual
    assert "TensorLab" not in [type(each).__name__ for each in bare.shell.configurables]
    assert completions(bare, "%config TensorLab.mode = ") != completions_of_mode()
