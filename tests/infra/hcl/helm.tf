resource "helm_release" "pgbouncer" {
  name       = "pgbouncer"
  repository = "https://charts.example.org"
  chart      = "pgbouncer"
  version    = "~> 2.4"

  values = [
    file("${path.module}/values.yaml"),
    <<-YAML
      replicaCount: ${var.replicas}
      config:
        databases:
          shop:
            host: ${google_sql_database_instance.shop.private_ip_address}
    %{~ if var.transaction ~}
        pgbouncer:
          pool_mode: transaction
    %{~ endif ~}
    YAML
    ,
    yamlencode({
      podAnnotations = { for k in var.annotations : "example.org/${k}" => "true" }
    }),
  ]

  set {
    name  = "config.pgbouncer.default_pool_size"
    value = floor(var.max_connections * 0.8 / var.replicas)
  }
}

resource "kubernetes_config_map" "ini" {
  metadata {
    name = "pgbouncer"
  }
  data = {
    "pgbouncer.ini" = <<EOT
[databases]
* = host=${var.host} port=5432
[pgbouncer]
pool_mode = transaction
max_client_conn = 500
EOT
  }
}
