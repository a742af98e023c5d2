"""A site's secrets: where they are kept, how they are read, changed, moved and hidden."""
