import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../shared/user-error";
import type { AwsSettings } from "./aws-settings";
import { createLogGroup } from "./aws-logs";
import type { AwsTarget } from "./index";

type Network = AwsTarget["network"];

/** What a network is made with. */
export interface NetworkArgs {
    /** Start of the names that AWS shows. */
    readonly prefix: string;
    readonly settings: AwsSettings;
    readonly region: string;
    readonly kmsKeyArn: pulumi.Output<string>;
    readonly opts: pulumi.CustomResourceOptions;
}

const CIDR = "10.0.0.0/16";
/** Zones that EKS does not take (https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html). */
const ZONES_WITHOUT_EKS = ["cac1-az3", "use1-az3", "usw1-az2"];

/**
 * Names of the zones that the network spans.
 *
 * @throws UserError when the region has fewer
 */
export async function readZones(settings: AwsSettings, region: string, provider: aws.Provider): Promise<string[]> {
    const { names } = await aws.getAvailabilityZones(
        {
            state: "available",
            // No local or wavelength zones.
            filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
            excludeZoneIds: ZONES_WITHOUT_EKS,
        },
        { provider },
    );
    if (names.length < settings.zones) {
        throw new UserError(
            `lakehouse:awsZones: '${settings.zones}' is more than the region ${region} has. Allowed: up to ${names.length}. ` +
                `Fix it with: pulumi config set lakehouse:awsZones ${names.length}`,
        );
    }
    return [...names].sort().slice(0, settings.zones);
}

/**
 * Creates a network with a public and a private subnet per zone. All that runs is in the private ones; the public ones hold the
 * NAT gateways and nothing else. Traffic to S3 takes a gateway endpoint, which costs nothing.
 */
export function createNetwork(name: string, zones: readonly string[], args: NetworkArgs): Network {
    const { prefix, settings, region, opts } = args;
    const vpc = new aws.ec2.Vpc(
        `${name}-vpc`,
        { cidrBlock: CIDR, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: prefix } },
        opts,
    );
    // The one that comes with every network lets its members talk to each other; without rules it lets nobody.
    new aws.ec2.DefaultSecurityGroup(
        `${name}-default-security-group`,
        { vpcId: vpc.id, ingress: [], egress: [], tags: { Name: `${prefix}-unused` } },
        opts,
    );
    createFlowLog(name, vpc, args);

    const gateway = new aws.ec2.InternetGateway(
        `${name}-internet-gateway`,
        { vpcId: vpc.id, tags: { Name: prefix } },
        opts,
    );
    const publicRoutes = new aws.ec2.RouteTable(
        `${name}-public-routes`,
        { vpcId: vpc.id, tags: { Name: `${prefix}-public` } },
        opts,
    );
    new aws.ec2.Route(
        `${name}-public-internet`,
        { routeTableId: publicRoutes.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
        opts,
    );

    const gateways: aws.ec2.NatGateway[] = [];
    const privateSubnets: aws.ec2.Subnet[] = [];
    const privateRoutes: aws.ec2.RouteTable[] = [];
    zones.forEach((availabilityZone, index) => {
        const zone = `${name}-zone-${index + 1}`;
        // Zones that join the region later must not move a subnet.
        const subnetOpts = { ...opts, ignoreChanges: ["availabilityZone"] };
        if (index === 0 || settings.natGateways === "per-zone") {
            const subnet = new aws.ec2.Subnet(
                `${zone}-public`,
                {
                    vpcId: vpc.id,
                    availabilityZone,
                    // A small one after the private ones.
                    cidrBlock: `10.0.${192 + index}.0/24`,
                    tags: { Name: `${prefix}-public-${index + 1}` },
                },
                subnetOpts,
            );
            new aws.ec2.RouteTableAssociation(
                `${zone}-public-routes`,
                { subnetId: subnet.id, routeTableId: publicRoutes.id },
                opts,
            );
            const address = new aws.ec2.Eip(
                `${zone}-nat-address`,
                { domain: "vpc", tags: { Name: `${prefix}-nat-${index + 1}` } },
                opts,
            );
            gateways.push(
                new aws.ec2.NatGateway(
                    `${zone}-nat`,
                    {
                        subnetId: subnet.id,
                        allocationId: address.allocationId,
                        tags: { Name: `${prefix}-${index + 1}` },
                    },
                    { ...opts, dependsOn: [gateway] },
                ),
            );
        }
        const subnet = new aws.ec2.Subnet(
            `${zone}-private`,
            {
                vpcId: vpc.id,
                availabilityZone,
                // 16,000 addresses: every pod has one.
                cidrBlock: `10.0.${index * 64}.0/18`,
                tags: {
                    Name: `${prefix}-private-${index + 1}`,
                    // Where EKS puts load balancers inside the network.
                    "kubernetes.io/role/internal-elb": "1",
                },
            },
            subnetOpts,
        );
        const routes = new aws.ec2.RouteTable(
            `${zone}-private-routes`,
            { vpcId: vpc.id, tags: { Name: `${prefix}-private-${index + 1}` } },
            opts,
        );
        new aws.ec2.RouteTableAssociation(
            `${zone}-private-routes`,
            { subnetId: subnet.id, routeTableId: routes.id },
            opts,
        );
        new aws.ec2.Route(
            `${zone}-private-internet`,
            { routeTableId: routes.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: gateways.at(-1)!.id },
            opts,
        );
        privateSubnets.push(subnet);
        privateRoutes.push(routes);
    });
    new aws.ec2.VpcEndpoint(
        `${name}-s3-endpoint`,
        {
            vpcId: vpc.id,
            vpcEndpointType: "Gateway",
            serviceName: `com.amazonaws.${region}.s3`,
            routeTableIds: privateRoutes.map((routes) => routes.id),
            tags: { Name: `${prefix}-s3` },
        },
        opts,
    );
    return { vpcId: vpc.id, privateSubnetIds: privateSubnets.map((subnet) => subnet.id) };
}

/** Records who talked to whom, accepted or not. */
function createFlowLog(name: string, vpc: aws.ec2.Vpc, args: NetworkArgs): void {
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
