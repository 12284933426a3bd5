import { knownManagedPolicies, leastRbac, namedPrincipals, noKeys, noWildcard } from "../rules/identity";
import { noPlainSecret, secretsInTheirPlace } from "../rules/secrets";
import { type BadExample, policy, registered } from "./example";

const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const ROLE = "aws:iam/role:Role";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

/** A role policy with one statement. */
const rolePolicy = (name: string, statement: object) => registered(ROLE_POLICY, name, { policy: policy(statement) });

export const BAD_IDENTITY: readonly BadExample[] = [
    {
        rule: noWildcard,
        what: "policies that allow more than they name",
        resources: [
            rolePolicy("actions", { Action: ["s3:GetObject", "s3:*"], Resource: ["arn:aws:s3:::lake/warehouse/*"] }),
            rolePolicy("everything", { Action: "s3:GetObject", Resource: "*" }),
            rolePolicy("bucket", { Action: "s3:GetObject", Resource: ["arn:aws:s3:::lake/*", "arn:aws:s3:::lake-*"] }),
            rolePolicy("tables", {
                Action: "glue:GetTable",
                Resource: "arn:aws:glue:eu-central-1:111122223333:table/*/*",
            }),
            rolePolicy("instances", {
                Action: "ec2:RunInstances",
                Resource: "arn:aws:ec2:eu-central-1:111122223333:instance/*",
                Condition: { StringEquals: { "aws:RequestTag/eks:eks-cluster-name": "*" } },
            }),
            rolePolicy("all-but", { NotAction: "iam:CreateUser", Resource: "arn:aws:s3:::lake" }),
            registered(ROLE, "inline", { inlinePolicies: [{ policy: policy({ Action: "*", Resource: [] }) }] }),
            rolePolicy("refusal", { Effect: "Deny", Action: "*", Resource: "*" }),
        ],
        findings: [
            `${ROLE_POLICY} actions: policy.Bad.Action is s3:*`,
            `${ROLE_POLICY} everything: policy.Bad.Resource is *`,
            `${ROLE_POLICY} bucket: policy.Bad.Resource is arn:aws:s3:::lake/*`,
            `${ROLE_POLICY} bucket: policy.Bad.Resource is arn:aws:s3:::lake-*`,
            `${ROLE_POLICY} tables: policy.Bad.Resource is arn:aws:glue:eu-central-1:111122223333:table/*/*`,
            `${ROLE_POLICY} instances: policy.Bad.Resource is arn:aws:ec2:eu-central-1:111122223333:instance/*`,
            `${ROLE_POLICY} all-but: policy.Bad allows all but something`,
            `${ROLE} inline: policy.Bad.Action is *`,
        ],
    },
    {
        rule: namedPrincipals,
        what: "a role and a key for everybody",
        resources: [
            registered(ROLE, "role", { assumeRolePolicy: policy({ Principal: { AWS: "*" } }) }),
            registered("aws:kms/key:Key", "key"),
            registered("aws:kms/key:Key", "open", { policy: policy({ Principal: "*" }) }),
        ],
        findings: [
            `${ROLE} role: assumeRolePolicy.Bad does not name who`,
            "aws:kms/key:Key key: policy is not set: AWS's default lets more in than is needed",
            "aws:kms/key:Key open: policy.Bad does not name who",
        ],
    },
    {
        rule: knownManagedPolicies,
        what: "a role that may do everything",
        resources: [
            registered("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "admin", {
                policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
            }),
        ],
        findings: [
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment admin: policyArn is arn:aws:iam::aws:policy/AdministratorAccess, which is not judged",
        ],
    },
    {
        rule: noKeys,
        what: "a user with a key",
        resources: [registered("aws:iam/user:User", "user"), registered("aws:iam/accessKey:AccessKey", "key")],
        findings: [
            "aws:iam/user:User user: type makes credentials that last",
            "aws:iam/accessKey:AccessKey key: type makes credentials that last",
        ],
    },
    {
        rule: leastRbac,
        what: "a service account that may do everything",
        resources: [
            registered("kubernetes:rbac.authorization.k8s.io/v1:Role", "role", {
                rules: [{ apiGroups: [""], resources: ["*"], verbs: ["get", "escalate"] }],
            }),
            registered("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "binding"),
        ],
        findings: [
            "kubernetes:rbac.authorization.k8s.io/v1:Role role: rules.0.resources holds *",
            "kubernetes:rbac.authorization.k8s.io/v1:Role role: rules.0.verbs holds escalate",
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding binding: type reaches beyond the platform's namespace",
        ],
    },
    {
        rule: noPlainSecret,
        what: "secrets that a preview would show",
        resources: [
            registered("aws:rds/instance:Instance", "database", { password: "word" }),
            registered("kubernetes:core/v1:Secret", "secret", { stringData: { "webserver.py": "x" } }),
            registered("kubernetes:apps/v1:Deployment", "pod", {
                spec: {
                    env: [
                        { name: "API__SECRET_KEY", value: "x" },
                        { name: "HOME", value: "/" },
                    ],
                    secretName: "y",
                },
            }),
            registered(CONFIG_MAP, "map", { data: { "spark-defaults.conf": "spark.x generated-rpc-secret" } }),
        ],
        findings: [
            "aws:rds/instance:Instance database: password is a secret in plain text",
            "kubernetes:core/v1:Secret secret: stringData is a secret in plain text",
            "kubernetes:apps/v1:Deployment pod: spec.env.0.value is a secret in plain text",
            `${CONFIG_MAP} map: data.spark-defaults.conf is a secret in plain text`,
        ],
    },
    {
        rule: secretsInTheirPlace,
        what: "secrets where everybody who sees the cluster reads them",
        resources: [
            registered(CONFIG_MAP, "map", { data: { uri: "postgresql://airflow:generated-password@db" } }, ["data"]),
            registered("kubernetes:helm.sh/v4:Chart", "chart", { values: { key: "x" } }, ["values"]),
            registered("kubernetes:core/v1:Secret", "secret", { stringData: { key: "generated-key" } }, ["stringData"]),
        ],
        findings: [
            `${CONFIG_MAP} map: data holds a secret`,
            "kubernetes:helm.sh/v4:Chart chart: values holds a secret",
        ],
    },
];
