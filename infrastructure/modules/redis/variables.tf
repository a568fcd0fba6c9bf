variable "name" {
  description = "Name of the replication group and of its parts."
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
}

variable "subnet_ids" {
  description = "IDs of the nodes' subnets, in at least two availability zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets."
  }
}

variable "maxmemory_policy" {
  description = "What a full node does: noeviction for a broker, which must refuse a message rather than forget one."
  type        = string
  nullable    = false

  validation {
    condition = contains([
      "noeviction",
      "allkeys-lfu", "allkeys-lru", "allkeys-random",
      "volatile-lfu", "volatile-lru", "volatile-random", "volatile-ttl",
    ], var.maxmemory_policy)
    error_message = "maxmemory_policy must be noeviction, or allkeys- or volatile- and lfu, lru or random, or volatile-ttl."
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
  description = "Number of nodes; from two on one takes over where another fails, in another zone."
  type        = number
  nullable    = false

  validation {
    condition     = contains([1, 2, 3, 4, 5, 6], var.node_count)
    error_message = "node_count must be a whole number from 1 to 6: one primary and its replicas."
  }
}

variable "snapshot_retention_days" {
  description = "Days that a daily snapshot is kept; 0 makes none."
  type        = number
  nullable    = false

  validation {
    condition     = var.snapshot_retention_days >= 0 && var.snapshot_retention_days <= 35 && floor(var.snapshot_retention_days) == var.snapshot_retention_days
    error_message = "snapshot_retention_days must be a whole number from 0 to 35."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
