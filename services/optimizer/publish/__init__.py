"""The publish phase: one file per channel, every effect under its key, every effect undoable."""
