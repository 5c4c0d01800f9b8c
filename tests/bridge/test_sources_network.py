"""Network streams: live ones come back when they broke off, and files on a server are played like any file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.sources import capture, open_source
from bridge.sources.live import LiveSource


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of an HTTP server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def jpeg(value: int) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((48, 64, 3), value, np.uint8))[1])


class Webcam(BaseHTTPRequestHandler):
    """Sends pictures for ever, as network cameras do, but breaks off each connection after some."""

    connections = 0
    hang_up_after = 40

    def do_GET(self) -> None:
        type(self).connections += 1
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            for number in range(self.hang_up_after):
                picture = jpeg(50 * self.connections + number % 2)
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                self.wfile.write(head.encode() + picture + b"\r\n")
        except OSError:
            pass  # the reader has gone

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def test_a_network_camera_that_hangs_up_is_called_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Webcam, "connections", 0)
    with (
        serving(Webcam) as address,
        LiveSource(address, lambda: capture.open_stream(address), pauses=(0.01,)) as source,
    ):
        assert source.live
        bright = (frame for frame in source if frame.image.mean() > 75)
        assert next(bright).image.shape == (48, 64, 3)
    assert Webcam.connections >= 2
    assert "gives no picture any more" in caplog.messages[0]


def test_a_network_camera_is_a_live_source() -> None:
    with serving(Webcam) as address, open_source(f"{address}/video.mjpg") as source:
        assert source.live
        assert next(iter(source)).image.shape == (48, 64, 3)


def test_a_video_on_a_server_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for value in range(20):
        writer.write(np.full((48, 64, 3), value, np.uint8))
    writer.release()

    class Server(Webcam):
        def do_GET(self) -> None:
            data = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    with serving(Server) as address, open_source(f"{address}/clip.avi", fast=True) as source:
        assert not source.live
        assert len(list(source)) == 20
