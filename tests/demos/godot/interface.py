"""Where the interface of Godot 4 differs from Godot 3's, as far as our scripts use it.

Applied to the Godot 4 scripts, in this order, it gives the Godot 3 scripts, to the letter:

    python tests/demos/godot/interface.py

writes demos/godot/godot3/addons and its sample.gd anew from demos/godot/godot4.
"""

from __future__ import annotations

import re
from pathlib import Path

GODOT = Path(__file__).parents[3] / "demos" / "godot"

GODOT_3_FOR_4 = (
    (r"^@tool$", "tool"),
    (r"@export var", "export var"),
    (r"\bRefCounted\b", "Reference"),
    (r"\bPacked(Byte|String)Array\b", r"Pool\1Array"),
    (r"\bQuaternion\b", "Quat"),
    (r"\b(Node|MeshInstance|Camera|DirectionalLight|Label)3D\b", lambda m: {"Node": "Spatial"}.get(m[1], m[1])),
    (r"\bStandardMaterial3D\b", "SpatialMaterial"),
    (r"\bTransform3D\b", "Transform"),
    (r"\bTime\.get_ticks_msec\b", "OS.get_ticks_msec"),
    (r"\b_udp\.bind\(", "_udp.listen("),
    (r"\.start\((_\w+)\)", r'.start(self, "\1")'),
    (r"\.connect\((\"\w+\"), (_\w+)\)", r'.connect(\1, self, "\2")'),
)


def godot_3(script: str) -> str:
    """A script for Godot 4, as one for Godot 3."""
    for pattern, replacement in GODOT_3_FOR_4:
        script = re.sub(pattern, replacement, script, flags=re.M)
    return script


def scripts() -> list[tuple[Path, Path]]:
    """Each Godot 4 script, and where its Godot 3 form belongs."""
    four = GODOT / "godot4"
    return [(path, GODOT / "godot3" / path.relative_to(four)) for path in sorted(four.rglob("*.gd"))]


if __name__ == "__main__":
    for source, target in scripts():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(godot_3(source.read_text(encoding="utf-8")), encoding="utf-8")
