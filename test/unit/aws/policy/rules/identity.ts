import { at, listOf, type Resource, type Rule, wrong } from "../rule";

/** A statement of a policy document. */
export interface Statement {
    readonly Sid?: string;
    readonly Effect: string;
    readonly Action?: unknown;
    readonly NotAction?: unknown;
    readonly Resource?: unknown;
    readonly NotResource?: unknown;
    readonly Principal?: unknown;
    readonly Condition?: Record<string, Record<string, unknown>>;
}

/** The statements of a policy document, which stands as text or as an object. */
export function readPolicy(document: unknown): Statement[] {
    const parsed: unknown = typeof document === "string" ? JSON.parse(document) : document;
    return listOf(at(parsed, "Statement")) as Statement[];
}

/** Where a type holds policies of what its owner may do. */
const POLICIES: Record<string, (inputs: Resource["inputs"]) => unknown[]> = {
    "aws:iam/policy:Policy": (inputs) => [at(inputs, "policy")],
    "aws:iam/rolePolicy:RolePolicy": (inputs) => [at(inputs, "policy")],
    "aws:iam/role:Role": (inputs) => listOf(inputs.inlinePolicies).map((each) => at(each, "policy")),
};

/** Where a `*` in a resource's name is the narrowest that AWS offers: what lies below something that is named. */
const BELOW_A_NAME = [
    // Objects below a prefix.
    /^arn:aws[\w-]*:s3:::[\w.-]+\/[\w.\/=-]+\/\*$/,
    // Tables of a database.
    /^arn:aws[\w-]*:glue:[\w-]+:\d+:table\/[\w-]+\/\*$/,
    // Streams of a log group. Under mocks, its ARN is what the recorder made up.
    /^[^*]+:log-stream:\*$/,
];

/** What EKS makes for its nodes and load balancers: it has no name before it is there. */
const MADE_BY_EKS = /^arn:aws[\w-]*:(ec2|elasticloadbalancing):[\w-]+:\d+:[\w-]+\/\*$/;

/** Whether a statement is only about what carries the name of one cluster. */
function isOfOneCluster({ Condition }: Statement): boolean {
    const cluster = Condition?.StringEquals?.["aws:RequestTag/eks:eks-cluster-name"];
    return typeof cluster === "string" && !cluster.includes("*");
}

export const noWildcard: Rule = {
    name: "no wildcard in our policies",
    description:
        "A policy names actions and resources; below a named prefix, database, log group or cluster, all is meant.",
    check: (resource) =>
        (POLICIES[resource.type]?.(resource.inputs) ?? []).flatMap(readPolicy).flatMap((statement, index) => {
            const place = `policy.${statement.Sid ?? index}`;
            if (statement.Effect !== "Allow") {
                return [];
            }
            const found: string[] = [];
            if (statement.NotAction !== undefined || statement.NotResource !== undefined) {
                found.push(wrong(resource, place, "allows all but something"));
            }
            for (const action of listOf(statement.Action)
                .map(String)
                .filter((each) => each.includes("*"))) {
                found.push(wrong(resource, `${place}.Action`, `is ${action}`));
            }
            for (const target of listOf(statement.Resource).map(String)) {
                const isNarrow =
                    BELOW_A_NAME.some((form) => form.test(target)) ||
                    (MADE_BY_EKS.test(target) && isOfOneCluster(statement));
                if (target.includes("*") && !isNarrow) {
                    found.push(wrong(resource, `${place}.Resource`, `is ${target}`));
                }
            }
            return found;
        }),
};

/** Where a type says who may act, and on what. */
const TRUST: Record<string, string> = {
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kms/key:Key": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
};

export const namedPrincipals: Rule = {
    name: "named principals",
    description: "Roles and keys say who may use them.",
    check: (resource) => {
        const path = TRUST[resource.type];
        if (path === undefined) {
            return [];
        }
        const document: unknown = resource.inputs[path];
        if (document === undefined) {
            return [wrong(resource, path, "is not set: AWS's default lets more in than is needed")];
        }
        return readPolicy(document).flatMap((statement, index) => {
            const principals = [
                statement.Principal,
                ...Object.values((statement.Principal ?? {}) as Record<string, unknown>),
            ];
            const everybody = principals.flatMap(listOf).includes("*");
            return statement.Effect === "Allow" && (everybody || statement.Principal === undefined)
                ? [wrong(resource, `${path}.${statement.Sid ?? index}`, "does not name who")]
                : [];
        });
    },
};

/** AWS's own policies that roles may have: what its services need to do their work. */
const MANAGED = [
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
    "AmazonEKSWorkerNodeMinimalPolicy",
];

export const knownManagedPolicies: Rule = {
    name: "known managed policies",
    description: "AWS's policies are broad: only those that EKS needs for its control plane and nodes.",
    check: (resource) => {
        const { type, inputs } = resource;
        const arns: unknown[] = [
            ...(type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment" ? [at(inputs, "policyArn")] : []),
            ...(type === "aws:iam/role:Role" ? listOf(inputs.managedPolicyArns) : []),
        ];
        return arns
            .map(String)
            .filter((arn) => /^arn:aws[\w-]*:iam::aws:/.test(arn) && !MANAGED.includes(arn.split("/").at(-1)!))
            .map((arn) => wrong(resource, "policyArn", `is ${arn}, which is not judged`));
    },
};

export const noKeys: Rule = {
    name: "no access keys",
    description: "Pods and machines have roles; no user and no key exists.",
    check: (resource) =>
        /^aws:iam\/(user|accessKey|userLoginProfile)/.test(resource.type)
            ? [wrong(resource, "type", "makes credentials that last")]
            : [],
};

export const leastRbac: Rule = {
    name: "no wildcard in RBAC",
    description: "Service accounts may do named things with named kinds, in their namespace.",
    check: (resource) => {
        const { type, inputs } = resource;
        if (/:ClusterRoleBinding$/.test(type)) {
            return [wrong(resource, "type", "reaches beyond the platform's namespace")];
        }
        if (!/^kubernetes:rbac\.authorization\.k8s\.io\/v1:(Cluster)?Role$/.test(type)) {
            return [];
        }
        const risky = ["*", "bind", "escalate", "impersonate"];
        return listOf(inputs.rules).flatMap((rule, index) =>
            ["apiGroups", "resources", "verbs"].flatMap((property) =>
                listOf(at(rule, property))
                    .filter((value) => risky.includes(String(value)))
                    .map((value) => wrong(resource, `rules.${index}.${property}`, `holds ${String(value)}`)),
            ),
        );
    },
};
