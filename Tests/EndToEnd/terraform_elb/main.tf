# What test_terraform.py applies: load balancers with what belongs to them.

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
variable "path" { type = string }

provider "aws" {
  region                      = var.region
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    elbv2 = var.endpoint
    # The provider looks for network interfaces there when it deletes a load balancer, and goes on when it is refused.
    ec2 = var.endpoint
  }

  default_tags {
    tags = { owner = "terraform" }
  }
}

resource "aws_lb" "web" {
  name               = "tf-web"
  load_balancer_type = "application"
  internal           = true
  subnets            = ["subnet-1", "subnet-2"]
  security_groups    = ["sg-1"]
  idle_timeout       = 30
  tags               = { team = "blue" }

  access_logs {
    bucket  = "logs"
    prefix  = "web"
    enabled = true
  }
}

resource "aws_lb" "net" {
  name               = "tf-net"
  load_balancer_type = "network"
  internal           = true
  subnets            = ["subnet-1"]
}

resource "aws_lb_target_group" "blue" {
  name                 = "tf-blue"
  port                 = 80
  protocol             = "HTTP"
  vpc_id               = "vpc-1"
  target_type          = "ip"
  deregistration_delay = 5

  health_check {
    path     = var.path
    matcher  = "200-299"
    interval = 10
  }

  stickiness {
    type            = "lb_cookie"
    cookie_duration = 60
  }
}

resource "aws_lb_target_group" "green" {
  name        = "tf-green"
  port        = 8080
  protocol    = "HTTP"
  vpc_id      = "vpc-1"
  target_type = "ip"
}

resource "aws_lb_target_group" "tcp" {
  name        = "tf-tcp"
  port        = 5432
  protocol    = "TCP"
  vpc_id      = "vpc-1"
  target_type = "ip"
}

resource "aws_lb_target_group_attachment" "one" {
  target_group_arn = aws_lb_target_group.blue.arn
  target_id        = "10.1.0.1"
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = 90
      }

      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 10
      }

      stickiness {
        enabled  = true
        duration = 60
      }
    }
  }
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.net.arn
  port              = 5432
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tcp.arn
  }
}

resource "aws_lb_listener_rule" "moved" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10

  action {
    type = "redirect"

    redirect {
      path        = "/new/#{path}"
      status_code = "HTTP_301"
    }
  }

  condition {
    path_pattern { values = [var.path] }
  }

  condition {
    http_header {
      http_header_name = "X-Beta"
      values           = ["yes"]
    }
  }
}

resource "aws_lb_listener_rule" "api" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 20

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.green.arn
  }

  condition {
    host_header { values = ["api.example.com"] }
  }

  condition {
    query_string {
      key   = "v"
      value = "2"
    }
  }

  condition {
    http_request_method { values = ["GET"] }
  }

  condition {
    source_ip { values = ["10.0.0.0/8"] }
  }
}

resource "aws_lb_listener_rule" "gone" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 30

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "gone"
      status_code  = "410"
    }
  }

  condition {
    path_pattern { values = ["/gone"] }
  }
}
