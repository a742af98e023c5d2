"""Hardware that others describe, written as a file of the site config."""
