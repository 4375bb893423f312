from __future__ import annotations

from facesvg.v1 import gateway_pb2
from services.gateway.access import rules
from services.gateway.access.keys import ADMIN, DRAW

METHODS = {
    method.name for method in gateway_pb2.DESCRIPTOR.services_by_name["GatewayService"].methods
}


def test_every_method_of_the_gateway_has_a_rule_and_no_other() -> None:
    assert set(rules.METHODS) == METHODS


def test_a_method_that_nobody_thought_of_is_the_operators() -> None:
    assert rules.scope_of("/facesvg.v1.OperationsService/GetMetrics") == ADMIN
    assert rules.scope_of("/facesvg.v1.GatewayService/DropEverything") == ADMIN


def test_health_is_open_and_describing_the_contract_is_not() -> None:
    assert rules.scope_of("/grpc.health.v1.Health/Check") == rules.OPEN
    assert rules.scope_of("/facesvg.v1.GatewayService/GetHealth") == rules.OPEN
    assert rules.scope_of("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo") == DRAW
