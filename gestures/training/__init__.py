"""Training of the shipped gesture models, from public recordings of skeletons."""
