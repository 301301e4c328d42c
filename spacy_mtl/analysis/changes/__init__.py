"""What sharing an encoder changed: predictions, what they rest on, and what the layers hold."""
