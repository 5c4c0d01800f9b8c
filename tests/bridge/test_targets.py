"""Publisher URLs are taken apart, and wrong ones are explained."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bridge.publishers import open_publisher, open_publishers
from bridge.targets import EXAMPLES, PublisherError, Target, parse_target, read_targets, resolve


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("osc+kinectv2://127.0.0.1:12345", Target("osc+kinectv2", "127.0.0.1", 12345)),
        ("osc+kinectv2://studio-pc.local", Target("osc+kinectv2", "studio-pc.local", 12345)),
        ("osc+kinectv2://[::1]:7000/", Target("osc+kinectv2", "::1", 7000)),
        ("osc+vmc://a.local,192.168.1.20:39540", Target("osc+vmc", "a.local,192.168.1.20", 39540)),
        ("osc+vmc://h?rate=30&flip=x", Target("osc+vmc", "h", 39539, (("rate", "30"), ("flip", "x")))),
        ("osc+template://h/?address=/s_{joint}", Target("osc+template", "h", 7000, (("address", "/s_{joint}"),))),
        ("ws://*", Target("ws", "*", 8765)),
        ("zmq://127.0.0.1:0", Target("zmq", "127.0.0.1", 0)),
        ("zmq://*:5556", Target("zmq", "*", 5556)),
        ("zmq://localhost", Target("zmq", "localhost", 5556)),
    ],
)
def test_a_url_is_taken_apart_and_put_together_again(url: str, target: Target) -> None:
    assert parse_target(url) == target
    assert parse_target(str(target)) == target


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "FORMAT://HOST:PORT"),
        ("127.0.0.1:12345", "FORMAT://HOST:PORT"),
        ("zmq:127.0.0.1:5556", "FORMAT://HOST:PORT"),
        ("osc://127.0.0.1:12345", r"the format 'osc' is none of osc\+kinectv2, .*, ws"),
        ("http://127.0.0.1:80", "the format 'http'"),
        ("://127.0.0.1:80", "the format ''"),
        ("zmq://", "the host is missing"),
        ("zmq://:5556", "the host is missing"),
        ("zmq://127.0.0.1:", "the port ''"),
        ("zmq://127.0.0.1:port", "the port 'port'"),
        ("zmq://127.0.0.1:65536", "the port '65536'"),
        ("zmq://127.0.0.1:-1", "the port '-1'"),
        ("zmq://127.0.0.1:\u0663", "the port"),
        ("osc+kinectv2://127.0.0.1:0", "from 1 to 65535"),
        ("osc+kinectv2://*:12345", r"'\*' is not a host"),
        ("osc+kinectv2://me@host:12345", "."),
        ("osc+kinectv2://a b:12345", "'a b' is not a host"),
        ("osc+kinectv2://127.0.0.1:12345/joints", "nothing but options may follow the port, but 'joints' does"),
        ("osc+kinectv2://127.0.0.1:12345?rate", r"the options 'rate' are not of the form \?rate=30"),
        ("osc+kinectv2://127.0.0.1?rate=30&rate=60", "the option 'rate' is given twice"),
        ("osc+kinectv2://127.0.0.1?rate=30#here", "nothing but options"),
        ("osc+kinectv2://a,,b:12345", "'a,,b' is not a host"),
        ("zmq://a,b:5556", "'a,b' is not a host"),
        ("osc+kinectv2://[::1", "."),
        ("zmq://[]:5556", "'\\[\\]' is not a host"),
        ("zmq://127.0.0.1:5556\nzmq://", "."),
    ],
)
def test_a_wrong_url_is_explained_with_one_that_is_right(url: str, complaint: str) -> None:
    with pytest.raises(PublisherError, match=complaint) as caught:
        open_publisher(url)
    assert "\n" not in str(caught.value)
    assert EXAMPLES in str(caught.value)


def test_the_examples_are_right() -> None:
    for example in EXAMPLES.split(" or "):
        assert str(parse_target(example)) == example


def test_a_name_for_this_machine_is_taken_as_ipv4() -> None:
    assert resolve(Target("zmq", "localhost", 1))[1] == "127.0.0.1"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        (
            "osc+kinectv2://127.0.0.1?speed=3",
            "there is no option 'speed'; there is rate, gestures, axes, flip, scale, move, ids$",
        ),
        ("osc+kinectv2://127.0.0.1?rate=0", "rate='0' is wrong; right is a number from 0.01 to 1000"),
        ("osc+kinectv2://127.0.0.1?rate=fast", "rate='fast' is wrong"),
        ("osc+kinectv2://127.0.0.1?rate=nan", "rate='nan' is wrong"),
        ("osc+kinectv2://127.0.0.1?flip=xx", "one or more of x, y and z"),
        ("osc+kinectv2://127.0.0.1?axes=xyy", "x, y and z in some order"),
        ("osc+kinectv2://127.0.0.1?move=1,2", "3 numbers with commas"),
        ("osc+vmc://127.0.0.1?flip=z", "x, which mirrors the person"),
        ("osc+vmc://127.0.0.1?slot=6", "a whole number from 0 to 5"),
        ("osc+bodycast://127.0.0.1?joints=Head,Nose", "different joints with commas between them: SpineBase"),
        ("osc+template://127.0.0.1?address=skeleton", "an address such as"),
        ("osc+template://127.0.0.1?address=/a_{who}", "an address such as"),
        ("osc+template://127.0.0.1?fields=x,speed", "some of x,y,z"),
        ("osc+wekinator://127.0.0.1?dtw=wave", "a number and a gesture"),
        ("osc+kinect2share://127.0.0.1?format=xml", "osc or json"),
        ("zmq://127.0.0.1:0?name=a%20b", "letters, digits"),
        ("ws://127.0.0.1:0?format=xml", "json or msgpack"),
        ("ws://127.0.0.1:0?origin=here", "origins with commas"),
    ],
)
def test_a_wrong_option_is_explained_on_one_line(url: str, complaint: str) -> None:
    with pytest.raises(PublisherError, match=complaint) as caught:
        open_publisher(url)
    assert "\n" not in str(caught.value)


TOML = """
[[target]]
publish = "osc+vmc"
hosts = ["127.0.0.1", "localhost"]
rate = 30
flip = "x"
move = [0, 1.5, 2]

