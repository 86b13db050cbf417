"""Checks Kubernetes manifests: python -m tests.talk.manifests FILE

Kubernetes' own kinds by its schemas, Dask's by the definition that dask-kubernetes ships. No
package has KubeRay's: of its kinds only the templates of their pods are checked.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from jsonschema import ValidationError, validate

Mapping = dict[str, Any]


def check(manifest: Mapping) -> None:
    """Raises ValidationError for what the API server would refuse."""
    group, _, _ = manifest["apiVersion"].rpartition("/")
    if group == "kubernetes.dask.org":
        validate(manifest, dask_schema(manifest["kind"]))
    elif group == "ray.io":
        for template in pod_templates(manifest["spec"]):
            check({"apiVersion": "v1", "kind": "PodTemplate", "template": template})
    else:
        newest = kubernetes_validate.latest_version()
        kubernetes_validate.validate(manifest, newest, strict=True)


def dask_schema(kind: str) -> Mapping:
    """The schema of one of Dask's kinds."""
    package = distribution("dask-kubernetes")
    [path] = (path for path in package.files or [] if path.match(f"crds/{kind.lower()}.yaml"))
    definition = yaml.safe_load(path.read_text())
    [version] = definition["spec"]["versions"]
    schema: Mapping = version["schema"]["openAPIV3Schema"]
    for name in "apiVersion", "kind", "metadata":
        schema["properties"].setdefault(name, {})
    forbid_unknown_fields(schema)
    return schema


def forbid_unknown_fields(schema: Mapping) -> None:
    """The server leaves them out, and a misspelt one with them."""
    fields = schema.get("properties", {})
    if fields and "x-kubernetes-preserve-unknown-fields" not in schema:
        schema["additionalProperties"] = False
    for inner in (*fields.values(), schema.get("items")):
        if isinstance(inner, dict):
            forbid_unknown_fields(inner)


def pod_templates(value: Any) -> Iterator[Mapping]:
    """The templates of pods, however deep they are."""
    if isinstance(value, list):
        for each in value:
            yield from pod_templates(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name.lower().endswith("template"):
                yield each
            else:
                yield from pod_templates(each)


def main(*paths: str) -> None:
    for path in paths:
        for manifest in yaml.safe_load_all(Path(path).read_text("utf-8")):
            try:
                check(manifest)
            except ValidationError as error:
                where = f"{manifest['kind']} at {error.json_path}"
                sys.exit(f"{path}: {where}: {error.message}")


if __name__ == "__main__":
    main(*sys.argv[1:])
