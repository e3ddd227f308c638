"""Subcommands of `interviewer`, one module a family; each has `add(commands)`."""
