variable "name" {
  description = "Name of the cluster and of its parts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 40
    error_message = "name must be at most 40 lowercase letters, digits and single hyphens, and start with a letter."
  }
}

variable "vpc_id" {
  description = "ID of the VPC that the nodes stand in."
  type        = string
  nullable    = false

  validation {
    condition     = startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id must be the ID of a VPC, which begins with vpc-."
  }
}

variable "subnet_ids" {
  description = "IDs of private subnets, in at least two availability zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets."
  }
}

variable "client_security_group_id" {
  description = "ID of the security group of the service's tasks, the only ones let in."
  type        = string
  nullable    = false

  validation {
    condition     = startswith(var.client_security_group_id, "sg-")
    error_message = "client_security_group_id must be the ID of a security group, which begins with sg-."
  }
}

variable "node_type" {
  description = "Size of each node."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "node_type must be a size of ElastiCache, for example cache.t4g.small."
  }
}

variable "node_count" {
  description = "Number of nodes, over which the keys are spread; a lost node loses its keys."
  type        = number
  nullable    = false

  validation {
    condition     = var.node_count >= 1 && var.node_count <= 40 && floor(var.node_count) == var.node_count
    error_message = "node_count must be a whole number from 1 to 40."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
