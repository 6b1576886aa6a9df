"""From context to a draft: governed metrics first, then the model."""