[[target]]
publish = "osc+template"
port = 7001
address = "/s_{joint}"
bundle = true
joints = ["Head", "HandLeft"]
"""


def test_targets_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "targets.toml"
    path.write_text(TOML, encoding="utf-8")
    vmc = (("rate", "30"), ("flip", "x"), ("move", "0,1.5,2"))
    template = (("address", "/s_{joint}"), ("bundle", "yes"), ("joints", "Head,HandLeft"))
    assert read_targets(path) == [
        Target("osc+vmc", "127.0.0.1,localhost", 39539, vmc),
        Target("osc+template", "127.0.0.1", 7001, template),
    ]
    publishers = open_publishers([str(path), "osc+kinectv2://127.0.0.1"])
    assert len(publishers) == 3
    for publisher in publishers:
        publisher.close()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"needs a table \[\[target\]\]"),
        ("target = 3", r"needs a table \[\[target\]\]"),
        ("[[target]]\nrate = 30", "target 1: publish is missing"),
        ("[[target]]\npublish = 'osc+vmc'\nport = 99999", "target 1.*the port '99999'"),
        ("[[target]]\npublish = 'osc'", "the format 'osc' is none of"),
        ("[[target]]\npublish = 'osc+vmc'\nwhen = 2020-01-01", "target 1: when must be a text"),
        ("[[target]", "not TOML"),
        ("\udc80", "not TOML"),
    ],
)
def test_a_wrong_file_is_explained_on_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "targets.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PublisherError, match=complaint) as caught:
        open_publishers([str(path)])
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(PublisherError, match=r"nothing\.toml: No such file"):
        open_publishers([str(tmp_path / "nothing.toml")])


def test_when_one_of_several_targets_is_wrong_none_stays_open() -> None:
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    with pytest.raises(PublisherError):
        open_publishers([f"zmq://127.0.0.1:{port}", "osc+kinectv2://127.0.0.1?rate=x"])
    open_publisher(f"zmq://127.0.0.1:{port}").close()
