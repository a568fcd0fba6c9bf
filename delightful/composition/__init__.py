"""What an image is made of, what is known against it, and who made it: readings and decisions."""
