import * as net from "net";
import type { SettingReader } from "../shared/setting-reader";

/** Sizes of the platform on AWS. */
export const AWS_SIZES = ["small", "medium", "large"] as const;
export type AwsSize = (typeof AWS_SIZES)[number];

/** What only the target aws needs to know. */
export interface AwsSettings {
    readonly size: AwsSize;
    /** Outside `dev`, data is protected from deletion. */
    readonly environment: "dev" | "prod";
    /** Who answers for the stack, and who pays: tags on every resource. */
    readonly owner: string;
    readonly costCenter: string;
    /** Number of availability zones. */
    readonly zones: number;
    readonly natGateways: "one" | "per-zone";
    /** A network that exists already; without one, the platform makes its own. */
    readonly existingNetwork?: { readonly vpcId: string; readonly privateSubnetIds: readonly string[] };
    /** Who reaches the Kubernetes API from outside the network; empty: nobody. */
    readonly apiCidrs: readonly string[];
    /** IAM principals that administer the cluster beside the one who deploys it. */
    readonly adminArns: readonly string[];
    /** Whether Spark's executors run on spot instances; drivers never do. */
    readonly sparkSpot: boolean;
    /** How Airflow's page is reached: by `kubectl port-forward` only, or by a load balancer inside the network. */
    readonly airflowAccess: "port-forward" | "internal";
}

/** Keys of the settings above. */
export const AWS_KEYS = [
    "size",
    "environment",
    "owner",
    "costCenter",
    "awsZones",
    "awsNatGateways",
    "awsVpcId",
    "awsPrivateSubnetIds",
    "awsApiAccess",
    "awsAdminArns",
    "sparkSpot",
    "airflowAccess",
];

/** Keys that have no default in Pulumi.yaml, so that their being set is somebody's wish. */
const WITHOUT_DEFAULT = ["owner", "awsVpcId", "awsPrivateSubnetIds", "awsApiAccess", "awsAdminArns"];
/** What a tag may hold (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html). */
const TAG = /^[\p{L}\p{N} _.:/=+@-]{1,256}$/u;
const OCTET = /(25[0-5]|2[0-4]\d|1?\d?\d)/.source;
const CIDR = new RegExp(`^${OCTET}(\\.${OCTET}){3}/(\\d|[12]\\d|3[0-2])$`);
/** Networks whose addresses nobody has on the internet (RFC 1918). */
const PRIVATE_NETWORKS = [
    ["10.0.0.0", 8],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
] as const;
/** The widest network that may reach the API server, as a number of leading bits; wider is the internet, more or less. */
const MIN_PREFIX_BITS = 8;

/** Reads the settings of the target aws; on another target, refuses those that only aws has. */
export function readAwsSettings(reader: SettingReader, target: string): AwsSettings | undefined {
    if (target !== "aws") {
        WITHOUT_DEFAULT.forEach((key) =>
            reader.refuseSet(key, `it belongs to the target aws, and the target is ${target}`),
        );
        return undefined;
    }
    return {
        size: reader.choice("size", AWS_SIZES),
        environment: reader.choice("environment", ["dev", "prod"]),
        owner: reader.required("owner", TAG, "the team or address that answers for this stack", "data-platform"),
        costCenter: reader.text("costCenter", TAG, "a tag value of up to 256 letters, digits and _.:/=+@-"),
        zones: reader.integer("awsZones", 2, 3),
        natGateways: reader.choice("awsNatGateways", ["one", "per-zone"]),
        existingNetwork: readExistingNetwork(reader),
        apiCidrs: readApiAccess(reader),
        adminArns: reader.list(
            "awsAdminArns",
            /^arn:aws[\w-]*:iam::\d{12}:(role|user)\/\S+$/,
            "ARNs of IAM roles or users, separated by commas",
            "arn:aws:iam::111122223333:role/platform",
        ),
        sparkSpot: reader.flag("sparkSpot"),
        airflowAccess: reader.choice("airflowAccess", ["port-forward", "internal"]),
    };
}

function readExistingNetwork(reader: SettingReader): AwsSettings["existingNetwork"] {
    const vpcId = reader.optional("awsVpcId", /^vpc-[0-9a-f]{8,17}$/, "vpc-0123456789abcdef0");
    const privateSubnetIds = reader.list(
        "awsPrivateSubnetIds",
        /^subnet-[0-9a-f]{8,17}$/,
        "ids of private subnets in different zones, separated by commas",
        "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    );
    if (vpcId === undefined) {
        reader.refuseSet("awsPrivateSubnetIds", "awsVpcId is not");
        return undefined;
    }
    if (new Set(privateSubnetIds).size < 2) {
        reader.refuse(
            "awsPrivateSubnetIds",
            privateSubnetIds.join(","),
            "is not enough for awsVpcId. Allowed: at least two private subnets, in different zones",
            "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
        );
    }
    return { vpcId, privateSubnetIds };
}

/** Reads who reaches the Kubernetes API: it has no default, as only its user can know. */
function readApiAccess(reader: SettingReader): string[] {
    const allowed =
        "private, or the networks that may reach the Kubernetes API, such as your office's, as CIDRs separated by commas";
    const text = reader.required("awsApiAccess", /\S/, allowed, "203.0.113.0/24");
    if (text === "" || text === "private") {
        return [];
    }
    const cidrs = reader.list("awsApiAccess", CIDR, allowed, "203.0.113.0/24");
    const hidden = cidrs.find(isPrivate);
    if (hidden !== undefined) {
        reader.refuse(
            "awsApiAccess",
            hidden,
            "is a private network, which the internet does not know: EKS takes only addresses by which a network is seen from " +
                `outside. Allowed: ${allowed}`,
            "203.0.113.0/24",
        );
    }
    const open = cidrs.find((cidr) => CIDR.test(cidr) && Number(cidr.split("/")[1]) < MIN_PREFIX_BITS);
    if (open !== undefined) {
        reader.refuse(
            "awsApiAccess",
            open,
            `lets the internet reach the Kubernetes API. Allowed: ${allowed}; none wider than /${MIN_PREFIX_BITS}`,
            "203.0.113.0/24",
        );
    }
    return cidrs;
}

function isPrivate(cidr: string): boolean {
    const networks = new net.BlockList();
    PRIVATE_NETWORKS.forEach(([address, bits]) => networks.addSubnet(address, bits));
    return net.isIPv4(cidr.split("/")[0]!) && networks.check(cidr.split("/")[0]!);
}
