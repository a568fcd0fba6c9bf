mock_provider "aws" {
  override_resource {
    target = aws_ecr_repository.this
    values = {
      arn = "arn:aws:ecr:eu-central-1:123456789012:repository/hello"
    }
  }
}

variables {
  service                = "hello"
  account_parameter_name = "/delightful/account"
}

run "names" {
  override_data {
    target = data.aws_ssm_parameter.account[0]
    values = {
      insecure_value = <<-JSON
        <<names>>
      JSON
    }
  }
}

run "ids" {
  override_data {
    target = data.aws_ssm_parameter.account[0]
    values = {
      insecure_value = <<-JSON
        <<ids>>
      JSON
    }
  }
}
