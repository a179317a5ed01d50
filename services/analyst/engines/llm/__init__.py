"""The writer that asks models, through the door and under the same rules as the embedded one."""
