"""Every setting in every way: default, file, environment, code, block, `%config`, `help` and the terminal, for all that the table has."""

from __future__ import annotations

import json
import os
import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import tensorlab as tl
from tensorlab.graph.errors import SettingError, UnknownSettingError
from tensorlab.settings import SETTINGS, Config
from tensorlab.settings.kinds import Device, Directory, Names, OneOf, Whole, YesOrNo
from tensorlab.settings.listing import listing, main, template
from tensorlab.settings.sources import chosen_files, read_file

ROOT = Path(__file__).parent.parent
TEXTS = {Device: "gpu1", Whole: "7", YesOrNo: "true", Directory: "off", Names: "simplify:times_one"}
"""By kind, a text that is not the default."""
MISTAKES = {
    Device: ("GPU1", "gpu1"),
    YesOrNo: ("ture", "True"),
    Directory: ("", "auto"),
    Names: ("simplfy:stabilize", "simplify:stabilize"),
}
"""By kind, a text that is refused, and the one that is suggested."""


def text_of(name: str) -> str:
    """A value other than the default, as files and flags have it."""
    setting = SETTINGS[name]
    if isinstance(setting.kind, OneOf):
        return next(each for each in reversed(setting.kind.examples) if each != setting.default)
    return TEXTS[type(setting.kind)]


def value_of(name: str):
    """The same as the setting holds it."""
    return SETTINGS[name].parse(text_of(name))


def mistake_of(name: str) -> tuple[str, str]:
    """A text that the setting refuses, and the one that it suggests."""
    setting = SETTINGS[name]
    if isinstance(setting.kind, OneOf):
        good = text_of(name)
        return good + good[-1], good
    if isinstance(setting.kind, Whole):
        return str(setting.kind.least - 1), str(setting.kind.least)
    return MISTAKES[type(setting.kind)]


@pytest.fixture
def file(tmp_path):
    """A function that writes a file of settings and returns its path."""

    def write(text: str) -> str:
        path = tmp_path / "settings.ini"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


every_setting = pytest.mark.parametrize("name", SETTINGS)


@every_setting
def test_a_setting_in_every_way(name, file):
    text, value, default = text_of(name), value_of(name), SETTINGS[name].default
    assert value != default
    assert getattr(Config(), name) == default and Config().origin(name) == "default"

    path = file(f"# settings\n[global]\n\n{name} = {text}\n")
    from_file = Config(files=[path])
    assert getattr(from_file, name) == value and from_file.origin(name) == f"file {path}, line 4"

    from_flags = Config(f"{name}={text}")
    assert getattr(from_flags, name) == value and from_flags.origin(name) == "environment (TENSORLAB_FLAGS)"

    for given in (text, value):
        in_code = Config()
        setattr(in_code, name, given)
        assert getattr(in_code, name) == value and in_code.origin(name) == "code"
        with in_code.change_flags(**{name: default}):
            assert getattr(in_code, name) == default and in_code.origin(name) == "change_flags"
        assert getattr(in_code, name) == value and in_code.origin(name) == "code"


@every_setting
def test_code_wins_over_the_environment_over_the_file_over_the_default(name, file):
    text, value, default = text_of(name), value_of(name), SETTINGS[name].default
    as_text = SETTINGS[name].kind.written(default)
    path = file(f"[global]\n{name} = {text}\n")
    flags = "" if isinstance(default, tuple) else f"{name}={as_text}"  # no text stands for no names
    config = Config(flags, [path])
    if flags:
        assert getattr(config, name) == default and config.origin(name).startswith("environment")
    setattr(config, name, text)
    assert getattr(config, name) == value and config.origin(name) == "code"
    delattr(config, name)
    assert config.origin(name).startswith("environment" if flags else "file"), "code forgotten, not what was there before"
    weaker = Config(f"{name}={text}", [file(f"[global]\n{name} = {as_text or text}\n")])
    assert getattr(weaker, name) == value and weaker.origin(name).startswith("environment")


