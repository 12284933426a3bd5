"""Schemas of the custom resources that the platform makes: what it uses of them, so that a misspelled field is found.

Fields, types and values are those of the v1 APIs:

- NodePool: https://karpenter.sh/docs/concepts/nodepools/ and
  https://github.com/kubernetes-sigs/karpenter/blob/main/pkg/apis/crds/karpenter.sh_nodepools.yaml
- NodeClass: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def an_object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Fields that must and may be there; no others may."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": sorted(required),
        "additionalProperties": False,
    }


def list_of(items: Schema) -> Schema:
    """At least one item."""
    return {"type": "array", "items": items, "minItems": 1}


def resource(api_version: str, kind: str, spec: Schema) -> Schema:
    """Describe a resource of the whole cluster."""
    name = {"type": "string", "pattern": r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 253}
    return an_object(
        {
            "apiVersion": {"const": api_version},
            "kind": {"const": kind},
            "metadata": an_object({"name": name}, {"labels": STRINGS, "annotations": STRINGS}),
            "spec": spec,
        }
    )


TEXT: Schema = {"type": "string", "minLength": 1}
STRINGS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
DURATION: Schema = {"type": "string", "pattern": "^(([0-9]+(s|m|h))+|Never)$"}
QUANTITY: Schema = {"type": "string", "pattern": "^[0-9]+(m|[KMGT]i?)?$"}

REQUIREMENT = an_object(
    {"key": TEXT, "operator": {"enum": ["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"]}},
    {"values": list_of(TEXT), "minValues": {"type": "integer", "minimum": 1, "maximum": 50}},
)
TAINT = an_object(
    {"key": TEXT, "effect": {"enum": ["NoExecute", "NoSchedule", "PreferNoSchedule"]}},
    {"value": {"type": "string"}},
)
NODE_POOL = an_object(
    {
        "template": an_object(
            {
                "spec": an_object(
                    {
                        "nodeClassRef": an_object({"group": TEXT, "kind": TEXT, "name": TEXT}),
                        "requirements": list_of(REQUIREMENT),
                    },
                    {"taints": list_of(TAINT), "expireAfter": DURATION, "terminationGracePeriod": DURATION},
                )
            },
            {"metadata": an_object({}, {"labels": STRINGS, "annotations": STRINGS})},
        ),
        "disruption": an_object(
            {
                "consolidateAfter": DURATION,
                "consolidationPolicy": {"enum": ["WhenEmpty", "WhenEmptyOrUnderutilized"]},
            }
        ),
    },
    {"limits": {"type": "object", "additionalProperties": QUANTITY}},
)

# A term selects by one of its fields.
TERM: Schema = {**an_object({}, {"id": TEXT, "name": TEXT, "tags": STRINGS}), "minProperties": 1}
NODE_CLASS = an_object(
    {"subnetSelectorTerms": list_of(TERM), "securityGroupSelectorTerms": list_of(TERM), "role": TEXT},
    {
        "tags": STRINGS,
        "ephemeralStorage": an_object({}, {"size": QUANTITY, "iops": {"type": "integer"}, "kmsKeyID": TEXT}),
        "networkPolicy": {"enum": ["DefaultAllow", "DefaultDeny"]},
    },
)

SCHEMAS: dict[tuple[str, str], Schema] = {
    ("karpenter.sh/v1", "NodePool"): resource("karpenter.sh/v1", "NodePool", NODE_POOL),
    ("eks.amazonaws.com/v1", "NodeClass"): resource("eks.amazonaws.com/v1", "NodeClass", NODE_CLASS),
}
