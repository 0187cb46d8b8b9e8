variable "max_connections" {
  type        = number
  default     = 50
  description = "25 from the pooler, 3 reserved, the rest for people and migrations."
}

variable "password" {
  type      = string
  sensitive = true
}
