"""Node, JavaScript and TypeScript: what shows the language, and what a service in it needs."""
