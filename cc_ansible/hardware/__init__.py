"""Hardware that a site lends: from what its files say to what the testbed is told."""
