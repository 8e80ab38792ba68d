"""A folder and what it says of itself: components, services, facts with their evidence, slimdesk.toml."""
