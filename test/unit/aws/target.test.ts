import * as pulumi from "@pulumi/pulumi";
import { tagging } from "../../../components/target/aws-tags";
import {
    ACCOUNT,
    type AwsRegistration,
    awsSettings,
    inputsOf,
    inStack,
    list,
    mockModules,
    recordAws,
    REGION,
    registrationOf,
    settle,
    valueOf,
} from "./support";

/** Creates the ground alone. */
async function createGround(overrides: Record<string, string> = {}): Promise<AwsRegistration[]> {
    const registrations: AwsRegistration[] = [];
    await recordAws(registrations);
    await jest.isolateModulesAsync(async () => {
        mockModules();
        const { createTarget } = await import("../../../components/target");
        await inStack(() => createTarget("target", awsSettings(overrides)));
    });
    await settle();
    return registrations;
}

const ofType = (registrations: readonly AwsRegistration[], type: string): AwsRegistration[] =>
    registrations.filter((each) => each.type.endsWith(`:${type}`));

const json = (text: unknown): unknown => JSON.parse(String(text));

/** Resources of a network in two zones with one NAT gateway. */
const NETWORK = [
    "DefaultSecurityGroup target-default-security-group",
    "Eip target-zone-1-nat-address",
    "FlowLog target-flow-log",
    "InternetGateway target-internet-gateway",
    "LogGroup target-flow-logs",
    "NatGateway target-zone-1-nat",
    "Role target-flow-role",
    "RolePolicy target-flow-policy",
    "Route target-public-internet",
    "Route target-zone-1-private-internet",
    "Route target-zone-2-private-internet",
    "RouteTable target-public-routes",
    "RouteTable target-zone-1-private-routes",
    "RouteTable target-zone-2-private-routes",
    "RouteTableAssociation target-zone-1-private-routes",
    "RouteTableAssociation target-zone-1-public-routes",
    "RouteTableAssociation target-zone-2-private-routes",
    "Subnet target-zone-1-private",
    "Subnet target-zone-1-public",
    "Subnet target-zone-2-private",
    "Vpc target-vpc",
    "VpcEndpoint target-s3-endpoint",
];
const CLUSTER = [
    `AccessEntry target-admin-${ACCOUNT}-role-ci-deploy`,
    `AccessPolicyAssociation target-admin-${ACCOUNT}-role-ci-deploy`,
    "Alias target-key-alias",
    "Cluster target-cluster",
    "Key target-key",
    "LogGroup target-cluster-logs",
    "Namespace target-namespace",
    "NodeClass target-node-class",
    "NodePool target-general-nodes",
    "Role target-cluster-role",
    "Role target-node-role",
    "RolePolicy target-cluster-tagging",
    "RolePolicyAttachment target-cluster-AmazonEKSBlockStoragePolicy",
    "RolePolicyAttachment target-cluster-AmazonEKSClusterPolicy",
    "RolePolicyAttachment target-cluster-AmazonEKSComputePolicy",
    "RolePolicyAttachment target-cluster-AmazonEKSLoadBalancingPolicy",
    "RolePolicyAttachment target-cluster-AmazonEKSNetworkingPolicy",
    "RolePolicyAttachment target-node-AmazonEC2ContainerRegistryPullOnly",
    "RolePolicyAttachment target-node-AmazonEKSWorkerNodeMinimalPolicy",
];

