# What test_terraform.py applies: every kind of resource of ECS that the AWS provider has and Berth serves.

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
variable "name" { type = string }
variable "image" { type = string }

provider "aws" {
  region                      = var.region
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    ecs = var.endpoint
  }

  default_tags {
    tags = { owner = "terraform" }
  }
}

locals {
  network = { subnets = ["subnet-1"], security_groups = ["sg-1"] }
}

resource "aws_ecs_cluster" "main" {
  name = var.name
  tags = { team = "blue" }

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  configuration {
    execute_command_configuration {
      logging    = "OVERRIDE"
      kms_key_id = "key-1"

      log_configuration {
        cloud_watch_encryption_enabled = true
        cloud_watch_log_group_name     = "exec"
      }
    }
  }

  service_connect_defaults {
    namespace = "arn:aws:servicediscovery:us-east-1:000000000000:namespace/ns-1"
  }
}

resource "aws_ecs_capacity_provider" "own" {
  name = "${var.name}-own"
  tags = { team = "blue" }

  auto_scaling_group_provider {
    auto_scaling_group_arn         = "arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:1:autoScalingGroupName/${var.name}"
    managed_termination_protection = "ENABLED"
    managed_draining               = "DISABLED"

    managed_scaling {
      status                    = "ENABLED"
      target_capacity           = 80
      minimum_scaling_step_size = 1
      maximum_scaling_step_size = 5
      instance_warmup_period    = 60
    }
  }
}

resource "aws_ecs_capacity_provider" "plain" {
  name = "${var.name}-plain"

  auto_scaling_group_provider {
    auto_scaling_group_arn = "arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:2:autoScalingGroupName/${var.name}"
  }

  lifecycle {
    ignore_changes = [tags, tags_all]
  }
}

resource "aws_ecs_tag" "extra" {
  resource_arn = aws_ecs_capacity_provider.plain.arn
  key          = "extra"
  value        = "one"
}

resource "aws_ecs_account_setting_default" "trunking" {
  name  = "awsvpcTrunking"
  value = "enabled"
}

resource "aws_ecs_cluster_capacity_providers" "main" {
  cluster_name       = aws_ecs_cluster.main.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT", aws_ecs_capacity_provider.own.name, aws_ecs_capacity_provider.plain.name]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
    base              = 1
  }

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 4
  }
}

resource "aws_ecs_task_definition" "web" {
  family                   = "${var.name}-web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = "arn:aws:iam::000000000000:role/execution"
  task_role_arn            = "arn:aws:iam::000000000000:role/task"
  tags                     = { team = "blue" }

  runtime_platform {
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([
    {
      name         = "web"
      image        = var.image
      essential    = true
      command      = ["sh", "-c", "exec httpd -f -p 80"]
      environment  = [{ name = "B", value = "2" }, { name = "A", value = "1" }]
      portMappings = [{ name = "http", containerPort = 80, protocol = "tcp" }]
      stopTimeout  = 2
      healthCheck  = { command = ["CMD-SHELL", "true"], interval = 5, startPeriod = 1 }
      logConfiguration = {
        logDriver = "awslogs"
        options   = { "awslogs-group" = "web", "awslogs-region" = var.region, "awslogs-stream-prefix" = "web" }
      }
      mountPoints = [{ sourceVolume = "scratch", containerPath = "/scratch" }]
    },
    { name = "side", image = var.image, essential = false, command = ["sh", "-c", "exec sleep 100000"], stopTimeout = 2 },
  ])

  volume {
    name = "scratch"
  }
}

resource "aws_ecs_task_definition" "host" {
  family                   = "${var.name}-host"
  requires_compatibilities = ["EC2"]
  network_mode             = "bridge"

  container_definitions = jsonencode([
    {
      name      = "host"
      image     = var.image
      memory    = 64
      essential = true
      command   = ["sh", "-c", "exec sleep 100000"]
      ulimits   = [{ name = "nofile", softLimit = 1024, hardLimit = 2048 }]
      linuxParameters = {
        initProcessEnabled = true
        capabilities       = { add = ["NET_ADMIN"] }
      }
      portMappings = [{ containerPort = 80 }]
    },
  ])
}

resource "aws_ecs_service" "web" {
  name                               = "web"
  cluster                            = aws_ecs_cluster.main.id
  task_definition                    = aws_ecs_task_definition.web.arn
  desired_count                      = 1
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  deployment_minimum_healthy_percent = 50
  deployment_maximum_percent         = 200
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  health_check_grace_period_seconds  = 5
  wait_for_steady_state              = true
  tags                               = { team = "blue" }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = local.network.subnets
    security_groups  = local.network.security_groups
    assign_public_ip = true
  }

  depends_on = [aws_ecs_cluster_capacity_providers.main]
}

# Names neither launch type nor strategy of its own kind of capacity: divided between the two.
resource "aws_ecs_service" "split" {
  name            = "split"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.web.arn
  desired_count   = 2

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 0
    base              = 1
  }

  capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 1
  }

  network_configuration {
    subnets = local.network.subnets
  }

  depends_on = [aws_ecs_cluster_capacity_providers.main]
}

# On hosts of a provider of its own; none have joined.
resource "aws_ecs_service" "host" {
  name            = "host"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.host.arn
  desired_count   = 0

  capacity_provider_strategy {
    capacity_provider = aws_ecs_capacity_provider.own.name
    weight            = 1
  }

  ordered_placement_strategy {
    type  = "binpack"
    field = "memory"
  }

  placement_constraints {
    type       = "memberOf"
    expression = "attribute:ecs.os-type == linux"
  }

  depends_on = [aws_ecs_cluster_capacity_providers.main]
}

# Somebody else's rollouts: the service has task sets.
resource "aws_ecs_service" "external" {
  name          = "external"
  cluster       = aws_ecs_cluster.main.id
  desired_count = 1

  deployment_controller {
    type = "EXTERNAL"
  }
}

resource "aws_ecs_task_set" "blue" {
  service         = aws_ecs_service.external.id
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.web.arn
  launch_type     = "FARGATE"
  external_id     = "blue"
  force_delete    = true
  tags            = { team = "blue" }

  scale {
    value = 100
  }

  network_configuration {
    subnets         = local.network.subnets
    security_groups = local.network.security_groups
  }
}

output "task_definition" {
  value = aws_ecs_task_definition.web.arn
}
