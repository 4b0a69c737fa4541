"""Marked .wav files: read by others, the mark read by ganvas, damaged ones without a mark."""

from pathlib import Path

import numpy as np
import pytest

from ganvas.base.errors import UsageError
from ganvas.runs import encode_wav, mark_of, open_wav, read_mark
from ganvas.runs import wav_files as module

X = np.array([0, 1, -1, 32767, -32768, 5, 7], np.int16)
MARK = mark_of("ab" * 32, 3)


def test_others_read_the_numbers_and_the_comment(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / "a.wav"
    with open_wav(path, 8000, MARK) as file:
        file.write(X[:3])
        file.write(X[3:])
    assert path.read_bytes() == encode_wav(X, 8000, MARK)
    with soundfile.SoundFile(path) as file:
        assert (file.samplerate, file.channels, file.subtype, file.frames) == (8000, 1, "PCM_16", 7)
        assert np.array_equal(file.read(dtype="int16"), X)
        assert '"generated": true' in file.comment
        assert file.software.startswith("ganvas")
    assert read_mark(path) == MARK


def test_a_file_without_or_with_a_damaged_mark_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(encode_wav(X, 8000, None))
    assert read_mark(path) is None
    data = encode_wav(X, 8000, MARK)
    for cut in (10, 20, 43, 60, len(data) - 30):
        path.write_bytes(data[:cut])
        assert read_mark(path) is None
    path.write_bytes(data.replace(b'"generated": true', b'"generated": fals'))
    assert read_mark(path) is None


def test_sizes_fit_the_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 8)
    with pytest.raises(UsageError, match="4 GB"):
        encode_wav(X, 8000, None)
