"""runtime.md: the operations, and the birth of a container."""
