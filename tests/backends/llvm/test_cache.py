"""The object cache: whatever happens to the disk, the right bytes come back or none do, and nobody hears of it."""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pytest

import tensorlab as tl
from tensorlab.backends.llvm import cache, folder, machine

ROOT = Path(__file__).parent.parent.parent.parent
SQUARE = "define double @square(double %x) {\n  %y = fmul double %x, %x\n  ret double %y\n}\n"
CONTENT = bytes(range(256)) * 20
NOBODY = 65534  # any user but this one
POSIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system tells nothing about who owns a file")


def may_give_away():
    """Whether files can be given to another user: by root, unless a container has taken that right away."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    with tempfile.NamedTemporaryFile() as file:
        try:
            os.chown(file.name, NOBODY, -1)
        except OSError:
            return False
    return True


GIVES_AWAY = may_give_away()
ROOT_ONLY = pytest.mark.skipif(not GIVES_AWAY, reason="only root can give a file to another user")
FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture
def where(tmp_path, monkeypatch):
    """A folder of its own for the cache, which is empty, and whose sources do not change while the test runs."""
    monkeypatch.setattr(cache, "sources", lambda: b"sources")
    monkeypatch.setattr(cache, "counts", cache.Counts())
    monkeypatch.setattr(cache, "remembered", {})
    cache.surroundings.cache_clear()
    tl.config.cache_directory = tmp_path / "kept"
    yield tmp_path / "kept"
    cache.surroundings.cache_clear()


def from_disk(key):
    """What another process would find."""
    cache.remembered.clear()
    return cache.kept(key)


def only_file(where):
    (found,) = where.iterdir()
    return found


def run(code, *arguments, timeout=600):
    """Run a script in another process and return the words that it prints."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def in_a_fork(work):
    """Run something in a forked process, which may give up its rights, and say whether it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as problem:
            os.write(2, f"{type(problem).__name__}: {problem}\n".encode())
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# -- what it is for


def test_an_object_is_made_once_and_runs(where, monkeypatch):
    made = cache.object_for(SQUARE)
    monkeypatch.setattr(machine, "emitted", lambda text: pytest.fail("made again"))
    assert cache.object_for(SQUARE) == made
    cache.remembered.clear()
    code = cache.object_for(SQUARE)
    assert code == made and type(code) is bytes
    engine = machine.loaded(code)
    square = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(engine.get_function_address("square"))
    assert square(-7.0) == 49.0
    assert (cache.counts.missing, cache.counts.written, cache.counts.in_memory, cache.counts.on_disk) == (1, 1, 1, 1)


def test_a_cheaper_key_spares_the_text(where):
    written = []

    def write():
        written.append(1)
        return SQUARE

    first = cache.object_by("program", b"\x00\xff", write=write)
    assert cache.object_by("program", b"\x00\xff", write=write) == first and len(written) == 1
    cache.remembered.clear()
    assert cache.object_by("program", b"\x00\xff", write=write) == first and len(written) == 1
    assert cache.object_by("program", b"\x00\xfe", write=write) == first and len(written) == 2


def test_a_text_that_is_no_module_is_not_kept(where):
    for _ in range(2):
        with pytest.raises(RuntimeError):
            cache.object_for("no module")
    assert not where.exists() and not cache.remembered


def test_another_process_finds_it(tmp_path):
    code = """
        import sys, tensorlab as tl
        from tensorlab.backends.llvm import cache
        tl.config.cache_directory = sys.argv[1]
        cache.sources = lambda: b"sources"
        cache.object_for(sys.argv[2])
        print(cache.counts.missing, cache.counts.on_disk, cache.counts.written)
    """
    assert run(code, tmp_path / "kept", SQUARE) == ["1", "0", "1"]
    assert run(code, tmp_path / "kept", SQUARE) == ["0", "1", "0"]


def test_parts_of_a_key_do_not_run_together(where):
    keys = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), (b"abc", "x"), ("ab", "d"), (), ("\ud800",)]
    assert len({cache.key_of(*each) for each in keys}) == len(keys)
    assert cache.key_of("ab") == cache.key_of(b"ab")


# -- what the key names


FACTS = {
    "processor": lambda patch: patch.setattr(machine, "processor", lambda: ("x86_64-unknown-linux-gnu", "another", "+sse2")),
    "features": lambda patch: patch.setattr(machine, "processor", lambda found=machine.processor(): (*found[:2], found[2] + ",+more")),
    "llvmlite": lambda patch: patch.setattr(cache.llvmlite, "__version__", "0.0"),
    "LLVM": lambda patch: patch.setattr(cache.llvm, "llvm_version_info", (1, 0, 0)),
    "NumPy": lambda patch: patch.setattr(np, "__version__", "9.0"),
    "Python": lambda patch: patch.setattr(sys, "version", sys.version + " free-threading build"),
    "size of a pointer": lambda patch: patch.setattr(sys, "maxsize", 2**31 - 1),
    "tensorlab": lambda patch: patch.setattr(tl, "__version__", "9.0"),
    "sources": lambda patch: patch.setattr(cache, "sources", lambda: b"other sources"),
}


@pytest.mark.parametrize("fact", FACTS)
def test_code_for_something_else_is_not_found(where, monkeypatch, fact):
    before = cache.key_of("program")
    cache.keep(before, CONTENT)
    FACTS[fact](monkeypatch)
    assert cache.key_of("program") == before  # not looked up at every call
    cache.surroundings.cache_clear()
    other = cache.key_of("program")
    assert other != before and from_disk(other) is None and from_disk(before) == CONTENT
    monkeypatch.undo()
    cache.surroundings.cache_clear()


@pytest.fixture
def rooms(tmp_path, monkeypatch):
    """Sources that may be changed."""
    for room in cache.WRITERS:
        (tmp_path / room / "inner").mkdir(parents=True)
        (tmp_path / room / "inner" / "one.py").write_text("1 + 1")
    monkeypatch.setattr(cache, "PACKAGE", str(tmp_path))
    monkeypatch.setattr(cache, "IMPORTED", cache.IMPORTED + 1e6)
    yield tmp_path
    cache.sources.cache_clear()


def hash_of_sources():
    cache.sources.cache_clear()
    return cache.sources()


@pytest.mark.parametrize("room", cache.WRITERS)
def test_every_change_of_a_source_changes_the_key(rooms, room):
    seen = [hash_of_sources()]
    source = rooms / room / "inner" / "one.py"
    for change in (lambda: source.write_text("1 - 1"), lambda: source.rename(source.with_name("two.py")),
                   lambda: source.with_name("three.py").write_text(""), lambda: source.with_name("two.py").unlink()):
        change()
        seen.append(hash_of_sources())
    assert len(set(seen)) == 5 and None not in seen
    source.with_name("data.txt").write_text("no source")
    assert hash_of_sources() == seen[-1] == hash_of_sources()


def test_sources_that_were_changed_after_they_were_imported_keep_nothing_on_disk(rooms, tmp_path, monkeypatch):
    """The file is no longer what runs, and a process that starts later would take old code for new."""
    monkeypatch.setattr(cache, "remembered", {})
    tl.config.cache_directory = tmp_path / "kept"
    monkeypatch.setattr(cache, "IMPORTED", (rooms / "ops" / "inner" / "one.py").stat().st_mtime)
    assert hash_of_sources() is None
    cache.surroundings.cache_clear()
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    assert cache.kept(key) == CONTENT and from_disk(key) is None and not (tmp_path / "kept").exists()
    assert "changed after they were imported" in cache.status().unused_because
    cache.surroundings.cache_clear()


def test_sources_that_cannot_be_read_keep_nothing_on_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(cache, "PACKAGE", str(tmp_path / "archive.zip"))
    assert hash_of_sources() is None
    cache.sources.cache_clear()


# -- damaged files


@pytest.mark.parametrize("length", [0, 1, len(folder.MAGIC), folder.HEAD - 1, folder.HEAD, folder.HEAD + 1, -2000, -1])
def test_a_cut_file_is_no_file(where, length):
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    path = only_file(where)
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    assert from_disk(key) is None
    cache.keep(key, CONTENT)
    assert from_disk(key) == CONTENT and path.read_bytes() == whole


def test_a_flipped_bit_anywhere_is_noticed(where):
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    path = only_file(where)
    whole = path.read_bytes()
    assert len(whole) == folder.HEAD + len(CONTENT)
    random = np.random.RandomState(0)
    positions = [*range(folder.HEAD + 8), *random.randint(folder.HEAD, len(whole), 200).tolist(), len(whole) - 1]
    for position in positions:
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1 << random.randint(8)]) + whole[position + 1:])
        assert from_disk(key) is None, position
    for wrong in (whole + b"\0", whole[1:], bytes(len(whole)), whole[: folder.HEAD] + CONTENT[::-1], whole * 2):
        path.write_bytes(wrong)
        assert from_disk(key) is None
    path.write_bytes(whole)
    assert from_disk(key) == CONTENT


def test_a_file_under_another_name_is_noticed(where):
    one, other = cache.key_of("one"), cache.key_of("other")
    cache.keep(one, CONTENT)
    os.replace(folder.path_of(one), folder.path_of(other))
    assert from_disk(one) is None and from_disk(other) is None


def test_damage_is_repaired_by_making_it_again(where):
    made = cache.object_for(SQUARE)
    only_file(where).write_bytes(b"damaged")
    cache.remembered.clear()
    assert cache.object_for(SQUARE) == made
    assert from_disk(cache.key_of("text", SQUARE)) == made


def test_an_empty_object_is_an_object(where):
    key = cache.key_of("program")
    cache.keep(key, b"")
    assert from_disk(key) == b""


# -- who may write


@POSIX
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777, 0o720])
def test_a_folder_that_others_may_write_into_is_not_used(where, mode):
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    where.chmod(mode)
    assert from_disk(key) is None
    other = cache.key_of("other")
    cache.keep(other, CONTENT)
    assert cache.kept(other) == CONTENT and len(list(where.iterdir())) == 1
    assert "others may write" in cache.status().unused_because
    where.chmod(0o755)
    assert from_disk(key) == CONTENT


@POSIX
@pytest.mark.parametrize("mode", [0o602, 0o620, 0o666])
def test_a_file_that_others_may_write_is_not_used(where, mode):
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    only_file(where).chmod(mode)
    assert from_disk(key) is None
    cache.keep(key, CONTENT)
    assert from_disk(key) == CONTENT and only_file(where).stat().st_mode & 0o777 == 0o600


@ROOT_ONLY
def test_what_belongs_to_another_user_is_not_used(where):
    key, other = cache.key_of("program"), cache.key_of("other")
    cache.keep(key, CONTENT)
    os.chown(only_file(where), NOBODY, -1)
    assert from_disk(key) is None
    os.chown(only_file(where), 0, -1)
    os.chown(where, NOBODY, -1)
    assert from_disk(key) is None
    cache.keep(other, CONTENT)
    assert len(list(where.iterdir())) == 1 and "another user" in cache.status().unused_because
    os.chown(where, 0, -1)
    assert from_disk(key) == CONTENT


@ROOT_ONLY
def test_root_leaves_the_home_of_another_user_alone(where, tmp_path, monkeypatch):
    """A folder that root made there, as under `sudo`, would lock its owner out."""
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, NOBODY, -1)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setattr(sys, "platform", "linux")
    tl.config.cache_directory = "auto"
    cache.keep(cache.key_of("program"), CONTENT)
    assert not list(home.iterdir()) and cache.counts.written == 0


@POSIX
def test_links_and_other_things_in_place_of_files(where, tmp_path):
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    path = only_file(where)
    os.replace(path, tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert from_disk(key) is None
    path.unlink()
    os.mkfifo(path)
    assert from_disk(key) is None  # and does not wait for somebody to write
    path.unlink()
    path.mkdir()
    assert from_disk(key) is None
    cache.keep(key, CONTENT)
    assert cache.kept(key) == CONTENT and list(where.iterdir()) == [path]


@POSIX
def test_a_folder_behind_a_link_of_ones_own_is_used(where, tmp_path):
    real = tmp_path / "scratch"
    real.mkdir(0o700)
    where.symlink_to(real)
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    assert from_disk(key) == CONTENT and len(list(real.iterdir())) == 1
    if GIVES_AWAY:
        os.lchown(where, NOBODY, -1)
        assert from_disk(key) is None and "link" in cache.status().unused_because


# -- disks that refuse


@FORK
def test_a_folder_that_cannot_be_written(where, tmp_path_factory):
    key, other = cache.key_of("program"), cache.key_of("other")
    cache.keep(key, CONTENT)
    for path, mode in ((where.parent, 0o755), (only_file(where), 0o400), (where, 0o500)):
        path.chmod(mode)
    if os.geteuid() == 0:  # who is held up by no mode
        if not GIVES_AWAY:
            pytest.skip("this root cannot give a file to another user")
        for path in (where, only_file(where)):
            os.chown(path, NOBODY, -1)
        base = tmp_path_factory.getbasetemp().parent
        if any(not each.stat().st_mode & 0o001 for each in base.parents):
            pytest.skip("the directory for temporary files is closed to other users")
        for path in where.parents:
            if path.is_relative_to(base):
                path.chmod(path.stat().st_mode | 0o011)

    def work():
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        with pytest.raises(PermissionError):
            (where / "probe").write_text("")
        assert from_disk(key) == CONTENT  # reading goes on
        cache.keep(other, CONTENT)
        assert cache.kept(other) == CONTENT and from_disk(other) is None
        tl.config.cache_directory = where / "deeper"
        cache.keep(other, CONTENT)
        assert cache.kept(other) == CONTENT and from_disk(other) is None

    assert in_a_fork(work)
    where.chmod(0o700)


FULL = [("open", errno.ENOSPC), ("open", errno.EDQUOT), ("open", errno.EROFS), ("open", errno.EMFILE), ("mkdir", errno.EROFS),
        ("replace", errno.EIO), ("fstat", errno.EIO), ("read", errno.EIO), ("lstat", errno.EACCES), ("scandir", errno.EIO)]


@pytest.mark.parametrize(("call", "error"), FULL)
def test_a_system_that_refuses(where, monkeypatch, call, error):
    def refuse(*_, **__):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(folder, "WRITES_PER_LOOK", 1)
    with monkeypatch.context() as patch:
        patch.setattr(folder.os, call, refuse)
        key = cache.key_of("program")
        assert from_disk(key) is None
        cache.keep(key, CONTENT)
        assert cache.kept(key) == CONTENT
        assert from_disk(key) in (None, CONTENT)
        cache.status()
        cache.clear()
    assert not where.exists() or not [each for each in where.iterdir() if each.name.endswith(folder.UNFINISHED)]


@pytest.mark.parametrize("room", [0, 1, 100, 5000])
def test_a_disk_that_fills_up_while_a_file_is_written(where, monkeypatch, room):
    left = room
    write = os.write

    def into_the_rest(handle, text):
        nonlocal left
        if left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        done = write(handle, text[:left])
        left -= done
        return done

    key = cache.key_of("program")
    with monkeypatch.context() as patch:
        patch.setattr(folder.os, "write", into_the_rest)
        cache.keep(key, CONTENT)
    assert left == 0 and cache.kept(key) == CONTENT and from_disk(key) is None and not list(where.iterdir())
    cache.keep(key, CONTENT)
    assert from_disk(key) == CONTENT


@FORK
def test_files_that_may_not_grow(where):
    import resource

    key, short = cache.key_of("program"), cache.key_of("short")

    def work():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        cache.keep(key, CONTENT)
        assert cache.kept(key) == CONTENT and from_disk(key) is None and not list(where.iterdir())
        cache.keep(short, CONTENT[:500])
        assert from_disk(short) == CONTENT[:500]

    assert in_a_fork(work)
    assert from_disk(short) == CONTENT[:500]


# -- where it is


def test_off_keeps_in_memory_alone(where, monkeypatch):
    tl.config.cache_directory = "off"
    monkeypatch.setattr(folder, "platform_folder", lambda: pytest.fail("looked for"))
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    assert cache.kept(key) == CONTENT and from_disk(key) is None and not where.exists()
    assert cache.status().unused_because == "config.cache_directory is 'off'"


def test_without_a_home_nothing_is_kept_on_disk(where, monkeypatch):
    tl.config.cache_directory = "auto"
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does for a user whom no list names
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    assert cache.kept(key) == CONTENT and from_disk(key) is None and "home" in cache.status().unused_because


@pytest.mark.parametrize("home", ["/nonexistent/home", "/dev/null", "/proc/1"])
def test_a_home_in_which_nothing_can_be_made(where, monkeypatch, home):
    tl.config.cache_directory = "auto"
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setattr(os, "mkdir", lambda path, mode: (_ for _ in ()).throw(PermissionError(path)))  # nor by root
    key = cache.key_of("program")
    cache.keep(key, CONTENT)
    assert cache.kept(key) == CONTENT and from_disk(key) is None


@POSIX
def test_every_system_has_its_place(where, monkeypatch, tmp_path):
    home = str(tmp_path / "home")
    monkeypatch.setenv("HOME", home)
    for system, variables, wanted in [
        ("linux", {}, f"{home}/.cache/tensorlab"),
        ("linux", {"XDG_CACHE_HOME": "/scratch"}, "/scratch/tensorlab"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, f"{home}/.cache/tensorlab"),
        ("freebsd14", {}, f"{home}/.cache/tensorlab"),
        ("darwin", {"XDG_CACHE_HOME": "/scratch"}, f"{home}/Library/Caches/tensorlab"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/tensorlab/Cache"),
        ("win32", {}, f"{home}/AppData/Local/tensorlab/Cache"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", system)
            for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
                patch.delenv(name, raising=False)
            for name, value in variables.items():
                patch.setenv(name, value)
            assert folder.platform_folder() == wanted


@POSIX
def test_the_place_is_made_closed_to_others(where, monkeypatch, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setattr(sys, "platform", "linux")
    tl.config.cache_directory = "auto"
    before = os.umask(0)
    try:
        key = cache.key_of("program")
        assert from_disk(key) is None and not list(home.iterdir())  # looking makes nothing
        cache.keep(key, CONTENT)
    finally:
        os.umask(before)
    assert from_disk(key) == CONTENT
    made = [home / ".cache", home / ".cache" / "tensorlab", only_file(home / ".cache" / "tensorlab")]
    assert [each.stat().st_mode & 0o777 for each in made] == [0o700, 0o700, 0o600]
    assert cache.status().location == str(made[1])


def test_a_place_that_no_system_can_spell(where):
    for name in ("a" * 5000, "\ud800"):
        tl.config.cache_directory = where / name
        key = cache.key_of("program")
        cache.keep(key, CONTENT)
        assert cache.kept(key) == CONTENT and from_disk(key) is None
        assert cache.status().location or cache.status().unused_because


# -- how much is kept


def test_the_longest_unused_go_first(where, monkeypatch):
    keys = [cache.key_of(str(number)) for number in range(20)]
    paths = [Path(folder.path_of(key)) for key in keys]
    for age, key in enumerate(keys):
        cache.keep(key, CONTENT)
        os.utime(paths[age], (1e9 - age, 1e9 - age))
    (where / "letter.object").write_text("somebody's own")
    (where / "deadbeef.object").write_text("too short a name to be one of ours")
    recent, abandoned = (where / f"{'ab' * 32}.{number}{folder.UNFINISHED}" for number in range(2))
    for path in (recent, abandoned):
        path.write_bytes(b"")
    os.utime(abandoned, (1e9, 1e9))
    folder.prune(str(where))
    assert not abandoned.exists() and recent.exists() and all(each.exists() for each in paths)
    monkeypatch.setattr(folder, "FILES_KEPT", 16)
    folder.prune(str(where))
    assert [each.exists() for each in paths] == [True] * 12 + [False] * 8
    monkeypatch.setattr(folder, "BYTES_KEPT", 8 * (len(CONTENT) + folder.HEAD))
    folder.prune(str(where))
    assert [each.exists() for each in paths] == [True] * 6 + [False] * 14
    assert {each.name for each in where.iterdir()} >= {"letter.object", "deadbeef.object", recent.name}


def test_writing_prunes_now_and_then(where, monkeypatch):
    monkeypatch.setattr(folder, "FILES_KEPT", 20)
    written = left = 0
    while written == left and written < 10_000:  # which names make it look is chance, one in 64
        for _ in range(50):
            cache.keep(cache.key_of(str(written)), b"")
            written += 1
        left = len(list(where.iterdir()))
    assert 0 < left < written


def test_memory_is_bounded(where, monkeypatch):
    monkeypatch.setattr(cache, "REMEMBERED", 10 * len(CONTENT))
    keys = [cache.key_of(str(number)) for number in range(30)]
    for key in keys:
        cache.remember(key, CONTENT)
    assert list(cache.remembered) == keys[-10:]


def test_status_and_clear(where):
    assert cache.status() == cache.Status(str(where), "", 0, 0, 0, cache.Counts())
    for number in range(3):
        cache.keep(cache.key_of(str(number)), CONTENT)
    (where / "letter").write_text("somebody's own")
    found = cache.status()
    assert (found.files, found.size, found.remembered) == (3, 3 * (len(CONTENT) + folder.HEAD), 3 * len(CONTENT))
    cache.clear()
    assert [each.name for each in where.iterdir()] == ["letter"] and cache.kept(cache.key_of("0")) is None


# -- many at once


STORM = """
    import os, random, signal, sys, time
    import tensorlab as tl
    from tensorlab.backends.llvm import cache, folder
    how, where = sys.argv[1:]
    tl.config.cache_directory = where
    cache.sources = lambda: b"sources"
    folder.WRITES_PER_LOOK, folder.FILES_KEPT = 4, 30  # so that files also vanish under the hands of others
    keys = [cache.key_of(str(number)) for number in range(40)]
    contents = [random.Random(number).randbytes(number * 5000) for number in range(40)]

    if how == "carelessly":
        def read(name):
            try:
                with open(folder.path_of(name), "rb") as file:
                    return file.read()
            except OSError:
                return None
        def write(name, content):
            os.makedirs(where, exist_ok=True)
            with open(folder.path_of(name), "wb") as file:
                file.write(content)
        folder.read, folder.write = read, write

    def work(answers):
        while True:
            number = random.randrange(40)
            cache.remembered.clear()
            found = cache.kept(keys[number])
            if found is None or random.random() < 0.1:
                cache.keep(keys[number], contents[number])
            if found is not None:
                os.write(answers, b"." if found == contents[number] else b"!")

    def start():
        child = os.fork()
        if child == 0:
            random.seed()
            try:
                work(sending)
            finally:
                os.write(sending, b"?")
                os._exit(1)
        return child

    reading, sending = os.pipe()
    os.set_blocking(reading, False)
    children, kills, answers = [start() for _ in range(8)], 0, b""
    start_of_storm = time.monotonic()

    def enough():
        passed = time.monotonic() - start_of_storm
        if passed > 300:
            return True
        return answers.count(b"!") > 0 if how == "carelessly" else passed > 2 and kills > 50 and answers.count(b".") > 300

    while not enough():
        time.sleep(random.uniform(0, 0.01))
        victim = random.randrange(8)
        os.kill(children[victim], signal.SIGKILL)
        os.waitpid(children[victim], 0)
        children[victim] = start()
        kills += 1
        try:
            answers += os.read(reading, 1 << 20)
        except BlockingIOError:
            pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    for key, content in zip(keys, contents):  # still usable
        cache.keep(key, content)
        cache.remembered.clear()
        answers += b"." if cache.kept(key) == content else b"!"
    print(kills, answers.count(b"."), answers.count(b"!"), answers.count(b"?"))
"""


@FORK
def test_a_storm_of_kills(tmp_path):
    """Eight processes read and write the same keys and are killed at random; that the storm hits, careless writing shows."""
    kills, right, wrong, failed = map(int, run(STORM, "carefully", tmp_path / "kept"))
    assert (wrong, failed) == (0, 0) and kills > 50 and right > 300
    assert int(run(STORM, "carelessly", tmp_path / "careless")[2]) > 0
