"""Telling reviewers outside that a gate waits for them, and taking that back."""