@every_setting
def test_a_bad_value_names_its_place_and_the_nearest_good_one(name, file):
    wrong, near = mistake_of(name)
    path = file(f"[global]\n\n{name} = {wrong}\n")
    with pytest.raises(SettingError) as caught:
        Config(files=[path])
    assert caught.value.asked == f"{name} = {wrong} below [global] in {path}, line 3"
    assert caught.value.advice == f"{name} = {near} below [global]" and caught.value.found
    Config(files=[file("[global]\n" + caught.value.advice.removesuffix(" below [global]"))])  # the advice is right

    with pytest.raises(SettingError) as caught:
        Config(f"{name}={wrong}")
    assert caught.value.asked == f"TENSORLAB_FLAGS={name}={wrong}" and caught.value.advice == f"TENSORLAB_FLAGS={name}={near}"

    config = Config()
    for given in (lambda: setattr(config, name, wrong), lambda: config.change_flags(**{name: wrong}).__enter__()):
        with pytest.raises(SettingError) as caught:
            given()
        better = SETTINGS[name].parse(near)
        assert caught.value.asked == f"config.{name} = {wrong!r}" and caught.value.advice == f"tl.config.{name} = {better!r}"
    assert getattr(config, name) == SETTINGS[name].default and config.origin(name) == "default"


@every_setting
def test_a_bad_name_names_its_place_and_the_nearest_good_one(name, file):
    wrong = name[:-2] + name[-1] + name[-2] + "_"
    path = file(f"[global]\n{wrong} = 1\n")
    with pytest.raises(UnknownSettingError) as caught:
        Config(files=[path])
    assert caught.value.asked == f"{wrong} = 1 below [global] in {path}, line 2"
    assert caught.value.advice == f"{name} = 1 below [global]"
    with pytest.raises(UnknownSettingError) as caught:
        Config(f"{wrong}=1")
    assert caught.value.advice == f"TENSORLAB_FLAGS={name}=1"


@every_setting
def test_a_section_is_the_first_word_of_a_name(name, file):
    section, underscore, rest = name.partition("_")
    if not underscore:
        return
    path = file(f"[{section}]\n{rest}: {text_of(name)}  # why\n")
    config = Config(files=[path])
    assert getattr(config, name) == value_of(name) and config.origin(name) == f"file {path}, line 2"


@every_setting
def test_a_setting_can_be_discovered(name, capsys):
    setting = SETTINGS[name]
    assert name in dir(tl.config) and setting.meaning in pydoc.plain(pydoc.render_doc(tl.config))
    assert f"{name} = {getattr(tl.config, name)!r}  (default): {setting.meaning}" in repr(tl.config)
    assert main([name]) == 0
    words = capsys.readouterr().out.split()
    for text in (setting.meaning, setting.kind.wording, "from: default"):
        assert " ".join(text.split()) in " ".join(words)


