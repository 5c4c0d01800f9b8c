"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.model_folders import lift_beside
from bridge.model_folders import model_file as file_of_model

if TYPE_CHECKING:
    from bridge.smoothing import Smoothing
    from models.lift import BodyLift

SOURCES = """\
sources:
  camera, camera:1       a camera, by number
  clip.mp4               a video
  rtsp://HOST/PATH       a network stream; http:// too
  pictures               a folder of images, in the order of their names; or one image
  dance                  a recording (a folder made by "bodycast record")
  actor, actor:3         the built-in actor, or three of them
  kinect                 a Kinect v2 at this computer, under Windows; its pictures are 960x540, or full with
                         --size 1920x1080
"""


PUBLISHERS = """\
publishers:
  osc+kinectv2://HOST:12345      KinectV2-OSC's messages, sent there
  osc+bodycast://HOST:12346      our own OSC: everything that is known, in bundles
  osc+osceleton://HOST:7110      OSCeleton; also osc+osceleton2, and osc+kinect2share (port 1234, ?format=json)
  osc+vmc://HOST:39539           avatars (VMC protocol); also osc+vrchat (port 9000)
  osc+wekinator://HOST:6448      a vector for Wekinator (?joints=Head,HandLeft&outputs=12000)
  osc+template://HOST:7000       your own addresses (?address=/skeleton_{joint}&fields=x,y,z)
  zmq://127.0.0.1:5556           ZeroMQ, listening there for subscribers
  ws://127.0.0.1:8765            WebSocket, listening there for browsers: open http://127.0.0.1:8765
  targets.toml                   a file with a table [[target]] for each: publish, hosts, port and options
  Ports may be left out. HOST may be several, with commas between them. Options follow a question mark, as in
  osc+vmc://127.0.0.1:39539?rate=30&flip=x&scale=100: 'bodycast profiles' lists them all.
"""


def add_publish_options(group: argparse._ActionsContainer, meaning: str) -> None:
    """Options that say where to publish."""
    group.add_argument("--publish", action="append", metavar="URL", help=meaning)
    group.add_argument(
        "--insecure",
        action="store_true",
        help="let zmq:// and ws:// listen beyond this machine without keys, where anybody in the network may connect",
    )


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Options that say what is looked at, and for how long."""
    group = parser.add_argument_group("source")
    group.add_argument("--fast", action="store_true", help="play files as fast as they go, leaving no picture out")
    group.add_argument(
        "--size",
        type=size,
        default=(640, 480),
        metavar="WxH",
        help="picture size of cameras and the actor (default 640x480)",
    )
    group.add_argument("--seed", type=int, default=0, help="which actor, in which room (default 0)")
    group.add_argument("--frames", type=count, metavar="N", help="end after N frames")
    group.add_argument("--seconds", type=positive, metavar="S", help="end after S seconds of the source")


def add_vision_options(parser: argparse.ArgumentParser) -> None:
    """Options of the way from pictures to bodies."""
    group = parser.add_argument_group("vision")
    group.add_argument(
        "--fov",
        type=angle,
        metavar="DEG",
        help="horizontal field of view of the camera (default: what 'bodycast calibrate' found for this source; "
        "otherwise that of a common webcam, 55.8 at 4:3 and 70.4 at 16:9)",
    )
    group.add_argument(
        "--height",
        type=positive,
        metavar="M",
        help="height of the people in metres, from which their distance follows (default: learnt from the proportions "
        "of each, who is taken to be 1.7 m tall at first)",
    )
    group.add_argument("--detector-model", type=Path, metavar="FILE", help="another person detector (ONNX)")
    group.add_argument(
        "--pose-model",
        type=Path,
        metavar="FILE",
        help="another pose network (ONNX; of RTMPose's form with a TOML file beside it)",
    )
    _add_smoothing_option(group)
    add_model_options(group)


def _add_smoothing_option(group: argparse._ActionsContainer) -> None:
    """How calm and how late bodies are."""
    group.add_argument(
        "--smoothing",
        type=smoothing,
        default="responsive",  # argparse parses it, too
        metavar="NAME",
        help="raw, responsive, smooth, cinematic, or holt, the Kinect's own, with its five numbers "
        "(holt:0.5,0.5,0.5,0.05,0.04) or without; one-euro:CUTOFF,BETA (default responsive)",
    )


def add_model_options(group: argparse._ActionsContainer) -> None:
    """The networks that the user fine-tuned."""
    group.add_argument(
        "--model",
        type=model_file,
        dest="pose_model",
        metavar="NAME",
        help="the pose network that 'bodycast finetune' made under this name, and its lift",
    )
    group.add_argument(
        "--lift-model",
        type=Path,
        metavar="FILE",
        help="another lift (ONNX; default: the one beside the pose network, if that is one of your own)",
    )


def chosen_lift(args: argparse.Namespace) -> BodyLift:
    """The lift that is asked for: by name, or with the pose network."""
    from models.lift import BodyLift, default_lift

    if args.lift_model is not None:
        return BodyLift(args.lift_model)
    own = lift_beside(args.pose_model)
    return BodyLift(own, kinect_keypoints=True) if own is not None else default_lift()


def add_display_options(parser: argparse.ArgumentParser) -> None:
    """Options of what is shown."""
    group = parser.add_argument_group("display")
    group.add_argument(
        "--preview",
        action="store_true",
        help="show the picture with the bodies; m turns the view as a mirror does, q or Esc ends",
    )
    group.add_argument(
        "--mirror",
        action="store_true",
        help="exchange left and right, once and for everything: what is published, recorded and shown; for a camera "
        "whose pictures are mirrored, or for an avatar that moves like a reflection",
    )
    group.add_argument(
        "--snapshot", type=image_file, metavar="FILE", help="save the last picture shown, as PNG or JPEG"
    )


def count(text: str) -> int:
    """A whole number from 1."""
    if not re.fullmatch(r"\d{1,12}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def positive(text: str) -> float:
    """A number above 0."""
    value = _number(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def share(text: str) -> float:
    """A number from 0 to 1."""
    value = _number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def angle(text: str) -> float:
    """Degrees between 1 and 179."""
    value = _number(text)
    if not 1 < value < 179:
        raise argparse.ArgumentTypeError(f"{text!r} is not an angle between 1 and 179 degrees")
    return value


def size(text: str) -> tuple[int, int]:
    """Width and height in pixels, as in ``640x480``."""
    match = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 640x480")
    return int(match[1]), int(match[2])


def image_file(text: str) -> Path:
    """A file name that ends in ``.png`` or ``.jpg``."""
    path = Path(text)
    if path.suffix.lower() not in {".png", ".jpg", ".jpeg"}:
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .png or .jpg")
    return path


def smoothing(text: str) -> Smoothing:
    """A preset, or a filter with its numbers."""
    from bridge.smoothing import parse_smoothing

    try:
        return parse_smoothing(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def model_file(text: str) -> Path:
    """The file of a network that was fine-tuned, by its name or folder."""
    try:
        return file_of_model(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
