locals {
  arns = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

  tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = "*"
    Action    = ["s3:*"]
    Resource  = local.arns
    Condition = { Bool = { "aws:SecureTransport" = ["false"] } }
  }

  versions_stay = {
    Sid       = "VersionsStay"
    Effect    = "Deny"
    Principal = "*"
    Action = [
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      "s3:DeleteObjectVersion",
      "s3:PutBucketPolicy",
      "s3:PutBucketVersioning",
      "s3:PutLifecycleConfiguration",
      "s3:PutReplicationConfiguration",
    ]
    Resource  = local.arns
    Condition = { ArnEquals = { "aws:PrincipalArn" = var.version_keeper_role_arns } }
  }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:who read what is for CloudTrail's data events, which also name the role's session
  #checkov:skip=CKV_AWS_144:versions guard against a wrong write; a copy in a second region is for whoever has one
  #checkov:skip=CKV_AWS_145:AWS encrypts it with a key of its own, docs/decisions/0006
  #checkov:skip=CKV2_AWS_62:nobody waits for an event: who writes an object tells whoever reads it
  bucket        = var.name
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# What was never uploaded to its end is nobody's version, and would be kept and paid for unseen.
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "abort-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in [local.tls_only, local.versions_stay] : statement if statement.Sid != "VersionsStay" || length(var.version_keeper_role_arns) > 0]
  })

  # S3 refuses a policy while another setting of the bucket is being written.
  depends_on = [aws_s3_bucket_public_access_block.this, aws_s3_bucket_ownership_controls.this]
}
