"""Chat and embedding models, prompt files, token counts."""
