"""One file per language: how a service written in it shows what it needs."""
