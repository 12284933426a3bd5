import { at, listOf, names, type Resource, type Rule, type World, wrong } from "../rule";

/** Networks that everybody is in. */
const isOpen = (cidr: unknown): boolean => typeof cidr === "string" && /\/0$/.test(cidr);

/** Types that let somebody in, and where they say whom. */
const DOORS: Record<string, (inputs: Resource["inputs"]) => [path: string, value: unknown][]> = {
    "aws:ec2/securityGroup:SecurityGroup": ingressBlocks,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ingressBlocks,
    "aws:ec2/securityGroupRule:SecurityGroupRule": (inputs) =>
        inputs.type === "ingress" ? blocks(inputs, "cidrBlocks", "ipv6CidrBlocks") : [],
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (inputs) => blocks(inputs, "cidrIpv4", "cidrIpv6"),
};

function blocks(inputs: unknown, ...paths: string[]): [string, unknown][] {
    return paths.flatMap((path) => listOf(at(inputs, path)).map((value): [string, unknown] => [path, value]));
}

function ingressBlocks(inputs: Resource["inputs"]): [string, unknown][] {
    return listOf(inputs.ingress).flatMap((rule, index) =>
        blocks(rule, "cidrBlocks", "ipv6CidrBlocks").map(([path, value]): [string, unknown] => [
            `ingress.${index}.${path}`,
            value,
        ]),
    );
}

export const noOpenPort: Rule = {
    name: "no open port",
    description: "Nothing answers the internet; who must come in is named.",
    check: (resource) =>
        (DOORS[resource.type]?.(resource.inputs) ?? [])
            .filter(([, cidr]) => isOpen(cidr))
            .map(([path, cidr]) => wrong(resource, path, `lets in ${String(cidr)}`)),
};

export const privateApi: Rule = {
    name: "private Kubernetes API",
    description: "EKS opens a public endpoint to everybody unless it is told whom to let in.",
    check: (resource) => {
        const config = at(resource.inputs, "vpcConfig");
        if (resource.type !== "aws:eks/cluster:Cluster") {
            return [];
        }
        const found: string[] = [];
        if (at(config, "endpointPrivateAccess") !== true) {
            found.push(
                wrong(resource, "vpcConfig.endpointPrivateAccess", "is not true: nodes would leave the network"),
            );
        }
        if (at(config, "endpointPublicAccess") !== false) {
            const cidrs = listOf(at(config, "publicAccessCidrs"));
            if (cidrs.length === 0 || cidrs.some(isOpen)) {
                found.push(wrong(resource, "vpcConfig.publicAccessCidrs", "lets in the internet"));
            }
        }
        return found;
    },
};

/** Subnets from which a route leads straight to the internet. */
function publicSubnets({ resources }: World): Resource[] {
    const ofType = (suffix: string): Resource[] => resources.filter(({ type }) => type.endsWith(`:${suffix}`));
    const gateways = ofType("InternetGateway");
    const isInternet = (id: unknown): boolean => gateways.some((gateway) => names(id, gateway));
    const tables = [
        ...ofType("Route").flatMap(({ inputs }) => (isInternet(inputs.gatewayId) ? [at(inputs, "routeTableId")] : [])),
        ...ofType("RouteTable").flatMap(({ inputs, name }) =>
            listOf(inputs.routes).some((route) => isInternet(at(route, "gatewayId"))) ? [`${name}-id`] : [],
        ),
    ];
    const ids = ofType("RouteTableAssociation")
        .filter(({ inputs }) => tables.includes(inputs.routeTableId))
        .map(({ inputs }) => inputs.subnetId as unknown);
    return ofType("Subnet").filter((subnet) => ids.some((id) => names(id, subnet)));
}

/** Types that put something into subnets, and where they name them. A NAT gateway belongs into a public one. */
const SUBNETS: Record<string, string> = {
    "aws:eks/cluster:Cluster": "vpcConfig.subnetIds",
    "aws:eks/nodeGroup:NodeGroup": "subnetIds",
    "aws:rds/subnetGroup:SubnetGroup": "subnetIds",
    "aws:lb/loadBalancer:LoadBalancer": "subnets",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "subnetIds",
};

export const privateNodes: Rule = {
    name: "private nodes and database",
    description: "What runs has no address of its own on the internet and stands where no route leads in from there.",
    check: (resource, world) => {
        const { type, inputs } = resource;
        const found: string[] = [];
        const path = SUBNETS[type];
        if (path !== undefined) {
            const open = publicSubnets(world).filter((subnet) =>
                listOf(at(inputs, path)).some((id) => names(id, subnet)),
            );
            found.push(...open.map(({ name }) => wrong(resource, path, `holds the public subnet ${name}`)));
        }
        if (type === "aws:ec2/subnet:Subnet" && inputs.mapPublicIpOnLaunch) {
            found.push(wrong(resource, "mapPublicIpOnLaunch", "gives nodes public addresses"));
        }
        if (type === "aws:rds/instance:Instance" && inputs.publiclyAccessible !== false) {
            found.push(wrong(resource, "publiclyAccessible", "is not false"));
        }
        if (type === "aws:lb/loadBalancer:LoadBalancer" && inputs.internal !== true) {
            found.push(wrong(resource, "internal", "is not true"));
        }
        if (type.endsWith(":NodeClass") && at(inputs, "spec.advancedNetworking.associatePublicIPAddress") === true) {
            found.push(wrong(resource, "spec.advancedNetworking.associatePublicIPAddress", "is true"));
        }
        return found;
    },
};

/** Annotations that keep a Service's load balancer inside the network. */
const INTERNAL = "service.beta.kubernetes.io/aws-load-balancer-scheme";

export const noPublicService: Rule = {
    name: "no public service",
    description:
        "Pods are reached from inside the network; a person forwards a port, or asks for an internal load balancer.",
    check: (resource) => {
        const { type, inputs } = resource;
        if (/^kubernetes:.*:(Ingress|Gateway)$/.test(type)) {
            const scheme = at(inputs, "metadata.annotations") as Record<string, unknown> | undefined;
            const internal = scheme?.["alb.ingress.kubernetes.io/scheme"] === "internal";
            return internal ? [] : [wrong(resource, "metadata.annotations", "has no internal scheme")];
        }
        if (type !== "kubernetes:core/v1:Service") {
            return [];
        }
        const kind = at(inputs, "spec.type");
        if (kind === "NodePort") {
            return [wrong(resource, "spec.type", "opens a port on every node")];
        }
        const annotations = at(inputs, "metadata.annotations") as Record<string, unknown> | undefined;
        if (kind === "LoadBalancer" && annotations?.[INTERNAL] !== "internal") {
            return [wrong(resource, `metadata.annotations.${INTERNAL}`, "is not internal")];
        }
        return [];
    },
};
