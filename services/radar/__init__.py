"""The research phase: reads a brief's sources and says what they say, each claim with its quote."""
