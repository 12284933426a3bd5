import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createLogGroup } from "./aws-logs";
import type { NetworkArgs } from "./aws-network";

/** Records who talked to whom, accepted or not. */
export function createFlowLog(name: string, vpc: aws.ec2.Vpc, args: NetworkArgs): void {
    const { prefix, opts } = args;
    const group = createLogGroup(`${name}-flow`, `/lakehouse/${prefix}/network`, args);
    const role = new aws.iam.Role(
        `${name}-flow-role`,
        {
            name: `${prefix}-network-log`,
            assumeRolePolicy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Allow",
                        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
                        Action: ["sts:AssumeRole"],
                    },
                ],
            }),
        },
        opts,
    );
    const policy = new aws.iam.RolePolicy(
        `${name}-flow-policy`,
        {
            role: role.name,
            policy: pulumi.jsonStringify({
                Version: "2012-10-17",
                Statement: [
                    {
                        Sid: "WriteLog",
                        Effect: "Allow",
                        Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                        Resource: [group.arn, pulumi.interpolate`${group.arn}:log-stream:*`],
                    },
                ],
            }),
        },
        opts,
    );
    new aws.ec2.FlowLog(
        `${name}-flow-log`,
        {
            vpcId: vpc.id,
            trafficType: "ALL",
            logDestinationType: "cloud-watch-logs",
            logDestination: group.arn,
            iamRoleArn: role.arn,
            // Ten minutes; a tenth of the records of one.
            maxAggregationInterval: 600,
            tags: { Name: prefix },
        },
        { ...opts, dependsOn: [policy] },
    );
}
