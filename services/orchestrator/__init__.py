"""The orchestrator: the saga engine, the edge people talk to, and the view they read."""
