# What test_terraform.py applies: alarms on a metric, a percentile and an expression, and one over them.

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
variable "threshold" { type = number }

provider "aws" {
  region                      = var.region
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    cloudwatch = var.endpoint
  }

  default_tags {
    tags = { owner = "terraform" }
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "tf-errors"
  alarm_description   = "too many errors"
  namespace           = "App"
  metric_name         = "errors"
  dimensions          = { service = "web", host = "a" }
  statistic           = "Sum"
  unit                = "Count"
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = var.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = ["arn:aws:autoscaling:${var.region}:000000000000:scalingPolicy:1:resource/ecs/service/c/s:policyName/p"]
}

resource "aws_cloudwatch_metric_alarm" "percentile" {
  alarm_name                            = "tf-percentile"
  namespace                             = "App"
  metric_name                           = "latency"
  extended_statistic                    = "p99.5"
  evaluate_low_sample_count_percentiles = "ignore"
  period                                = 300
  evaluation_periods                    = 1
  threshold                             = 0.5
  comparison_operator                   = "GreaterThanOrEqualToThreshold"
}

resource "aws_cloudwatch_metric_alarm" "expression" {
  alarm_name          = "tf-expression"
  evaluation_periods  = 2
  threshold           = 1
  comparison_operator = "LessThanThreshold"

  metric_query {
    id          = "rate"
    expression  = "100 * errors / requests"
    label       = "share of errors"
    return_data = true
  }

  metric_query {
    id = "errors"
    metric {
      namespace   = "App"
      metric_name = "errors"
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "requests"
    metric {
      namespace   = "App"
      metric_name = "requests"
      period      = 60
      stat        = "Sum"
      dimensions  = { service = "web" }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "any" {
  alarm_name        = "tf-any"
  alarm_description = "either"
  alarm_rule        = "ALARM(\"${aws_cloudwatch_metric_alarm.errors.alarm_name}\") OR ALARM(\"${aws_cloudwatch_metric_alarm.expression.alarm_name}\")"

  actions_suppressor {
    alarm            = aws_cloudwatch_metric_alarm.percentile.alarm_name
    wait_period      = 30
    extension_period = 60
  }
}
