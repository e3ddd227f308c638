"""A mock interviewer for senior and staff software engineers."""
