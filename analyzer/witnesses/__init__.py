"""Files that say how a service is run: each a witness, none of them needed."""
