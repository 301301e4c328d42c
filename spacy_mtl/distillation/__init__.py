"""Teachers: pipelines that read texts once, and whose distributions are kept for others to learn from."""
