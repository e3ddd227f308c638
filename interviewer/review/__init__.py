"""What can be done with interviews that are kept: find, grade again, answer again, rate, learn from."""
