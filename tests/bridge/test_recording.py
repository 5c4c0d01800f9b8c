"""A recording gives back what went in, and says what is wrong with one that does not."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.osc_kinectv2 import frame_messages
from bridge.recording import Recorder, RecordingError, read_recording
from bridge.wire import encode_frame
from models.body import BodyFrame, Frame
from models.recorded import frame_to_json

ROOT = Path(__file__).parents[2]


@pytest.fixture
def recorded(tmp_path: Path, random_frame) -> Path:
    """The folder of a recording of five frames."""
    with Recorder(tmp_path / "dance", source="camera", created=1e9) as recorder:
        for number in range(5):
            recorder.send(random_frame(number, people=number, time=number / 30, sequence=number))
    return tmp_path / "dance"


def test_a_recording_gives_back_every_bit(recorded: Path, random_frame, assert_same_frame) -> None:
    recording = read_recording(recorded)
    assert (recording.source, recording.created) == ("camera", 1e9)
    for _ in range(2):  # as often as one likes
        frames = list(recording)
        assert len(frames) == 5
        for number, frame in enumerate(frames):
            assert_same_frame(frame, random_frame(number, people=number, time=number / 30, sequence=number))


def test_receivers_cannot_tell_a_replay(recorded: Path, random_frame) -> None:
    for number, replayed in enumerate(read_recording(recorded)):
        live = random_frame(number, people=number, time=number / 30, sequence=number)
        assert frame_messages(replayed) == frame_messages(live)
        assert encode_frame(replayed) == encode_frame(live)


def test_a_recorder_may_be_closed_twice(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "dance")
    recorder.send(BodyFrame(0.0, 0))
    recorder.close()
    recorder.close()
    assert [frame.sequence for frame in read_recording(tmp_path / "dance")] == [0]


def test_an_empty_recording_has_no_frames(tmp_path: Path) -> None:
    Recorder(tmp_path / "dance").close()
    assert list(read_recording(tmp_path / "dance")) == []


def test_what_was_sent_is_on_disk_at_once(tmp_path: Path, random_frame) -> None:
    with Recorder(tmp_path / "dance") as recorder:
        for count in range(3):
            recorder.send(random_frame(count))
            assert len(list(read_recording(tmp_path / "dance"))) == count + 1


def test_a_crash_loses_nothing_that_was_sent(tmp_path: Path) -> None:
    code = (
        "import os\nfrom pathlib import Path\n"
        "from bridge.recording import Recorder\nfrom models.body import BodyFrame\n"
        f"recorder = Recorder(Path({str(tmp_path / 'dance')!r}))\n"
        "for n in range(100): recorder.send(BodyFrame(n / 30, n))\n"
        "os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 9
    assert [frame.sequence for frame in read_recording(tmp_path / "dance")] == list(range(100))


def test_a_last_line_that_was_cut_off_is_left_out_with_a_warning(
    recorded: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = recorded / "bodies.jsonl"
    whole = path.read_bytes()
    start = len(whole) - len(whole.splitlines(keepends=True)[-1])
    for end in (start + 1, start + 100, len(whole) - 2):
        caplog.clear()
        path.write_bytes(whole[:end])
        assert [frame.sequence for frame in read_recording(recorded)] == [0, 1, 2, 3]
        assert [(r.levelno, r.getMessage()) for r in caplog.records] == [
            (logging.WARNING, f"{path}:5: cut off; the recording ends before this line")
        ]


def test_a_last_line_without_its_end_still_counts(recorded: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = recorded / "bodies.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    assert len(list(read_recording(recorded))) == 5
    assert not caplog.records


@pytest.mark.parametrize("line", [b"", b"{}", b"hello", b"\xff", b"[1]"])
def test_a_broken_line_is_named(recorded: Path, line: bytes) -> None:
    path = recorded / "bodies.jsonl"
    lines = path.read_bytes().splitlines()
    lines[2] = line
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(RecordingError, match=r"bodies\.jsonl:3: not a body frame: ."):
        list(read_recording(recorded))


@pytest.mark.parametrize(
    ("meta", "complaint"),
    [
        ("{", "not the description of a recording"),
        ("[]", "not the description of a recording"),
        ('{"format": "other"}', '"format" is not "bodycast-recording"'),
        ('{"format": "bodycast-recording"}', "'version' is missing"),
        ('{"format": "bodycast-recording", "version": 2, "created": 0}', "version 2 is not 1"),
        ('{"format": "bodycast-recording", "version": 1, "created": "now"}', "created must be a number"),
    ],
)
def test_a_foreign_description_is_refused(recorded: Path, meta: str, complaint: str) -> None:
    (recorded / "meta.json").write_text(meta)
    with pytest.raises(RecordingError, match=complaint) as caught:
        read_recording(recorded)
    assert str(caught.value).startswith(str(recorded / "meta.json"))


def test_a_folder_that_is_not_a_recording_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(RecordingError, match=r"not a recording: it needs a meta\.json and a bodies\.jsonl"):
            read_recording(folder)


def test_nothing_is_overwritten(recorded: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in recorded.iterdir()}
    with pytest.raises(RecordingError, match="exists and is not empty"):
        Recorder(recorded)
    assert {path.name: path.read_bytes() for path in recorded.iterdir()} == before
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RecordingError, match="file: cannot be written"):
        Recorder(tmp_path / "file")


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    Recorder(tmp_path).close()
    assert list(read_recording(tmp_path)) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_named(tmp_path: Path, random_frame) -> None:
    with Path("/dev/full").open("w") as full, Recorder(tmp_path / "dance") as recorder:
        recorder._bodies.close()
        recorder._bodies = full
        with pytest.raises(RecordingError, match="/dev/full: cannot be written: No space left"):
            recorder.send(random_frame())
        recorder.close()


def picture(number: int, size: tuple[int, int] = (120, 160)) -> Frame:
    """A grey picture that grows lighter with its number."""
    return Frame(np.full((*size, 3), 20 * number, np.uint8), time=number / 7, number=3 * number)


def test_pictures_come_back_with_their_times_and_numbers(tmp_path: Path) -> None:
    with Recorder(tmp_path / "dance", color=True) as recorder:
        for number in (0, 1, 2, 5, 9):
            recorder.send(BodyFrame(number / 7, number))
            recorder.add_image(picture(number))
    recording = read_recording(tmp_path / "dance")
    frames = list(recording.pictures())
    assert [(f.time, f.number) for f in frames] == [(n / 7, 3 * n) for n in (0, 1, 2, 5, 9)]
    assert [f.time for f in frames] == [frame.time for frame in recording]
    for frame, number in zip(frames, (0, 1, 2, 5, 9), strict=True):
        assert frame.image.shape == (120, 160, 3)
        assert abs(float(frame.image.mean()) - 20 * number) < 6


def test_pictures_are_kept_only_if_asked_for(recorded: Path, tmp_path: Path) -> None:
    assert list(read_recording(recorded).pictures()) == []
    with Recorder(tmp_path / "other") as recorder:
        recorder.add_image(picture(0))
    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == ["bodies.jsonl", "meta.json"]


def test_a_picture_of_another_size_is_left_out_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Recorder(tmp_path / "dance", color=True) as recorder:
        recorder.add_image(picture(0))
        recorder.add_image(picture(1, (60, 80)))
        recorder.add_image(picture(2, (60, 80)))
        recorder.add_image(picture(3))
    assert len(caplog.records) == 1
    assert [frame.number for frame in read_recording(tmp_path / "dance").pictures()] == [0, 9]


def test_a_video_that_was_never_finished_ends_early_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Recorder(tmp_path / "dance", color=True) as recorder:
        recorder.send(BodyFrame(0.0, 0))
        recorder.add_image(picture(0))
    video = tmp_path / "dance" / "color.mp4"
    video.write_bytes(video.read_bytes()[:100])
    recording = read_recording(tmp_path / "dance")
    assert list(recording.pictures()) == []
    assert "ends after 0 of 1 pictures" in caplog.text
    assert len(list(recording)) == 1


def test_a_wrong_time_of_a_picture_is_named(tmp_path: Path) -> None:
    with Recorder(tmp_path / "dance", color=True) as recorder:
        recorder.add_image(picture(0))
    (tmp_path / "dance" / "color.jsonl").write_text(json.dumps({"time": "noon", "number": 0}) + "\n")
    with pytest.raises(RecordingError, match=r"color\.jsonl:1: not the time of a picture: time must be a number"):
        list(read_recording(tmp_path / "dance").pictures())


def test_lines_are_the_documented_form(recorded: Path, random_frame) -> None:
    line = (recorded / "bodies.jsonl").read_text().splitlines()[4]
    assert line == frame_to_json(random_frame(4, people=4, time=4 / 30, sequence=4))
