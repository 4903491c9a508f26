"""What a container is made from: bundles, the documents in them, and the program that runs inside."""
