"""Chains of labels: sums and best paths over all of them, and the layer whose scores they are made of."""
