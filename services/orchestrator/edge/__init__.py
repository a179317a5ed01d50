"""The edge: HTTP, event streams and the console, in front of the log and the view."""
