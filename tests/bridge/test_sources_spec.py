"""What a user types becomes a source, or an error that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.sources import SourceError, open_source


def write_video(path: Path, length: int = 60) -> Path:
    """A video whose pictures become brighter and brighter."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for number in range(length):
        noise = np.random.default_rng(number).integers(0, 40, (48, 64, 3), np.uint8)
        writer.write(noise + np.uint8(3 * number))
    writer.release()
    return path


def write_image(path: Path, value: int) -> Path:
    cv2.imwrite(str(path), np.full((8, 10, 3), value, np.uint8))
    return path


def test_a_video_gives_its_pictures_with_their_times(tmp_path: Path) -> None:
    with open_source(str(write_video(tmp_path / "clip.avi")), fast=True) as source:
        frames = list(source)
    assert [frame.number for frame in frames] == list(range(60))
    assert np.diff([frame.time for frame in frames]) == pytest.approx(1 / 30, abs=1e-3)
    assert frames[0].image.shape == (48, 64, 3)
    assert frames[50].image.mean() > frames[10].image.mean() + 60


def test_a_video_cut_in_half_plays_to_its_end_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_video(tmp_path / "clip.avi")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_source(str(path), fast=True) as source:
        assert 20 <= len(list(source)) <= 40
    assert len(caplog.messages) == 1
    assert "clip.avi: ends after" in caplog.messages[0]


def test_a_whole_video_brings_no_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_source(str(write_video(tmp_path / "clip.avi")), fast=True) as source:
        assert len(list(source)) == 60
    assert not caplog.messages


def test_images_come_in_natural_order(tmp_path: Path) -> None:
    for value in (10, 9, 1, 100):
        write_image(tmp_path / f"{value}.png", value)
    (tmp_path / "notes.txt").write_text("not an image")
    with open_source(str(tmp_path), fast=True) as source:
        assert [int(frame.image[0, 0, 0]) for frame in source] == [1, 9, 10, 100]


def test_a_broken_image_is_left_out_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for value in range(3):
        write_image(tmp_path / f"{value}.png", value)
    (tmp_path / "1.png").write_bytes(b"not an image")
    with open_source(str(tmp_path), fast=True) as source:
        assert [frame.number for frame in source] == [0, 2]
    assert [message.rpartition("/")[2] for message in caplog.messages] == [
        "1.png: not an image that can be read; left out"
    ]


def test_a_folder_of_broken_images_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"")
    with open_source(str(tmp_path), fast=True) as source, pytest.raises(SourceError, match="no image"):
        list(source)


def test_one_image_is_a_source_too(tmp_path: Path) -> None:
    with open_source(str(write_image(tmp_path / "bild ä.png", 7)), fast=True) as source:
        assert [int(frame.image[0, 0, 0]) for frame in source] == [7]


def test_a_text_file_named_mp4_is_not_a_video(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_text("this is no video")
    with pytest.raises(SourceError, match=r"clip\.mp4: not a video"):
        open_source(str(path))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nowhere.mp4", r"nowhere\.mp4: no such file or folder"),
        ("camera:97", "camera:97: there is no such camera"),
        ("camera:x", "camera:x: no such file or folder"),
        ("actor:0", "actor:0: the number of actors must be 1 to 6"),
        ("actor:7", "actor:7: the number of actors must be 1 to 6"),
        ("ftp://host/clip", "ftp://host/clip: not the address of a stream"),
        ("rtsp://", "rtsp://: not the address of a stream"),
        ("http://127.0.0.1:1/clip", "http://127.0.0.1:1/clip: no video stream there"),
    ],
)
def test_a_source_that_is_not_there_is_named(spec: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        open_source(spec)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a folder without images"):
        open_source(str(tmp_path))


def test_the_actor_performs_the_same_for_the_same_seed() -> None:
    def pictures(seed: int) -> list[np.ndarray]:
        with open_source("actor:2", fast=True, size=(160, 120), seed=seed) as source:
            return [frame.image for frame, _ in zip(source, range(3), strict=False)]

    assert np.array_equal(pictures(1), pictures(1))
    assert not np.array_equal(pictures(1), pictures(2))
    assert pictures(1)[0].shape == (120, 160, 3)


def test_the_actor_moves_thirty_times_a_second() -> None:
    with open_source("actor", fast=True, size=(160, 120)) as source:
        frames = [frame for frame, _ in zip(source, range(4), strict=False)]
    assert [frame.time for frame in frames] == pytest.approx([0, 1 / 30, 2 / 30, 3 / 30])
