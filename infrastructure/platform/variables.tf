variable "environment" {
  description = "Name of the environment that the network and the cluster serve."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment must be 2 to 16 lowercase letters and digits, and start with a letter."
  }
}

variable "vpc_cidr" {
  description = "Private IPv4 range of the VPC, between /16 and /20; a sixteenth of it goes to each subnet."
  type        = string
  default     = "10.20.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && can(regex("^(10|172|192|100)\\.[0-9.]+/(16|17|18|19|20)$", var.vpc_cidr))
    error_message = "vpc_cidr must be a private IPv4 range from /16 to /20, for example 10.20.0.0/16."
  }
}

variable "availability_zone_count" {
  description = "Number of availability zones that the subnets spread over."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([2, 3, 4], var.availability_zone_count)
    error_message = "availability_zone_count must be 2, 3 or 4: a load balancer needs at least two zones."
  }
}
