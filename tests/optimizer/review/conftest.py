"""A house to tell reviewers from."""

from tests.optimizer.publish.conftest import house

__all__ = ["house"]
