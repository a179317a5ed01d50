"""The quality gate: one pure check per file, and the report that follows from all of them."""
