"""ECS whose services and tasks really run, as containers or as processes."""

from sandbox.ecs.extension import EcsExtension

extension = EcsExtension()
