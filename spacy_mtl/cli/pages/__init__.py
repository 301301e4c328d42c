"""The pages that commands write: HTML, style and script, without a library."""
