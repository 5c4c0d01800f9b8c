"""A network with a plain start learns to answer like one without, and goes on after an interruption."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

import torch

from models.detector import SIZE
from models.inference import WeightsError
from models.training.acted import render
from models.training.acted_crowds import crowded_people, crowded_pictures, cut_outs
from models.training.detector_loss import Targets
from models.training.detector_network import DetectorNetwork
from models.training.imitation_lessons import DetectorLessons, Lesson, PoseLessons
from models.training.imitation_recipe import ImitationOptions, ImitationRun, pupil_of, train
from models.training.lite_trunk import plain_blocks
from models.training.network import PoseNetwork
from models.training.recipes import halved


@pytest.fixture
def options(tmp_path: Path) -> ImitationOptions:
    torch.manual_seed(1)
    teacher = PoseNetwork()
    torch.nn.init.normal_(teacher.heatmap.weight, std=0.5)  # answers that differ from place to place
    torch.save(halved(teacher.state_dict()), tmp_path / "teacher.pt")
    (tmp_path / "out").mkdir()
    return ImitationOptions(tmp_path / "teacher.pt", tmp_path / "out", steps=30, rate=5e-3)


def lessons() -> PoseLessons:
    return PoseLessons({}, (64, 64), 4)


def pictures(count: int, size: tuple[int, int] = (64, 64)) -> Iterator[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    for _ in range(count):
        coarse = torch.randn(4, 3, size[0] // 8, size[1] // 8, generator=generator)
        yield torch.nn.functional.interpolate(coarse, scale_factor=8, mode="bilinear")


def shown(count: int) -> Iterator[Lesson]:
    """People whom nobody covers."""
    nothing = torch.zeros((0, 64, 64), dtype=torch.uint8), torch.zeros((0, 23, 4))
    yield from (Lesson(some, some, torch.rand(4, 4, 8, 8), 0, nothing) for some in pictures(count))


def test_a_new_start_learns_what_the_teacher_computes(options: ImitationOptions) -> None:
    run = ImitationRun(replace(options, steps=60), lessons())
    run.learn(shown(60))
    assert run.losses[35] < 0.8 * run.losses[0], "the features at stride 8 alone"
    assert sum(run.losses[-5:]) < 0.98 * sum(run.losses[36:41]), "the answers, too"


def test_what_lies_behind_the_start_keeps_its_statistics(options: ImitationOptions) -> None:
    init = options.teacher.with_name("plain.pt")
    torch.save(halved(PoseNetwork(plain=(0, 0)).state_dict()), init)
    run = ImitationRun(replace(options, init=init), lessons())
    before = {name: value.clone() for name, value in run.pupil.named_buffers()}
    run.learn(shown(2))
    changed = {name for name, value in run.pupil.named_buffers() if not torch.equal(value, before[name])}
    assert changed, "those of the start move"
    assert all(name.startswith("trunk.stem.") for name in changed)


def test_a_start_that_is_kept_stays_as_it_was(options: ImitationOptions) -> None:
    init = options.teacher.with_name("plain.pt")
    torch.save(halved(PoseNetwork(plain=(1, 3)).state_dict()), init)
    run = ImitationRun(replace(options, init=init, keep_start=True), lessons())
    before = {name: value.clone() for name, value in run.pupil.state_dict().items()}
    run.learn(shown(2))
    changed = {name for name, value in run.pupil.state_dict().items() if not torch.equal(value, before[name])}
    assert changed, "the rest learns"
    assert not any(name.startswith("trunk.stem.") for name in changed)


def test_a_pupil_learns_what_it_is_told_and_goes_on_from_there(options: ImitationOptions) -> None:
    init = options.teacher.with_name("plain.pt")
    torch.save(halved(PoseNetwork(plain=(1, 3)).state_dict()), init)
    run = ImitationRun(replace(options, init=init, keep_start=True), lessons())
    assert isinstance(run.pupil, PoseNetwork)
    assert run.pupil.cue is not None
    assert not run.pupil.cue.layers[-1].weight.any(), "at first it changes nothing"
    run.learn(shown(3))
    assert run.pupil.cue.layers[-1].weight.any()
    torch.save(halved(run.pupil.state_dict()), init)
    again = ImitationRun(
        replace(options, teacher=init, init=init, keep_start=True, out=options.out / "again"), lessons()
    )
    torch.testing.assert_close(again.pupil.state_dict(), run.pupil.state_dict(), atol=1e-3, rtol=1e-3)


def test_there_must_be_a_start_to_keep(options: ImitationOptions) -> None:
    with pytest.raises(WeightsError, match=r"no --init: has no start that a pose network can keep"):
        ImitationRun(replace(options, keep_start=True), lessons())


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(options: ImitationOptions) -> None:
    told = list(shown(6))
    torch.manual_seed(0)
    whole = ImitationRun(options, lessons())
    whole.learn(told)
    torch.manual_seed(0)
    ImitationRun(options, lessons()).learn(told[:3])
    resumed = ImitationRun(replace(options, resume=True), lessons())
    resumed.learn(told[3:])
    assert resumed.losses == pytest.approx(whole.losses, rel=1e-2)


def test_a_start_with_more_blocks_begins_as_the_smaller_one() -> None:
    small = PoseNetwork(plain=(0, 0)).eval()
    large = pupil_of(PoseNetwork(plain=(1, 3)), PoseNetwork().state_dict(), small.state_dict()).eval()
    assert plain_blocks(large.state_dict()) == (1, 3)
    assert isinstance(large, PoseNetwork)
    (x,) = pictures(1)
    torch.testing.assert_close(large.trunk.fine(x), small.trunk.fine(x))


def test_the_pupil_sees_people_behind_others_whom_the_teacher_sees_alone() -> None:
    alone, crowd = render(8, 0, []), crowded_people(6, 0, [])
    sizes = [(96, 64), (64, 64), (128, 64)]
    behind = PoseLessons({"actor": alone * 3}, (64, 96), 8, 1, crowd, cut_outs(2, 0))
    for number, lesson in enumerate(behind.batches(0, 0, 3)):
        covered, targets = lesson.labels
        assert (len(lesson.asked), len(lesson.shown), lesson.changed, len(targets)) == (8, 16, 1, 8)
        same = (lesson.asked == lesson.shown[:8]).all(dim=1)
        assert lesson.cues is not None
        assert lesson.cues.shape == (16, 4, *(side // 8 for side in lesson.shown.shape[2:]))
        assert 0 < lesson.cues.max() <= 1
        assert same[1:].all(), "nobody is put before the others"
        assert same[:1][covered == 0].all(), "around who is put there nothing changes"
        assert not same[:1][covered == 1].all()
        assert tuple(lesson.asked.shape[2:]) == sizes[number], "as in a run"


def test_of_a_few_nobody_is_put_behind_others() -> None:
    lessons = PoseLessons({"actor": render(4, 0, [])}, (64, 96), 2, 1, crowded_people(2, 0, []), cut_outs(1, 0))
    (lesson,) = lessons.batches(0, 0, 1)
    assert (len(lesson.shown), lesson.changed) == (4, 0)


def test_what_is_covered_counts_for_less(options: ImitationOptions) -> None:
    run = ImitationRun(options, lessons())
    (x,) = pictures(1)
    nobody = torch.zeros((0, 23, 4))
    run.pupil.eval()
    with torch.no_grad():
        right = run.pupil.trunk(x)
        wrong = right[0].clone(), *right[1:]
        wrong[0][:1] *= -20.0  # of the first person only
    for covered, counts in ((torch.zeros((1, 64, 64)), True), (torch.ones((1, 64, 64)), False)):
        lesson = Lesson(x, x, None, 1, (covered.to(torch.uint8), nobody))
        apart = [lessons().apart(run.pupil, run.pupil, lesson, right, found).item() for found in (right, wrong)]
        assert (abs(apart[0] - apart[1]) > 1e-5) == counts


def test_a_detector_begins_with_the_start_of_a_pose_network() -> None:
    teacher, other = DetectorNetwork().state_dict(), PoseNetwork(plain=(0, 0)).state_dict()
    pupil = pupil_of(DetectorNetwork(plain=(0, 0)), teacher, other).state_dict()
    start = "trunk.stem.layers.0.1.weight"
    assert torch.equal(pupil[start], other[start])
    for behind in ("trunk.blocks.7.expand.0.weight", "heads.0.weight"):
        assert torch.equal(pupil[behind], teacher[behind])


def test_a_detector_learns_from_its_teacher_and_from_labels(tmp_path: Path) -> None:
    torch.manual_seed(1)
    torch.save(halved(DetectorNetwork().state_dict()), tmp_path / "teacher.pt")
    torch.save(halved(PoseNetwork(plain=(0, 0)).state_dict()), tmp_path / "pose.pt")
    labels = Targets(torch.tensor([[[40.0, 30.0, 90.0, 150.0]]] * 2), torch.ones(2, 1, dtype=torch.int64))

    class Shown(DetectorLessons):
        def batches(self, seed: int, first: int, steps: int) -> Iterator[Lesson]:
            yield from (Lesson(some[:2], some[:2], labels=(labels,)) for some in pictures(steps, SIZE))

    (tmp_path / "out").mkdir()
    told = ImitationOptions(tmp_path / "teacher.pt", tmp_path / "out", tmp_path / "pose.pt", steps=8, rate=5e-3)
    weights = train(told, Shown({}, 2))
    assert weights.name == "detector.pt"
    DetectorNetwork.from_state(torch.load(weights, weights_only=True))
    losses = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)["losses"]
    assert sum(losses[-3:]) < sum(losses[:3])


def test_of_crowds_a_detector_learns_from_labels_only() -> None:
    alone, crowds = crowded_pictures(2, 1, []), crowded_pictures(3, 2, [])
    lessons = DetectorLessons({"frames": alone}, 4, 0, crowds)
    (more,) = DetectorLessons({"frames": alone}, 4, 0, crowds, 1.5).batches(0, 0, 1)
    assert len(more.shown) == 10
    (lesson,) = lessons.batches(0, 0, 1)
    assert (len(lesson.asked), len(lesson.shown), lesson.changed) == (4, 6, 0)
    assert torch.equal(lesson.asked, lesson.shown[:4])
    assert [len(labels.boxes) for labels in lesson.labels] == [4, 2]
    torch.manual_seed(0)
    pupil, other = DetectorNetwork(plain=(0, 0)).eval(), DetectorNetwork(plain=(0, 0)).eval()
    with torch.no_grad():
        told, found, odd = pupil.trunk(lesson.asked), pupil.trunk(lesson.shown), other.trunk(lesson.shown)
        changed = tuple(torch.cat([mine[:4], others[4:]]) for mine, others in zip(found, odd, strict=True))
        first, second = (lessons.apart(pupil, pupil, lesson, told, some).item() for some in (found, changed))
        unlabelled = replace(lesson, labels=lesson.labels[:1])
        third, fourth = (lessons.apart(pupil, pupil, unlabelled, told, some).item() for some in (found, changed))
    assert first != second, "its labels count"
    assert third == fourth, "the teacher's opinion does not"


@pytest.mark.parametrize("content", [None, b"not weights"])
def test_weights_of_no_network_are_named(content: bytes | None, options: ImitationOptions, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "odd.pt").write_bytes(content)
    with pytest.raises(WeightsError, match=r"odd\.pt"):
        ImitationRun(replace(options, teacher=tmp_path / "odd.pt"), lessons())


def test_weights_of_another_kind_of_network_are_refused(options: ImitationOptions) -> None:
    with pytest.raises(WeightsError, match=r"teacher\.pt: not the weights of a detector network"):
        ImitationRun(options, DetectorLessons({}, 2))
