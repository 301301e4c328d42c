"""From files to a trained pipeline in one command."""
