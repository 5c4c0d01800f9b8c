"""Every OSC profile is right to the byte, small enough, and fast enough."""

from __future__ import annotations

import dataclasses
import itertools
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.options import parse_options
from bridge.osc_profiles import PROFILES, Encoder
from bridge.osc_reference import reference
from bridge.presence import Presence
from bridge.targets import parse_target
from bridge.wire_benchmark import crowd, encoders
from gestures.event import GestureEvent
from models.body import BodyFrame
from models.joints import Joint, TrackingState
from tests.bridge.osc_reading import BUNDLE, WHO, messages_in, read, still_frame

ROOT = Path(__file__).parents[2]
URLS = [f"{scheme}://127.0.0.1" for scheme in PROFILES] + [
    "osc+kinectv2://127.0.0.1?ids=user",
    "osc+kinect2share://127.0.0.1?format=json",
    "osc+kinect2share://127.0.0.1?format=json&scale=100",
    "osc+template://127.0.0.1?address=/{id}/{Joint}/{joint}/{slot}/{user}&bundle=yes"
    "&fields=x,y,z,qx,qy,qz,qw,confidence,state,joint,Joint,slot,user,id",
]


def encoder(url: str) -> Callable[..., list[bytes]]:
    """What makes the datagrams of frames."""
    return both(url).frame


def both(url: str) -> Encoder:
    """What makes the datagrams of frames and gestures."""
    target = parse_target(url)
    profile = PROFILES[target.scheme]
    return profile.encoder(parse_options(target, profile.all_options))


def floats(*values: float) -> bytes:
    return struct.pack(f">{len(values)}f", *values)


def test_osceleton_is_this_bundle() -> None:
    states = np.zeros(25, np.uint8)
    states[[Joint.HEAD, Joint.HAND_LEFT]] = TrackingState.INFERRED, TrackingState.TRACKED
    (bundle,) = encoder("osc+osceleton://127.0.0.1")(still_frame(tracking_states=states))
    # x=(1280-1000)/2560, y=(960+2000)/1920, z=500*7.8125/10000
    numbers = floats(0.109375, (960 + 2000) / 1920, 0.390625)
    head = b"/joint\0\0,sifff\0\0head\0\0\0\0\0\0\0\3" + numbers
    hand = b"/joint\0\0,sifff\0\0l_hand\0\0\0\0\0\3" + numbers
    assert bundle == BUNDLE + b"\0\0\0\x28" + head + b"\0\0\0\x28" + hand


def test_osceleton_tells_who_comes_and_who_goes() -> None:
    datagrams = encoder("osc+osceleton://127.0.0.1")(still_frame(), Presence(((2, WHO),), ((0, 5),)))
    lost = BUNDLE + b"\0\0\0\x14/lost_user\0\0,i\0\0\0\0\0\1"
    assert datagrams[0] == lost
    assert read(datagrams[1:3]) == [("/new_user", [3]), ("/new_skel", [3])]


def test_osceleton2_is_these_datagrams() -> None:
    encode = encoder("osc+osceleton2://127.0.0.1")
    datagrams = encode(still_frame(), Presence(), None, 1.6e9)
    time = struct.pack(">d", 1.6e12)
    assert len(datagrams) == 22
    assert datagrams[0] == (
        b"/osceleton2/joint\0\0\0,siiffffd\0\0\0head\0\0\0\0\0\0\0\0\0\0\0\2" + floats(1000, 2000, 500, 0.5) + time
    )
    assert datagrams[-1] == (
        b"/osceleton2/hand\0\0\0\0,iiiffffifd\0\0\0\0\0\0\0\0\2\0\0\0\2"
        + floats(1000, 2000, 500, 0.5)
        + b"\0\0\0\3"
        + floats(1.0)
        + time
    )
    names = "head neck torso waist l_shoulder l_elbow l_wrist l_hand r_shoulder r_elbow r_wrist r_hand"
    legs = "l_hip l_knee l_ankle l_foot r_hip r_knee r_ankle r_foot"
    assert [arguments[0] for _, arguments in read(datagrams[:20])] == f"{names} {legs}".split()


