"""runtime.md"""
