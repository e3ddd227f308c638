"""A mock interviewer for senior and staff software engineers."""

from interviewer import quiet as quiet

__version__ = "0.1.0"
