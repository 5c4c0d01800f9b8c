"""Train everything that gestures ship: the embedding and the movement networks."""

from __future__ import annotations

from pathlib import Path

NETWORKS = 3
"""Movement networks; each leaves out another third of the people."""


def train_gestures(data: Path, out: Path, seed: int = 0, steps: int | None = None) -> tuple[Path, Path]:
    """Train from the files in ``data`` (kinect, mocap); the files written.

    It takes some minutes on a processor. The movement networks trained here alone answer for waves; the one of the
    shipped file that has no say in them is kept. Nothing is seen of the people and styles that
    `gestures.training.labels` holds out, and for the embedding nothing of UTD-MHAD.
    """
    from gestures.training.embedding_recipe import examples, train_embedding
    from gestures.training.movement_data import read_clips
    from gestures.training.movement_recipe import Options, save, train

    out.mkdir(parents=True, exist_ok=True)
    embedding, movements = out / "embedding.npz", out / "movements.npz"
    train_embedding(*examples(data, seed)).save(embedding)
    nets = [
        train(read_clips(data, without=n), Options(seed=seed + 100 * n, steps=steps or Options().steps))
        for n in range(NETWORKS)
    ]
    save(nets, movements)
    return embedding, movements
