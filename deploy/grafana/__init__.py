"""The dashboards of Grafana, written as what they ask; `make dashboards` makes their JSON."""
