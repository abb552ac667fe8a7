"""The reviewers' desk: people judge what the machine found, and nothing of it is lost."""
