"""Unity's bones carry a Kinect body: put together again by forward kinematics, they are where the joints were."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.avatar import AVATAR_OPTIONS, Avatar
from bridge.humanoid import BONES, PARENTS, T_POSE, Humanoid, humanoid, local
from bridge.moment import moment_of
from bridge.quaternions import conjugate, euler_zxy, matrices, multiply, rotate, seen_from, swung
from models.actor import Actor
from models.body import Body, BodyFrame
from models.joints import Joint, TrackingState
from models.orientation import orientations, unit

TRACKED = np.full(25, TrackingState.TRACKED, np.uint8)
NO_FLOOR = np.zeros(4, np.float32)
TO_UNITY = np.array([1, 1, -1], np.float32)
LIMBS = {  # bone: from which joint to which it lies, and where it points in the T-pose
    "Spine": ("SPINE_BASE", "SPINE_MID", (0, 1, 0)),
    "Chest": ("SPINE_MID", "SPINE_SHOULDER", (0, 1, 0)),
    "Neck": ("SPINE_SHOULDER", "NECK", (0, 1, 0)),
    "Head": ("NECK", "HEAD", (0, 1, 0)),
    **{
        f"{side}{bone}": (f"{start}_{side.upper()}", f"{end}_{side.upper()}", rest)
        for side, out in (("Left", (-1, 0, 0)), ("Right", (1, 0, 0)))
        for bone, start, end, rest in (
            ("UpperArm", "SHOULDER", "ELBOW", out),
            ("LowerArm", "ELBOW", "WRIST", out),
            ("Hand", "WRIST", "HAND", out),
            ("UpperLeg", "HIP", "KNEE", (0, -1, 0)),
            ("LowerLeg", "KNEE", "ANKLE", (0, -1, 0)),
            ("Foot", "ANKLE", "FOOT", tuple(unit(np.array([0, -0.05, 0.12], np.float32)))),
        )
    },
}


def poses() -> list[np.ndarray]:
    """Positions of the actor in all kinds of poses."""
    actor = Actor(1, (64, 48), seed=3)
    return [actor.render(time).people[0].positions for time in np.arange(0.5, 60, 5)]


def bones_of(positions: np.ndarray) -> Humanoid:
    return humanoid(positions, orientations(positions), TRACKED, NO_FLOOR)


def forward_kinematics(positions: np.ndarray, rotations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unity's way from local to global, one bone after the other."""
    where, turned = positions.copy(), rotations.copy()
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            turned[bone] = multiply(turned[[parent]], rotations[[bone]])[0]
            where[bone] = where[parent] + rotate(turned[[parent]], positions[[bone]])[0]
    return where, turned


def test_the_t_pose_is_the_identity() -> None:
    positions, rotations = local(bones_of(T_POSE + np.array([0.3, 0, 2], np.float32)))
    np.testing.assert_allclose(np.abs(rotations[:, 3]), 1, atol=1e-6)
    lengths = np.linalg.norm(positions[1:], axis=1)
    assert lengths[BONES.index("LeftLowerArm") - 1] == pytest.approx(0.28, abs=1e-5)


def test_bones_point_where_the_joints_are() -> None:
    for joints in poses():
        body = bones_of(joints)
        for bone, (start, end, rest) in LIMBS.items():
            direction = unit((joints[Joint[end]] - joints[Joint[start]]) * TO_UNITY)
            pointing = rotate(body.rotations[[BONES.index(bone)]], np.array([rest], np.float32))[0]
            assert pointing @ direction > 0.9999, bone


def test_forward_kinematics_leads_back_to_the_joints() -> None:
    for joints in poses():
        body = bones_of(joints)
        where, turned = forward_kinematics(*local(body))
        np.testing.assert_allclose(where, body.starts, atol=1e-5)
        np.testing.assert_allclose(np.abs((turned * body.rotations).sum(axis=1)), 1, atol=1e-5)
        for bone, joint in (("Hips", "SPINE_BASE"), ("LeftHand", "WRIST_LEFT"), ("RightFoot", "ANKLE_RIGHT")):
            np.testing.assert_allclose(where[BONES.index(bone)], joints[Joint[joint]] * TO_UNITY, atol=1e-5)


