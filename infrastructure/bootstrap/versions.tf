terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }

  # Bucket, key, region and lock come with `terraform init -backend-config`.
  backend "s3" {}
}

# Region, credentials and endpoint come from the environment, so that the same root serves the
# sandbox and a real account.
provider "aws" {}
