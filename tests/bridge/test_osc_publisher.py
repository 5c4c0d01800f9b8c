"""What goes to an OSC receiver, when, and to whom."""

from __future__ import annotations

import dataclasses
import socket

import pytest

from bridge.osc_profiles import PROFILES
from bridge.osc_publisher import OscPublisher
from bridge.targets import Target
from gestures.event import GestureEvent
from models.body import BodyFrame
from tests.bridge.osc_reading import WHO, read, still_body, still_frame, taken


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(60)
        yield udp


def publisher_to(
    receiver: socket.socket, scheme: str, *options: tuple[str, str], hosts: str = "127.0.0.1"
) -> OscPublisher:
    return OscPublisher(Target(scheme, hosts, receiver.getsockname()[1], options), clock=lambda: 1.6e9)


def test_a_rate_leaves_frames_out_but_no_gesture(receiver: socket.socket) -> None:
    publisher = publisher_to(receiver, "osc+bodycast", ("rate", "10"))
    for number in range(30):
        time = number / 30
        events = [GestureEvent("clap", WHO, time, "detected")] if number % 3 == 1 else []
        events.append(GestureEvent("raise", WHO, time, "progress", number / 30))
        frame = BodyFrame(time, number, (still_body(),))
        publisher.send(frame)
        publisher.tell(events)
    publisher.close()
    messages = read(taken(receiver))
    frames = {arguments[0] for address, arguments in messages if address == "/bodycast/frame"}
    assert frames == set(range(0, 30, 3))
    assert len([1 for address, _ in messages if address.endswith("/clap")]) == 9  # that of frame 28 waits
    assert [a[2] for address, a in messages if address.endswith("/raise")] == pytest.approx(
        [n / 30 for n in range(0, 30, 3)]
    )


def test_several_hosts_get_the_same(receiver: socket.socket) -> None:
    publisher = publisher_to(receiver, "osc+kinectv2", hosts="127.0.0.1,localhost")
    publisher.send(still_frame())
    publisher.close()
    datagrams = taken(receiver)
    assert len(datagrams) == 2 * 27
    assert datagrams[:27] == datagrams[27:]


def test_gestures_go_with_every_profile_on_request(receiver: socket.socket) -> None:
    for scheme in PROFILES:
        publisher = publisher_to(receiver, scheme, ("gestures", "yes"))
        publisher.send(BodyFrame(0.0, 0, (still_body(),)))
        publisher.tell([GestureEvent("wave", WHO, 0.0, "detected", 1.0, 0.5)])
        publisher.close()
        gestures = [message for message in read(taken(receiver)) if "gesture" in message[0]]
        if scheme == "osc+bodycast":
            assert gestures == [("/bodycast/2/gestures/wave", [str(WHO), "detected", 1.0, 0.5])]
        else:
            assert gestures[0] == (f"/bodies/{WHO}/gestures/wave", [1.0, 0.5])
            assert gestures[1] == ("/gesture/wave", [str(WHO), "detected", 1.0, 0.5])


def test_kinectv2_may_call_people_by_numbers_that_stay(receiver: socket.socket) -> None:
    publisher = publisher_to(receiver, "osc+kinectv2", ("ids", "user"))
    wave = GestureEvent("wave", WHO, 0.0, "detected", 1.0, 0.5)
    publisher.send(BodyFrame(0.0, 0, (still_body(),)))
    publisher.tell([wave, GestureEvent("bow", 5, 0.0, "detected")])
    publisher.send(BodyFrame(0.1, 1))
    publisher.tell([dataclasses.replace(wave, phase="ended")])
    publisher.close()
    messages = read(taken(receiver))
    assert messages[0] == ("/bodies/3/joints/SpineBase", [1.0, -2.0, 0.5, "Inferred"])
    assert messages[26] == ("/bodies/3/hands/Right", ["Lasso", "High"])
    gestures = [("/bodies/3/gestures/wave", [1.0, 0.5]), ("/gesture/wave", ["3", "detected", 1.0, 0.5])]
    gestures += [("/bodies/3/gestures/wave", [0.0, 0.0]), ("/gesture/wave", ["3", "ended", 1.0, 0.5])]
    assert messages[27:] == gestures


def test_people_who_come_and_go_are_told_once(receiver: socket.socket) -> None:
    publisher = publisher_to(receiver, "osc+osceleton")
    for time, bodies in enumerate(((), (still_body(),), (still_body(),), (), ())):
        publisher.send(BodyFrame(float(time), 0, bodies))
    publisher.close()
    news = [message for message in read(taken(receiver)) if message[0] != "/joint"]
    assert news == [("/new_user", [3]), ("/new_skel", [3]), ("/lost_user", [3])]


def test_the_latency_and_the_time_of_day_are_those_of_the_picture(receiver: socket.socket) -> None:
    publisher = publisher_to(receiver, "osc+osceleton2")
    publisher.send(still_frame(), 0.25)
    publisher.close()
    assert read(taken(receiver))[0][1][-1] == pytest.approx(1.6e12 - 250)
    publisher = publisher_to(receiver, "osc+bodycast")
    publisher.send(still_frame(), 0.25)
    publisher.close()
    assert read(taken(receiver))[-1] == ("/bodycast/frame", [7, 12, 250000, 0.25])
