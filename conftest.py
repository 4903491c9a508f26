"""The suite as a pytest plugin, and the report at the end of a run."""

pytest_plugins = ("conformance.harness.plugin", "reports.plugin")
