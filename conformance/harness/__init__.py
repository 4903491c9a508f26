"""What a test stands on: the sandbox, the runtime's command line, the container, and who is to blame."""
