"""The view: what the log says, as rows to be read. It can be deleted and projected again."""
