"""features.md, features-linux.md"""
