import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { UserError } from "../shared/user-error";
import type { AwsSettings } from "./aws-settings";
import { createFlowLog } from "./aws-flow-log";
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
    const subnets = zones.map((availabilityZone, index) => {
        const zone: Zone = { name: `${name}-zone-${index + 1}`, availabilityZone, index, vpc };
        if (index === 0 || settings.natGateways === "per-zone") {
            gateways.push(createNat(zone, publicRoutes, gateway, args));
        }
        return createPrivateSubnet(zone, gateways.at(-1)!, args);
    });
    new aws.ec2.VpcEndpoint(
        `${name}-s3-endpoint`,
        {
            vpcId: vpc.id,
            vpcEndpointType: "Gateway",
            serviceName: `com.amazonaws.${region}.s3`,
            routeTableIds: subnets.map(({ routes }) => routes.id),
            tags: { Name: `${prefix}-s3` },
        },
        opts,
    );
    return { vpcId: vpc.id, privateSubnetIds: subnets.map(({ subnet }) => subnet.id) };
}

/** One zone's part of the network. */
interface Zone {
    /** Prefix of the logical names. */
    readonly name: string;
    readonly availabilityZone: string;
    /** Counts from 0. */
    readonly index: number;
    readonly vpc: aws.ec2.Vpc;
}

/** Options of a subnet: zones that join the region later must not move it. */
const inZone = (opts: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions => ({
    ...opts,
    ignoreChanges: ["availabilityZone"],
});

/** Creates a NAT gateway in a small public subnet, which follows the private ones. */
function createNat(
    { name, availabilityZone, index, vpc }: Zone,
    publicRoutes: aws.ec2.RouteTable,
    internet: aws.ec2.InternetGateway,
    { prefix, opts }: NetworkArgs,
): aws.ec2.NatGateway {
    const subnet = new aws.ec2.Subnet(
        `${name}-public`,
        {
            vpcId: vpc.id,
            availabilityZone,
            cidrBlock: `10.0.${192 + index}.0/24`,
            tags: { Name: `${prefix}-public-${index + 1}` },
        },
        inZone(opts),
    );
    new aws.ec2.RouteTableAssociation(
        `${name}-public-routes`,
        { subnetId: subnet.id, routeTableId: publicRoutes.id },
        opts,
    );
    const address = new aws.ec2.Eip(
        `${name}-nat-address`,
        { domain: "vpc", tags: { Name: `${prefix}-nat-${index + 1}` } },
        opts,
    );
    return new aws.ec2.NatGateway(
        `${name}-nat`,
        { subnetId: subnet.id, allocationId: address.allocationId, tags: { Name: `${prefix}-${index + 1}` } },
        { ...opts, dependsOn: [internet] },
    );
}

/** Creates a subnet of 16,000 addresses, as every pod has one, that reaches the internet through a NAT gateway. */
function createPrivateSubnet(
    { name, availabilityZone, index, vpc }: Zone,
    nat: aws.ec2.NatGateway,
    { prefix, opts }: NetworkArgs,
): { subnet: aws.ec2.Subnet; routes: aws.ec2.RouteTable } {
    const subnet = new aws.ec2.Subnet(
        `${name}-private`,
        {
            vpcId: vpc.id,
            availabilityZone,
            cidrBlock: `10.0.${index * 64}.0/18`,
            tags: {
                Name: `${prefix}-private-${index + 1}`,
                // Where EKS puts load balancers inside the network.
                "kubernetes.io/role/internal-elb": "1",
            },
        },
        inZone(opts),
    );
    const routes = new aws.ec2.RouteTable(
        `${name}-private-routes`,
        { vpcId: vpc.id, tags: { Name: `${prefix}-private-${index + 1}` } },
        opts,
    );
    new aws.ec2.RouteTableAssociation(`${name}-private-routes`, { subnetId: subnet.id, routeTableId: routes.id }, opts);
    new aws.ec2.Route(
        `${name}-private-internet`,
        { routeTableId: routes.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: nat.id },
        opts,
    );
    return { subnet, routes };
}
