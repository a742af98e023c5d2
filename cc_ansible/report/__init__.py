"""How is the site? One screen for the terminal, one page for the browser."""
