"""The built-in actor: rendered people with the exact truth about them, for demonstrations, tests and training."""

from models.actor.scene import ActedPerson, Actor, Scene
from models.actor.variety import random_scene

__all__ = ["ActedPerson", "Actor", "Scene", "random_scene"]
