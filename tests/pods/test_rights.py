"""What the chart's Role lets the scheduler do, and what it does not."""

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from tests.kit.pods.chart import scheduler_account
from tests.kit.pods.cluster import NAMESPACE, Cluster
from tests.kit.pods.kubelet import Kubelet


def allowed(api: client.ApiClient, verb: str, resource: str, namespace: str, group: str = "") -> bool:
    """Whether the API server lets this account do this."""
    resource, _, part = resource.partition("/")
    asked = {"verb": verb, "resource": resource, "subresource": part, "namespace": namespace, "group": group}
    body = {"spec": {"resourceAttributes": asked}}
    return bool(client.AuthorizationV1Api(api).create_self_subject_access_review(body).status.allowed)


def test_the_schedulers_account_may_launch_pods_and_nothing_else(on_cluster: tuple[Cluster, Kubelet]) -> None:
    api = on_cluster[0].api(scheduler_account())
    for verb in ("create", "list", "get", "patch", "watch", "delete"):
        assert allowed(api, verb, "pods", NAMESPACE), verb
        for namespace in ("default", "kube-system", ""):
            assert not allowed(api, verb, "pods", namespace), (verb, namespace)
        for resource in ("secrets", "configmaps", "serviceaccounts", "persistentvolumeclaims", "nodes"):
            assert not allowed(api, verb, resource, NAMESPACE), (verb, resource)
        assert not allowed(api, verb, "deployments", NAMESPACE, "apps")
        assert not allowed(api, verb, "roles", NAMESPACE, "rbac.authorization.k8s.io")
    with pytest.raises(ApiException, match="secrets is forbidden"):
        client.CoreV1Api(api).list_namespaced_secret(NAMESPACE)
