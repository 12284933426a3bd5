import { ACTIONS, BESIDE } from "./actions";

/** A statement of the deployer's policy. */
interface Statement {
    readonly Sid: string;
    readonly Effect: "Allow";
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
    readonly Condition?: object;
}

/** Names that the platform gives, by service; the account and region are whichever the policy is attached in. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
    ecr: ["arn:aws:ecr:*:*:repository/lakehouse-*"],
    eks: [
        "arn:aws:eks:*:*:access-entry/lakehouse-*",
        "arn:aws:eks:*:*:cluster/lakehouse-*",
        "arn:aws:eks:*:*:podidentityassociation/lakehouse-*",
    ],
    glue: ["arn:aws:glue:*:*:catalog", "arn:aws:glue:*:*:database/lakehouse_*", "arn:aws:glue:*:*:table/lakehouse_*"],
    iam: ["arn:aws:iam::*:role/lakehouse-*"],
    logs: [
        "arn:aws:logs:*:*:log-group:/aws/eks/lakehouse-*",
        "arn:aws:logs:*:*:log-group:/aws/rds/instance/lakehouse-*",
        "arn:aws:logs:*:*:log-group:/lakehouse/*",
    ],
    rds: [
        "arn:aws:rds:*:*:db:lakehouse-*",
        // An instance without an option group of its own has AWS's.
        "arn:aws:rds:*:*:og:default:*",
        "arn:aws:rds:*:*:pg:lakehouse-*",
        "arn:aws:rds:*:*:snapshot:lakehouse-*",
        "arn:aws:rds:*:*:subgrp:lakehouse-*",
    ],
    s3: ["arn:aws:s3:::lakehouse-*"],
    secretsmanager: ["arn:aws:secretsmanager:*:*:secret:lakehouse-*"],
};

/** Actions for which AWS takes no name, or that are asked of all of a kind. */
const WITHOUT_NAME = [
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "rds:DescribeDBInstances",
    "rds:DescribeDBParameterGroups",
    "rds:DescribeDBSubnetGroups",
];

/** Actions that have a statement with a condition. */
const CONDITIONED = ["iam:CreateServiceLinkedRole", "iam:PassRole"];

/** Actions that are asked of somebody else's resource: the role of who deploys has any name. */
const READ_ROLE = "iam:GetRole";

/** All actions, each once. */
export function allActions(): string[] {
    return [...new Set([...Object.values(ACTIONS), ...Object.values(BESIDE)].flat())].sort();
}

/** The policy of who deploys, as docs/aws-deployer-policy.json has it. */
export function renderDeployerPolicy(): string {
    const isBound = (action: string): boolean => {
        const [service] = action.split(":") as [string];
        return (
            service in NAMES && !WITHOUT_NAME.includes(action) && !CONDITIONED.includes(action) && action !== READ_ROLE
        );
    };
    const named = allActions().filter(isBound);
    const services = [...new Set(named.map((action) => action.split(":")[0]!))];
    const statements: Statement[] = [
        ...services.map((service): Statement => ({
            Sid: `${service[0]!.toUpperCase()}${service.slice(1)}`,
            Effect: "Allow",
            Action: named.filter((action) => action.startsWith(`${service}:`)),
            Resource: NAMES[service]!,
        })),
        {
            // Networks and keys have no names of ours; describing and listing is of all.
            Sid: "WithoutNames",
            Effect: "Allow",
            Action: allActions().filter((action) => !isBound(action) && !CONDITIONED.includes(action)),
            Resource: "*",
        },
        {
            Sid: "PassRoles",
            Effect: "Allow",
            Action: ["iam:PassRole"],
            Resource: NAMES.iam!,
            Condition: {
                StringEquals: {
                    "iam:PassedToService": [
                        "ec2.amazonaws.com",
                        "eks.amazonaws.com",
                        "pods.eks.amazonaws.com",
                        "vpc-flow-logs.amazonaws.com",
                    ],
                },
            },
        },
        {
            // AWS makes these once in an account, when the service is first used.
            Sid: "FirstUse",
            Effect: "Allow",
            Action: ["iam:CreateServiceLinkedRole"],
            Resource: "arn:aws:iam::*:role/aws-service-role/*",
            Condition: {
                StringEquals: {
                    "iam:AWSServiceName": [
                        "eks.amazonaws.com",
                        "elasticloadbalancing.amazonaws.com",
                        "rds.amazonaws.com",
                        "spot.amazonaws.com",
                    ],
                },
            },
        },
    ];
    return `${JSON.stringify({ Version: "2012-10-17", Statement: statements }, undefined, 2)}\n`;
}
