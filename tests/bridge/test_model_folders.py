"""Fine-tuned networks are found by name, and by folder."""

from pathlib import Path

import pytest

from bridge.model_folders import LIFT, NETWORK, lift_beside, model_file, model_folder, models_folder
from models.pose import DEFAULT_WEIGHTS


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where networks are kept by name."""
    folder = tmp_path / "kept"
    monkeypatch.setattr("bridge.model_folders.models_folder", lambda: folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_name_stands_for_a_folder_of_the_users_and_a_path_for_itself(kept: Path) -> None:
    assert model_folder("dance") == kept / "dance"
    assert model_folder("./dance") == Path("dance")
    assert model_folder("runs/dance") == Path("runs/dance")


def test_a_name_that_is_not_kept_may_be_a_folder_here(kept: Path, tmp_path: Path) -> None:
    assert model_file("dance") == kept / "dance" / NETWORK
    (tmp_path / "dance").mkdir()
    (tmp_path / "dance" / NETWORK).touch()
    assert model_file("dance") == Path("dance") / NETWORK
    (kept / "dance").mkdir(parents=True)
    (kept / "dance" / NETWORK).touch()
    assert model_file("dance") == kept / "dance" / NETWORK


@pytest.mark.parametrize("name", ["", ".", "..", " "])
def test_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        model_folder(name)


def test_networks_are_kept_where_the_system_keeps_data() -> None:
    assert models_folder({"XDG_DATA_HOME": "/data"}, "linux") == Path("/data/bodycast/models")
    assert models_folder({}, "linux") == Path.home() / ".local/share/bodycast/models"
    assert models_folder({"LOCALAPPDATA": "/local"}, "win32") == Path("/local/bodycast/models")
    assert "Application Support" in str(models_folder({}, "darwin"))


def test_a_lift_beside_a_network_was_fine_tuned_for_it_unless_it_is_the_shipped_one(tmp_path: Path) -> None:
    assert lift_beside(tmp_path / NETWORK) is None
    (tmp_path / LIFT).touch()
    assert lift_beside(tmp_path / NETWORK) == tmp_path / LIFT
    assert lift_beside(None) is None
    assert lift_beside(DEFAULT_WEIGHTS) is None
    assert lift_beside(DEFAULT_WEIGHTS.with_name("pose.onnx")) is None
