"""config-linux.md: one module a section, each with `check(config)` and the verbs that carry the section out."""
