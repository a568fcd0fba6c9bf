environment               = "staging"
vpc_cidr                  = "10.30.0.0/16"
log_bucket_retention_days = 14

prefect = {
  "log_retention_days" : 14,
  "server" : { "count" : 1, "cpu_units" : 512, "memory_mib" : 1024 },
  "background" : { "cpu_units" : 512, "memory_mib" : 1024 },
  "worker" : { "count" : 1, "cpu_units" : 512, "memory_mib" : 1024 },
  "database" : {
    "instance_class" : "db.t4g.medium",
    "storage_gib" : 20,
    "max_storage_gib" : 100,
    "multi_az" : false,
    "backup_retention_days" : 7,
    "deletion_protection" : false
  },
  "messages" : { "node_type" : "cache.t4g.small", "node_count" : 1 }
}
