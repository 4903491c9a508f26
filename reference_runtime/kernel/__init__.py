"""The only room that speaks with the kernel beyond what `os` offers: one small function for each system call."""
