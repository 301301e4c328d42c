"""Questions about joint training, answered by measuring: data in, data or figures out; no printing."""
