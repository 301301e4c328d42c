"""Tags and trees."""
