"""The writer that needs no model: cited findings in sentence frames, in the brand's voice."""
