"""Networks built, loaded and run: architectures, heads, readers, the one inference loop."""
