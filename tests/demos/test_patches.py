"""The patches for music programs do what their pages say, in the programs themselves."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.osc import osc_message

DEMOS = Path(__file__).parents[2] / "demos"

LISTENER = r"""#N canvas 0 0 450 300 12;
#X obj 10 10 theremin;
#X obj 10 40 r bodycast-pitch;
#X obj 10 70 print pitch;
#X obj 110 40 r bodycast-volume;
#X obj 110 70 print volume;
#X obj 210 40 r bodycast-gesture;
#X obj 210 70 print gesture;
#X obj 310 10 loadbang;
#X msg 310 40 \; pd dsp 0;
#X obj 10 130 netreceive -u -b {control};
#X obj 10 160 oscparse;
#X msg 10 190 \; pd quit;
#X msg 110 100 listening {port};
#X obj 110 130 print;
#X connect 1 0 2 0;
#X connect 3 0 4 0;
#X connect 5 0 6 0;
#X connect 7 0 8 0;
#X connect 7 0 12 0;
#X connect 12 0 13 0;
#X connect 9 0 10 0;
#X connect 10 0 11 0;
"""


def test_the_pure_data_theremin_turns_hands_into_pitch_and_volume(tmp_path, required, engine_class, free_port) -> None:
    pd = required("pd", "puredata-core")
    port, control = free_port(), free_port()
    patch = (DEMOS / "puredata" / "theremin.pd").read_text()
    (tmp_path / "theremin.pd").write_text(patch.replace("netreceive -u -b 12345", f"netreceive -u -b {port}"))
    (tmp_path / "listener.pd").write_text(LISTENER.format(port=port, control=control))
    command = [pd, "-nogui", "-noaudio", "-noprefs", "-stderr", "-path", str(tmp_path), str(tmp_path / "listener.pd")]
    with engine_class(command, prefix="print: listening ") as receiver:
        receiver.send(osc_message("/bodies/18446744073709551615/joints/HandRight", 0.1, 0.5, 2.0, "Tracked"))
        receiver.send(osc_message("/bodies/18446744073709551615/joints/HandLeft", 0.1, 0.0, 2.0, "Tracked"))
        receiver.send(osc_message("/gesture/wave", "18446744073709551615", "detected", 1.0, 0.5))
        receiver.wait_for("gesture: ")
        assert receiver.starting("pitch: ") == ["pitch: 72"]
        assert receiver.starting("volume: ") == ["volume: 0.5"]
        assert receiver.starting("gesture: ") == ["gesture: wave 18446744073709551615 detected 1 0.5"]


def test_the_supercollider_theremin_understands_the_profile_bodycast(
    tmp_path, required, engine_class, free_port
) -> None:
    sclang = required("sclang", "supercollider-language")
    script = (DEMOS / "supercollider" / "theremin.scd").read_text()
    code = re.search(r"^\((.*?)^s\.waitForBoot", script, re.S | re.M)[1]  # all of it, but the server that sounds
    (tmp_path / "test.scd").write_text(
        code
        + """
~server = (sendMsg: { |self ... message| "voice % %".format(message[2], message[3].round(0.001)).postln });
~voice = Synth.basicNew(\\voice, ~server, 1000);
OSCdef(\\quit, { 0.exit }, '/quit');
"listening %".format(NetAddr.langPort).postln;
"""
    )
    settings = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "HOME": str(tmp_path)}
    command = [sclang, "-u", str(free_port()), str(tmp_path / "test.scd")]
    with engine_class(command, settings) as receiver:
        receiver.send(osc_message("/bodycast/0/joints/HandRight", 0.1, 0.8, 2.0, 0.0, 0.0, 0.0, 0.0, 2))
        receiver.send(osc_message("/bodycast/0/joints/HandLeft", 0.1, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2))
        receiver.send(osc_message("/bodycast/1/joints/HandLeft", 0.1, 0.6, 2.0, 0.0, 0.0, 0.0, 0.0, 2))
        receiver.send(osc_message("/quit"))
        receiver.join()
        assert receiver.starting("voice ") == ["voice freq 880.0", "voice amp 0.15"]
        assert not receiver.starting("ERROR")
