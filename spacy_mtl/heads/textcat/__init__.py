"""Categories of texts: pooled vectors, and a linear model of n-grams beside them."""