describe("the ground on AWS", () => {
    let registrations: AwsRegistration[];

    beforeAll(async () => {
        registrations = await createGround();
    });

    test("is made of exactly these resources", () => {
        expect(list(registrations)).toEqual([...NETWORK, ...CLUSTER].sort());
    });

    test("uses no account but the one whose credentials these are", () => {
        const provider = registrationOf(registrations, "aws target-aws").inputs;
        expect(provider).toMatchObject({ region: REGION, allowedAccountIds: JSON.stringify([ACCOUNT]) });
        const elsewhere = registrations.filter(
            ({ type, provider }) => type.startsWith("aws:") && !provider.endsWith("::target-aws::target-aws-id"),
        );
        expect(elsewhere).toEqual([]);
    });

    test("puts the owner's tags on everything that can have some", () => {
        const tags = {
            "cost-center": "unassigned",
            environment: "dev",
            "managed-by": "pulumi",
            owner: "data-platform",
            project: "lakehouse",
            stack: "aws",
        };
        const taggable = registrations.filter(({ inputs }) => "tags" in inputs);
        expect([...new Set(taggable.map(({ type }) => type.split(":").at(-1)))].sort()).toEqual([
            "AccessEntry",
            "Cluster",
            "DefaultSecurityGroup",
            "Eip",
            "FlowLog",
            "InternetGateway",
            "Key",
            "LogGroup",
            "NatGateway",
            "Role",
            "RouteTable",
            "Subnet",
            "Vpc",
            "VpcEndpoint",
        ]);
        taggable.forEach(({ inputs }) => expect(inputs.tags).toMatchObject(tags));
        expect(inputsOf(registrations, "NodeClass target-node-class").spec).toMatchObject({ tags });
    });

    test("lets a resource's own tags win, and leaves what is not AWS's alone", async () => {
        const tagsGiven = async (type: string, props: object): Promise<unknown> => {
            const result = tagging({ owner: "team", stack: "aws" })({
                resource: {} as pulumi.Resource,
                type,
                name: "one",
                props,
                opts: {},
            });
            return result && valueOf(pulumi.output((result.props as { tags: pulumi.Input<object> }).tags));
        };
        const taggable = { tagsAll: undefined };
        expect(await tagsGiven("aws:s3/bucket:Bucket", { ...taggable, tags: undefined })).toEqual({
            owner: "team",
            stack: "aws",
        });
        expect(await tagsGiven("aws:s3/bucket:Bucket", { ...taggable, tags: { owner: "me", Name: "lake" } })).toEqual({
            owner: "me",
            stack: "aws",
            Name: "lake",
        });
        expect(await tagsGiven("aws:s3/bucketPolicy:BucketPolicy", { bucket: "lake" })).toBeUndefined();
        expect(await tagsGiven("docker:index/container:Container", { ...taggable, tags: {} })).toBeUndefined();
    });

    describe("the network", () => {
        test("gives pods private addresses, and only NAT gateways public ones", () => {
            const subnets = ofType(registrations, "Subnet").map(({ name, inputs, ignoreChanges }) => ({
                name,
                zone: inputs.availabilityZone as unknown,
                block: inputs.cidrBlock as unknown,
                public: inputs.mapPublicIpOnLaunch as unknown,
                role: (inputs.tags as Record<string, string>)["kubernetes.io/role/internal-elb"],
                ignoreChanges,
            }));
            const ignoreChanges = ["availabilityZone"];
            expect(subnets).toEqual([
                { name: "target-zone-1-public", zone: `${REGION}a`, block: "10.0.192.0/24", ignoreChanges },
                { name: "target-zone-1-private", zone: `${REGION}a`, block: "10.0.0.0/18", role: "1", ignoreChanges },
                { name: "target-zone-2-private", zone: `${REGION}b`, block: "10.0.64.0/18", role: "1", ignoreChanges },
            ]);
            expect(inputsOf(registrations, "NatGateway target-zone-1-nat")).toMatchObject({
                subnetId: "target-zone-1-public-id",
                allocationId: "eipalloc-target-zone-1-nat-address",
            });
        });

        test("leads private subnets to the internet by NAT alone, and to S3 by its endpoint", () => {
            const routes = ofType(registrations, "Route").map(({ inputs }) => inputs);
            const everywhere = { destinationCidrBlock: "0.0.0.0/0" };
            expect(routes).toEqual([
                { routeTableId: "target-public-routes-id", ...everywhere, gatewayId: "target-internet-gateway-id" },
                {
                    routeTableId: "target-zone-1-private-routes-id",
                    ...everywhere,
                    natGatewayId: "target-zone-1-nat-id",
                },
                {
                    routeTableId: "target-zone-2-private-routes-id",
                    ...everywhere,
                    natGatewayId: "target-zone-1-nat-id",
                },
            ]);
            expect(inputsOf(registrations, "VpcEndpoint target-s3-endpoint")).toMatchObject({
                vpcEndpointType: "Gateway",
                serviceName: "com.amazonaws.eu-central-1.s3",
                routeTableIds: ["target-zone-1-private-routes-id", "target-zone-2-private-routes-id"],
            });
        });

        test("closes the security group that comes with it and records all traffic", () => {
            const group = inputsOf(registrations, "DefaultSecurityGroup target-default-security-group");
            expect(group).toMatchObject({ vpcId: "target-vpc-id", ingress: [], egress: [] });
            expect(inputsOf(registrations, "FlowLog target-flow-log")).toMatchObject({
                vpcId: "target-vpc-id",
                trafficType: "ALL",
                logDestination: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/lakehouse/lakehouse-aws/network`,
                iamRoleArn: `arn:aws:iam::${ACCOUNT}:role/lakehouse-aws-network-log`,
            });
        });

        test("has a NAT gateway per zone when told so", async () => {
            const others = await createGround({ awsZones: "3", awsNatGateways: "per-zone" });
            const added = [
                ...["2", "3"].flatMap((zone) => [
                    `Eip target-zone-${zone}-nat-address`,
                    `NatGateway target-zone-${zone}-nat`,
                    `RouteTableAssociation target-zone-${zone}-public-routes`,
                    `Subnet target-zone-${zone}-public`,
                ]),
                "Route target-zone-3-private-internet",
                "RouteTable target-zone-3-private-routes",
                "RouteTableAssociation target-zone-3-private-routes",
                "Subnet target-zone-3-private",
            ];
            expect(list(others)).toEqual([...list(registrations), ...added].sort());
            const gateways = ofType(others, "Route").map(({ inputs }) => inputs.natGatewayId as unknown);
            expect(gateways).toEqual([
                undefined,
                "target-zone-1-nat-id",
                "target-zone-2-nat-id",
                "target-zone-3-nat-id",
            ]);
            const blocks = ofType(others, "Subnet").map(({ inputs }) => inputs.cidrBlock as string);
            expect(blocks.sort()).toEqual([
                "10.0.0.0/18",
                "10.0.128.0/18",
                "10.0.192.0/24",
                "10.0.193.0/24",
                "10.0.194.0/24",
                "10.0.64.0/18",
            ]);
        });

        test("is somebody else's when told so", async () => {
            const subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
            const others = await createGround({
                awsVpcId: "vpc-0123456789abcdef0",
                awsPrivateSubnetIds: subnets.join(","),
            });
            expect(list(others)).toEqual(CLUSTER);
            expect(inputsOf(others, "Cluster target-cluster").vpcConfig).toMatchObject({ subnetIds: subnets });
            expect(inputsOf(others, "NodeClass target-node-class").spec).toMatchObject({
                subnetSelectorTerms: subnets.map((id) => ({ id })),
            });
        });

        test("is refused where the region has too few zones", async () => {
            await expect(createGround({ awsZones: "3", region: "us-west-1" })).rejects.toThrow(
                "lakehouse:awsZones: '3' is more than the region us-west-1 has. Allowed: up to 2. " +
                    "Fix it with: pulumi config set lakehouse:awsZones 2",
            );
        });
    });

    describe("the cluster", () => {
        test("is EKS in Auto Mode, whose API the named networks reach", () => {
            expect(inputsOf(registrations, "Cluster target-cluster")).toEqual({
                name: "lakehouse-aws",
                version: "1.35",
                roleArn: `arn:aws:iam::${ACCOUNT}:role/lakehouse-aws-cluster`,
                bootstrapSelfManagedAddons: false,
                computeConfig: {
                    enabled: true,
                    nodePools: ["system"],
                    nodeRoleArn: `arn:aws:iam::${ACCOUNT}:role/lakehouse-aws-node`,
                },
                kubernetesNetworkConfig: { ipFamily: "ipv4", elasticLoadBalancing: { enabled: true } },
                storageConfig: { blockStorage: { enabled: true } },
                vpcConfig: {
                    subnetIds: ["target-zone-1-private-id", "target-zone-2-private-id"],
                    endpointPrivateAccess: true,
                    endpointPublicAccess: true,
                    publicAccessCidrs: ["203.0.113.0/24"],
                },
                accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
                encryptionConfig: {
                    provider: { keyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/target-key` },
                    resources: ["secrets"],
                },
                enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
                deletionProtection: false,
                upgradePolicy: { supportType: "STANDARD" },
                tags: expect.objectContaining({ owner: "data-platform" }) as unknown,
            });
        });

        test("has roles that are ready before it is", () => {
            const { dependencies } = registrationOf(registrations, "Cluster target-cluster");
            const attached = CLUSTER.filter((each) => each.startsWith("RolePolicy")).map((each) => each.split(" ")[1]!);
            expect(dependencies).toEqual(expect.arrayContaining([...attached, "target-cluster-logs"]));
            const trust = (role: string): unknown =>
                json(inputsOf(registrations, `Role target-${role}-role`).assumeRolePolicy);
            const statement = (service: string, actions: string[]): object => ({
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: actions }],
            });
            expect(trust("cluster")).toEqual(statement("eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]));
            expect(trust("node")).toEqual(statement("ec2.amazonaws.com", ["sts:AssumeRole"]));
        });

        test("is bound to its own resources when it tags them", async () => {
            const statements = (from: AwsRegistration[]): { Sid: string; Resource: string[]; Condition: object }[] =>
                (json(inputsOf(from, "RolePolicy target-cluster-tagging").policy) as { Statement: never }).Statement;
            const own = statements(registrations);
            expect(own.map(({ Sid }) => Sid)).toEqual(["TagNodes", "TagInterfaces"]);
            const internal = statements(await createGround({ airflowAccess: "internal" }));
            expect(internal.map(({ Sid }) => Sid)).toEqual(["TagNodes", "TagInterfaces", "TagLoadBalancers"]);
            for (const { Resource, Condition } of internal) {
                expect(Condition).toMatchObject({
                    StringEquals: { "aws:RequestTag/eks:eks-cluster-name": "lakehouse-aws" },
                });
                Resource.forEach((arn) => expect(arn).toMatch(/^arn:aws:\w+:eu-central-1:111122223333:[a-z-]+\/\*$/));
            }
        });

        test("is closed to the outside when told so", async () => {
            const others = await createGround({ awsApiAccess: "private" });
            expect(inputsOf(others, "Cluster target-cluster").vpcConfig).toEqual({
                subnetIds: ["target-zone-1-private-id", "target-zone-2-private-id"],
                endpointPrivateAccess: true,
                endpointPublicAccess: false,
            });
        });

        test("is administered by the one who deploys and by whom the settings name", async () => {
            const named = `arn:aws:iam::${ACCOUNT}:user/jo`;
            const deploying = `arn:aws:iam::${ACCOUNT}:role/ci/deploy`;
            const others = await createGround({ awsAdminArns: `${named}, ${deploying}` });
            const principals = ofType(others, "AccessEntry").map(({ inputs }) => inputs.principalArn as unknown);
            expect(principals).toEqual([deploying, named]);
            expect(inputsOf(others, `AccessPolicyAssociation target-admin-${ACCOUNT}-user-jo`)).toEqual({
                clusterName: "lakehouse-aws",
                principalArn: named,
                policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                accessScope: { type: "cluster" },
            });
            // Nothing is put into the cluster before somebody may.
            const { dependencies } = registrationOf(others, "kubernetes target-kubernetes");
            expect(dependencies).toEqual(
                expect.arrayContaining([`target-admin-${ACCOUNT}-role-ci-deploy`, `target-admin-${ACCOUNT}-user-jo`]),
            );
        });

        test("is reached with a token that the AWS CLI gets", () => {
            const { kubeconfig } = registrationOf(registrations, "kubernetes target-kubernetes").inputs;
            expect(json(kubeconfig)).toEqual({
                apiVersion: "v1",
                kind: "Config",
                clusters: [
                    {
                        name: "lakehouse-aws",
                        cluster: {
                            server: "https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com",
                            "certificate-authority-data": "Q0EgY2VydGlmaWNhdGU=",
                        },
                    },
                ],
                contexts: [{ name: "lakehouse-aws", context: { cluster: "lakehouse-aws", user: "lakehouse-aws" } }],
                "current-context": "lakehouse-aws",
                users: [
                    {
                        name: "lakehouse-aws",
                        user: {
                            exec: {
                                apiVersion: "client.authentication.k8s.io/v1beta1",
                                command: "aws",
                                args: ["--region", REGION, "eks", "get-token", "--cluster-name", "lakehouse-aws"],
                                interactiveMode: "Never",
                            },
                        },
                    },
                ],
            });
        });

        test("takes only pods without privileges into the namespace", () => {
            const { metadata } = inputsOf(registrations, "Namespace target-namespace") as {
                metadata: { name: string; labels: Record<string, string> };
            };
            expect(metadata.name).toBe("lakehouse");
            expect(metadata.labels).toMatchObject({
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "v1.35",
            });
        });

        test("runs the platform on nodes on demand that are in the private subnets", () => {
            expect(inputsOf(registrations, "NodeClass target-node-class").spec).toMatchObject({
                role: "lakehouse-aws-node",
                subnetSelectorTerms: [{ id: "target-zone-1-private-id" }, { id: "target-zone-2-private-id" }],
                securityGroupSelectorTerms: [{ id: "sg-0123456789abcdef0" }],
            });
            const { metadata, spec } = inputsOf(registrations, "NodePool target-general-nodes") as {
                metadata: object;
                spec: { template: { spec: { requirements: object[] } } };
            };
            expect(metadata).toEqual({ name: "general" });
            expect(spec.template.spec).toMatchObject({
                nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "lakehouse" },
            });
            expect(spec.template.spec.requirements).toContainEqual({
                key: "karpenter.sh/capacity-type",
                operator: "In",
                values: ["on-demand"],
            });
        });
    });

    test("has one key that turns over, and that only the account and its logs use", () => {
        const key = inputsOf(registrations, "Key target-key");
        expect(key).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 7 });
        expect(inputsOf(registrations, "Alias target-key-alias").name).toBe("alias/lakehouse-aws");
        const { Statement } = json(key.policy) as { Statement: { Principal: unknown; Action: string[] }[] };
        expect(Statement.map(({ Principal }) => Principal)).toEqual([
            { AWS: `arn:aws:iam::${ACCOUNT}:root` },
            { Service: "logs.eu-central-1.amazonaws.com" },
        ]);
        Statement.flatMap(({ Action }) => Action).forEach((action) => expect(action).toMatch(/^kms:[A-Za-z]+$/));
    });

    test("pushes images with a token that nobody is shown", () => {
        const { inputs, secretInputs } = registrationOf(registrations, "docker target-registry");
        expect(json(inputs.registryAuth)).toEqual([
            {
                address: "111122223333.dkr.ecr.eu-central-1.amazonaws.com",
                username: "AWS",
                password: "registry-token",
            },
        ]);
        expect(secretInputs).toEqual(["registryAuth"]);
    });

    test("keeps logs for a month, and outside dev for a year", async () => {
        const days = (from: AwsRegistration[]): unknown[] =>
            ofType(from, "LogGroup").map(({ inputs }) => inputs.retentionInDays as unknown);
        const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/target-key`;
        expect(days(registrations)).toEqual([30, 30]);
        ofType(registrations, "LogGroup").forEach(({ inputs }) => expect(inputs.kmsKeyId).toBe(key));
        expect(days(await createGround({ environment: "prod" }))).toEqual([365, 365]);
    });

    test("outside dev, refuses to be destroyed where data would be lost", async () => {
        const prod = await createGround({ environment: "prod" });
        const protectedOnes = (from: AwsRegistration[]): string[] => list(from.filter(({ protect }) => protect));
        expect(protectedOnes(registrations)).toEqual([]);
        expect(protectedOnes(prod)).toEqual(["Cluster target-cluster", "Key target-key"]);
        expect(inputsOf(prod, "Cluster target-cluster").deletionProtection).toBe(true);
        expect(inputsOf(prod, "Key target-key").deletionWindowInDays).toBe(30);
    });
});
