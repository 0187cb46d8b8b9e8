resource "google_sql_database_instance" "shop" {
  name                = "shop-${random_id.suffix.hex}"
  database_version    = "POSTGRES_15"
  deletion_protection = true
  settings {
    tier    = var.high_memory ? "db-custom-4-26624" : "db-custom-2-7680"
    edition = null
    database_flags {
      name  = "max_connections"
      value = 400
    }
    database_flags {
      name  = "idle_in_transaction_session_timeout"
      value = "60000"
    }
    ip_configuration {
      ipv4_enabled    = false
      private_network = data.google_compute_network.shared.self_link
    }
  }
}

module "replica" {
  source  = "../modules/replica"
  count   = var.replicas > 0 ? var.replicas : 0
  primary = google_sql_database_instance.shop.name
  labels  = { for pair in setproduct(["a", "b"], [1, 2]) : join("-", pair) => pair[1] }
  zones   = var.zones[*]
  first   = element(concat(var.zones, [""]), 0)
  legacy  = google_compute_instance.old.*.id
  negated = !(var.a && (var.b || false))
  maths   = (1 + 2) * 3 % 4 - -5
}
