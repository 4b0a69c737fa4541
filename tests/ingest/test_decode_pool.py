"""The decoding processes: order, names of the guilty, bounded memory whatever the files hold."""

import json
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import painting
from ganvas.base.errors import ResourceError
from ganvas.ingest import decode_pool
from ganvas.ingest.decode_options import DecodeOptions
from painting import folder, noise, numbered, save

HOW = DecodeOptions(8, 8, 3, "crop", (255, 255, 255))
GUILTY = 7777  # bytes
LINUX = Path("/proc/self/status").exists()


def pixels(answers: list[decode_pool.DecodeAnswer]) -> list[bytes]:
    return [answer.payload for answer in answers]


def test_answers_come_in_order_with_causes(tmp_path: Path) -> None:
    places = [str(tmp_path / name) for name in numbered(150)]
    folder(tmp_path, numbered(150))
    (tmp_path / "070.png").write_bytes(b"")
    (tmp_path / "071.png").write_text("not a picture")
    (tmp_path / "072.png").unlink()
    (tmp_path / "073.png").unlink()
    os.mkfifo(tmp_path / "073.png")
    found = list(decode_pool.answers("pixels", places, options=HOW))
    assert [answer.cause for answer in found[70:74]] == [
        "empty file",
        "not a picture",
        "cannot be read: No such file or directory",
        "not a regular file",
    ]
    for seed, answer in enumerate(found):
        assert answer.payload == (b"" if 70 <= seed <= 73 else noise(seed).tobytes())


def test_a_large_file_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(65 * 2**20)
    assert (
        next(decode_pool.answers("pixels", [str(tmp_path / "a.png")], options=HOW)).cause == "too large a file (65 MB)"
    )


def acting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> list[str]:
    """Workers that run `program` when they meet one picture, 017.png, told by its length."""
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "sitecustomize.py").write_text(
        f"""
import os, time
from ganvas.ingest import decode
whole = decode.decode
def act(file, options, *, exclusive=True):
    if os.fstat(file.fileno()).st_size == {GUILTY}:
        {program}
    return whole(file, options, exclusive=exclusive)
decode.decode = act
"""
    )
    monkeypatch.setenv("PYTHONPATH", str(fake))
    folder(tmp_path, numbered(40))
    with (tmp_path / "017.png").open("ab") as file:
        file.truncate(GUILTY)
    return [str(tmp_path / name) for name in numbered(40)]


@pytest.mark.parametrize(
    ("program", "cause"),
    [
        ("os._exit(3)", "crashes the decoder"),
        ("os.kill(os.getpid(), 11)", "crashes the decoder"),
        ("os.write(1, bytes(100)); os.write(3, b'nonsense' * 99)", None),
        ("time.sleep(60)", "takes longer than 1 s"),
        ("bytearray(2 * 10**9)", "needs too much memory"),
    ],
    ids=["exits", "killed", "prints", "hangs", "fills memory"],
)
def test_a_crash_is_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, cause: str | None
) -> None:
    monkeypatch.setattr(decode_pool, "SECONDS", 1)
    places = acting(tmp_path, monkeypatch, program)
    found = list(decode_pool.answers("pixels", places, options=HOW))
    if cause is not None:
        assert found[17].cause == cause
    for seed, answer in enumerate(found):
        if seed != 17:
            assert answer.payload == noise(seed).tobytes(), seed


def test_the_worker_before_did_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as above with an innocent program, so that those tests can fail."""
    places = acting(tmp_path, monkeypatch, "pass")
    assert pixels(list(decode_pool.answers("pixels", places, options=HOW))) == [
        noise(seed).tobytes() for seed in range(40)
    ]


def test_workers_that_cannot_start_are_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos._exit(1)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ResourceError, match="does not start"):
        list(decode_pool.answers("pixels", ["a.png"], options=HOW))


def test_stopping_early_ends_the_workers(tmp_path: Path) -> None:
    folder(tmp_path, numbered(300))
    before = children()
    answers = decode_pool.answers("pixels", [str(tmp_path / name) for name in numbered(300)], options=HOW)
    assert not next(answers).cause
    assert len(children()) > len(before) or not LINUX
    answers.close()  # type: ignore[attr-defined]
    assert children() <= before


def children() -> set[str]:
    """Direct children of this process, where /proc says."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    return {child for task in tasks.iterdir() for child in (task / "children").read_text().split()} if LINUX else set()


def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    setup = json.dumps({"task": "header", "options": None, "archive": ""}).encode()
    worker = decode_pool.Worker(setup, 100)
    assert worker.receive(60) == (0, b"")
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    assert worker.process.wait(20) == 0
    worker.stop()


