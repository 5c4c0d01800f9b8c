"""A camera is measured by a board or by a walk, remembered, and used by whatever looks through it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.calibration import Calibration, CalibrationError, CameraStore, KnownCamera, config_folder, key
from bridge.checkerboard import BoardViews, draw_board, find_board
from bridge.recording import read_recording
from models.camera import PinholeCamera
from models.joints import Joint
from models.standing import Stance

SIZE = (640, 480)
DISTORTION = (-0.28, 0.09, 0.001, -0.0005, 0.0)


def page(tmp_path: Path) -> np.ndarray:
    """The printable board as an image."""
    draw_board(tmp_path / "board.png")
    return cv2.resize(cv2.imread(str(tmp_path / "board.png")), None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)


def photograph(
    board: np.ndarray, focal: float, turn: tuple[float, float, float], place: tuple[float, float, float]
) -> np.ndarray:
    """What a camera with a bent lens sees of a page 297 mm wide: turned by Euler angles, at x, y, z in metres."""
    height, width = board.shape[:2]
    rotation = cv2.Rodrigues(np.array(turn, np.float64))[0]
    matrix = np.array([[focal, 0, 331.0], [0, focal, 236.0], [0, 0, 1]])
    scale = 0.297 / width
    to_page = np.array([[scale, 0, -width * scale / 2], [0, scale, -height * scale / 2], [0, 0, 1]])
    homography = matrix @ np.column_stack([rotation[:, :2], np.array(place)]) @ to_page
    straight = (
        np.stack(np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1])), axis=-1).reshape(-1, 1, 2).astype(np.float64)
    )
    unbent = cv2.undistortPoints(straight, matrix, np.array(DISTORTION), P=matrix).reshape(-1, 2)
    source = np.linalg.inv(homography) @ np.column_stack([unbent, np.ones(len(unbent))]).T
    maps = (source[:2] / source[2]).astype(np.float32).reshape(2, SIZE[1], SIZE[0])
    seen = cv2.remap(board, maps[0], maps[1], cv2.INTER_LINEAR, borderValue=(96, 110, 120))
    light = np.linspace(0.7, 1.0, SIZE[0])[None, :, None]
    noise = np.random.default_rng(0).normal(0, 4, seen.shape)
    return np.clip(cv2.GaussianBlur(seen, (3, 3), 0) * light + noise, 0, 255).astype(np.uint8)


def album(board: np.ndarray, focal: float = 700.0) -> list[np.ndarray]:
    """Photographs of the board from everywhere."""
    views = []
    for x, y, z in [
        (0, 0, 0.5),
        (-0.17, 0, 0.6),
        (0.17, 0, 0.6),
        (0, -0.12, 0.6),
        (0, 0.12, 0.6),
        (0.12, 0.1, 0.65),
        (0, 0, 0.9),
    ]:
        for turn in [(0.0, 0.0, 0.05), (0.55, 0.1, 0.0), (-0.1, -0.6, 0.1)]:
            views.append(photograph(board, focal, turn, (x, y, z)))
    return views


def calibration(source: str = "camera:1", size: tuple[int, int] = (1280, 720), **changes: object) -> Calibration:
    made = {"focal": 900.0, "centre": (650.0, 350.0), "distortion": (0.1, 0.0, 0.0, 0.0, 0.0), "error": 0.004}
    return Calibration(source, size, **{**made, "method": "checkerboard", "date": "2026-01-31", **changes})  # type: ignore[arg-type]


def test_photographs_of_the_printed_board_tell_the_lens(tmp_path: Path) -> None:
    views = BoardViews()
    for image in album(page(tmp_path)):
        views.look(image)
    found = views.calibration("camera:0")
    assert found.focal == pytest.approx(700.0, rel=0.01)
    assert found.centre == pytest.approx((331, 236), abs=4)
    assert found.distortion[0] == pytest.approx(DISTORTION[0], abs=0.05)
    assert found.error < 0.01


def test_what_is_missing_is_told_until_there_is_enough(tmp_path: Path) -> None:
    views, board = BoardViews(), page(tmp_path)
    assert len(views.missing()) == 4
    views.look(photograph(board, 700.0, (0, 0, 0), (0, 0, 0.8)))
    for _ in range(3):
        views.look(photograph(board, 700.0, (0, 0, 0), (0, 0, 0.8)))
    assert len(views.views) == 1, "the same view again says nothing new"
    assert any("edge" in text for text in views.missing())
    with pytest.raises(CalibrationError, match="1 different views"):
        views.calibration("camera:0")


def test_a_picture_without_a_board_has_none() -> None:
    assert find_board(np.full((480, 640, 3), 120, np.uint8)) is None


def test_a_board_with_other_corners_is_not_taken_for_ours(tmp_path: Path) -> None:
    assert find_board(photograph(page(tmp_path), 700.0, (0, 0, 0), (0, 0, 0.6)), (7, 5)) is None


def test_a_board_is_a_page_of_a4(tmp_path: Path) -> None:
    draw_board(tmp_path / "board.pdf", (7, 5))
    data = (tmp_path / "board.pdf").read_bytes()
    assert data.startswith(b"%PDF-1.4")
    assert data.count(b" re f") == 24
    assert b"/MediaBox [0 0 841.89 595.28]" in data
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    assert data[start:].startswith(b"xref")


def test_undistorted_points_are_where_a_straight_lens_would_show_them() -> None:
    camera = PinholeCamera(700.0, 331.0, 236.0, DISTORTION)
    points = np.array([[0.3, -0.2, 1.5], [-0.5, 0.3, 1.4], [0.0, 0.0, 1.0]], np.float32)
    straight = camera.project(points)
    matrix = np.array([[700.0, 0, 331.0], [0, 700.0, 236.0], [0, 0, 1]])
    bent = cv2.projectPoints(
        points.astype(float) * (-1, -1, 1), np.zeros(3), np.zeros(3), matrix, np.array(DISTORTION)
    )[0]
    assert np.abs(bent[:, 0] - straight).max() > 5
    np.testing.assert_allclose(camera.undistorted(bent[:, 0].astype(np.float32)), straight, atol=0.05)


def test_a_camera_is_remembered_by_its_ratio(tmp_path: Path) -> None:
    store = CameraStore(tmp_path / "cameras.json")
    store.keep(calibration())
    known = KnownCamera("camera:1", store=store)
    assert known(1920, 1080) == PinholeCamera(1350.0, 975.0, 525.0, (0.1, 0.0, 0.0, 0.0, 0.0))
    assert known(640, 480) == PinholeCamera.from_fov(640, 480), "4:3 was not measured"
    assert KnownCamera("camera:0", store=store)(1280, 720) == PinholeCamera.from_fov(1280, 720)
    assert KnownCamera("camera:1", 60.0, store)(1280, 720) == PinholeCamera.from_fov(1280, 720, 60.0)


def test_a_new_calibration_replaces_the_old_one_of_the_same_ratio(tmp_path: Path) -> None:
    store = CameraStore(tmp_path / "cameras.json")
    stance = Stance(0.2, 0.01, 1.4)
    for entry in (calibration(), calibration(size=SIZE, stance=stance), calibration(focal=950.0)):
        store.keep(entry)
    assert store.all() == [calibration(size=SIZE, stance=stance), calibration(focal=950.0)]
    assert KnownCamera("camera:1", store=store).stance == stance
    assert store.forget("camera:1") == 2
    assert store.all() == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"cameras": [{}]}', '{"cameras": [{"source": "a", "size": [0, 1]}]}', "nonsense"]
)
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cameras.json"
    path.write_text(text)
    with pytest.raises(CalibrationError, match=r"cameras\.json"):
        CameraStore(path).all()


def test_impossible_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cameras.json"
    CameraStore(path).keep(calibration())
    told = json.loads(path.read_text())
    told["cameras"][0]["focal"] = -1.0
    path.write_text(json.dumps(told))
    with pytest.raises(CalibrationError, match="impossible"):
        CameraStore(path).all()


def test_sources_are_known_by_one_name_and_without_passwords() -> None:
    assert key("camera") == key("camera:0") == "camera:0"
    assert key("rtsp://user:secret@host/1") == "rtsp://host/1"
    assert Path(key("clip.mp4")).is_absolute()


def test_settings_lie_where_each_system_keeps_them() -> None:
    assert config_folder({"XDG_CONFIG_HOME": "/x"}, "linux") == Path("/x/bodycast")
    assert config_folder({}, "linux") == Path.home() / ".config" / "bodycast"
    assert config_folder({"APPDATA": "C:/a"}, "win32") == Path("C:/a/bodycast")
    assert "Application Support" in str(config_folder({}, "darwin"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "APPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def test_the_command_measures_keeps_shows_and_forgets(
    home: Path, bodycast: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    board = page(home)
    folder = home / "views"
    folder.mkdir()
    for number, image in enumerate(album(board)):
        cv2.imwrite(str(folder / f"{number}.png"), image)
    assert bodycast("calibrate", folder, "--for", "camera:1") == 0
    assert "degrees across" in capsys.readouterr().err
    assert bodycast("calibrate", "--show") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("camera:1 at 640x480: 49.")
    assert "checkerboard" in shown
    assert bodycast("calibrate", "camera:1", "--forget") == 0
    assert bodycast("calibrate", "--show") == 0
    assert "nothing is known" in capsys.readouterr().out


def test_pictures_without_a_board_are_an_error_of_one_line(
    home: Path, bodycast: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(home / "grey.png"), np.full((48, 64, 3), 99, np.uint8))
    assert bodycast("calibrate", home / "grey.png") == 1
    errors = capsys.readouterr().err.splitlines()
    assert "9x6 inner corners was seen in 0 different views" in errors[-1]


def test_a_run_uses_what_is_known_of_its_source(home: Path, bodycast: Callable[..., int]) -> None:
    """The actor through a calibration that says twice the focal length is seen twice as far away."""
    for name in ("plain", "calibrated"):
        if name == "calibrated":
            focal = 2 * PinholeCamera.from_fov(*SIZE).focal
            CameraStore().keep(calibration("actor", SIZE, focal=focal, centre=(320.0, 240.0), distortion=()))
        assert bodycast("record", "actor", home / name, "--fast", "--frames", 30, "--height", 1.7) == 0
    distances = [
        np.median([f.bodies[0].positions[Joint.SPINE_BASE, 2] for f in read_recording(home / name) if f.bodies])
        for name in ("plain", "calibrated")
    ]
    assert distances[1] / distances[0] == pytest.approx(2.0, rel=0.15)


def test_the_floor_of_a_calibrated_camera_is_known_from_the_start(home: Path, bodycast: Callable[..., int]) -> None:
    stance = Stance(math.radians(10), 0.0, 1.5)
    CameraStore().keep(calibration("actor", SIZE, focal=606.0, centre=(320.0, 240.0), distortion=(), stance=stance))
    assert bodycast("record", "actor", home / "dance", "--fast", "--frames", 3) == 0
    first = next(iter(read_recording(home / "dance")))
    np.testing.assert_allclose(first.floor, stance.floor, atol=1e-3)
