import { noOpenPort, noPublicService, privateApi, privateNodes } from "../rules/network";
import { type BadExample, registered } from "./example";

const CLUSTER = "aws:eks/cluster:Cluster";
const SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme";

/** A network with a subnet from which a route leads to the internet. */
const PUBLIC_NETWORK = [
    registered("aws:ec2/internetGateway:InternetGateway", "gateway"),
    registered("aws:ec2/route:Route", "route", { routeTableId: "table-id", gatewayId: "gateway-id" }),
    registered("aws:ec2/routeTable:RouteTable", "other", { routes: [{ gatewayId: "gateway-id" }] }),
    registered("aws:ec2/routeTableAssociation:RouteTableAssociation", "a", {
        routeTableId: "table-id",
        subnetId: "open-id",
    }),
    registered("aws:ec2/routeTableAssociation:RouteTableAssociation", "b", {
        routeTableId: "other-id",
        subnetId: "wide-id",
    }),
    registered("aws:ec2/subnet:Subnet", "open"),
    registered("aws:ec2/subnet:Subnet", "wide"),
    registered("aws:ec2/subnet:Subnet", "closed"),
];

export const BAD_NETWORK: readonly BadExample[] = [
    {
        rule: noOpenPort,
        what: "rules that let the internet in",
        resources: [
            registered("aws:ec2/securityGroup:SecurityGroup", "group", {
                ingress: [{ cidrBlocks: ["10.0.0.0/16"] }, { cidrBlocks: ["0.0.0.0/0"], ipv6CidrBlocks: ["::/0"] }],
            }),
            registered("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "rule", { cidrIpv4: "0.0.0.0/0" }),
            registered("aws:ec2/securityGroupRule:SecurityGroupRule", "old", {
                type: "ingress",
                ipv6CidrBlocks: ["::/0"],
            }),
            registered("aws:ec2/securityGroupRule:SecurityGroupRule", "outwards", {
                type: "egress",
                cidrBlocks: ["0.0.0.0/0"],
            }),
        ],
        findings: [
            "aws:ec2/securityGroup:SecurityGroup group: ingress.1.cidrBlocks lets in 0.0.0.0/0",
            "aws:ec2/securityGroup:SecurityGroup group: ingress.1.ipv6CidrBlocks lets in ::/0",
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule rule: cidrIpv4 lets in 0.0.0.0/0",
            "aws:ec2/securityGroupRule:SecurityGroupRule old: ipv6CidrBlocks lets in ::/0",
        ],
    },
    {
        rule: privateApi,
        what: "a cluster as EKS makes it when it is told nothing",
        resources: [registered(CLUSTER, "cluster", { vpcConfig: {} })],
        findings: [
            `${CLUSTER} cluster: vpcConfig.endpointPrivateAccess is not true: nodes would leave the network`,
            `${CLUSTER} cluster: vpcConfig.publicAccessCidrs lets in the internet`,
        ],
    },
    {
        rule: privateApi,
        what: "one of several networks that is the internet",
        resources: [
            registered(CLUSTER, "cluster", {
                vpcConfig: {
                    endpointPrivateAccess: true,
                    endpointPublicAccess: true,
                    publicAccessCidrs: ["203.0.113.0/24", "0.0.0.0/0"],
                },
            }),
        ],
        findings: [`${CLUSTER} cluster: vpcConfig.publicAccessCidrs lets in the internet`],
    },
    {
        rule: privateNodes,
        what: "nodes and a database on the internet",
        resources: [
            ...PUBLIC_NETWORK,
            registered(CLUSTER, "cluster", { vpcConfig: { subnetIds: ["closed-id", "open-id"] } }),
            registered("aws:rds/subnetGroup:SubnetGroup", "group", { subnetIds: ["wide-id"] }),
            registered("aws:ec2/subnet:Subnet", "addressed", { mapPublicIpOnLaunch: true }),
            registered("aws:rds/instance:Instance", "database"),
            registered("aws:lb/loadBalancer:LoadBalancer", "balancer"),
            registered("kubernetes:eks.amazonaws.com/v1:NodeClass", "class", {
                spec: { advancedNetworking: { associatePublicIPAddress: true } },
            }),
        ],
        findings: [
            `${CLUSTER} cluster: vpcConfig.subnetIds holds the public subnet open`,
            "aws:rds/subnetGroup:SubnetGroup group: subnetIds holds the public subnet wide",
            "aws:ec2/subnet:Subnet addressed: mapPublicIpOnLaunch gives nodes public addresses",
            "aws:rds/instance:Instance database: publiclyAccessible is not false",
            "aws:lb/loadBalancer:LoadBalancer balancer: internal is not true",
            "kubernetes:eks.amazonaws.com/v1:NodeClass class: spec.advancedNetworking.associatePublicIPAddress is true",
        ],
    },
    {
        rule: noPublicService,
        what: "services for everybody",
        resources: [
            registered("kubernetes:core/v1:Service", "balancer", { spec: { type: "LoadBalancer" } }),
            registered("kubernetes:core/v1:Service", "node", { spec: { type: "NodePort" } }),
            registered("kubernetes:networking.k8s.io/v1:Ingress", "ingress", { metadata: { annotations: {} } }),
        ],
        findings: [
            `kubernetes:core/v1:Service balancer: metadata.annotations.${SCHEME} is not internal`,
            "kubernetes:core/v1:Service node: spec.type opens a port on every node",
            "kubernetes:networking.k8s.io/v1:Ingress ingress: metadata.annotations has no internal scheme",
        ],
    },
];
