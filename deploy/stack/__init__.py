"""The local stack under one supervisor: Kafka, Redis, the example site and the services."""

from deploy.stack.plan import Plan, StackSettings
from deploy.stack.ports import StackError
from deploy.stack.stack import Stack

__all__ = ["Plan", "Stack", "StackError", "StackSettings"]