def test_a_new_process_reads_the_usual_file_and_the_environment(tmp_path):
    """One process: every second setting in the file, the others in the environment, all of them listed."""
    names = list(SETTINGS)
    (tmp_path / ".tensorlabrc").write_text("\n".join(["[global]", *(f"{each} = {text_of(each)}" for each in names[::2])]), encoding="utf-8")
    flags = ",".join(f"{each}={text_of(each)}" for each in names[1::2])
    environment = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "TENSORLAB_FLAGS": flags, "PYTHONUTF8": "1"}
    del environment["TENSORLABRC"]
    ask = (
        f"import json; from tensorlab import config\n"
        f"print(json.dumps({{each: [getattr(config, each), config.origin(each)] for each in {names}}}))"
    )
    done = subprocess.run([sys.executable, "-c", ask], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    for name, (value, origin) in json.loads(done.stdout).items():
        assert SETTINGS[name].parse(value) == value_of(name)
        line = f"file {tmp_path / '.tensorlabrc'}, line {2 + names.index(name) // 2}"
        assert origin == (line if name in names[::2] else "environment (TENSORLAB_FLAGS)")
    command = [sys.executable, "-m", "tensorlab", "config"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    for name in names:
        assert f"{name} = {SETTINGS[name].kind.written(value_of(name))}    from: " in done.stdout
    assert f"files: {tmp_path / '.tensorlabrc'}\nTENSORLAB_FLAGS: {flags}\n" in done.stdout


def test_of_several_files_the_last_wins(tmp_path, monkeypatch):
    for number, text in enumerate(["threads = 2\nmode = FAST_COMPILE", "threads = 3"]):
        (tmp_path / f"{number}.ini").write_text(f"[global]\n{text}\n", encoding="utf-8")
    monkeypatch.setenv("TENSORLABRC", os.pathsep.join([str(tmp_path / "0.ini"), str(tmp_path / "1.ini")]))
    config = Config(files=chosen_files())
    assert (config.threads, config.mode) == (3, "FAST_COMPILE") and config.origin("threads").endswith("1.ini, line 2")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("inside", "inside"), ("../beside", "../beside"), ("{elsewhere}", "{elsewhere}"), ("~/cache", "~/cache"), ("AUTO", None)],
)  # fmt: skip
def test_a_relative_path_in_a_file_starts_at_its_folder(written, meant, tmp_path, monkeypatch):
    """Not at the working directory, which is another one whenever Python is started."""
    folder = tmp_path / "settings"
    folder.mkdir()
    written = written.format(elsewhere=tmp_path / "elsewhere")
    (folder / "rc").write_text(f"[global]\ncache_directory = {written}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TENSORLABRC", os.path.join("settings", "rc"))
    config = Config(files=chosen_files())
    if meant is None:
        assert config.cache_directory == written.lower()
    else:
        place = os.path.expanduser(meant.format(elsewhere=tmp_path / "elsewhere"))
        assert config.cache_directory == os.path.abspath(os.path.join(folder, place))


@pytest.mark.parametrize(
    ("flags", "text", "asked"),
    [
        ("floatx=float32", "", "TENSORLAB_FLAGS=floatx=float32"),
        ("optimizer_excluding=simplfy", "", "TENSORLAB_FLAGS=optimizer_excluding=simplfy"),
        ("", "[global]\nmode = FAST_RNU", "mode = FAST_RNU below [global] in "),
        ("", "mode = FAST_RUN", "line 1: mode = FAST_RUN"),
    ],
)
def test_the_command_tells_a_mistake_in_three_lines(flags, text, asked, file):
    """`python -m tensorlab` cannot even begin then; a program that imports the package gets the error with its traceback."""
    environment = {**os.environ, "TENSORLAB_FLAGS": flags, "TENSORLABRC": file(text), "PYTHONUTF8": "1"}
    for command, code, traceback in (["-m", "tensorlab", "config"], 2, False), (["-c", "import tensorlab", "tensorlab"], 1, True):
        done = subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600)
        lines = done.stderr.splitlines()
        assert done.returncode == code and not done.stdout and ("Traceback" in done.stderr) is traceback
        assert asked in lines[-3] and lines[-2].startswith("  found: ") and lines[-1].startswith("  try:   ")
        assert traceback or len(lines) == 3


