"""Games and samples that consume the body stream."""
