"""The resource types that say something about PostgreSQL's connections."""

from __future__ import annotations

PARAMETER_GROUPS = frozenset({"aws_db_parameter_group", "aws_rds_cluster_parameter_group"})

SERVERS = frozenset({
    "aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance", "google_sql_database_instance",
    "google_alloydb_cluster", "google_alloydb_instance", "azurerm_postgresql_flexible_server",
    "azurerm_postgresql_flexible_server_configuration", "azurerm_postgresql_server",
    "azurerm_postgresql_configuration", "digitalocean_database_cluster", "digitalocean_database_replica",
    "digitalocean_database_postgresql_config",
})  # fmt: skip

POOLERS = frozenset({
    "aws_db_proxy", "aws_db_proxy_default_target_group", "aws_db_proxy_target", "aws_db_proxy_endpoint",
    "digitalocean_database_connection_pool",
})  # fmt: skip

WORKLOADS = frozenset({
    "aws_ecs_service", "aws_ecs_task_definition", "aws_appautoscaling_target", "aws_lambda_function",
    "aws_lambda_alias", "google_cloud_run_service", "google_cloud_run_v2_service", "google_cloud_run_v2_job",
    "google_cloudfunctions_function", "google_cloudfunctions2_function", "azurerm_container_app",
    "azurerm_container_group", "aws_apprunner_service", "aws_apprunner_auto_scaling_configuration_version",
})  # fmt: skip

MACHINES = frozenset({
    "aws_instance", "aws_launch_template", "aws_launch_configuration", "google_compute_instance",
    "google_compute_instance_template", "azurerm_linux_virtual_machine", "azurerm_linux_virtual_machine_scale_set",
    "digitalocean_droplet", "hcloud_server",
})  # fmt: skip
"""Virtual machines: one that is called after a pooler runs one."""

KUBERNETES = frozenset({
    "kubernetes_deployment", "kubernetes_deployment_v1", "kubernetes_stateful_set", "kubernetes_stateful_set_v1",
    "kubernetes_daemonset", "kubernetes_daemon_set_v1", "kubernetes_job", "kubernetes_job_v1", "kubernetes_cron_job",
    "kubernetes_cron_job_v1", "kubernetes_horizontal_pod_autoscaler", "kubernetes_horizontal_pod_autoscaler_v1",
    "kubernetes_horizontal_pod_autoscaler_v2", "kubernetes_horizontal_pod_autoscaler_v2beta2",
    "kubernetes_config_map", "kubernetes_config_map_v1", "kubernetes_secret", "kubernetes_secret_v1",
    "kubernetes_manifest", "kubectl_manifest", "helm_release",
    "kubernetes_service", "kubernetes_service_v1",
})  # fmt: skip

CARRIERS = frozenset({
    "aws_ssm_parameter", "aws_secretsmanager_secret", "aws_secretsmanager_secret_version",
    "google_secret_manager_secret", "google_secret_manager_secret_version",
    "azurerm_key_vault_secret", "aws_route53_record",
})  # fmt: skip
"""Resources that pass a server's address on to workloads."""

ROLES = frozenset({"postgresql_role"})
"""Roles of a server, whoever made it: their CONNECTION LIMIT."""

RESOURCES = ROLES | CARRIERS | PARAMETER_GROUPS | SERVERS | POOLERS | WORKLOADS | MACHINES | KUBERNETES
