"""The analyst service: from findings to a strategy, and from the strategy to cited texts."""
