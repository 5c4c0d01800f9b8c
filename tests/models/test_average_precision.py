"""Average precision, against numbers worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.average_precision import average_precision, detection_quality, evaluate, matches
from models.body import ByteArray, FloatArray
from models.keypoint_files import LabelFileError


def boxes(*rows: tuple[float, ...]) -> FloatArray:
    return np.array(rows, np.float32)


def test_finding_everyone_and_nothing_else_is_perfect() -> None:
    true = boxes((0, 0, 10, 20), (30, 0, 40, 20))
    found = boxes((0, 0, 10, 20, 0.4), (31, 0, 41, 20, 0.9))
    quality = detection_quality([(found, true)])
    assert (quality.ap50, quality.recall, quality.precision, quality.people) == (1.0, 1.0, 1.0, 2)


def test_a_second_box_on_one_person_is_wrong() -> None:
    assert matches(boxes((0, 0, 10, 20, 0.9), (0, 0, 10, 19, 0.8)), boxes((0, 0, 10, 20))).tolist() == [True, False]


def test_a_box_may_find_the_second_best_person_when_the_best_is_taken() -> None:
    found = boxes((0, 0, 10, 10, 0.9), (1, 0, 11, 10, 0.8))
    assert matches(found, boxes((0, 0, 10, 10), (3, 0, 13, 10))).tolist() == [True, True]


def test_the_precision_between_recalls_is_the_best_that_follows() -> None:
    # precisions 1, 1/2, 2/3, 2/4, 3/5 at recalls 1/4, 1/4, 2/4, 2/4, 3/4; one of four people is never found
    ranked = np.array([True, False, True, False, True])
    assert average_precision(ranked, 4) == pytest.approx((1 + 2 / 3 + 3 / 5) / 4)


def test_boxes_of_all_pictures_are_ranked_together() -> None:
    one = (boxes((50, 50, 60, 60, 0.9)), boxes((0, 0, 10, 10)))
    two = (boxes((0, 0, 10, 10, 0.5)), boxes((0, 0, 10, 10)))
    quality = detection_quality([one, two], score=0.7)
    assert quality.ap50 == pytest.approx(0.5 * 0.5)
    assert (quality.recall, quality.recall_at_score, quality.precision, quality.pictures) == (0.5, 0.0, 0.0, 2)


def test_without_boxes_or_people_there_is_no_precision() -> None:
    nothing = np.zeros((0, 5), np.float32)
    assert detection_quality([(nothing, boxes((0, 0, 1, 1)))]).ap50 == 0.0
    assert detection_quality([(nothing, nothing[:, :4])]).recall == 0.0


def test_a_coco_file_is_evaluated_with_the_pictures_beside_it(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((40, 60, 3), np.uint8))
    coco = {
        "images": [{"id": 7, "file_name": "a.png"}],
        "annotations": [
            {"image_id": 7, "bbox": [10, 5, 20, 30]},
            {"image_id": 7, "bbox": [0, 0, 60, 40], "iscrowd": 1},
        ],
    }
    (tmp_path / "labels.json").write_text(json.dumps(coco))

    def detector(image: ByteArray) -> FloatArray:
        assert image.shape == (40, 60, 3)
        return boxes((10, 5, 30, 35, 0.8))

    quality = evaluate(detector, tmp_path / "labels.json")
    assert (quality.ap50, quality.people) == (1.0, 1)


@pytest.mark.parametrize("text", ["[]", "{", '{"images": [{}], "annotations": []}'])
def test_a_file_that_is_not_coco_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(LabelFileError, match=r"labels\.json: not a (COCO|JSON) file"):
        evaluate(lambda image: np.zeros((0, 5), np.float32), tmp_path / "labels.json")


def test_a_missing_file_or_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelFileError, match=r"labels\.json: no such label file"):
        evaluate(lambda image: np.zeros((0, 5), np.float32), tmp_path / "labels.json")
    (tmp_path / "labels.json").write_text('{"images": [{"id": 1, "file_name": "b.png"}], "annotations": []}')
    with pytest.raises(LabelFileError, match=r"b\.png: missing or not a picture"):
        evaluate(lambda image: np.zeros((0, 5), np.float32), tmp_path / "labels.json")
