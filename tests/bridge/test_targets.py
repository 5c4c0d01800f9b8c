"""Publisher URLs are taken apart, and wrong ones are explained."""

from __future__ import annotations

import pytest

from bridge.publishers import open_publisher
from bridge.targets import EXAMPLES, PublisherError, Target, parse_target, resolve


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("osc+kinectv2://127.0.0.1:12345", Target("osc+kinectv2", "127.0.0.1", 12345)),
        ("osc+kinectv2://studio-pc.local", Target("osc+kinectv2", "studio-pc.local", 12345)),
        ("osc+kinectv2://[::1]:7000/", Target("osc+kinectv2", "::1", 7000)),
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
        ("osc://127.0.0.1:12345", r"the format 'osc' is none of osc\+kinectv2, zmq"),
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
        ("osc+kinectv2://127.0.0.1:12345/joints", "nothing may follow the port, but '/joints' does"),
        ("osc+kinectv2://127.0.0.1:12345?x=1", "nothing may follow"),
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
