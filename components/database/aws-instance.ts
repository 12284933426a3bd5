import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { inAws, withData } from "../shared/aws/options";
import { createLogGroup } from "../target/aws-logs";
import type { AwsSize } from "../target/aws-settings";
import type { AwsTarget } from "../target";

/** Port of PostgreSQL. */
export const DATABASE_PORT = 5432;
/** Parameters and upgrades belong to a major version; minor ones come by themselves. */
const MAJOR_VERSION = "17";
/** Logs that RDS sends to CloudWatch. */
const EXPORTED_LOGS = ["postgresql", "upgrade"];
/** Valid until 2061 (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html). */
const CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1";

/** Instance class, and storage in GiB: at first, and what it may grow to. */
const SIZES: Readonly<
    Record<AwsSize, { readonly instanceClass: string; readonly gib: number; readonly maxGib: number }>
> = {
    small: { instanceClass: "db.t4g.small", gib: 20, maxGib: 100 },
    medium: { instanceClass: "db.m7g.large", gib: 50, maxGib: 500 },
    large: { instanceClass: "db.m7g.2xlarge", gib: 100, maxGib: 1000 },
};

/**
 * RDS for PostgreSQL: encrypted, in the private subnets, reachable from the cluster's nodes and pods only, and by TLS only.
 *
 * @param name prefix of the logical names
 * @param user the master user, and his password
 */
export function createInstance(
    name: string,
    user: { readonly username: string; readonly password: pulumi.Output<string> },
    target: AwsTarget,
    parent: pulumi.Resource,
): aws.rds.Instance {
    const { size, environment } = target.settings;
    const { instanceClass, gib, maxGib } = SIZES[size];
    const isProduction = environment !== "dev";
    const identifier = `${target.prefix}-database`;
    const opts = inAws(target, parent);
    const subnets = new aws.rds.SubnetGroup(
        `${name}-subnets`,
        { name: identifier, description: "Private subnets", subnetIds: target.network.privateSubnetIds },
        opts,
    );
    const parameters = new aws.rds.ParameterGroup(
        `${name}-parameters`,
        {
            name: `${identifier}-postgres${MAJOR_VERSION}`,
            description: "TLS only",
            family: `postgres${MAJOR_VERSION}`,
            parameters: [{ name: "rds.force_ssl", value: "1" }],
        },
        opts,
    );
    // RDS would make them itself, without an end and without our key.
    const logs = EXPORTED_LOGS.map((log) =>
        createLogGroup(`${name}-${log}`, `/aws/rds/instance/${identifier}/${log}`, {
            settings: target.settings,
            kmsKeyArn: target.kmsKeyArn,
            opts,
        }),
    );
    return new aws.rds.Instance(
        `${name}-instance`,
        {
            identifier,
            engine: "postgres",
            engineVersion: MAJOR_VERSION,
            autoMinorVersionUpgrade: true,
            instanceClass,
            parameterGroupName: parameters.name,
            caCertIdentifier: CERTIFICATE_AUTHORITY,
            ...user,
            storageType: "gp3",
            allocatedStorage: gib,
            maxAllocatedStorage: maxGib,
            storageEncrypted: true,
            kmsKeyId: target.kmsKeyArn,
            dbSubnetGroupName: subnets.name,
            vpcSecurityGroupIds: [createFirewall(name, identifier, target, parent)],
            publiclyAccessible: false,
            multiAz: isProduction || size === "large",
            // UTC; both within the night of Europe and the early evening of America.
            backupWindow: "01:00-02:00",
            maintenanceWindow: "sun:02:30-sun:03:30",
            backupRetentionPeriod: isProduction ? 14 : 1,
            copyTagsToSnapshot: true,
            deleteAutomatedBackups: !isProduction,
            deletionProtection: isProduction,
            skipFinalSnapshot: !isProduction,
            finalSnapshotIdentifier: isProduction ? `${identifier}-final` : undefined,
            // Without it, a change waits for the maintenance window.
            applyImmediately: !isProduction,
            performanceInsightsEnabled: true,
            performanceInsightsKmsKeyId: target.kmsKeyArn,
            // Days; longer ones are paid for.
            performanceInsightsRetentionPeriod: 7,
            enabledCloudwatchLogsExports: EXPORTED_LOGS,
        },
        withData(target, parent, [pulumi.output(logs)]),
    );
}

/** Lets the cluster's nodes and pods in, to PostgreSQL; nothing goes out. */
function createFirewall(
    name: string,
    identifier: string,
    target: AwsTarget,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    const group = new aws.ec2.SecurityGroup(
        `${name}-firewall`,
        { name: identifier, description: "PostgreSQL for the cluster", vpcId: target.network.vpcId },
        inAws(target, parent),
    );
    new aws.vpc.SecurityGroupIngressRule(
        `${name}-from-cluster`,
        {
            securityGroupId: group.id,
            description: "PostgreSQL from nodes and pods",
            referencedSecurityGroupId: target.cluster.securityGroupId,
            ipProtocol: "tcp",
            fromPort: DATABASE_PORT,
            toPort: DATABASE_PORT,
        },
        inAws(target, parent),
    );
    return group.id;
}
