"""What is said between the services: pure messages that import only pydantic."""
