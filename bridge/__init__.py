"""Everything that remembers or touches the world: sources, tracker, publishers, command line."""
