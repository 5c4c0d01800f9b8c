"""Train everything that gestures ship: the embedding and the movement network."""

from __future__ import annotations

from pathlib import Path

EVERY = {"mocap/bandai_namco_15fps.npz": 3}
"""Of this file one clip in three is enough."""


def train_gestures(data: Path, out: Path, seed: int = 0, steps: int | None = None) -> tuple[Path, Path]:
    """Train from the files in ``data`` (kinect, mocap); the files written.

    It takes some minutes on a processor. Nothing is seen of the people and styles that `gestures.training.labels` holds
    out, and for the embedding nothing of UTD-MHAD.
    """
    from gestures.training.embedding_recipe import examples, train_embedding
    from gestures.training.movement_data import read_clips
    from gestures.training.movement_recipe import Options, save, train

    out.mkdir(parents=True, exist_ok=True)
    embedding, movements = out / "embedding.npz", out / "movements.npz"
    train_embedding(*examples(data, seed)).save(embedding)
    options = Options(seed=seed, steps=steps or Options().steps)
    save(train(read_clips(data, EVERY), options, movements), movements)
    return embedding, movements
