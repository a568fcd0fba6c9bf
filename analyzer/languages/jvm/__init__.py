"""Java and Kotlin: what shows the language, and what a service in it needs."""
