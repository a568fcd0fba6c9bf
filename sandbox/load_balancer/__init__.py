"""Load balancers that carry traffic: ELBv2's control plane in front of a real proxy."""

from sandbox.load_balancer.extension import LoadBalancerExtension

extension = LoadBalancerExtension()
