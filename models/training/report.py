"""Write what fine-tuning came to: ``report.html``, one file with its pictures inside, and the numbers as JSON."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from models.training.finetune_evaluation import Judgement
from models.training.finetune_frames import LabelledFrame
from models.training.report_pictures import bars, contact_sheet, curves, loss_curve

WORST = 12


@dataclass(frozen=True, slots=True, eq=False)
class FineTuned:
    """What a run came to.

    Attributes
    ----------
    before, after : Judgement
        Of the int8 networks on the frames held out.
    exact : Judgement
        Of the new network in fp32.
    tested : sequence of LabelledFrame
        The frames held out.
    learned : int
        How many frames it learned from.
    share : float
        How far it went from the generic weights to the trained ones, 0 to 1: see `models.training.finetune_share`.
    steps : int
    losses : sequence of float
        Of each step.
    training_seconds, seconds : float
        Of training, and in all.
    """

    before: Judgement
    after: Judgement
    exact: Judgement
    tested: Sequence[LabelledFrame]
    learned: int
    share: float
    steps: int
    losses: Sequence[float]
    training_seconds: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a reader of the report wants to know besides.

    Attributes
    ----------
    name : str
        Of the network.
    command : str
        That made it.
    data : sequence of (str, str, str)
        Each recording's name, its source, and what it was used for.
    labels : str
        What the check of the labels found, as text.
    notes : sequence of str
        What to be careful about.
    pipeline : mapping of str to float
        PCK@0.2 of detector, tracker and pose on whole videos, "before" and "after"; empty if not measured.
    space : mapping of str to float
        Errors of joints in space in millimetres, "mpjpe12_before_mm", "mpjpe12_mm", "mpjpe_before_mm" and "mpjpe_mm",
        and "lift_steps"; empty if the lift stays as it is.
    """

    name: str
    command: str
    data: Sequence[tuple[str, str, str]]
    labels: str
    notes: Sequence[str] = ()
    pipeline: Mapping[str, float] | None = None
    space: Mapping[str, float] | None = None


def numbers(result: FineTuned, about: Circumstances) -> dict[str, Any]:
    """Everything measured, as plain numbers; None for what could not be."""
    return {
        "name": about.name,
        "pck_before": _finite(result.before.pck),
        "pck": _finite(result.after.pck),
        "pck_fp32": _finite(result.exact.pck),
        "per_joint_before": result.before.per_joint,
        "per_joint": result.after.per_joint,
        "pipeline": dict(about.pipeline or {}),
        **{name: _finite(value) for name, value in (about.space or {}).items()},
        "frames_learned": result.learned,
        "share": result.share,
        "frames_tested": len(result.tested),
        "steps": result.steps,
        "training_seconds": round(result.training_seconds, 1),
        "seconds": round(result.seconds, 1),
        "command": about.command,
    }


def write_report(folder: Path, result: FineTuned, about: Circumstances) -> Path:
    """Write ``report.html`` and ``report.json`` into ``folder``; returns the former."""
    values = json.dumps(numbers(result, about), indent=1, allow_nan=False)
    (folder / "report.json").write_text(values + "\n", encoding="utf-8")
    path = folder / "report.html"
    path.write_text(page(result, about), encoding="utf-8")
    return path


def page(result: FineTuned, about: Circumstances) -> str:
    """The report as HTML."""
    worst = contact_sheet(result.tested, result.after, result.after.worst(result.tested, WORST))
    parts = [
        f"<h1>{escape(about.name)}</h1>",
        f"<p class=headline>{_percent(result.before.pck)} &rarr; <b>{_percent(result.after.pck)}</b></p>",
        "<p>of the limb joints are right, before and after fine-tuning, on frames that were held out: a joint is right "
        "when its error is under 0.2 torsos (PCK@0.2). Both networks are the int8 ones that run.</p>",
        *(f"<p class=note>{escape(note)}</p>" for note in about.notes),
        _table(("", "before", "after"), _rows(result, about)),
        "<h2>Each joint</h2>",
        _picture(bars(result.before.per_joint, result.after.per_joint), "PCK of each joint before and after"),
        "<h2>Stricter and laxer</h2>",
        _picture(curves(result.before, result.after), "PCK over thresholds before and after"),
        "<h2>The worst frames</h2>",
        "<p>Labels are white; the network's left side is orange and its right side blue.</p>",
        _picture(worst, "Frames with the largest errors"),
        "<h2>Labels</h2>",
        f"<pre>{escape(about.labels)}</pre>",
        "<h2>Data</h2>",
        _table(("recording", "source", "used"), about.data),
        "<h2>Training</h2>",
        f"<p>{result.learned} frames, {result.steps} steps, {result.training_seconds / 60:.1f} minutes of training, "
        f"{result.seconds / 60:.1f} minutes in all. Of the way from the generic weights to the trained ones, "
        f"{result.share:.0%} were gone: more would be hardly more exact on what was learned, and worse elsewhere.</p>",
        _picture(loss_curve(result.losses), "Loss over the steps"),
        f"<pre>{escape(about.command)}</pre>",
    ]
    body = "\n".join(parts)
    return f"<!doctype html>\n<html lang=en><meta charset=utf-8><title>{escape(about.name)}</title>{_STYLE}\n{body}\n"


def _rows(result: FineTuned, about: Circumstances) -> list[tuple[str, str, str]]:
    rows = [
        ("crops from the labels, int8", _percent(result.before.pck), _percent(result.after.pck)),
        ("the same, fp32", "", _percent(result.exact.pck)),
    ]
    if about.pipeline:
        before, after = (_percent(about.pipeline.get(key, math.nan)) for key in ("before", "after"))
        rows.append(("whole pipeline on video", before, after))
    if about.space:
        for what, name in (("limb joints", "mpjpe12"), ("all joints", "mpjpe")):
            before, after = (_millimetres(about.space[f"{name}{key}_mm"]) for key in ("_before", ""))
            rows.append((f"{what} in space on video, mean error", before, after))
    return [*rows, ("frames held out", "", str(len(result.tested)))]


def _percent(share: float) -> str:
    return f"{share:.1%}" if math.isfinite(share) else "not measured"


def _millimetres(error: float) -> str:
    return f"{error:.0f} mm" if math.isfinite(error) else "not measured"


def _finite(share: float) -> float | None:
    return share if math.isfinite(share) else None


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["".join(f"<td>{escape(cell)}" for cell in row) for row in rows]
    return (
        "<table><tr>" + "".join(f"<th>{escape(h)}" for h in head) + "".join(f"\n<tr>{li}" for li in lines) + "</table>"
    )


def _picture(png: bytes, text: str) -> str:
    return f'<img alt="{escape(text)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


_STYLE = """<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430 }
h2 { margin-top: 2.2rem; font-size: 1.2rem } img { max-width: 100% } pre { background: #f3f4f6; padding: .8rem }
pre { white-space: pre-wrap; font-size: .85rem } .headline { font-size: 2.2rem; margin: .3rem 0 }
.note { background: #fff4d6; padding: .6rem .8rem } table { border-collapse: collapse }
th, td { text-align: left; padding: .25rem 1.2rem .25rem 0; border-bottom: 1px solid #dfe3e8 }
</style>"""
