"""CodeDeploy for ECS: blue/green that really moves tasks and traffic."""
