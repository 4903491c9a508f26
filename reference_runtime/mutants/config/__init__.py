"""config.md"""
