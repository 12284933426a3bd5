import * as fs from "fs";
import * as path from "path";
import { load } from "js-yaml";
import { parseSettings, type Settings } from "../../../config";
import { UserError } from "../../../components/shared/user-error";
import { AWS_KEYS } from "../../../components/target/aws-settings";
import { ACCOUNT, awsSettings, configuration, PROJECT, REGION, REQUIRED } from "./support";

const SUBNET = "subnet-0123456789abcdef0";
const OTHER_SUBNET = "subnet-0123456789abcdef1";
const NETWORKS =
    "private, or the networks that may reach the Kubernetes API, such as your office's, as CIDRs separated by commas";

/** The settings of a stack from which keys are missing. */
function without(...keys: string[]): Settings {
    const raw = configuration(REQUIRED);
    keys.forEach((key) => raw.delete(key));
    return parseSettings(raw, "aws", PROJECT, () => false);
}

describe("settings of the target aws", () => {
    test("have the defaults of Pulumi.yaml", () => {
        const { target, region, aws } = awsSettings();
        expect({ target, region }).toEqual({ target: "aws", region: REGION });
        expect(aws).toEqual({
            size: "small",
            environment: "dev",
            owner: "data-platform",
            costCenter: "unassigned",
            zones: 2,
            natGateways: "one",
            existingNetwork: undefined,
            apiCidrs: ["203.0.113.0/24"],
            adminArns: [],
            sparkSpot: true,
            airflowAccess: "port-forward",
        });
    });

    test("take what the stack sets", () => {
        const { region, aws } = awsSettings({
            region: "us-gov-west-1",
            size: "large",
            environment: "prod",
            owner: "Daten-Büro",
            costCenter: "4711/eu",
            awsZones: "3",
            awsNatGateways: "per-zone",
            awsVpcId: "vpc-0123456789abcdef0",
            awsPrivateSubnetIds: ` ${SUBNET} , ${OTHER_SUBNET},`,
            awsApiAccess: "203.0.113.0/24, 198.51.100.7/32",
            awsAdminArns: `arn:aws:iam::${ACCOUNT}:role/team/platform,arn:aws:iam::${ACCOUNT}:user/jo`,
            sparkSpot: "false",
            airflowAccess: "internal",
        });
        expect(region).toBe("us-gov-west-1");
        expect(aws).toEqual({
            size: "large",
            environment: "prod",
            owner: "Daten-Büro",
            costCenter: "4711/eu",
            zones: 3,
            natGateways: "per-zone",
            existingNetwork: { vpcId: "vpc-0123456789abcdef0", privateSubnetIds: [SUBNET, OTHER_SUBNET] },
            apiCidrs: ["203.0.113.0/24", "198.51.100.7/32"],
            adminArns: [`arn:aws:iam::${ACCOUNT}:role/team/platform`, `arn:aws:iam::${ACCOUNT}:user/jo`],
            sparkSpot: false,
            airflowAccess: "internal",
        });
    });

    test("can shut the Kubernetes API to the outside", () => {
        expect(awsSettings({ awsApiAccess: "private" }).aws!.apiCidrs).toEqual([]);
    });

    test("stand in Pulumi.yaml or can only be known by the user", () => {
        const { config } = load(fs.readFileSync(path.join(PROJECT, "Pulumi.yaml"), "utf8")) as {
            config: Record<string, { default?: unknown }>;
        };
        const missing = AWS_KEYS.filter((key) => config[`lakehouse:${key}`]?.default === undefined);
        expect(missing).toEqual(["owner", "awsVpcId", "awsPrivateSubnetIds", "awsApiAccess", "awsAdminArns"]);
    });

    test.each([
        [
            "region",
            "lakehouse:region is not set. It must be an AWS region. " +
                "Set it with: pulumi config set lakehouse:region eu-central-1",
        ],
        [
            "owner",
            "lakehouse:owner is not set. It must be the team or address that answers for this stack. " +
                "Set it with: pulumi config set lakehouse:owner data-platform",
        ],
        [
            "awsApiAccess",
            `lakehouse:awsApiAccess is not set. It must be ${NETWORKS}. ` +
                "Set it with: pulumi config set lakehouse:awsApiAccess 203.0.113.0/24",
        ],
    ])("are refused without %s", (key, message) => {
        expect(() => without(key)).toThrow(new UserError(message));
    });

    test("are refused with all mistakes at once", () => {
        expect(() => without("region", "owner", "awsApiAccess")).toThrow(
            /^3 settings are wrong:\n- lakehouse:region is not set.*\n- lakehouse:owner is not set.*\n- lakehouse:awsApiAccess is not set/,
        );
    });

    test.each([
        [
            { region: "Frankfurt" },
            "lakehouse:region: 'Frankfurt' is not allowed. Allowed: an AWS region. " +
                "Fix it with: pulumi config set lakehouse:region eu-central-1",
        ],
        [
            { size: "huge" },
            "lakehouse:size: 'huge' is unknown. Allowed: small, medium, large. " +
                "Fix it with: pulumi config set lakehouse:size small",
        ],
        [
            { environment: "staging" },
            "lakehouse:environment: 'staging' is unknown. Allowed: dev, prod. " +
                "Fix it with: pulumi config set lakehouse:environment dev",
        ],
        [
            { owner: "us & them" },
            "lakehouse:owner: 'us & them' is not allowed. Allowed: the team or address that answers for this stack. " +
                "Fix it with: pulumi config set lakehouse:owner data-platform",
        ],
        [
            { costCenter: "" },
            "lakehouse:costCenter: '' is not allowed. Allowed: a tag value of up to 256 letters, digits and _.:/=+@-",
        ],
        [
            { awsZones: "4" },
            "lakehouse:awsZones: '4' is not allowed. Allowed: a whole number from 2 to 3. " +
                "Fix it with: pulumi config set lakehouse:awsZones 2",
        ],
        [
            { awsNatGateways: "two" },
            "lakehouse:awsNatGateways: 'two' is unknown. Allowed: one, per-zone. " +
                "Fix it with: pulumi config set lakehouse:awsNatGateways one",
        ],
        [
            { awsVpcId: "my-vpc", awsPrivateSubnetIds: `${SUBNET},${OTHER_SUBNET}` },
            "lakehouse:awsVpcId: 'my-vpc' is not allowed. Allowed: a value such as vpc-0123456789abcdef0. " +
                "Fix it with: pulumi config set lakehouse:awsVpcId vpc-0123456789abcdef0",
        ],
        [
            { awsPrivateSubnetIds: `${SUBNET},${OTHER_SUBNET}` },
            "lakehouse:awsPrivateSubnetIds is set, but awsVpcId is not. " +
                "Remove it with: pulumi config rm lakehouse:awsPrivateSubnetIds",
        ],
        [
            { awsVpcId: "vpc-0123456789abcdef0" },
            "lakehouse:awsPrivateSubnetIds: '' is not enough for awsVpcId. " +
                "Allowed: at least two private subnets, in different zones. " +
                `Fix it with: pulumi config set lakehouse:awsPrivateSubnetIds ${SUBNET},${OTHER_SUBNET}`,
        ],
        [
            { awsVpcId: "vpc-0123456789abcdef0", awsPrivateSubnetIds: `${SUBNET},${SUBNET}` },
            `lakehouse:awsPrivateSubnetIds: '${SUBNET},${SUBNET}' is not enough for awsVpcId. ` +
                "Allowed: at least two private subnets, in different zones. " +
                `Fix it with: pulumi config set lakehouse:awsPrivateSubnetIds ${SUBNET},${OTHER_SUBNET}`,
        ],
        [
            { awsVpcId: "vpc-0123456789abcdef0", awsPrivateSubnetIds: `${SUBNET},${OTHER_SUBNET},private-a` },
            "lakehouse:awsPrivateSubnetIds: 'private-a' is not allowed. " +
                "Allowed: ids of private subnets in different zones, separated by commas. " +
                `Fix it with: pulumi config set lakehouse:awsPrivateSubnetIds ${SUBNET},${OTHER_SUBNET}`,
        ],
        [
            { awsApiAccess: "203.0.113.0/24,0.0.0.0/0" },
            "lakehouse:awsApiAccess: '0.0.0.0/0' lets the internet reach the Kubernetes API. " +
                `Allowed: ${NETWORKS}; none wider than /8. ` +
                "Fix it with: pulumi config set lakehouse:awsApiAccess 203.0.113.0/24",
        ],
        [
            { awsApiAccess: "128.0.0.0/1" },
            "lakehouse:awsApiAccess: '128.0.0.0/1' lets the internet reach the Kubernetes API. " +
                `Allowed: ${NETWORKS}; none wider than /8. ` +
                "Fix it with: pulumi config set lakehouse:awsApiAccess 203.0.113.0/24",
        ],
        [
            { awsApiAccess: "everybody" },
            `lakehouse:awsApiAccess: 'everybody' is not allowed. Allowed: ${NETWORKS}. ` +
                "Fix it with: pulumi config set lakehouse:awsApiAccess 203.0.113.0/24",
        ],
        [
            { awsApiAccess: "203.0.113.256/24" },
            `lakehouse:awsApiAccess: '203.0.113.256/24' is not allowed. Allowed: ${NETWORKS}. ` +
                "Fix it with: pulumi config set lakehouse:awsApiAccess 203.0.113.0/24",
        ],
        [
            { awsApiAccess: "203.0.113.0/24,172.20.0.0/16" },
            "lakehouse:awsApiAccess: '172.20.0.0/16' is a private network, which the internet does not know: EKS takes only " +
                `addresses by which a network is seen from outside. Allowed: ${NETWORKS}. ` +
                "Fix it with: pulumi config set lakehouse:awsApiAccess 203.0.113.0/24",
        ],
        [
            { awsAdminArns: `arn:aws:sts::${ACCOUNT}:assumed-role/platform/jo` },
            `lakehouse:awsAdminArns: 'arn:aws:sts::${ACCOUNT}:assumed-role/platform/jo' is not allowed. ` +
                "Allowed: ARNs of IAM roles or users, separated by commas. " +
                `Fix it with: pulumi config set lakehouse:awsAdminArns arn:aws:iam::${ACCOUNT}:role/platform`,
        ],
        [
            { sparkSpot: "sometimes" },
            "lakehouse:sparkSpot: 'sometimes' is not allowed. Allowed: true, false. " +
                "Fix it with: pulumi config set lakehouse:sparkSpot true",
        ],
        [
            { airflowAccess: "public" },
            "lakehouse:airflowAccess: 'public' is unknown. Allowed: port-forward, internal. " +
                "Fix it with: pulumi config set lakehouse:airflowAccess port-forward",
        ],
        [
            { catalogType: "hive" },
            "lakehouse:catalogType: 'hive' needs lakehouse:catalogUri on the target aws, where the platform runs no hive server. " +
                "Allowed without: glue, jdbc, hadoop. Fix it with: pulumi config set lakehouse:catalogType glue",
        ],
    ])("refuse %j", (overrides: Record<string, string>, message) => {
        expect(() => awsSettings(overrides)).toThrow(new UserError(message));
    });

    test.each([
        ["owner", "data-platform"],
        ["awsVpcId", "vpc-0123456789abcdef0"],
        ["awsPrivateSubnetIds", `${SUBNET},${OTHER_SUBNET}`],
        ["awsApiAccess", "private"],
        ["awsAdminArns", `arn:aws:iam::${ACCOUNT}:user/jo`],
    ])("have no place on this machine: %s", (key, value) => {
        expect(() => awsSettings({ target: "local", [key]: value })).toThrow(
            `lakehouse:${key} is set, but it belongs to the target aws, and the target is local. ` +
                `Remove it with: pulumi config rm lakehouse:${key}`,
        );
    });
});
