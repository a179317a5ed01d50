"""How a service lives: the loop, the broker port and telemetry, knowing no service."""
