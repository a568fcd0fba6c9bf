"""CodeDeploy for ECS: blue/green that really moves tasks and traffic.

In this package a deployment is always a CodeDeploy deployment.
"""
