"""Interviews as files: out of the library and into it."""
