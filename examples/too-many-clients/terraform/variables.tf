variable "max_connections" {
  type        = number
  default     = 100
  description = "Slots of the server; the stock value."
}

variable "password" {
  type      = string
  sensitive = true
}
