"""The optimizer: audits what others wrote, publishes it, counts readers, keeps lessons."""
