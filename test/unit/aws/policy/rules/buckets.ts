import { at, listOf, names, type Resource, type Rule, type World, wrong } from "../rule";
import { readPolicy } from "./identity";

const BLOCKS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

/** Resources of a type that are about a bucket. */
function about(bucket: Resource, type: string, world: World): Resource[] {
    return world.resources.filter((each) => each.type === type && names(each.inputs.bucket, bucket));
}

export const isBucket = ({ type }: Resource): boolean => /^aws:s3\/bucket(V2)?:/.test(type);

export const noPublicBucket: Rule = {
    name: "no public bucket",
    description: "Every bucket refuses public lists and policies, today's and tomorrow's.",
    check: (resource, world) => {
        const { type, inputs } = resource;
        if (isBucket(resource)) {
            const blocks = about(resource, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", world);
            const found = blocks.length === 1 ? [] : [wrong(resource, "BucketPublicAccessBlock", "is missing")];
            return inputs.acl === undefined || inputs.acl === "private"
                ? found
                : [...found, wrong(resource, "acl", `is ${String(inputs.acl)}`)];
        }
        if (type === "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock") {
            return BLOCKS.filter((block) => inputs[block] !== true).map((block) =>
                wrong(resource, block, "is not true"),
            );
        }
        if (/^aws:s3\/bucketAcl/.test(type) && inputs.acl !== "private") {
            return [wrong(resource, "acl", "is not private")];
        }
        if (type === "aws:s3/bucketPolicy:BucketPolicy") {
            return readPolicy(inputs.policy).flatMap(({ Effect, Principal, Sid }) => {
                const everybody = listOf(at(Principal, "AWS") ?? Principal).includes("*");
                return Effect === "Allow" && everybody ? [wrong(resource, `policy.${Sid}`, "lets everybody in")] : [];
            });
        }
        return [];
    },
};

export const tlsOnly: Rule = {
    name: "buckets speak TLS only",
    description: "Whoever asks a bucket over plain HTTP is refused.",
    check: (resource, world) => {
        if (!isBucket(resource)) {
            return [];
        }
        const policies = about(resource, "aws:s3/bucketPolicy:BucketPolicy", world);
        const refuses = policies
            .flatMap(({ inputs }) => readPolicy(inputs.policy))
            .some(
                ({ Effect, Condition }) =>
                    Effect === "Deny" && String(Condition?.Bool?.["aws:SecureTransport"]) === "false",
            );
        return refuses ? [] : [wrong(resource, "BucketPolicy", "does not refuse plain HTTP")];
    },
};

export const keptVersions: Rule = {
    name: "buckets keep versions, and not for ever",
    description:
        "An overwritten or removed object can be brought back for a while; what is old or half uploaded goes away.",
    check: (resource, world) => {
        if (!isBucket(resource)) {
            return [];
        }
        const found: string[] = [];
        const versioned = about(resource, "aws:s3/bucketVersioning:BucketVersioning", world).some(
            ({ inputs }) => at(inputs, "versioningConfiguration.status") === "Enabled",
        );
        if (!versioned) {
            found.push(wrong(resource, "BucketVersioning", "is not enabled"));
        }
        const rules = about(
            resource,
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            world,
        ).flatMap(({ inputs }) => listOf(inputs.rules));
        for (const property of ["abortIncompleteMultipartUpload", "noncurrentVersionExpiration"]) {
            if (!rules.some((rule) => at(rule, "status") === "Enabled" && at(rule, property) !== undefined)) {
                found.push(wrong(resource, `BucketLifecycleConfiguration.${property}`, "is missing"));
            }
        }
        return found;
    },
};
