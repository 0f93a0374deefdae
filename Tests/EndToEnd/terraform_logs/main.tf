# What test_terraform.py applies: log groups, and a rule whose events go to one.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "endpoint" { type = string }
variable "region" { type = string }
variable "days" { type = number }

provider "aws" {
  region                      = var.region
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    cloudwatchlogs = var.endpoint
    events         = var.endpoint
  }

  default_tags {
    tags = { owner = "terraform" }
  }
}

resource "aws_cloudwatch_log_group" "events" {
  name              = "/aws/events/tf"
  retention_in_days = var.days
  tags              = { stage = "test" }
}

resource "aws_cloudwatch_log_stream" "first" {
  name           = "first"
  log_group_name = aws_cloudwatch_log_group.events.name
}

resource "aws_cloudwatch_event_rule" "tasks" {
  name          = "tf-tasks"
  event_pattern = jsonencode({ source = ["aws.ecs"] })
}

resource "aws_cloudwatch_event_target" "logs" {
  rule = aws_cloudwatch_event_rule.tasks.name
  arn  = aws_cloudwatch_log_group.events.arn
}