def test_somebody_who_faces_the_camera_faces_forwards_with_the_right_hand_at_the_right() -> None:
    body = bones_of(T_POSE + np.array([0, 0, 2], np.float32))
    assert rotate(body.rotations[:1], np.array([[0, 0, 1]], np.float32))[0, 2] > 0.99
    assert body.starts[BONES.index("RightHand"), 0] > body.starts[BONES.index("LeftHand"), 0] + 1


def test_an_elbow_that_bends_by_a_right_angle_turns_the_lower_arm_by_it() -> None:
    bent = T_POSE.copy()
    for part, ahead in (("WRIST", 0.25), ("HAND", 0.33), ("HAND_TIP", 0.41), ("THUMB", 0.31)):
        bent[Joint[f"{part}_RIGHT"]] = (0.45, 0.5, -ahead)
    bent[Joint.THUMB_RIGHT] += np.array([-0.05, 0, 0], np.float32)
    _, rotations = local(bones_of(bent))
    *_, w = rotations[BONES.index("RightLowerArm")]
    assert 2 * np.arccos(abs(w)) == pytest.approx(np.pi / 2, abs=0.6)  # the elbow's hinge takes the rest
    pointing = rotate(bones_of(bent).rotations[[BONES.index("RightLowerArm")]], np.array([[1, 0, 0]], np.float32))
    np.testing.assert_allclose(pointing[0], [0, 0, 1], atol=1e-5)


def test_rotations_do_not_jump_while_somebody_moves() -> None:
    actor = Actor(1, (64, 48), seed=1)
    before = None
    for time in np.arange(0, 10, 1 / 15):
        now = bones_of(actor.render(time).people[0].positions).rotations
        if before is not None:
            angles = 2 * np.degrees(np.arccos(np.minimum(np.abs((now * before).sum(axis=1)), 1)))
            worst = int(angles.argmax())
            assert angles[worst] < 75, (time, BONES[worst])
        before = now


def test_what_is_not_tracked_turns_with_its_parent() -> None:
    states = TRACKED.copy()
    states[[Joint.HAND_LEFT, Joint.FOOT_RIGHT, Joint.HEAD]] = TrackingState.NOT_TRACKED
    joints = poses()[3]
    rotations = humanoid(joints, orientations(joints), states, NO_FLOOR).rotations
    for bone, parent in (("LeftHand", "LeftLowerArm"), ("RightFoot", "RightLowerLeg"), ("Head", "Neck")):
        np.testing.assert_array_equal(rotations[BONES.index(bone)], rotations[BONES.index(parent)])


def test_without_any_orientation_the_positions_decide() -> None:
    joints = poses()[2]
    without = humanoid(joints, np.zeros((25, 4), np.float32), TRACKED, NO_FLOOR)
    np.testing.assert_array_equal(without.rotations, bones_of(joints).rotations)


def test_the_floor_is_that_of_the_plane_or_the_lowest_foot() -> None:
    standing = T_POSE + np.array([0, 0.2, 2], np.float32)
    assert bones_of(standing).floor == pytest.approx(-0.69)
    tilted = np.array([0.0, np.cos(0.1), np.sin(0.1), 1.0], np.float32)
    floor = humanoid(standing, orientations(standing), TRACKED, tilted).floor
    assert tilted @ [0, floor, 2, 1] == pytest.approx(0, abs=1e-6)


def avatar(positions: np.ndarray, **options: object) -> Humanoid:
    values = {name: option.default for name, option in AVATAR_OPTIONS.items()} | options
    body = Body(1, 0, positions, orientations(positions), TRACKED)
    made = Avatar(values)(moment_of(BodyFrame(0.0, 0, (body,))))
    assert made is not None
    return made


