# What test_terraform.py applies: a service that scales, by target tracking, by steps with an alarm, and by a schedule.

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
variable "most" { type = number }

provider "aws" {
  region                      = var.region
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    ecs            = var.endpoint
    appautoscaling = var.endpoint
    cloudwatch     = var.endpoint
  }

  default_tags {
    tags = { owner = "terraform" }
  }
}

resource "aws_ecs_cluster" "it" {
  name = "tf-scaling"
}

resource "aws_ecs_task_definition" "web" {
  family                   = "tf-scaling"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  container_definitions    = jsonencode([{ name = "web", image = "none", essential = true }])
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = aws_ecs_cluster.it.id
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 2
  launch_type     = "FARGATE"

  network_configuration {
    subnets = ["subnet-1"]
  }

  lifecycle {
    # Scaling moves it.
    ignore_changes = [desired_count]
  }
}

resource "aws_appautoscaling_target" "web" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.it.name}/${aws_ecs_service.web.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 1
  max_capacity       = var.most
  tags               = { team = "blue" }

  suspended_state {
    dynamic_scaling_in_suspended = true
  }
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 50 + var.most
    scale_in_cooldown  = 120
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "queue" {
  name               = "queue"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 5

    customized_metric_specification {
      metrics {
        id          = "depth"
        return_data = false
        metric_stat {
          stat = "Sum"
          metric {
            metric_name = "Depth"
            namespace   = "Shop"
            dimensions {
              name  = "Queue"
              value = "orders"
            }
          }
        }
      }
      metrics {
        id         = "half"
        expression = "depth / 2"
      }
    }
  }
}

resource "aws_appautoscaling_policy" "steps" {
  name               = "steps"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension

  step_scaling_policy_configuration {
    adjustment_type          = "PercentChangeInCapacity"
    metric_aggregation_type  = "Maximum"
    cooldown                 = 60
    min_adjustment_magnitude = 1

    step_adjustment {
      metric_interval_lower_bound = 0
      metric_interval_upper_bound = 10
      scaling_adjustment          = 10
    }
    step_adjustment {
      metric_interval_lower_bound = 10
      scaling_adjustment          = var.most * 10
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "depth" {
  alarm_name          = "tf-depth"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 2
  metric_name         = "Depth"
  namespace           = "Shop"
  period              = 60
  statistic           = "Sum"
  threshold           = 10 * var.most
  alarm_actions       = [aws_appautoscaling_policy.steps.arn]
  dimensions          = { Queue = "orders" }
}

resource "aws_appautoscaling_scheduled_action" "night" {
  name               = "night"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  resource_id        = aws_appautoscaling_target.web.resource_id
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension
  schedule           = "cron(0 22 * * ? *)"
  timezone           = "Europe/Berlin"

  scalable_target_action {
    min_capacity = 1
    max_capacity = var.most
  }
}
