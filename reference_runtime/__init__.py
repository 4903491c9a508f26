"""The OCI runtime specification, carried out: a runtime to read, on which the conformance suite proves itself."""

NAME = "reference-runtime"
VERSION = "0.1.0"
#: The oldest and the newest release of the specification whose configs are understood.
OLDEST = "1.0.0"
NEWEST = "1.3.0"
