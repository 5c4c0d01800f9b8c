"""COCO keypoint files are read by the names in them, and what is not one is named."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.joints import Keypoint
from models.keypoint_files import LabelFileError, held_out_groups, read_people


def write(path: Path, **changes: object) -> Path:
    content = {
        "images": [
            {"id": i, "file_name": f"{i}.png", "width": 9, "height": 9, "movie": f"m{i // 2}"} for i in range(40)
        ],
        "annotations": [
            {"image_id": i, "bbox": [1, 2, 3, 4], "keypoints": [5, 6, 2, 0, 0, 0, 7, 8, 1]} for i in range(40)
        ],
        "categories": [{"keypoints": ["right_ankle", "left_eye", "left_foot_index"]}],
    }
    path.write_text(json.dumps(content | changes))
    return path


def test_rows_go_where_their_names_say(tmp_path: Path) -> None:
    person = read_people(write(tmp_path / "a.json"))[0]
    assert person.keypoints[Keypoint.RIGHT_ANKLE].tolist() == [5, 6, 2]
    assert person.keypoints[Keypoint.LEFT_FOOT].tolist() == [7, 8, 1]
    assert np.count_nonzero(person.keypoints) == 6
    assert person.box.tolist() == [1, 2, 4, 6]
    assert person.picture == tmp_path / "0.png"


def test_films_are_held_out_whole(tmp_path: Path) -> None:
    people = read_people(write(tmp_path / "a.json"))
    assert held_out_groups(people) == {"m0", "m18"}


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", '{"images": []}', '{"images": 1, "annotations": 2, "categories": 3}']
)
def test_another_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(text)
    with pytest.raises(LabelFileError, match=r"labels\.json"):
        read_people(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(LabelFileError, match="no such"):
        read_people(tmp_path / "missing.json")