def members(tmp_path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return tmp_path / "a.zip"


def lying(archive: Path, name: bytes, claims: int) -> None:
    """Let a member's entry in the central directory claim another size."""
    content = bytearray(archive.read_bytes())
    place = content.rindex(name) - 46
    assert content[place : place + 4] == b"PK\x01\x02"
    content[place + 24 : place + 28] = struct.pack("<I", claims)
    archive.write_bytes(content)


def test_members_of_a_zip(tmp_path: Path) -> None:
    good = save(tmp_path / "good.png", noise(0)).read_bytes()
    archive = members(
        tmp_path,
        {
            "a.png": good,
            "bomb.png": bytes(60 * 2**20),
            "large.png": bytes(70 * 2**20),
            "lies.png": bytes(2**21),
            "empty.png": b"",
            "z.png": good,
        },
    )
    lying(archive, b"lies.png", 1000)
    causes = [answer.cause for answer in decode_pool.answers("pixels", range(6), options=HOW, archive=str(archive))]
    assert causes[0] == causes[5] == ""
    assert causes[1].startswith("inflates ")
    assert causes[2:] == ["too large a file (70 MB)", "damaged in the archive", "empty file", ""]


def test_an_encrypted_or_damaged_member(tmp_path: Path) -> None:
    good = save(tmp_path / "good.png", noise(0)).read_bytes()
    archive = members(tmp_path, {"a.png": good, "b.png": good})
    content = bytearray(archive.read_bytes())
    content[content.rindex(b"a.png") - 46 + 8] |= 1  # the flag of encryption, in the central directory
    content[content.index(b"b.png") + 30] ^= 255
    archive.write_bytes(content)
    assert [answer.cause for answer in decode_pool.answers("pixels", range(2), options=HOW, archive=str(archive))] == [
        "encrypted",
        "damaged in the archive",
    ]


PROGRAM = """
import sys, threading, time, os
from pathlib import Path
from ganvas.ingest import decode_pool
from ganvas.ingest.decode_options import DecodeOptions
places, peak, over = sorted(map(str, Path(sys.argv[1]).iterdir())), 0, threading.Event()
def resident(pid):
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
def watch():
    global peak
    while not over.wait(0.002):
        family = [os.getpid(), *(worker.process.pid for worker in tuple(workers))]
        peak = max(peak, sum(map(resident, family)))
workers, start = [], decode_pool.Worker.__init__
def begin(self, *rest):
    start(self, *rest); workers.append(self)
decode_pool.Worker.__init__ = begin
decode_pool.cores = lambda: 2
threading.Thread(target=watch).start()
answers = list(decode_pool.answers("pixels", places, options=DecodeOptions(64, 64, 3, "crop", (255, 255, 255))))
over.set()
print(peak); print("\\n".join(f"{Path(p).name}: {a.cause}" for p, a in zip(places, answers) if "sound" not in p))
"""


def peak(tmp_path: Path, name: str, contents: dict[str, bytes]) -> tuple[int, dict[str, str]]:
    """Bytes that parent and two workers held together at most, and the causes."""
    place = tmp_path / name
    place.mkdir()
    sound = save(tmp_path / "sound.png", noise(0, 64, 64)).read_bytes()
    for number in range(len(contents)):  # between the others, so that both workers meet bombs
        (place / f"{number:02}-sound.png").write_bytes(sound)
    for number, (name, content) in enumerate(contents.items()):
        (place / f"{number:02}-{name}").write_bytes(content)
    for number in range(10 * len(contents)):
        (place / f"z{number:04}-sound.png").write_bytes(sound)
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(place)], capture_output=True, text=True, check=True)
    bytes_held, *lines = done.stdout.splitlines()
    return int(bytes_held), {line[3:].split(": ")[0]: line.split(": ")[1] for line in lines if ": " in line}


def test_bombs_add_little_memory(tmp_path: Path) -> None:
    """Even one bomb in twelve files: parent and workers together take at most 256 MB more than without."""
    bombs = painting.bombs()
    plain = save(tmp_path / "plain.png", noise(1, 64, 64)).read_bytes()
    without, _ = peak(tmp_path, "without", dict.fromkeys(bombs, plain))
    held, causes = peak(tmp_path, "with", {name: content for name, (content, _) in bombs.items()})
    assert causes == {name: cause for name, (_, cause) in bombs.items()}
    assert held - without < 256 * 2**20
    assert held - without > 100 * 2**20  # the one that is within the limits was really decoded, and seen by this test