def test_kinect2share_is_these_datagrams() -> None:
    datagrams = encoder("osc+kinect2share://127.0.0.1")(still_frame())
    assert len(datagrams) == 25
    assert datagrams[Joint.SHOULDER_LEFT] == b"/2/ShldrL\0\0\0,fffs\0\0\0" + floats(1, -2, 0.5) + b"ShldrL\0\0"
    names = [arguments[3] for _, arguments in read(datagrams)]
    assert names[:5] == ["SpineBase", "SpineMid", "Neck", "Head", "ShldrL"]
    assert names[20:] == ["SpineShldr", "HandTipL", "ThumbL", "HandTipR", "ThumbR"]


def json_bodies(datagrams: list[bytes]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Addresses, and what a receiver reads: JSON in JSON."""
    bodies = []
    for address, (text,) in read(datagrams):
        ((key, value),) = json.loads(text).items()
        assert address == f"/kV2/body/{key[1:]}"
        bodies.append((address, json.loads(value)))
    return bodies


def test_kinect2share_json_is_this_text() -> None:
    datagrams = encoder("osc+kinect2share://127.0.0.1?format=json")(still_frame())
    start = r"""/kV2/body/2{0},s{0}{{"b2": "[{{\"tracked\":1}},{{\"trackingID\":72057594037927937}},"""
    start += (
        r"""{{\"RH-state\":4}},{{\"LH-state\":3}},{{\"j\":\"SpineBase\",\"x\": 1.0000,\"y\":-2.0000,\"z\": 0.5000}},"""
    )
    assert datagrams[0].startswith(start.replace("{0}", "\0", 1).replace("{0}", "\0\0").format().encode())
    (_, first), (_, second) = json_bodies(datagrams)
    joints = first[4:] + second[4:]
    assert [joint["j"] for joint in joints] == [arguments[3] for _, arguments in read(encoder(URLS[4])(still_frame()))]
    assert all((joint["x"], joint["y"], joint["z"]) == (1.0, -2.0, 0.5) for joint in joints)


@pytest.mark.parametrize("scale", [1, 100])
def test_kinect2share_json_keeps_every_number(random_frame, scale: int) -> None:
    frame = random_frame(3)
    bodies = json_bodies(encoder(f"osc+kinect2share://127.0.0.1?format=json&scale={scale}")(frame))
    for body, (_, first), (_, second) in zip(frame.bodies, bodies[::2], bodies[1::2], strict=True):
        assert first[:4] == second[:4]
        assert first[1] == {"trackingID": body.tracking_id}
        assert first[2] == {"RH-state": body.hand_right.state}
        numbers = [[joint["x"], joint["y"], joint["z"]] for joint in first[4:] + second[4:]]
        np.testing.assert_allclose(numbers, body.positions * scale, atol=6e-5 if scale == 1 else 6e-4)


def test_kinect2share_json_tells_once_that_somebody_left() -> None:
    ((address, parts),) = json_bodies(encoder(URLS[-3])(BodyFrame(0.0, 0), Presence(left=((4, WHO),))))
    assert (address, parts[0]) == ("/kV2/body/4", {"tracked": 0})


def test_bodycast_is_these_bundles() -> None:
    frame = still_frame()
    bundles = encoder("osc+bodycast://127.0.0.1?joints=Head")(frame, Presence(), 0.125)
    alive = b"/bodycast/alive\0,i\0\0\0\0\0\2"
    body = (
        b"/bodycast/2/body\0\0\0\0,siiiiiff\0\0\00072057594037927937\0\0\0"
        b"\0\0\0\3\0\0\0\0\0\0\0\4\0\0\0\1\0\0\0\6" + floats(0.25, -0.5)
    )
    head = b"/bodycast/2/joints/Head\0,fffffffi\0\0\0" + floats(1, -2, 0.5, 0.5, 0.5, 0.5, 0.5) + b"\0\0\0\1"
    last = b"/bodycast/frame\0,iiif\0\0\0\0\0\0\7\0\0\0\x0c\0\3\xd0\x90" + floats(0.125)
    parts = b"".join(struct.pack(">i", len(part)) + part for part in (alive, body, head, last))
    assert bundles == [BUNDLE + parts]


def test_every_bodycast_bundle_says_who_is_there_and_which_frame_it_was(random_frame) -> None:
    frame = dataclasses.replace(random_frame(), floor=np.array([0, 1, 0, 0.9], np.float32))
    gone = GestureEvent("wave", 5, 1.5, "ended", 0.0, 0.0)
    event = GestureEvent("clap", frame.bodies[3].tracking_id, 1.5, "progress", 0.25, 0.5)
    stranger = GestureEvent("bow", 6, 1.5, "detected")
    presence = Presence(((0, frame.bodies[0].tracking_id),), ((1, 5),))
    one = both("osc+bodycast://127.0.0.1")
    bundles, gestures = one.frame(frame, presence), one.gestures((gone, event, stranger))
    for bundle in bundles + gestures:
        messages = read([bundle])
        assert messages[0] == ("/bodycast/alive", [0, 1, 2, 3, 4, 5])
        assert messages[-1] == ("/bodycast/frame", [0, 1, 500000, -1.0])
    news = dict(read(bundles[:1]))
    assert news["/bodycast/leave"] == [1, "5"]
    assert news["/bodycast/enter"] == [0, str(frame.bodies[0].tracking_id)]
    assert news["/bodycast/floor"] == [0, 1, 0, pytest.approx(0.9)]
    told = [
        ("/bodycast/1/gestures/wave", ["5", "ended", 0.0, 0.0]),
        ("/bodycast/3/gestures/clap", [str(event.tracking_id), "progress", 0.25, 0.5]),
    ]
    assert read(gestures)[1:-1] == told
    assert not any("gestures" in address for address, _ in read(bundles))
    joints = [address for address, _ in read(bundles) if "/joints/" in address]
    assert joints == [f"/bodycast/{slot}/joints/{joint.kinect_name}" for slot in range(6) for joint in Joint]


def test_bodycast_says_that_nobody_is_there() -> None:
    (bundle,) = encoder("osc+bodycast://127.0.0.1")(BodyFrame(2.0, 3))
    assert read([bundle]) == [("/bodycast/alive", []), ("/bodycast/frame", [3, 2, 0, -1.0])]


def test_wekinator_gets_always_as_many_numbers(random_frame) -> None:
    encode = encoder("osc+wekinator://127.0.0.1?joints=Head,HandLeft&origin=SpineBase")
    frame = random_frame(1)
    (datagram,) = encode(frame)
    body = frame.bodies[0]
    expected = body.positions[[Joint.HEAD, Joint.HAND_LEFT]] - body.positions[Joint.SPINE_BASE]
    assert datagram == b"/wek/inputs\0,ffffff\0" + expected.astype(">f4").tobytes()
    assert encode(BodyFrame(0.0, 0)) == []
    ((_, numbers),) = read(encoder("osc+wekinator://127.0.0.1")(frame))
    assert len(numbers) == 21


def test_gestures_steer_wekinator() -> None:
    wekinator = both("osc+wekinator://127.0.0.1?record=raise&train=clap&run=bow&dtw=2:wave")
    phases = [("raise", "started"), ("raise", "held"), ("raise", "ended"), ("clap", "detected"), ("bow", "started")]
    phases += [("bow", "ended"), ("wave", "started"), ("wave", "progress"), ("wave", "ended"), ("jump", "detected")]
    assert wekinator.frame(BodyFrame(0.0, 0)) == []
    sent = read(wekinator.gestures([GestureEvent(name, 1, 0.0, phase) for name, phase in phases]))
    control = ["startRecording", "stopRecording", "train", "startRunning", "stopRunning"]
    control += ["startDtwRecording", "stopDtwRecording"]
    assert [address for address, _ in sent] == [f"/wekinator/control/{name}" for name in control]
    assert [arguments for _, arguments in sent] == [[], [], [], [], [], [2], []]


def test_a_template_is_what_the_user_wrote(random_frame) -> None:
    frame = still_frame()
    by_default = encoder("osc+template://127.0.0.1")(frame)
    assert by_default[Joint.HAND_TIP_LEFT] == b"/skeleton_left_hand_tip\0,fff\0\0\0\0" + floats(1, -2, 0.5)
    own = encoder("osc+template://127.0.0.1?address=/p{user}/{Joint}&fields=id,qw,state,z,confidence&joints=Head")
    assert read(own(frame)) == [("/p3/Head", [str(WHO), 0.5, 1, 0.5, 0.5])]
    two = "osc+template://127.0.0.1?address=/{joint}&joints=Head,HandLeft&bundle=yes&slot=4"
    (bundle,) = encoder(two)(random_frame())
    body = random_frame().bodies[4]
    expected = {f"/{name}": body.positions[j].tolist() for name, j in (("head", 3), ("left_hand", 7))}
    assert dict(read([bundle])) == expected


def column() -> BodyFrame:
    """Somebody of whom nothing is known but where each joint would be: on a line, from the ankles up to the rest."""
    positions = np.full((25, 3), (0.5, 0.0, 2.0), np.float32)
    positions[[Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT, Joint.FOOT_LEFT, Joint.FOOT_RIGHT], 1] = -1.0
    return still_frame(positions=positions, tracking_states=np.zeros(25, np.uint8))


def test_vrchat_is_these_datagrams() -> None:
    datagrams = encoder("osc+vrchat://127.0.0.1")(column())
    assert len(datagrams) == 18
    assert datagrams[0] == b"/tracking/trackers/1/position\0\0\0,fff\0\0\0\0" + floats(0.5, 1, -2)
    assert datagrams[1] == b"/tracking/trackers/1/rotation\0\0\0,fff\0\0\0\0" + floats(0, 0, 0)
    assert datagrams[2] == b"/tracking/trackers/2/position\0\0\0,fff\0\0\0\0" + floats(0.5, 0, -2)
    assert datagrams[16] == b"/tracking/trackers/head/position\0\0\0\0,fff\0\0\0\0" + floats(0.5, 1, -2)
    assert encoder("osc+vrchat://127.0.0.1")(BodyFrame(0.0, 0)) == []


def test_vmc_is_these_bundles() -> None:
    encode = encoder("osc+vmc://127.0.0.1")
    alive = b"/VMC/Ext/OK\0,iii\0\0\0\0\0\0\0\1\0\0\0\3\0\0\0\0"
    time = b"/VMC/Ext/T\0\0,f\0\0" + floats(12.25)
    root = b"/VMC/Ext/Root/Pos\0\0\0,sfffffff\0\0\0root\0\0\0\0" + floats(0.5, -1, -2, 0, 0, 0, 1)
    hips = b"/VMC/Ext/Bone/Pos\0\0\0,sfffffff\0\0\0Hips\0\0\0\0" + floats(0, 1, 0, 0, 0, 0, 1)
    start = b"".join(struct.pack(">i", len(part)) + part for part in (alive, time, root, hips))
    first, second = encode(column())
    assert first.startswith(BUNDLE + start)
    foot = b"/VMC/Ext/Bone/Pos\0\0\0,sfffffff\0\0\0RightFoot\0\0\0" + floats(0, -1, 0, 0, 0, 0, 1)
    assert foot in messages_in(second)
    names = [arguments[0] for address, arguments in read([first, second]) if address == "/VMC/Ext/Bone/Pos"]
    sides = [f"{side}{part}" for side in ("Left", "Right") for part in ("Shoulder", "UpperArm", "LowerArm", "Hand")]
    assert names[:6] == ["Hips", "Spine", "Chest", "UpperChest", "Neck", "Head"]
    assert set(sides) < set(names)
    assert len(names) == 22
    nobody = b"".join(struct.pack(">i", len(part)) + part for part in (alive, time))
    assert encode(BodyFrame(12.25, 7)) == [BUNDLE + nobody]


def test_vrchat_gets_trackers_over_the_floor() -> None:
    from bridge.humanoid import T_POSE

    positions = T_POSE + np.array([0.5, 0.2, 2.5], np.float32)
    sent = dict(
        read(
            encoder("osc+vrchat://127.0.0.1")(
                still_frame(positions=positions, orientations=np.zeros((25, 4), np.float32))
            )
        )
    )
    assert set(sent) == {
        f"/tracking/trackers/{n}/{what}" for n in (*range(1, 9), "head") for what in ("position", "rotation")
    }
    np.testing.assert_allclose(sent["/tracking/trackers/1/position"], [0.5, 0.89, -2.5], atol=1e-5)
    np.testing.assert_allclose(sent["/tracking/trackers/3/position"], [0.58, 0.05, -2.5], atol=1e-5)
    for number in (*range(1, 9), "head"):
        np.testing.assert_allclose(sent[f"/tracking/trackers/{number}/rotation"], 0, atol=0.01)
    floor = np.array([0, 1, 0, 1.0], np.float32)
    frame = dataclasses.replace(still_frame(positions=positions), floor=floor)
    height = dict(read(encoder("osc+vrchat://127.0.0.1")(frame)))["/tracking/trackers/1/position"][1]
    assert height == pytest.approx(1.2)


@pytest.mark.parametrize("url", URLS)
def test_datagrams_are_small_and_have_safe_types_only(random_frame, url: str) -> None:
    encode = encoder(url)
    for seed in range(5):
        frame = random_frame(seed)
        frame = dataclasses.replace(
            frame, bodies=tuple(dataclasses.replace(b, tracking_id=2**64 - 1 - b.slot) for b in frame.bodies)
        )
        datagrams = encode(frame, Presence(((0, 2**64 - 1),), ((1, 2**64 - 1),)))
        assert datagrams
        assert max(map(len, datagrams)) <= 1200
        allowed = "ifsd" if "osceleton2" in url else "ifs"
        for datagram in datagrams:
            for message in messages_in(datagram):
                tags = message[message.index(b",") :].split(b"\0")[0].decode()
                assert set(tags[1:]) <= set(allowed)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_sent(random_frame, url: str, value: float) -> None:
    frame = random_frame(1)
    for body in frame.bodies:
        body.positions[Joint.HAND_LEFT, 1] = value
        body.positions[Joint.HAND_RIGHT, 1] = -value
        body.orientations[Joint.ELBOW_RIGHT, 3] = value
    for _, arguments in read(encoder(url)(frame)):
        assert all(np.isfinite(a) for a in arguments if isinstance(a, float))
        assert not any(word in a for a in arguments if isinstance(a, str) for word in ("nan", "inf"))


@pytest.mark.parametrize("url", URLS)
def test_the_same_frame_gives_the_same_bytes_and_is_left_alone(random_frame, assert_same_frame, url: str) -> None:
    encode, frame = encoder(url), random_frame(2)
    first = encode(frame)
    encode(random_frame(9))
    assert encode(frame) == first
    assert_same_frame(frame, random_frame(2))


@pytest.mark.parametrize("url", [url for url in URLS if "vmc" not in url and "vrchat" not in url])
def test_axes_are_permuted_flipped_scaled_and_moved(random_frame, url: str) -> None:
    frame = random_frame(4)
    axes = "axes=xzy&flip=y&scale=2&move=1,2,3"
    turned = tuple(
        dataclasses.replace(
            body,
            positions=body.positions[:, [0, 2, 1]] * np.float32([2, -2, 2]) + np.float32([1, 2, 3]),
            orientations=body.orientations[:, [0, 2, 1, 3]] * np.float32([1, -1, 1, 1]),
        )
        for body in frame.bodies
    )
    joined = f"{url}{'&' if '?' in url else '?'}"
    if "scale" in url:
        return
    numbers = [
        [a for _, arguments in read(datagrams) for a in arguments if isinstance(a, float)]
        for datagrams in (encoder(joined + axes)(frame), encoder(url)(dataclasses.replace(frame, bodies=turned)))
    ]
    np.testing.assert_allclose(*numbers, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", [name for name in encoders() if name.startswith("osc+")])
def test_six_bodies_are_encoded_in_100_microseconds_where_python_osc_takes_two_milliseconds(
    cost: Callable[..., float], name: str
) -> None:
    frames, encode = itertools.cycle(crowd()), encoders()[name]
    assert cost(lambda: encode(next(frames))) <= 100e-6 / 2e-3


def test_the_reference_is_up_to_date() -> None:
    page = (ROOT / "docs/osc.md").read_text(encoding="utf-8")
    assert page == reference() + "\n", "run: bodycast profiles --markdown > docs/osc.md"


@pytest.mark.parametrize("url", URLS)
def test_every_address_that_is_sent_is_in_the_reference(random_frame, url: str) -> None:
    target = parse_target(url)
    patterns = [address.pattern for address in PROFILES[target.scheme].addresses]
    if target.scheme == "osc+template":
        return
    for address, _ in read(encoder(url)(random_frame())):
        assert any(_fits(pattern, address) for pattern in patterns), address


def _fits(pattern: str, address: str) -> bool:
    parts, given = pattern.split("/"), address.split("/")
    return len(parts) == len(given) and all(p.startswith("{") or p == g for p, g in zip(parts, given, strict=True))