def test_a_mirrored_avatar_raises_the_other_hand() -> None:
    for joints in poses():
        plain, mirrored = avatar(joints), avatar(joints, flip="x")
        for bone, name in enumerate(BONES):
            other = BONES.index(name.replace("Left", "?").replace("Right", "Left").replace("?", "Right"))
            np.testing.assert_allclose(mirrored.starts[bone], plain.starts[other] * [-1, 1, 1], atol=1e-5)
            # A mirror across x = 0 keeps the turn about x and turns the others round.
            expected = plain.rotations[other] * np.float32([1, -1, -1, 1])
            assert abs(mirrored.rotations[bone] @ expected) > 0.9999, name


def test_an_avatar_is_scaled_and_moved() -> None:
    joints = poses()[0]
    plain, moved = avatar(joints), avatar(joints, scale=100.0, move=(1.0, 2.0, 3.0))
    np.testing.assert_allclose(moved.starts, plain.starts * 100 + [1, 2, 3], rtol=1e-5)
    assert moved.floor == pytest.approx(plain.floor * 100 + 2, rel=1e-5)
    np.testing.assert_array_equal(moved.rotations, plain.rotations)


def random_quaternions(count: int) -> np.ndarray:
    return unit(np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32))


def test_products_and_matrices_agree() -> None:
    a, b = random_quaternions(50), random_quaternions(50)[::-1]
    np.testing.assert_allclose(matrices(multiply(a, b)), matrices(a) @ matrices(b), atol=1e-5)
    np.testing.assert_allclose(
        matrices(np.float32([[0, 0, np.sqrt(0.5), np.sqrt(0.5)]]))[0] @ [1, 0, 0], [0, 1, 0], atol=1e-6
    )


def test_what_is_seen_from_a_turned_frame_is_turned_back() -> None:
    frames, turns = random_quaternions(50), random_quaternions(50)[::-1]
    vectors = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    rotations, positions = seen_from(frames, turns, vectors)
    np.testing.assert_allclose(rotations, multiply(conjugate(frames), turns), atol=1e-6)
    np.testing.assert_allclose(rotate(frames, positions), vectors, atol=1e-5)


def test_a_bone_swings_by_the_shortest_way_to_where_it_points() -> None:
    rng = np.random.default_rng(1)
    rests = unit(rng.normal(size=(40, 3)))
    for before, rest, other in zip(random_quaternions(40).astype(np.float64), rests, rests[::-1], strict=True):
        pointed = rotate(before[None], rest[None])[0]
        for direction in (0.3 * other, 5 * pointed, -2 * pointed):
            after = np.array(swung(tuple(before), tuple(rest), tuple(direction)))
            np.testing.assert_allclose(rotate(after[None], rest[None])[0], unit(direction), atol=1e-3)
            assert np.linalg.norm(after) == pytest.approx(1, abs=1e-6)
            half = np.sqrt(max(1 + pointed @ unit(direction), 0) / 2)
            assert abs(multiply(after[None], conjugate(before[None]))[0, 3]) == pytest.approx(half, abs=1e-3)
        assert swung(tuple(before), tuple(rest), (0.0, 0.0, 0.0)) == tuple(before)


def test_euler_angles_are_applied_in_the_order_z_x_y() -> None:
    quaternions = random_quaternions(50)
    x, y, z = np.radians([euler_zxy(quaternion) for quaternion in quaternions.tolist()]).T
    for turn, ax, ay, az in zip(matrices(quaternions), x, y, z, strict=True):
        about_x = [[1, 0, 0], [0, np.cos(ax), -np.sin(ax)], [0, np.sin(ax), np.cos(ax)]]
        about_y = [[np.cos(ay), 0, np.sin(ay)], [0, 1, 0], [-np.sin(ay), 0, np.cos(ay)]]
        about_z = [[np.cos(az), -np.sin(az), 0], [np.sin(az), np.cos(az), 0], [0, 0, 1]]
        np.testing.assert_allclose(np.array(about_y) @ about_x @ about_z, turn, atol=1e-4)
