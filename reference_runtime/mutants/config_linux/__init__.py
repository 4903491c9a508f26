"""config-linux.md"""
