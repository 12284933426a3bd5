import { AWS_TYPES, isJudged } from "../judgements";
import { at, names, type Rule, wrong } from "../rule";
import { isBucket } from "./buckets";

export const judged: Rule = {
    name: "judged",
    description: "Somebody has decided what the rules ask of a type: see judgements.ts.",
    check: (resource) => (isJudged(resource.type) ? [] : [wrong(resource, "type", "is not judged in judgements.ts")]),
};

export const encrypted: Rule = {
    name: "encrypted",
    description: "What can be encrypted is, with the platform's key where the type takes one.",
    check: (resource, world) => {
        const { type, inputs } = resource;
        if (isBucket(resource)) {
            const configured = world.resources.some(
                (each) => each.type.includes("BucketServerSideEncryption") && names(each.inputs.bucket, resource),
            );
            return configured ? [] : [wrong(resource, "BucketServerSideEncryptionConfiguration", "is missing")];
        }
        const encryption = AWS_TYPES[type]?.encryption;
        if (encryption === undefined || !("options" in encryption)) {
            return [];
        }
        return Object.entries(encryption.options(inputs))
            .filter(([, isSet]) => !isSet)
            .map(([property]) => wrong(resource, property, "does not encrypt"));
    },
};

export const encryptedOnTheWay: Rule = {
    name: "encrypted on the way",
    description: "The database refuses connections without TLS.",
    check: (resource, world) => {
        if (resource.type !== "aws:rds/instance:Instance") {
            return [];
        }
        const group = world.resources.find(
            (each) =>
                each.type === "aws:rds/parameterGroup:ParameterGroup" &&
                names(resource.inputs.parameterGroupName, each),
        );
        const parameters = (group?.inputs.parameters ?? []) as { name: string; value: string }[];
        return parameters.some(({ name, value }) => name === "rds.force_ssl" && value === "1")
            ? []
            : [wrong(resource, "parameterGroupName", "does not set rds.force_ssl")];
    },
};

/** Tags that tell whose a resource is, who pays and what made it. */
const TAGS = ["cost-center", "managed-by", "owner", "stack"];

/** Where a type keeps the tags of what AWS makes by it, if it can have some. */
function tagsPath(type: string): string | undefined {
    if (type === "kubernetes:eks.amazonaws.com/v1:NodeClass") {
        return "spec.tags";
    }
    return AWS_TYPES[type]?.taggable ? "tags" : undefined;
}

export const tagged: Rule = {
    name: "tagged",
    description:
        "Everything that AWS can tag, nodes included, says whose it is, who pays, which stack and what made it.",
    check: (resource) => {
        const path = tagsPath(resource.type);
        return path === undefined
            ? []
            : TAGS.filter((tag) => !(at(resource.inputs, path) as Record<string, unknown> | undefined)?.[tag]).map(
                  (tag) => wrong(resource, `${path}.${tag}`, "is missing"),
              );
    },
};

/** Options that must not make removal easy outside dev, and their values there. */
const KEPT: Record<string, Record<string, (value: unknown) => boolean>> = {
    "aws:ecr/repository:Repository": { forceDelete: (value) => value !== true },
    "aws:eks/cluster:Cluster": { deletionProtection: (value) => value === true },
    "aws:kms/key:Key": { deletionWindowInDays: (value) => value === undefined || Number(value) >= 30 },
    "aws:rds/instance:Instance": {
        backupRetentionPeriod: (value) => Number(value) >= 7,
        deleteAutomatedBackups: (value) => value === false,
        deletionProtection: (value) => value === true,
        finalSnapshotIdentifier: (value) => value !== undefined,
        skipFinalSnapshot: (value) => value !== true,
    },
    "aws:s3/bucket:Bucket": { forceDestroy: (value) => value !== true },
    "aws:secretsmanager/secret:Secret": { recoveryWindowInDays: (value) => value !== 0 },
};

export const protectedData: Rule = {
    name: "protected outside dev",
    description: "Outside dev no destroy, replacement or slip of a hand loses data.",
    check: (resource, { environment }) => {
        const { type, inputs, protect } = resource;
        if (environment === "dev") {
            return [];
        }
        const found = Object.entries(KEPT[type] ?? {})
            .filter(([property, holds]) => !holds(at(inputs, property)))
            .map(([property]) => wrong(resource, property, "does not keep the data"));
        return AWS_TYPES[type]?.holdsData && !protect ? [wrong(resource, "protect", "is not set"), ...found] : found;
    },
};