def test_which_files_are_read(tmp_path, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.delenv("TENSORLABRC", raising=False)
    assert chosen_files() == []
    (tmp_path / ".tensorlabrc").write_text("", encoding="utf-8")
    assert chosen_files() == [str(tmp_path / ".tensorlabrc")]
    monkeypatch.setenv("TENSORLABRC", "")
    assert chosen_files() == []
    monkeypatch.setenv("TENSORLABRC", os.path.join("~", "other"))
    assert chosen_files() == [str(tmp_path / "other")], "named, so that a mistake in the path is told"


@pytest.mark.parametrize(
    ("text", "asked", "found", "advice"),
    [
        ("floatX = float32", "line 1: floatX = float32", "it stands in no section", "[global] above it"),
        ("[global]\nfloatX", "line 2: ", "'name = value'", "floatX = float32"),
        ("[global]\nthreads = 1\nthreads = 2", "line 3: threads", "threads is there already", "one of the two"),
        ("[global]\n[optimizer]\n[global]", "line 3: [global]", "[global] is there already", "one of the two"),
        ("[nvcc]\nfastmath = True", "fastmath = True below [nvcc] in ", "no setting 'nvcc_fastmath'", "one of these names below [global]"),
        ("[DEFAULT]\nfloatX = float32", "floatX = float32 below [DEFAULT] in ", "'DEFAULT_floatX'", "floatX = float32 below [global]"),
        ("[optimizer]\nincluding = {b}%(c)s", "including = {b}%(c)s below [optimizer] in ", "called '{b}%(c)s'", "optimizer_including = "),
    ],
)  # fmt: skip
def test_a_file_that_is_not_in_order(text, asked, found, advice, file):
    with pytest.raises(SettingError) as caught:
        Config(files=[file(text)])
    assert asked in caught.value.asked and found in caught.value.found and advice in caught.value.advice
    assert str(file(text)) in caught.value.asked and "line" in caught.value.asked


def test_a_file_that_cannot_be_read(tmp_path):
    (tmp_path / "latin").write_bytes("[global]\n# h\xf6her\n".encode("latin-1"))
    for name, reason in (("nowhere", "cannot be read"), ("", "cannot be read"), ("latin", "it is not a text in UTF-8")):
        path = tmp_path / name
        with pytest.raises(SettingError) as caught:
            Config(files=[str(path)])
        assert caught.value.asked == f"settings from {path}" and reason in caught.value.found and "TENSORLABRC" in caught.value.advice


def test_a_file_of_another_system(tmp_path):
    path = tmp_path / "windows.ini"
    lines = ["[global]", "; a comment", "floatX = float32", "", "[optimizer]", "excluding = simplify", "    times_one", ""]
    path.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    config = Config(files=[str(path)])
    assert config.floatX == "float32" and config.optimizer_excluding == ("simplify", "times_one")
    assert [each.origin.text.rpartition(" ")[2] for each in read_file(str(path))] == ["3", "6"]


def test_the_template_is_a_file_that_changes_nothing(file, capsys):
    assert main(["--template"]) == 0
    text = capsys.readouterr().out.removesuffix("\n")
    assert text == template() and Config(files=[file(text)])._values == {}
    named = [line.removeprefix("# ") for line in text.splitlines() if line.removeprefix("# ").split(" = ")[0] in SETTINGS]
    assert len(named) == len(SETTINGS)
    config = Config(files=[file("\n".join(["[global]", *named]))])
    assert config._values == {name: each.default for name, each in SETTINGS.items()}


def test_the_list_of_some_settings():
    assert listing(["floatX", "threads"]).count(" from: ") == 2
    with pytest.raises(UnknownSettingError):
        listing(["flotX"])


def test_reading_no_file_imports_nothing():
    """The parser of files, the debugger and the reader of arguments are not paid for by those who do not use them."""
    code = "import sys, tensorlab; print(*{'configparser', 'pdb', 'argparse', 'tensorlab.settings.listing'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)
    assert done.stdout.split() == []


def test_the_page_has_every_setting_with_its_default():
    lines = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip(" `") for cell in line.split("|")[1:]] for line in lines if line.startswith("| `")]
    found = {row[0]: row[1] for row in rows if row[0] in SETTINGS}
    assert found == {name: each.kind.written(each.default) for name, each in SETTINGS.items()}


@pytest.mark.parametrize("action", ["warn", "raise"])
def test_what_watches_the_reader_is_silent_about_the_package_itself(action):
    """Rules and examples of cards are symbols and expressions too, made when their modules are imported."""
    code = (
        "import pkgutil, importlib, tensorlab\n"
        "for found in pkgutil.walk_packages(tensorlab.__path__, 'tensorlab.'):\n"
        "    if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
        "import tensorlab as tl, tensorlab.tensor as T\n"
        "with tl.config.change_flags(compute_test_value='off', warn_float64='ignore'): x = T.vector('x')\n"
        "x.tag.test_value = [1.0]\n"
        "print(tl.function([x], T.grad(T.exp(x).sum(), x))([0.0]))\n"
    )
    environment = {**os.environ, "TENSORLAB_FLAGS": f"compute_test_value={action},warn_float64={action}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and done.stdout == "[1.]\n" and done.stderr == "", done.stderr
