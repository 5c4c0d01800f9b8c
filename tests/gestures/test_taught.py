"""A gesture that was shown a few times is found again, and what is none of them is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bridge.spotting_evaluation import bodies_of
from gestures.classifier import GestureModelError
from gestures.demonstrations import movements, poses
from gestures.recogniser import GestureRecogniser
from gestures.stream import looks_at
from gestures.taught import Taught, load_gesture, load_taught
from tests.gestures.conftest import Actor, seen_from


def circles(actor: Actor, *paces: float) -> np.ndarray:
    """Standing, and then a circle at each pace, with a rest after each."""
    parts = [actor.still(1.0)]
    for pace in paces:
        circle = actor.circling(1.0 / pace, pace=pace)
        there = np.linspace(actor.standing(), circle[0], 9).astype(np.float32)
        parts += [there, circle, there[::-1], actor.still(1.0)]
    return np.concatenate(parts)


def told(taught: Taught, positions: np.ndarray) -> list[tuple[str, float]]:
    recogniser = GestureRecogniser([taught.name], [taught])
    events = [e for frame in bodies_of(positions, 30.0) for e in recogniser.update(frame)]
    return [(e.phase, e.time) for e in events if e.phase in ("started", "ended", "detected")]


@pytest.fixture
def circle(actor: Actor) -> Taught:
    found = movements(looks_at(circles(actor, 1.0, 0.8, 1.2), 30.0))
    return Taught("circle", False, tuple(found))


def test_demonstrations_are_cut_out_at_the_rests(actor: Actor) -> None:
    found = movements(looks_at(circles(actor, 1.0, 0.7, 1.3), 30.0))
    assert len(found) == 3
    assert len(found[1]) > len(found[0]) > len(found[2])
    assert movements(looks_at(actor.still(3.0), 30.0)) == []


def test_a_taught_movement_is_told_once_each_time(circle: Taught, actor: Actor) -> None:
    events = told(circle, seen_from(circles(actor, 0.9, 1.1), 0.6, 0.8, (0.4, 0.1, 3.0)))
    assert [phase for phase, _ in events] == ["detected", "detected"]
    ends = [1.0 + 0.3 + 1 / 0.9 + 0.3, 1.0 + 2 * (0.3 + 0.3) + 1 / 0.9 + 1.0 + 1 / 1.1]
    assert [time for _, time in events] == pytest.approx(ends, abs=0.6)


def test_another_movement_is_not_told(circle: Taught, actor: Actor) -> None:
    assert told(circle, np.concatenate([actor.still(1.0), actor.waving(3.0), actor.still(1.0)])) == []
    assert told(circle, np.concatenate([actor.still(1.0), actor.circling(2.0)[:12], actor.still(1.0)])) == []


def test_progress_grows_while_the_movement_is_made(circle: Taught, actor: Actor) -> None:
    recogniser = GestureRecogniser(["circle"], [circle])
    events = [e for frame in bodies_of(circles(actor, 1.0), 30.0) for e in recogniser.update(frame)]
    progress = [event.progress for event in events if event.phase == "progress"]
    rising = progress[: int(np.argmax(progress)) + 1]
    assert len(rising) > 5
    assert max(progress) > 0.9
    assert progress[-1] == 0.0


def test_a_pose_is_taught_and_found(actor: Actor) -> None:
    akimbo = actor.arm("right", (0.42, 0.2, 0.05), (0.2, 0.02, -0.05))
    there = np.linspace(actor.standing(), akimbo, 10).astype(np.float32)
    shown = np.concatenate([actor.still(1.0), there, np.repeat(akimbo[None], 40, 0), there[::-1], actor.still(1.0)])
    found = poses(looks_at(shown, 30.0))
    assert len(found) == 1
    events = told(Taught("akimbo", True, tuple(found)), seen_from(shown, -0.5, 1.2, (0, 0, 4)))
    assert [phase for phase, _ in events] == ["started", "ended"]
    assert told(Taught("akimbo", True, tuple(found)), actor.waving(2.0)) == []


def test_the_mirror_image_counts_only_if_asked_for(actor: Actor, circle: Taught) -> None:
    from gestures.skeleton import flipped

    around = circles(actor, 1.0) - np.array([0, 0, 2.5], np.float32)
    left = flipped(around) + np.array([0, 0, 2.5], np.float32)
    assert told(circle, left) == []
    assert [phase for phase, _ in told(Taught("circle", False, circle.demonstrations, True), left)] == ["detected"]


def test_it_comes_back_from_its_file(tmp_path: Path, circle: Taught) -> None:
    path = circle.save(tmp_path)
    again = load_gesture(path)
    assert (again.name, again.is_pose, again.mirrored) == ("circle", False, False)
    for one, other in zip(again.demonstrations, circle.demonstrations, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert [gesture.name for gesture in load_taught(tmp_path)] == ["circle"]
    assert load_taught(tmp_path / "nowhere") == []


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04broken"])
def test_a_broken_file_is_told_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "circle.npz").write_bytes(content)
    with pytest.raises(GestureModelError, match=r"circle\.npz"):
        load_taught(tmp_path)


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "sprung",))  # type: ignore[return-value]

    looks = np.array([Trap()], dtype=object)
    np.savez(tmp_path / "trap.npz", looks=looks, offset=[0, 1], is_pose=False, mirrored=False)
    with pytest.raises(GestureModelError):
        load_gesture(tmp_path / "trap.npz")
    assert not (tmp_path / "sprung").exists()
