"""What a host lacks, imitated where it can be seen by nobody but the runtime under test; only if asked for."""
