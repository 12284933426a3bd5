import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AwsTarget } from "../../target";
import type { Ready } from "../ready";
import { inAws, inCluster } from "./options";
import type { PolicyStatement } from "./policy";

/** Who a pod is, to AWS and to Kubernetes. */
export interface Identity {
    /** Name of the service account. */
    readonly serviceAccount: string;
    /** Resolves once pods of the service account get the role. */
    readonly ready: Ready;
}

/**
 * Creates a service account whose pods have a role of their own, by EKS Pod Identity
 * (https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html); no key exists anywhere.
 *
 * @param name prefix of the logical names
 * @param statements what the role may do
 * @param mountToken whether its pods talk to the Kubernetes API
 */
export function createIdentity(
    name: string,
    serviceAccount: string,
    statements: readonly PolicyStatement[],
    mountToken: boolean,
    target: AwsTarget,
    parent: pulumi.Resource,
): Identity {
    const account = new kubernetes.core.v1.ServiceAccount(
        `${name}-account`,
        {
            metadata: { name: serviceAccount, namespace: target.namespace },
            automountServiceAccountToken: mountToken,
        },
        inCluster(target, parent),
    );
    const role = new aws.iam.Role(
        `${name}-role`,
        {
            name: `${target.prefix}-${serviceAccount}`,
            assumeRolePolicy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Allow",
                        Principal: { Service: "pods.eks.amazonaws.com" },
                        Action: ["sts:AssumeRole", "sts:TagSession"],
                        Condition: {
                            StringEquals: {
                                "aws:SourceAccount": target.accountId,
                                "aws:RequestTag/kubernetes-namespace": target.namespace,
                                "aws:RequestTag/kubernetes-service-account": serviceAccount,
                            },
                        },
                    },
                ],
            }),
        },
        inAws(target, parent),
    );
    const policy = new aws.iam.RolePolicy(
        `${name}-policy`,
        {
            role: role.name,
            policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements }),
        },
        inAws(target, parent),
    );
    const association = new aws.eks.PodIdentityAssociation(
        `${name}-association`,
        { clusterName: target.cluster.name, namespace: target.namespace, serviceAccount, roleArn: role.arn },
        inAws(target, parent),
    );
    return { serviceAccount, ready: pulumi.output([account, policy, association]) };
}
